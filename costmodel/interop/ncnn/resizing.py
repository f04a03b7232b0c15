"""Maps resized."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from costmodel.algebra import Dim, equal
from costmodel.interop.call import Call
from costmodel.interop.ncnn.expressions import sizes_of
from costmodel.interop.ncnn.parameters import Parameters
from costmodel.interop.ncnn.rules import axes, blob, reshaped, rule
from costmodel.interop.value import Value
from costmodel.layers import Expand, Resize
from costmodel.layers.scaling import scaled_size, single

MODES: Final = {1: "nearest", 2: "linear", 3: "cubic"}


@rule("Interp", keys={0, 1, 2, 3, 4, 5, 6, 9})
def interp(call: Call, parameters: Parameters) -> Value:
    """Maps resized by factors, to a size, or to the size of a second blob."""
    x = call.input(0)
    mode = MODES.get(parameters.integer(0, "resize_type"))
    if mode is None:
        call.refuse("must have a resize_type of 1 (nearest), 2 (linear) or 3 (cubic)")
    rank = axes(call, x, 1, 2, 3)
    height, width = _target(call, parameters, x)
    if rank == 1:
        x = reshaped(call, x, (*blob(x), 1, 1), "lift")
        return call.apply(Expand(shape=(-1, -1, height, width)), x)[0]
    sizes = (-1, -1, height, width) if rank == 3 else (-1, -1, width)
    if all(equal(size, old) for size, old in zip(sizes[2:], x.shape[2:], strict=True)):
        return x
    return call.apply(Resize(sizes=sizes, mode=mode), x)[0]


def _target(call: Call, parameters: Parameters, x: Value) -> tuple[Dim, Dim]:
    """The height and the width of the output."""
    if parameters.text(9, "size_expr"):
        sizes = sizes_of(call, parameters.text(9, "size_expr"))
        width, height = (sizes[0], sizes[1]) if len(sizes) > 1 else (sizes[0], 1)
        return height, width
    if parameters.flag(5, "dynamic_target_size") or len(call.present) > 1:
        reference = (1, 1, *blob(call.input(1)))
        return reference[-2], reference[-1]
    old = (1, 1) if len(blob(x)) == 1 else (1, *blob(x))[-2:]
    height = parameters.size(3, "output_height", 0, least=0)
    width = parameters.size(4, "output_width", 0, least=0)
    if height and width:
        return height, width
    return (
        _times(call, old[0], parameters.number(1, "height_scale", 1.0)),
        _times(call, old[1], parameters.number(2, "width_scale", 1.0)),
    )


def _times(call: Call, size: Dim, factor: float) -> Dim:
    """A size times a factor, as 32-bit arithmetic would have it, without its fraction."""
    if not 0 < factor < 2**16:
        call.refuse(f"must have factors between 0 and 65536 (got {factor})")
    return scaled_size(size, Fraction(single(factor)))
