"""Inputs of a .param file, and tensors that its weights hold: their shapes, where the file gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from costmodel.algebra import Dim, parse
from costmodel.errors import FileFormatError
from costmodel.interop.ncnn.param import Entry
from costmodel.interop.ncnn.parameters import Parameters
from costmodel.interop.value import Shape

SIZES: Final = (("c", 2), ("d", 11), ("h", 1), ("w", 0))
"""The axes in our order, and their keys."""
CELLS: Final = {"LSTM": 4, "GRU": 3, "RNN": 1}
"""How many gates the cells of recurrent layers have."""
VIEWS: Final = frozenset({"Split", "Noop", "Dropout", "Cast", "Packing"})
"""Layers that hand their input on, so that what reads their output says something of their input."""


def given_shape(parameters: Parameters) -> Shape | None:
    """The shape that the parameters of an Input or MemoryData give; None where they give none."""
    sizes = {name: parameters.integer(key, name) for name, key in SIZES}
    if sizes["w"] in (0, -233) or -233 in sizes.values():
        return None
    named = [name for name, _ in SIZES if sizes[name] != 0]
    if any(sizes[name] < 1 for name in named) or named not in (
        ["w"],
        ["h", "w"],
        ["c", "h", "w"],
        ["c", "d", "h", "w"],
    ):
        parameters.refuse(f"must have sizes of at least 1, of w, of w and h, or of w, h and c (got {sizes})")
    return tuple(sizes[name] for name in named)


def open_shape(entries: Sequence[Entry], name: str, suffix: str) -> Shape:
    """A shape for an input of which the file gives none, with symbols for the sizes that its readers leave open.

    What its first reader's weights say of it is a number: the channels of a convolution, the width of a product.
    """
    reader = _first_reader(entries, name)
    c, h, w = (parse(axis + suffix) for axis in "chw")
    if reader is None:
        return c, h, w
    parameters = reader.parameters
    said: dict[str, Callable[[], Shape]] = {
        "InnerProduct": lambda: (_ratio(parameters, 2, 0),),
        "Gemm": lambda: (h, parameters.size(9, "constantK")),
        "MultiHeadAttention": lambda: (h, w),
        "Embed": lambda: (w,),
        **dict.fromkeys(CELLS, lambda: _of_recurrence(reader, name, h)),
        **dict.fromkeys(("Convolution1D", "ConvolutionDepthWise1D"), lambda: (_channels(parameters, 1), w)),
        **dict.fromkeys(("Convolution", "ConvolutionDepthWise"), lambda: (_channels(parameters, 2), h, w)),
    }
    return said.get(reader.type, lambda: (c, h, w))()


def _first_reader(entries: Sequence[Entry], name: str) -> Entry | None:
    """The first layer that does something with a blob."""
    same = {name}
    for entry in entries:
        if same.intersection(entry.inputs):
            if entry.type not in VIEWS:
                return entry
            same.update(entry.outputs)
    return None


def _of_recurrence(reader: Entry, name: str, steps: Dim) -> Shape:
    """A sequence, of which the weights say how wide it is, or a first state of each direction."""
    parameters = reader.parameters
    output = parameters.size(0, "num_output")
    hidden = parameters.size(3, "hidden_size", output) if reader.type == "LSTM" else output
    directions = 2 if parameters.integer(2, "direction") == 2 else 1
    if name in reader.inputs[1:]:
        return directions, hidden if name in reader.inputs[2:] else output
    weights = parameters.size(1, "weight_data_size")
    return steps, max(1, weights // (directions * CELLS[reader.type] * hidden))


def _ratio(parameters: Parameters, whole: int, part: int) -> int:
    """The weights of one output."""
    return max(1, parameters.size(whole, "weight_data_size") // parameters.size(part, "num_output"))


def _channels(parameters: Parameters, dims: int) -> int:
    """The input channels of a convolution, from the number of its weights."""
    kernel = parameters.size(1, "kernel_w")
    elements = kernel * (parameters.size(11, "kernel_h", kernel) if dims == 2 else 1)
    return max(1, _ratio(parameters, 6, 0) // elements) * parameters.size(7, "group", 1)


def asked_shapes(entries: Sequence[Entry], asked: Mapping[str, Sequence[Dim]]) -> dict[str, Shape]:
    """The shapes that the caller gives, each for an input of the file."""
    known = {blob for entry in entries if entry.type == "Input" for blob in entry.outputs}
    for name in asked:
        if name not in known:
            names = ", ".join(sorted(known)[:5]) or "none"
            raise FileFormatError(f"there is no input named {name!r} (the file has {names})")
    return {name: tuple(shape) for name, shape in asked.items()}
