"""ONNX operations on known elements, one function for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from costmodel.algebra import product, total
from costmodel.interop.call import Call
from costmodel.interop.contents import ELEMENTWISE, MAX_KNOWN, Undecided, exact
from costmodel.interop.onnx.tensors import stored_value, type_name
from costmodel.interop.value import Contents

Fold = Callable[[Call, list[Contents]], Contents]
_INTEGERS: Final = ("int", "uint")


def _elementwise(name: str) -> Fold:
    return lambda _, inputs: ELEMENTWISE[name](*inputs)


def _many(name: str) -> Fold:
    def fold_many(_: Call, inputs: list[Contents]) -> Contents:
        result = inputs[0]
        for other in inputs[1:]:
            result = ELEMENTWISE[name](result, other)
        return result

    return fold_many


def _divide(call: Call, inputs: list[Contents]) -> Contents:
    is_integer = call.present[0].dtype.startswith(_INTEGERS)
    return ELEMENTWISE["divide_integers" if is_integer else "divide"](*inputs)


def _cast(call: Call, inputs: list[Contents]) -> Contents:
    target = type_name(call.integer("to"))
    if target == "bool":
        return ELEMENTWISE["to_boolean"](*inputs)
    if target.startswith(_INTEGERS):
        return ELEMENTWISE["to_integer"](*inputs)
    return ELEMENTWISE["add"](inputs[0], np.asarray(0, dtype=object))


def _ints(contents: Contents) -> list[int]:
    """Elements that must be integers here."""
    found = [int(element) if isinstance(element, (int, bool)) else element for element in contents.reshape(-1)]
    if not all(isinstance(element, int) for element in found):
        raise Undecided
    return found


def _axes(call: Call, inputs: list[Contents], at: int) -> list[int] | None:
    """Axes, given as an input or, in older operations, as an attribute."""
    if len(inputs) > at:
        return _ints(inputs[at])
    return list(call.integers("axes")) if call.has("axes") else None


def _concat(call: Call, inputs: list[Contents]) -> Contents:
    return np.concatenate(inputs, axis=call.integer("axis"))


def _gather(call: Call, inputs: list[Contents]) -> Contents:
    data, indices = inputs
    places = np.array(_ints(indices), dtype=np.int64).reshape(indices.shape)
    return np.asarray(np.take(data, places, axis=call.integer("axis", 0)), dtype=object)


def _slice(call: Call, inputs: list[Contents]) -> Contents:
    data = inputs[0]
    if call.has("starts"):
        starts, ends = list(call.integers("starts")), list(call.integers("ends"))
        axes, steps = _axes(call, inputs, 1), None
    else:
        starts, ends = _ints(inputs[1]), _ints(inputs[2])
        axes = _ints(inputs[3]) if len(inputs) > 3 else None
        steps = _ints(inputs[4]) if len(inputs) > 4 else None
    chosen = list(range(len(starts))) if axes is None else axes
    if not len(chosen) == len(starts) == len(ends) == len(steps or starts):
        raise Undecided
    index = [slice(None)] * data.ndim
    for position, axis in enumerate(chosen):
        step = steps[position] if steps else 1
        start, end = starts[position], ends[position]
        size = data.shape[axis]
        stop = None if step < 0 and end < -size else end
        index[axis] = slice(start, stop, step)
    return data[tuple(index)]


def _unsqueeze(call: Call, inputs: list[Contents]) -> Contents:
    return np.expand_dims(inputs[0], tuple(_axes(call, inputs, 1) or ()))


def _squeeze(call: Call, inputs: list[Contents]) -> Contents:
    axes = _axes(call, inputs, 1)
    return np.squeeze(inputs[0], None if axes is None else tuple(axes))


def _reshape(call: Call, inputs: list[Contents]) -> Contents:
    data, shape = inputs[0], _ints(inputs[1]) if len(inputs) > 1 else list(call.integers("shape"))
    sizes = [
        data.shape[axis] if size == 0 and not call.integer("allowzero", 0) else size for axis, size in enumerate(shape)
    ]
    return data.reshape(sizes)


def _transpose(call: Call, inputs: list[Contents]) -> Contents:
    return np.transpose(inputs[0], call.integers("perm") if call.has("perm") else None)


def _filled(call: Call, inputs: list[Contents]) -> Contents:
    shape = _ints(inputs[0])
    if product(shape) > MAX_KNOWN or min(shape, default=1) < 0:
        raise Undecided
    tensor = call.attributes.get("value")
    contents = np.asarray(0, dtype=object) if tensor is None else stored_value(tensor, call.name).contents
    if contents is None:
        raise Undecided
    return np.full(shape, contents.reshape(-1)[0], dtype=object)


def _range(_: Call, inputs: list[Contents]) -> Contents:
    start, limit, step = (element.item() for element in inputs)
    count = -((start - limit) // step)
    if not isinstance(count, int) or count > MAX_KNOWN:
        raise Undecided
    elements = np.empty(max(count, 0), dtype=object)
    elements[:] = [start + index * step for index in range(max(count, 0))]
    return elements


def _expand(_: Call, inputs: list[Contents]) -> Contents:
    shape = np.broadcast_shapes(inputs[0].shape, tuple(_ints(inputs[1])))
    if product(shape) > MAX_KNOWN:
        raise Undecided
    return np.broadcast_to(inputs[0], shape)


def _tile(_: Call, inputs: list[Contents]) -> Contents:
    repeats = _ints(inputs[1])
    if inputs[0].size * product(repeats) > MAX_KNOWN:
        raise Undecided
    return np.tile(inputs[0], repeats)


def _reduce(function: Callable[[list[Any]], Any]) -> Fold:
    def fold_axes(call: Call, inputs: list[Contents]) -> Contents:
        data, axes = inputs[0], _axes(call, inputs, 1)
        if axes is None and call.integer("noop_with_empty_axes", 0):
            return data
        chosen = range(data.ndim) if axes is None else [axis % data.ndim for axis in axes]
        kept = [axis for axis in range(data.ndim) if axis not in chosen]
        rows = np.transpose(data, (*kept, *chosen)).reshape(-1, product(data.shape[axis] for axis in chosen))
        result = np.empty(len(rows), dtype=object)
        result[:] = [function(list(row)) for row in rows]
        keeps = call.integer("keepdims", 1)
        sizes = [1 if axis in chosen else size for axis, size in enumerate(data.shape) if keeps or axis not in chosen]
        return result.reshape(sizes)

    return fold_axes


def _largest(row: list[Any]) -> Any:
    return _chain("maximum", row)


def _smallest(row: list[Any]) -> Any:
    return _chain("minimum", row)


def _chain(name: str, row: list[Any]) -> Any:
    result = np.asarray(row[0], dtype=object)
    for element in row[1:]:
        result = ELEMENTWISE[name](result, np.asarray(element, dtype=object))
    return result.item()


def _size(_: Call, inputs: list[Contents]) -> Contents:
    return np.asarray(inputs[0].size, dtype=object)


def _cumulated(call: Call, inputs: list[Contents]) -> Contents:
    if call.integer("exclusive", 0) or call.integer("reverse", 0):
        raise Undecided
    (axis,) = _ints(inputs[1])
    return np.asarray(np.cumsum(inputs[0], axis=axis), dtype=object)


def _one_hot(call: Call, inputs: list[Contents]) -> Contents:
    indices, depth, values = inputs
    (size,), (off, on) = _ints(depth), values.reshape(-1)
    places = np.array(_ints(indices), dtype=np.int64).reshape(indices.shape) % size
    rows = np.expand_dims(places, -1) == np.arange(size)
    return np.asarray(np.where(np.moveaxis(rows, -1, call.integer("axis", -1)), on, off), dtype=object)


def _non_zero(_: Call, inputs: list[Contents]) -> Contents:
    flags = ELEMENTWISE["to_boolean"](inputs[0]).astype(bool)
    return np.array(np.nonzero(flags), dtype=object)


def _scattered(_: Call, inputs: list[Contents]) -> Contents:
    data, indices, updates = inputs
    result = data.copy()
    for place in np.ndindex(*indices.shape[:-1]):
        result[tuple(_ints(indices[place]))] = updates[place]
    return result


def _same(_: Call, inputs: list[Contents]) -> Contents:
    return inputs[0]


def _mod(call: Call, inputs: list[Contents]) -> Contents:
    if call.integer("fmod", 0):
        raise Undecided
    return ELEMENTWISE["modulo"](*inputs)


def _clipped(call: Call, inputs: list[Contents]) -> Contents:
    """Bounds are inputs, either of which may be left out, or in older operations attributes."""
    result = inputs[0]
    for index, name, nearest in ((1, "min", "maximum"), (2, "max", "minimum")):
        bound = call.optional(index)
        if call.has(name):
            result = ELEMENTWISE[nearest](result, np.asarray(exact(call.real(name)), dtype=object))
        elif bound is not None:
            result = ELEMENTWISE[nearest](result, bound.contents)
    return result


FOLDS: Final[dict[str, Fold]] = {
    "Add": _elementwise("add"),
    "Sub": _elementwise("subtract"),
    "Mul": _elementwise("multiply"),
    "Div": _divide,
    "Mod": _mod,
    "Pow": _elementwise("power"),
    "Max": _many("maximum"),
    "Min": _many("minimum"),
    "Sum": _many("add"),
    "Equal": _elementwise("equal"),
    "Less": _elementwise("less"),
    "LessOrEqual": _elementwise("less_or_equal"),
    "Greater": _elementwise("greater"),
    "GreaterOrEqual": _elementwise("greater_or_equal"),
    "And": _elementwise("and"),
    "Or": _elementwise("or"),
    "Xor": _elementwise("xor"),
    "Not": _elementwise("not"),
    "Where": _elementwise("where"),
    "Neg": _elementwise("negate"),
    "Abs": _elementwise("absolute"),
    "Sign": _elementwise("sign"),
    "Floor": _elementwise("floor"),
    "Ceil": _elementwise("ceiling"),
    "Round": _elementwise("round"),
    "Sqrt": _elementwise("square_root"),
    "Reciprocal": _elementwise("reciprocal"),
    "Clip": _clipped,
    "Cast": _cast,
    "Identity": _same,
    "Concat": _concat,
    "Gather": _gather,
    "Slice": _slice,
    "Unsqueeze": _unsqueeze,
    "Squeeze": _squeeze,
    "Reshape": _reshape,
    "Flatten": lambda call, inputs: inputs[0].reshape(product(inputs[0].shape[: call.integer("axis", 1)]), -1),
    "Transpose": _transpose,
    "ConstantOfShape": _filled,
    "Range": _range,
    "Expand": _expand,
    "Tile": _tile,
    "ReduceProd": _reduce(product),
    "ReduceSum": _reduce(total),
    "ReduceMax": _reduce(_largest),
    "ReduceMin": _reduce(_smallest),
    "Size": _size,
    "CumSum": _cumulated,
    "NonZero": _non_zero,
    "OneHot": _one_hot,
    "ScatterND": _scattered,
}
"""Operations on known elements, by name."""
