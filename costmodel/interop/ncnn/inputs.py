"""Inputs of a .param file, and tensors that its weights hold: their shapes, where the file gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from costmodel.algebra import Dim, parse
from costmodel.errors import FileFormatError
from costmodel.interop.ncnn.param import Entry
from costmodel.interop.ncnn.parameters import Parameters
from costmodel.interop.value import Shape

SIZES: Final = (("c", 2), ("d", 11), ("h", 1), ("w", 0))
"""The axes in our order, and their keys."""
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
    symbols: dict[str, Dim] = {axis: parse(axis + suffix) for axis in "chw"}
    if reader is None:
        return symbols["c"], symbols["h"], symbols["w"]
    parameters = reader.parameters
    if reader.type == "InnerProduct":
        return (_ratio(parameters, 2, 0),)
    if reader.type == "Gemm":
        return symbols["h"], parameters.size(9, "constantK")
    if reader.type in ("MultiHeadAttention", "LSTM", "GRU", "RNN"):
        return symbols["h"], symbols["w"]
    if reader.type == "Embed":
        return (symbols["w"],)
    if reader.type.startswith(("Convolution1D", "ConvolutionDepthWise1D")):
        return _channels(parameters, 1), symbols["w"]
    if reader.type in ("Convolution", "ConvolutionDepthWise"):
        return _channels(parameters, 2), symbols["h"], symbols["w"]
    return symbols["c"], symbols["h"], symbols["w"]


def _first_reader(entries: Sequence[Entry], name: str) -> Entry | None:
    """The first layer that does something with a blob."""
    same = {name}
    for entry in entries:
        if same.intersection(entry.inputs):
            if entry.type not in VIEWS:
                return entry
            same.update(entry.outputs)
    return None


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
