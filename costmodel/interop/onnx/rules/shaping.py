"""Shapes: what is asked about them, and views and copies of other shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from costmodel.algebra import Dim, ceil_div, product
from costmodel.errors import shorten
from costmodel.interop.call import Call
from costmodel.interop.contents import ELEMENTWISE, Undecided, larger
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.onnx.tensors import stored_value, type_name
from costmodel.interop.slices import extent
from costmodel.interop.value import Value, known
from costmodel.layers import (
    Concat,
    DepthToSpace,
    Expand,
    Flatten,
    Flip,
    Pad,
    Permute,
    Reshape,
    Slice,
    SpaceToDepth,
    Split,
    Squeeze,
    Tile,
    Trilu,
    Unsqueeze,
)
from costmodel.layers.base import shape_text


@RULES.register("Shape")
def shape(call: Call) -> Value:
    """The sizes of the input."""
    sizes = call.input(0).shape
    elements = np.empty(len(sizes), dtype=object)
    elements[:] = sizes
    return known(call.name, elements[call.integer("start", 0) : call.integer("end", len(sizes))])


@RULES.register("Size")
def size(call: Call) -> Value:
    """The number of elements."""
    return known(call.name, call.input(0).elements)


@RULES.register("Reshape")
def reshape(call: Call) -> Sequence[Value]:
    """The same elements under another shape."""
    x = call.input(0)
    target = call.dims(1, "shape") if len(call.inputs) > 1 else list(call.integers("shape"))
    if not call.integer("allowzero", 0):
        if any(wanted == 0 for wanted in target[len(x.shape) :]):
            call.refuse(f"keeps the size of an axis that an input of {shape_text(x.shape)} does not have")
        target = [x.shape[axis] if wanted == 0 else wanted for axis, wanted in enumerate(target)]
    return call.apply(Reshape(shape=tuple(target)), x)


@RULES.register("Flatten")
def flatten(call: Call) -> Sequence[Value]:
    """A matrix of the axes before one and of those from it on."""
    x = call.input(0)
    axis = call.integer("axis", 1)
    if not -len(x.shape) <= axis <= len(x.shape):
        call.refuse(f"needs 'axis' as one of the input's {len(x.shape)} axes (got {axis})")
    if axis == 1 and len(x.shape) > 1:
        return call.apply(Flatten(), x)
    axis = axis + len(x.shape) if axis < 0 else axis
    rows, columns = product(x.shape[:axis]), product(x.shape[axis:])
    return call.apply(Reshape(shape=(rows, columns)), x)


@RULES.register("Transpose")
def transpose(call: Call) -> Sequence[Value]:
    """The axes in another order."""
    x = call.input(0)
    axes = call.integers("perm", tuple(reversed(range(len(x.shape)))))
    return call.apply(Permute(axes=axes), x)


@RULES.register("Squeeze")
def squeeze(call: Call) -> Sequence[Value]:
    """Axes of size 1 left out."""
    x, axes = call.input(0), _axes(call, 1)
    if axes is None:
        axes = tuple(axis for axis, size in enumerate(x.shape) if size == 1)
    return call.apply(Squeeze(axes=axes), x) if axes else (x,)


@RULES.register("Unsqueeze")
def unsqueeze(call: Call) -> Sequence[Value]:
    """Axes of size 1 put in."""
    axes = _axes(call, 1)
    if not axes:
        call.refuse("needs to know its 'axes'")
    return call.apply(Unsqueeze(axes=axes), call.input(0))


def _axes(call: Call, index: int) -> tuple[int, ...] | None:
    """The axes, given as an input or, in older operations, as an attribute; None where they are left out."""
    if call.optional(index) is not None:
        return tuple(call.integers_in(index, "axes"))
    return call.integers("axes") if call.has("axes") else None


@RULES.register("Concat")
def concat(call: Call) -> Sequence[Value]:
    """The inputs one after another; empty ones are left out."""
    values = [value for value in call.present if 0 not in value.shape]
    if len(values) == 1:
        return (values[0],)
    return call.apply(Concat(axis=call.integer("axis", 1)), *values)


@RULES.register("Split")
def split(call: Call) -> Sequence[Value]:
    """The input in parts."""
    x, axis = call.input(0), call.integer("axis", 0)
    if not -len(x.shape) <= axis < len(x.shape):
        call.refuse(f"needs 'axis' as one of the input's {len(x.shape)} axes (got {axis})")
    if call.optional(1) is not None:
        sizes = call.dims(1, "sizes of the parts")
    elif call.has("split"):
        sizes = list(call.integers("split"))
    else:
        count = call.integer("num_outputs", len(call.declared))
        if count != len(call.declared):
            call.refuse(f"needs 'num_outputs' as the number of its outputs, {len(call.declared)} (got {count})")
        if count == 1 or not isinstance(x.shape[axis], int) or x.shape[axis] % count == 0:
            return call.apply(Split(axis=axis, sections=count), x)
        part = ceil_div(x.shape[axis], count)
        sizes = [max(0, min(part, x.shape[axis] - part * index)) for index in range(count)]
    return _parts(call, x, axis, sizes)


def _parts(call: Call, x: Value, axis: int, sizes: Sequence[Dim]) -> list[Value]:
    """Parts of these sizes; those without elements are none of the network's tensors."""
    place = axis % len(x.shape)
    kept = [size for size in sizes if size != 0]
    parts = iter((x,) if kept == [x.shape[axis]] else call.apply(Split(axis=axis, sizes=tuple(kept)), x))
    nothing = Value(call.name, (*x.shape[:place], 0, *x.shape[place + 1 :]), x.dtype)
    return [nothing if size == 0 else next(parts) for size in sizes]


@RULES.register("Slice")
def slice_(call: Call) -> Sequence[Value]:
    """A part of the input along some axes."""
    x = call.input(0)
    if call.has("starts"):
        starts, ends = list(call.integers("starts")), list(call.integers("ends"))
        axes = list(call.integers("axes", tuple(range(len(starts)))))
        steps = [1] * len(starts)
    else:
        starts, ends = call.dims(1, "starts"), call.dims(2, "ends")
        axes = call.integers_in(3, "axes") if call.optional(3) is not None else list(range(len(starts)))
        steps = call.integers_in(4, "steps") if call.optional(4) is not None else [1] * len(starts)
    if not len(starts) == len(ends) == len(axes) == len(steps) or 0 in steps:
        call.refuse("needs a start, an end and a step that is not 0 for each of its axes")
    for axis in axes:
        if not -len(x.shape) <= axis < len(x.shape):
            call.refuse(f"needs axes of an input of {len(x.shape)} axes (got {axis})")
    parts = []
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        size = x.shape[axis]
        begin, length = extent(size, start, end, step)
        if isinstance(length, int) and length < 1:
            place = axis % len(x.shape)
            return (Value(call.name, (*x.shape[:place], 0, *x.shape[place + 1 :]), x.dtype),)
        if step == -1 and length == size:
            (x,) = call.apply(Flip(axes=(axis,)), x, role="flip")
        elif (begin, length, step) != (0, size, 1):
            parts.append((axis, begin, length, step))
    if not parts:
        return (x,)
    chosen_axes, begins, lengths, chosen_steps = zip(*parts, strict=True)
    return call.apply(Slice(axes=chosen_axes, starts=begins, lengths=lengths, steps=chosen_steps), x)


@RULES.register("Expand")
def expand(call: Call) -> Sequence[Value]:
    """Repeated along axes of size 1."""
    return call.apply(Expand(shape=tuple(call.dims(1, "shape"))), call.input(0))


@RULES.register("ReverseSequence")
def reverse_sequence(call: Call) -> Sequence[Value]:
    """The first elements along an axis in reverse order, of as many as another tensor says: a copy."""
    return call.apply(Flip(axes=(call.integer("time_axis", 0),)), call.input(0))


@RULES.register("Tile")
def tile(call: Call) -> Sequence[Value]:
    """Repeated along every axis."""
    return call.apply(Tile(repeats=tuple(call.dims(1, "repeats"))), call.input(0))


@RULES.register("Pad")
def pad(call: Call) -> Sequence[Value]:
    """Elements put around, or with negative numbers cut away."""
    x = call.input(0)
    amounts = list(call.integers("pads")) if call.has("pads") else call.dims(1, "pads")
    rank = len(x.shape)
    axes = call.integers_in(3, "axes") if call.optional(3) is not None else list(range(rank))
    if len(amounts) != 2 * len(axes) or any(not -rank <= axis < rank for axis in axes):
        call.refuse(f"needs two pads for each of its axes (got {shorten(amounts)})")
    pairs: list[tuple[Dim, Dim]] = [(0, 0)] * rank
    for position, axis in enumerate(axes):
        pairs[axis] = (amounts[position], amounts[position + len(axes)])
    mode: Any = call.text("mode", "constant")
    if mode not in ("constant", "reflect", "edge", "wrap"):
        call.refuse(f"needs 'mode' as constant, reflect, edge or wrap (got {shorten(repr(mode))})")
    return (x,) if all(pair == (0, 0) for pair in pairs) else call.apply(Pad(pads=tuple(pairs), mode=mode), x)


@RULES.register("ConstantOfShape")
def constant_of_shape(call: Call) -> Value:
    """The same number everywhere."""
    tensor, shape = call.attributes.get("value"), tuple(call.dims(0, "shape"))
    if tensor is None:
        return Value(call.name, shape, fill=0)
    contents = stored_value(tensor, call.name).contents
    fill = contents.reshape(-1)[0] if contents is not None and contents.size == 1 else None
    return Value(call.name, shape, type_name(tensor.data_type), fill=fill)


@RULES.register("Range")
def range_(call: Call) -> Value:
    """Numbers from one to another."""
    start, limit, step = (call.contents(index, what).item() for index, what in enumerate(("start", "limit", "step")))
    try:
        count = larger(ELEMENTWISE["ceiling"](ELEMENTWISE["divide"](_element(limit - start), _element(step))).item(), 0)
    except Undecided:
        call.refuse("needs to know how many numbers it counts")
    return Value(call.name, (count,), call.input(0).dtype)


def _element(value: Any) -> Any:
    return np.asarray(value, dtype=object)


@RULES.register("EyeLike", "RandomNormalLike", "RandomUniformLike", "Bernoulli")
def like(call: Call) -> Value:
    """Numbers that do not depend on the input's elements, of its shape."""
    return Value(call.name, call.input(0).shape)


@RULES.register("RandomNormal", "RandomUniform")
def random(call: Call) -> Value:
    """Random numbers."""
    return Value(call.name, call.integers("shape"))


@RULES.register("DepthToSpace")
def depth_to_space(call: Call) -> DepthToSpace:
    """Channels moved into blocks of positions."""
    mode = call.text("mode", "DCR")
    if mode not in ("DCR", "CRD"):
        call.refuse(f"needs 'mode' as DCR or CRD (got {shorten(mode)!r})")
    return DepthToSpace(block=call.integer("blocksize"), mode="DCR" if mode == "DCR" else "CRD")


@RULES.register("SpaceToDepth")
def space_to_depth(call: Call) -> SpaceToDepth:
    """Blocks of positions moved into channels."""
    return SpaceToDepth(block=call.integer("blocksize"))


@RULES.register("Trilu")
def trilu(call: Call) -> Sequence[Value]:
    """One half of a matrix, zeros in the other."""
    return call.apply(Trilu(upper=bool(call.integer("upper", 1))), call.input(0))
