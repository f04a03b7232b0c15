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
    "alpha": "width multiplier",
    "width": "width multiplier",
    "resolution": "input height and width",
    "batch": "batch size",
}
"""Meanings of the symbols that formulas and zoo networks use."""

REAL = frozenset({"alpha", "width"})
"""Names that stand for positive real numbers; every other name is a positive integer (a flag may be 0)."""


FLAGS = frozenset({"a", "b", "i", "j"})
"""Names that stand for 1 or 0: whether a formula has a part."""


def assumption(name: str) -> str:
    """What is assumed of a symbol: it decides which floors vanish."""
    if name in FLAGS:
        return "0 or 1"
    return "positive real" if name in REAL else "positive integer"
