"""Choosing elements: slices, gather and scatter, embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costmodel.algebra import equal
from costmodel.errors import shorten
from costmodel.interop.call import Call
from costmodel.interop.slices import FAR, extent
from costmodel.interop.torch.arguments import axis, dim, given, operand, tensor
from costmodel.interop.torch.rules.registry import RULES
from costmodel.interop.value import Shape, Value
from costmodel.layers import (
    Concat,
    Embedding,
    Expand,
    Gather,
    GatherElements,
    GatherND,
    OneHot,
    Permute,
    Reshape,
    ScatterElements,
    ScatterND,
    Slice,
    Squeeze,
    Unsqueeze,
    Where,
)
from costmodel.layers.base import shape_text
from costmodel.layers.broadcast import broadcast


@RULES.register("aten.slice", "aten.slice_copy")
def slice_(call: Call) -> Sequence[Value]:
    """Some elements along an axis."""
    x = tensor(call, "self")
    at = axis(call, "dim", len(x.shape))
    begin, length, step = _extent(call, x.shape[at])
    return _sliced(call, x, at, begin, length, step)


def _extent(call: Call, size: Any) -> tuple[Any, Any, int]:
    """(first, number, step) of a slice along an axis of that size."""
    start, end = given(call, "start"), given(call, "end")
    step = call.integer("step", 1)
    begin, length = extent(size, 0 if start is None else start, FAR if end is None else end, step)
    return begin, length, step


def _sliced(call: Call, x: Value, at: int, begin: Any, length: Any, step: int = 1, role: str = "") -> Sequence[Value]:
    if isinstance(length, int) and length < 1:
        call.refuse(f"leaves nothing of axis {at} of {shape_text(x.shape)}")
    if (begin, step) == (0, 1) and equal(length, x.shape[at]):
        return (x,)
    return call.apply(Slice(axes=(at,), starts=(begin,), lengths=(length,), steps=(step,)), x, role=role)


@RULES.register("aten.select", "aten.select_copy")
def select(call: Call) -> Sequence[Value]:
    """One slice along an axis, without it."""
    x = tensor(call, "self")
    at, index = axis(call, "dim", len(x.shape)), dim(call, "index")
    begin = x.shape[at] + index if isinstance(index, int) and index < 0 else index
    (part,) = _sliced(call, x, at, begin, 1)
    return call.apply(Squeeze(axes=(at,)), part, role="squeeze")


@RULES.register("aten.narrow")
def narrow(call: Call) -> Sequence[Value]:
    """Some neighbouring elements along an axis."""
    x = tensor(call, "self")
    return _sliced(call, x, axis(call, "dim", len(x.shape)), dim(call, "start"), dim(call, "length"))


@RULES.register("aten.slice_scatter", "aten.select_scatter")
def slice_scatter(call: Call) -> Sequence[Value]:
    """A tensor of which some slices are others'."""
    x, part = tensor(call, "self"), tensor(call, "src")
    at = axis(call, "dim", len(x.shape))
    if call.op == "aten.select_scatter":
        (part,) = call.apply(Unsqueeze(axes=(at,)), part, role="axis")
    elif equal(_extent(call, x.shape[at])[1], x.shape[at]):
        return (part,)
    if part.shape != (expected := (*x.shape[:at], part.shape[at], *x.shape[at + 1 :])):
        (part,) = call.apply(Expand(shape=expected), part, role="expand")
    places = Value(f"{call.name}.places", part.shape, "int64")
    return call.apply(ScatterElements(axis=at), x, places, part)


@RULES.register("aten.embedding")
def embedding(call: Call) -> Sequence[Value]:
    """Rows of a table, which is learned where it is stored."""
    table, indices = tensor(call, "weight"), tensor(call, "indices")
    if not table.is_learnable:
        return _gathered(call, table, 0, indices)
    layer = Embedding(num_embeddings=table.shape[0], embedding_dim=table.shape[1])
    return call.apply(layer, indices, weights=(table,))


def _gathered(call: Call, data: Value, at: int, indices: Value) -> Sequence[Value]:
    """Slices along an axis, named by indices that may be stored."""
    if indices.is_computed:
        return call.apply(Gather(axis=at), data, indices)
    return call.apply(Gather(axis=at, indices=indices.shape), data)


@RULES.register("aten.index_select")
def index_select(call: Call) -> Sequence[Value]:
    """Slices along an axis."""
    data = tensor(call, "self")
    return _gathered(call, data, axis(call, "dim", len(data.shape)), tensor(call, "index"))


@RULES.register("aten.gather", "aten.take_along_dim")
def gather(call: Call) -> Sequence[Value]:
    """An element for each index."""
    data = tensor(call, "self")
    index = tensor(call, "indices" if call.op == "aten.take_along_dim" else "index")
    return call.apply(GatherElements(axis=axis(call, "dim", len(data.shape))), data, index)


@RULES.register("aten.index")
def index(call: Call) -> Sequence[Value]:
    """Elements at places that tensors of indices name, broadcast against each other."""
    data, places = tensor(call, "self"), _places(call)
    named = [at for at, value in enumerate(places) if value is not None]
    indices = [value for value in places if value is not None]
    if any(value.dtype in ("bool", "uint8") for value in indices):
        call.refuse("chooses elements by a mask, how many depends on data; use where")
    if len(named) == 1:
        return _gathered(call, data, named[0], indices[0])
    return _gathered_together(call, data, named, indices)


def _places(call: Call) -> list[Value | None]:
    places = given(call, "indices")
    if not isinstance(places, list) or not any(isinstance(each, Value) for each in places):
        call.refuse(f"needs 'indices' as tensors (got {shorten(repr(places))})")
    return places


def _gathered_together(call: Call, data: Value, named: list[int], indices: list[Value]) -> Sequence[Value]:
    """Several axes indexed at once: they come first, or where they were if they are neighbours."""
    others = [at for at in range(len(data.shape)) if at not in named]
    order = (*named, *others)
    if order != tuple(range(len(data.shape))):
        (data,) = call.apply(Permute(axes=order), data, role="order")
    shape: Shape = broadcast(Gather(), tuple(value.shape for value in indices))
    vectors = Value(f"{call.name}.places", (*shape, len(named)), "int64")
    computed = [value for value in indices if value.is_computed]
    if computed:
        parts = []
        for value in indices:
            (wide,) = call.apply(Expand(shape=shape), value, role="expand") if value.shape != shape else (value,)
            parts.append(call.apply(Unsqueeze(axes=(-1,)), wide, role="axis")[0])
        (vectors,) = call.apply(Concat(axis=len(shape)), *parts, role="places")
    (y,) = call.apply(GatherND(), data, vectors)
    first, count = named[0], len(shape)
    if named != list(range(first, first + len(named))) or first == 0:
        return (y,)
    rest = tuple(range(count, len(y.shape)))
    return call.apply(Permute(axes=(*rest[:first], *range(count), *rest[first:])), y, role="back")


@RULES.register("aten.index_put", "aten._index_put_impl")
def index_put(call: Call) -> Sequence[Value]:
    """A tensor with other elements at some places."""
    data, values, places = tensor(call, "self"), tensor(call, "values"), _places(call)
    indices = [value for value in places if value is not None]
    if any(value.dtype in ("bool", "uint8") for value in indices):
        if len(indices) == 1 and values.elements == 1:
            mask = indices[0]
            sizes = (*mask.shape, *(1,) * (len(data.shape) - len(mask.shape)))
            (mask,) = call.apply(Reshape(shape=sizes), mask, role="mask") if sizes != mask.shape else (mask,)
            return call.apply(Where(), mask, values, data)
        call.refuse("writes where a mask is true, how often depends on data; use where")
    if None in places[: len(indices)]:
        call.refuse("has a rule for indices of the first axes")
    shape = broadcast(Gather(), tuple(value.shape for value in indices))
    expected = (*shape, *data.shape[len(indices) :])
    if values.shape != expected:
        (values,) = call.apply(Expand(shape=expected), values, role="expand")
    vectors = Value(f"{call.name}.places", (*shape, len(indices)), "int64")
    reduction = "add" if given(call, "accumulate") else "none"
    return call.apply(ScatterND(reduction=reduction), data, vectors, values)


@RULES.register("aten.scatter", "aten.scatter_add", "aten.scatter_reduce")
def scatter(call: Call) -> Sequence[Value]:
    """A tensor with other elements at some places along an axis."""
    data, places = tensor(call, "self"), tensor(call, "index")
    named = "add" if call.op == "aten.scatter_add" else given(call, "reduce")
    reductions: dict[Any, str] = {
        None: "none", "add": "add", "sum": "add", "multiply": "mul", "prod": "mul", "amax": "max", "amin": "min"
    }  # fmt: skip
    if named not in reductions:
        call.refuse(f"has a rule for sums, products and extremes (got {shorten(repr(named))})")
    source = operand(call, "src" if "src" in call.attributes else "value")
    if source.shape != places.shape:
        source = _fitted(call, source, places.shape)
    return call.apply(
        ScatterElements(axis=axis(call, "dim", len(data.shape)), reduction=reductions[named]), data, places, source
    )


def _fitted(call: Call, source: Value, shape: Shape) -> Value:
    """The elements of the source that are read: as many as there are indices."""
    if source.shape == ():
        return call.apply(Expand(shape=shape), source, role="expand")[0]
    axes = [at for at, (size, wanted) in enumerate(zip(source.shape, shape, strict=True)) if size != wanted]
    layer = Slice(axes=axes, starts=(0,) * len(axes), lengths=tuple(shape[at] for at in axes))
    return call.apply(layer, source, role="part")[0]


@RULES.register("aten.one_hot")
def one_hot(call: Call) -> Sequence[Value]:
    """A row of zeros with a one for each index."""
    if call.attributes.get("num_classes") == -1:
        call.refuse("needs 'num_classes': the largest index depends on data")
    return call.apply(OneHot(depth=dim(call, "num_classes")), tensor(call, "self"))
