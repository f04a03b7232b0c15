"""Tensors one after another, and their parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costmodel.algebra import ceil_div, floor_div
from costmodel.interop.call import Call
from costmodel.interop.torch.arguments import axis, dim, dims, given, tensor, tensors
from costmodel.interop.torch.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import Concat, Split, Squeeze, Unsqueeze
from costmodel.layers.base import shape_text


@RULES.register("aten.cat", "aten.concat", "aten.concatenate")
def cat(call: Call) -> Sequence[Value]:
    """Tensors one after another; empty ones are left out."""
    values = [value for value in tensors(call, "tensors") if 0 not in value.shape]
    if len(values) == 1:
        return (values[0],)
    return call.apply(Concat(axis=axis(call, "dim", len(values[0].shape))), *values)


@RULES.register("aten.stack")
def stack(call: Call) -> Sequence[Value]:
    """Tensors one after another along a new axis."""
    values = tensors(call, "tensors")
    at = axis(call, "dim", len(values[0].shape) + 1)
    parts = [call.apply(Unsqueeze(axes=(at,)), value, role="axis")[0] for value in values]
    return (parts[0],) if len(parts) == 1 else call.apply(Concat(axis=at), *parts)


@RULES.register("aten.hstack", "aten.vstack", "aten.dstack")
def stack_along(call: Call) -> Sequence[Value]:
    """Tensors one after another along the first, second or third axis."""
    values = tensors(call, "tensors")
    at = {"aten.hstack": 1, "aten.vstack": 0, "aten.dstack": 2}[call.op]
    if len(values[0].shape) <= max(at, 1) and not (call.op == "aten.vstack" and len(values[0].shape) == 2):
        call.refuse(
            f"has a rule for tensors with the axis that they are joined along (got {shape_text(values[0].shape)})"
        )
    return call.apply(Concat(axis=at), *values)


@RULES.register("aten.split", "aten.chunk", "aten.unsafe_split", "aten.unsafe_chunk", "aten.tensor_split")
def split(call: Call) -> Sequence[Value]:
    """A tensor in equal parts, of which the last may be smaller."""
    x = tensor(call, "self")
    at = axis(call, "dim", len(x.shape))
    size = x.shape[at]
    if call.op.endswith("chunk"):
        part = ceil_div(size, dim(call, "chunks"))
    elif call.op == "aten.tensor_split" or isinstance(given(call, "split_size"), list):
        if call.op == "aten.tensor_split" and given(call, "sections") is None:
            call.refuse("has a rule for a number of equal parts, or use split with their sizes")
        if call.op == "aten.tensor_split":
            return _in_parts(call, x, at, _even(size, call.integer("sections")))
        return _in_parts(call, x, at, dims(call, "split_size"))
    else:
        part = dim(call, "split_size")
    count = len(call.declared)
    return _in_parts(call, x, at, (*(part for _ in range(count - 1)), size - part * (count - 1)))


def _even(size: Any, count: int) -> tuple[Any, ...]:
    """Sizes of parts that differ by at most one, the larger ones first."""
    if not isinstance(size, int):
        return tuple(floor_div(size, count) for _ in range(count))
    return tuple(size // count + (index < size % count) for index in range(count))


@RULES.register("aten.split_with_sizes", "aten.unsafe_split_with_sizes", "aten.split_with_sizes_copy")
def split_with_sizes(call: Call) -> Sequence[Value]:
    """A tensor in parts of given sizes."""
    x = tensor(call, "self")
    return _in_parts(call, x, axis(call, "dim", len(x.shape)), dims(call, "split_sizes"))


def _in_parts(call: Call, x: Value, at: int, sizes: Sequence[Any]) -> Sequence[Value]:
    return (x,) if len(sizes) == 1 else call.apply(Split(axis=at, sizes=tuple(sizes)), x)


@RULES.register("aten.unbind")
def unbind(call: Call) -> Sequence[Value]:
    """The slices along an axis, without it."""
    x = tensor(call, "self")
    at = axis(call, "dim", len(x.shape))
    parts = _in_parts(call, x, at, (1,) * len(call.declared))
    return [call.apply(Squeeze(axes=(at,)), part, role="squeeze")[0] for part in parts]
