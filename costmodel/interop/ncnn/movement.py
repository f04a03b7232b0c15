"""Layers that move or rename elements: views, permute, concatenate, repeat, shuffle."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Final

from costmodel.algebra import Dim, equal, exact_div, floor_div, product
from costmodel.interop.call import Call
from costmodel.interop.ncnn.expressions import sizes_of
from costmodel.interop.ncnn.parameters import Parameters
from costmodel.interop.ncnn.parts import sliced
from costmodel.interop.ncnn.rules import UNSET, axes, axis_of, blob, is_number, reshaped, rule
from costmodel.interop.value import Shape, Value
from costmodel.layers import (
    ChannelShuffle,
    Concat,
    DepthToSpace,
    Expand,
    Flip,
    Identity,
    Layer,
    Permute,
    SpaceToDepth,
    Tile,
)
from costmodel.layers.base import shape_text

SIZE_KEYS: Final = (2, 11, 1, 0)
"""The keys of c, d, h and w: our order, from the outermost axis on."""


@rule("Split", "Noop", "Packing", "DeepCopy", keys={0, 1, 2, 3, 4, 5})
def same(call: Call, _parameters: Parameters) -> Sequence[Value]:
    """Its inputs, for each output the one of its position, or the first."""
    return tuple(call.optional(index) or call.input(0) for index in range(len(call.declared)))


@rule("Flatten")
def flatten(call: Call, _parameters: Parameters) -> Value:
    """All elements along one axis."""
    x = call.input(0)
    return reshaped(call, x, (product(blob(x)),), "")


@rule("Reshape", keys={0, 1, 2, 3, 6, 11})
def reshape(call: Call, parameters: Parameters) -> Value:
    """The same elements under another shape: 0 keeps a size, -1 is what is left over, -233 is no axis."""
    x = call.input(0)
    if parameters.text(6, "shape_expr"):
        wanted: list[Dim] = sizes_of(call, parameters.text(6, "shape_expr"))[::-1]
    else:
        wanted = _wanted(call, parameters, x)
    if parameters.flag(3, "permute"):
        call.refuse("permutes what it reshapes, as only old files do; convert the model again")
    return reshaped(call, x, _filled(call, x, wanted), "")


def _wanted(call: Call, parameters: Parameters, x: Value) -> list[Dim]:
    """The sizes that the parameters name, with those that stay as they are."""
    given = {key: parameters.integer(key, "a size", UNSET) for key in SIZE_KEYS}
    keys = [key for key in SIZE_KEYS if given[key] != UNSET]
    names = {4: SIZE_KEYS, 3: (2, 1, 0), 2: (1, 0), 1: (0,)}[axes(call, x, 1, 2, 3, 4)]
    sizes = dict(zip(names, blob(x), strict=True))
    return [sizes.get(key, 1) if given[key] == 0 else given[key] for key in keys]


def _filled(call: Call, x: Value, wanted: Sequence[Dim]) -> tuple[Dim, ...]:
    """The shape with the size that is left over."""
    known = product(size for size in wanted if not is_number(size, -1))
    open_axes = sum(is_number(size, -1) for size in wanted)
    if (
        not wanted
        or open_axes > 1
        or any((isinstance(size, int) and size < -1) or is_number(size, 0) for size in wanted)
    ):
        call.refuse(f"must have sizes of at least 1, of which one may be -1 (got {list(wanted)})")
    elements = product(blob(x))
    if isinstance(elements, int) and isinstance(known, int) and elements % known:
        call.refuse(f"cannot give {shape_text(blob(x))} a shape of {list(wanted)}")
    if not open_axes and not equal(elements, known):
        call.refuse(f"cannot give {shape_text(blob(x))} a shape of {list(wanted)}")
    return tuple(exact_div(elements, known) if is_number(size, -1) else size for size in wanted)


@rule("Permute", keys={0})
def permute(call: Call, parameters: Parameters) -> Layer:
    """The axes in the order of that number, among all orders as a dictionary lists them."""
    rank = axes(call, call.input(0), 1, 2, 3, 4)
    orders = list(permutations(range(1, rank + 1)))
    order = parameters.integer(0, "order_type")
    if rank == 1:
        return Identity()
    if not 0 <= order < len(orders):
        call.refuse(f"must have an order of 0 to {len(orders) - 1} for a blob of {rank} axes (got {order})")
    return Permute(axes=(0, *orders[order])) if order else Identity()


@rule("Concat", keys={0})
def concat(call: Call, parameters: Parameters) -> Value:
    """Its inputs one after another; those without a batch of their own are repeated along it."""
    axis = axis_of(call, parameters.integer(0, "axis"), call.input(0))
    values = call.present
    batch = next((value.shape[0] for value in values if not is_number(value.shape[0], 1)), 1)
    if not is_number(batch, 1):
        values = tuple(_batched(call, value, batch, str(index)) for index, value in enumerate(values))
    return values[0] if len(values) == 1 else call.apply(Concat(axis=axis), *values)[0]


def _batched(call: Call, value: Value, batch: Dim, role: str) -> Value:
    """The value repeated along the batch where it has none."""
    if not is_number(value.shape[0], 1):
        return value
    return call.apply(Expand(shape=(batch, *blob(value))), value, role=f"expand{role}")[0]


@rule("ShuffleChannel", keys={0, 1})
def shuffle_channel(call: Call, parameters: Parameters) -> Layer:
    """The channels of groups interleaved, or put back."""
    groups = parameters.size(0, "group", 1)
    if parameters.flag(1, "reverse"):
        return ChannelShuffle(groups=exact_div(blob(call.input(0))[0], groups))
    return ChannelShuffle(groups=groups)


@rule("PixelShuffle", keys={0, 1})
def pixel_shuffle(_call: Call, parameters: Parameters) -> Layer:
    """Channels spread out over the plane."""
    mode = "DCR" if parameters.flag(1, "mode") else "CRD"
    return DepthToSpace(block=parameters.size(0, "upscale_factor", 1), mode=mode)


@rule("Reorg", keys={0, 1})
def reorg(call: Call, parameters: Parameters) -> Value:
    """Blocks of the plane stacked as channels; what is left over at the border is dropped."""
    x = call.input(0)
    axes(call, x, 3)
    block = parameters.size(0, "stride", 1)
    bounds = {axis: (0, floor_div(x.shape[axis], block) * block) for axis in (2, 3)}
    return call.apply(SpaceToDepth(block=block), sliced(call, x, bounds))[0]


@rule("ExpandDims", keys={0, 1, 2, 3, 11})
def expand_dims(call: Call, parameters: Parameters) -> Value:
    """New axes of size 1, named by their places in the output."""
    x = call.input(0)
    named = parameters.integers(3, "axes")
    if not named:
        call.refuse("must name its axes by parameter 3, as the other parameters are counted differently by age of file")
    rank = len(blob(x)) + len(named)
    places = {axis + rank if axis < 0 else axis for axis in named}
    if len(places) != len(named) or not places <= set(range(rank)) or rank > 4:
        call.refuse(f"must name different axes of an output of at most 4 (got {named})")
    sizes = iter(blob(x))
    return reshaped(call, x, tuple(1 if axis in places else next(sizes) for axis in range(rank)), "")


@rule("Squeeze", keys={0, 1, 2, 3, 11})
def squeeze(call: Call, parameters: Parameters) -> Value:
    """The axes of size 1 that are named, by place or as w, h, d, c, dropped."""
    x = call.input(0)
    rank = axes(call, x, 1, 2, 3, 4)
    named = {axis_of(call, axis, x) - 1 for axis in parameters.integers(3, "axes")}
    if not parameters.integers(3, "axes"):
        keys = {4: SIZE_KEYS, 3: (2, 1, 0), 2: (1, 0), 1: (0,)}[rank]
        named = {place for place, key in enumerate(keys) if parameters.flag(key, "squeeze")}
    left = tuple(size for place, size in enumerate(blob(x)) if place not in named or not is_number(size, 1))
    return reshaped(call, x, left or (1,), "")


@rule("Tile", keys={0, 1, 2})
def tile(call: Call, parameters: Parameters) -> Value:
    """The blob repeated along one axis, or along each as often as is said."""
    x = call.input(0)
    repeats = parameters.integers(2, "repeats")
    if repeats:
        if min(repeats) < 1 or len(repeats) > 4:
            call.refuse(f"must repeat 1 to 4 axes at least once each (got {repeats})")
        x = reshaped(call, x, _lifted(blob(x), len(repeats)), "lift")
        counts = [1] * (len(x.shape) - len(repeats)) + list(repeats)
    else:
        counts = [1] * len(x.shape)
        counts[axis_of(call, parameters.integer(0, "axis"), x)] = parameters.size(1, "tiles", 1)
    return call.apply(Tile(repeats=tuple(counts)), x)[0] if set(counts) != {1} else x


def _lifted(shape: Shape, rank: int) -> Shape:
    """The shape with as many axes: new ones in front, but the depth between channels and height."""
    missing = (1,) * (rank - len(shape))
    return (shape[0], *missing, *shape[1:]) if len(shape) == 3 else (*missing, *shape)


@rule("Flip", keys={0})
def flip(call: Call, parameters: Parameters) -> Layer:
    """The elements in reverse order along axes."""
    named = parameters.integers(0, "axes")
    if not named:
        call.refuse("must name the axes that it reverses")
    return Flip(axes=tuple(axis_of(call, axis, call.input(0)) for axis in named))
