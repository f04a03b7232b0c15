"""Elements chosen by indices, or put in their places; indices as rows with a one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costmodel.errors import shorten
from costmodel.interop.call import Call
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import (
    Argmax,
    Embedding,
    Gather,
    GatherElements,
    GatherND,
    OneHot,
    Reshape,
    ScatterElements,
    ScatterND,
)


@RULES.register("Gather")
def gather(call: Call) -> Sequence[Value]:
    """Rows of a tensor; of a stored matrix, an embedding."""
    data, indices, axis = call.input(0), call.input(1), call.integer("axis", 0)
    if indices.is_computed and data.is_learnable and len(data.shape) == 2 and axis == 0:
        rows, width = data.shape
        return call.apply(
            Embedding(num_embeddings=rows, embedding_dim=width), indices, weights=(data,), dtype=data.dtype
        )
    if indices.is_computed:
        return call.apply(Gather(axis=axis), data, indices)
    return call.apply(Gather(axis=axis, indices=indices.shape), data)


@RULES.register("GatherElements")
def gather_elements(call: Call) -> Sequence[Value]:
    """An element for each index."""
    return call.apply(GatherElements(axis=call.integer("axis", 0)), call.input(0), call.input(1))


@RULES.register("GatherND")
def gather_nd(call: Call) -> Sequence[Value]:
    """A slice for each tuple of indices."""
    return call.apply(GatherND(batch_dims=call.integer("batch_dims", 0)), call.input(0), call.input(1))


def _reduction(call: Call) -> Any:
    found = call.text("reduction", "none")
    if found not in ("none", "add", "mul", "max", "min"):
        call.refuse(f"needs 'reduction' as none, add, mul, max or min (got {shorten(found)!r})")
    return found


@RULES.register("ScatterElements", "Scatter")
def scatter_elements(call: Call) -> ScatterElements:
    """A copy with other elements at some places."""
    return ScatterElements(axis=call.integer("axis", 0), reduction=_reduction(call))


@RULES.register("ScatterND")
def scatter_nd(call: Call) -> ScatterND:
    """A copy with other slices at some places."""
    return ScatterND(reduction=_reduction(call))


@RULES.register("OneHot")
def one_hot(call: Call) -> Sequence[Value]:
    """A row of zeros with a one for each index."""
    contents = call.contents(1, "depth").reshape(-1)
    return call.apply(OneHot(depth=contents[0], axis=call.integer("axis", -1)), call.input(0))


@RULES.register("Hardmax")
def hardmax(call: Call) -> Sequence[Value]:
    """A one where the largest element of an axis is, zeros elsewhere; before opset 13 of all axes from one on."""
    x = call.input(0)
    axis = call.integer("axis", -1 if call.version >= 13 else 1) % max(len(x.shape), 1)
    if call.version < 13:
        (flat,) = call.apply(Reshape(shape=(*x.shape[:axis], -1)), x, role="flat")
    else:
        flat = x
    (places,) = call.apply(Argmax(axis=axis, keepdims=False), flat, role="largest", dtype="int64")
    (y,) = call.apply(OneHot(depth=flat.shape[axis], axis=axis), places, dtype=x.dtype)
    return (y,) if flat is x else call.apply(Reshape(shape=x.shape), y, role="shape")
