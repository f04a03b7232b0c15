"""Running sums, sampling on a grid, and rotary embeddings."""

from __future__ import annotations

from costmodel.interop.call import Call
from costmodel.interop.ncnn.parameters import Parameters
from costmodel.interop.ncnn.rules import axes, axis_of, blob, reshaped, rule
from costmodel.interop.value import Value
from costmodel.layers import Add, Concat, Cumsum, GridSample, Layer, Multiply, Permute, Split, Subtract


@rule("CumulativeSum", keys={0})
def cumulative_sum(call: Call, parameters: Parameters) -> Layer:
    """The sum of all elements up to each one along an axis."""
    return Cumsum(axis=axis_of(call, parameters.integer(0, "axis"), call.input(0)))


@rule("GridSample", keys={0, 1, 2, 3})
def grid_sample(call: Call, parameters: Parameters) -> Value:
    """The first blob at the positions in the second: (h, w, 2), or (2, h, w) where that is said."""
    modes = {1: "linear", 2: "nearest"}
    mode = modes.get(parameters.integer(0, "sample_type", 1))
    if mode is None:
        call.refuse("must have a sample_type of 1 (bilinear) or 2 (nearest)")
    grid = call.input(1)
    axes(call, call.input(0), 3)
    axes(call, grid, 3)
    if parameters.flag(3, "permute_fusion"):
        (grid,) = call.apply(Permute(axes=(0, 2, 3, 1)), grid, role="permute")
    return call.apply(GridSample(mode=mode), call.input(0), grid)[0]


@rule("RotaryEmbed", keys={0})
def rotary_embed(call: Call, _parameters: Parameters) -> Value:
    """The two halves a and b of each row turned by angles: a cos - b sin, and b cos + a sin."""
    x, cos, sin = call.input(0), call.input(1), call.input(2)
    axes(call, x, 3)
    last = len(x.shape) - 1
    a, b = call.apply(Split(axis=last, sections=2), x, role="halves")
    cos, sin = (reshaped(call, angle, (1, *blob(angle)[-2:]), "angles") for angle in (cos, sin))
    products = [
        call.apply(Multiply(), half, angle, role=role)[0]
        for half, angle, role in ((a, cos, "a.cos"), (b, sin, "b.sin"), (b, cos, "b.cos"), (a, sin, "a.sin"))
    ]
    first, second = (
        call.apply(Subtract(), *products[:2], role="subtract")[0],
        call.apply(Add(), *products[2:], role="add")[0],
    )
    return call.apply(Concat(axis=last), first, second)[0]
