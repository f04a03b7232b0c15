"""The textbook's symbols: what each name means, and what is assumed of it."""

from __future__ import annotations

MEANING: dict[str, str] = {
    "n": "batch size",
    "c": "channels",
    "c_i": "input channels",
    "c_o": "output channels",
    "c_g": "input channels that an output channel sees",
    "h_i": "input height",
    "w_i": "input width",
    "h_o": "output height",
    "w_o": "output width",
    "d_i": "input depth",
    "d_o": "output depth",
    "l_i": "input length",
    "l_o": "output length",
    "k": "kernel length",
    "k_h": "kernel height",
    "k_w": "kernel width",
    "k_d": "kernel depth",
    "s_h": "vertical stride",
    "s_w": "horizontal stride",
    "s_d": "stride in depth",
    "s_l": "stride",
    "o_h": "rows added to the output",
    "o_w": "columns added to the output",
    "o_d": "slices added to the output",
    "o_l": "steps added to the output",
    "h_m": "height between the two steps",
    "w_m": "width between the two steps",
    "g": "groups",
    "m": "rows: the product of the leading dimensions",
    "q": "channel multiplier",
    "b": "1 with a bias, 0 without",
    "a": "1 with a learnable scale and shift, 0 without",
    "j": "1 with the tanh approximation, 0 without",
    "i": "1 with interpolation, 0 without",
    "e": "elements of the output",
    "e_i": "elements of the input",
    "f": "elements that are normalized together",
    "s": "spatial positions: height x width (x depth)",
    "t": "number of inputs",
    "r": "resolution: input height and width, often in units of 32",
    "z": "size of the window across channels",
    "p": "inner size of a matrix product: the terms of each sum",
    "e_c": "products that are summed, over all steps of a contraction",
    "e_m": "products that are not summed, over all steps of a contraction",
    "e_t": "elements that are added up",
    "v": "rows of an embedding table: the size of the vocabulary",
    "h": "heads of the queries",
    "h_kv": "heads of the keys and values, each shared by a group of query heads",
    "l_q": "number of queries: the length of the sequence that attends",
    "l_k": "number of keys: the length of the sequence that is attended to",
    "d_k": "size of a query and of a key in one head",
    "d_v": "size of a value in one head",
    "c_k": "channels of the input that keys are made from",
    "c_v": "channels of the input that values are made from",
    "mask": "1 with an additive mask, 0 without",
    "skip": "1 where products that a causal mask discards are not computed, 0 where all are",
    "d": "directions: 2 where a sequence is read both ways, else 1",
    "layers": "recurrent layers, one above the other",
    "c_h": "hidden size: the cells of one layer and direction",
    "c_r": "recurrent size: the elements that one layer and direction hands to the next step",
    "proj": "1 with a projection of the hidden state, 0 without",
    "peep": "1 with peephole connections, 0 without",
    "joined": "1 with one bias where the input's and the state's are added up beforehand, 0 with both",
    "after": "1 with the reset gate applied after the product, 0 before it",
    "relu": "1 with max(x, 0) as the activation, 0 with tanh",
    "t_k": "how many of the largest values are kept",
    "e_u": "elements of the updates",
    "u": "bounds: how many of the lower and the upper one are given",
    "p_n": "order of the norm: 1 or 2",
    "d_s": "number of spatial axes",
    "k_s": "elements of a kernel's window: height x width (x depth)",
    "i_l": "linear interpolations for each output element",
    "i_c": "cubic interpolations for each output element",
    "j_a": "1 where updates are added, 0 otherwise",
    "j_m": "1 where updates are multiplied, 0 otherwise",
    "j_c": "1 where the larger or smaller of both is kept, 0 otherwise",
    "alpha": "width multiplier",
    "width": "width multiplier",
    "resolution": "input height and width",
    "batch": "batch size",
    "image_width": "input width",
}
"""Meanings of the symbols that formulas and zoo networks use."""

REAL = frozenset({"alpha", "width"})
"""Names that stand for positive real numbers; every other name is a positive integer (a flag may be 0)."""

SIZES = {"width": "image_width", "alpha": "alpha_size"}
"""What a size of a file is called where its own name stands for a real number here."""


FLAGS = frozenset({"a", "b", "i", "j", "j_a", "j_m", "j_c", "mask", "skip", "proj", "peep", "joined", "after", "relu"})
"""Names that stand for 1 or 0: whether a formula has a part."""


def assumption(name: str) -> str:
    """What is assumed of a symbol: it decides which floors vanish."""
    if name in FLAGS:
        return "0 or 1"
    return "positive real" if name in REAL else "positive integer"
