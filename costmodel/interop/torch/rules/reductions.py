"""Sums, means and other folds along axes; the largest elements; running sums; sorting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from costmodel.errors import shorten
from costmodel.interop.call import Call
from costmodel.interop.torch.arguments import axes, axis, dim, flag, given, tensor
from costmodel.interop.torch.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import (
    Argmax,
    Compare,
    Cumsum,
    Divide,
    Layer,
    Maximum,
    Minimum,
    Multiply,
    ReduceL1,
    ReduceL2,
    ReduceLogSumExp,
    ReduceMax,
    ReduceMean,
    ReduceMin,
    ReduceProd,
    ReduceSum,
    ReduceVariance,
    Reshape,
    Sort,
    Sqrt,
    Square,
    Squeeze,
    Subtract,
    TopK,
)

REDUCTIONS: dict[str, type[Layer]] = {
    "sum": ReduceSum, "nansum": ReduceSum, "mean": ReduceMean, "prod": ReduceProd, "logsumexp": ReduceLogSumExp,
    "amax": ReduceMax, "amin": ReduceMin, "any": ReduceMax, "all": ReduceMin, "var": ReduceVariance,
}  # fmt: skip


@RULES.register(*(f"aten.{name}" for name in REDUCTIONS))
def reduce(call: Call) -> Sequence[Value]:
    """A fold along axes, all of them where none is named."""
    return _reduced(call, REDUCTIONS[call.op.removeprefix("aten.")])


def _reduced(call: Call, kind: Callable[..., Layer], role: str = "") -> Sequence[Value]:
    x = tensor(call, "self")
    found = axes(call, "dim", len(x.shape))
    if not x.shape:
        return (x,)
    return call.apply(kind(axes=found, keepdims=flag(call, "keepdim")), x, role=role)


@RULES.register("aten.std")
def deviation(call: Call) -> Sequence[Value]:
    """The root of the variance."""
    (variance,) = _reduced(call, ReduceVariance, "variance")
    return call.apply(Sqrt(), variance)


@RULES.register("aten.var_mean", "aten.std_mean")
def variance_and_mean(call: Call) -> Sequence[Value]:
    """The variance, or its root, and the mean, which is computed once for both."""
    x, keepdims = tensor(call, "self"), flag(call, "keepdim")
    gone = axes(call, "dim", len(x.shape)) or tuple(range(len(x.shape)))
    (mean,) = call.apply(ReduceMean(axes=gone), x, role="mean")
    (y,) = call.apply(Subtract(), x, mean, role="difference")
    (y,) = call.apply(Square(), y, role="square")
    (spread,) = call.apply(ReduceMean(axes=gone, keepdims=keepdims), y, role="variance")
    if call.op == "aten.std_mean":
        (spread,) = call.apply(Sqrt(), spread, role="root")
    return (spread, mean if keepdims or not gone else call.apply(Squeeze(axes=gone), mean, role="squeeze")[0])


@RULES.register("aten.count_nonzero")
def count(call: Call) -> Sequence[Value]:
    """How many elements are not zero."""
    x = tensor(call, "self")
    (y,) = call.apply(Compare(operator="ne"), x, Value(f"{call.name}.zero", ()), role="compare")
    return call.apply(ReduceSum(axes=axes(call, "dim", len(x.shape)), keepdims=False), y)


@RULES.register("aten.max", "aten.min")
def extreme(call: Call) -> Sequence[Value]:
    """The largest or smallest of all elements, of those along an axis with its place, or of two tensors."""
    is_max = call.op == "aten.max"
    if isinstance(given(call, "other"), Value):
        return call.apply(Maximum() if is_max else Minimum(), tensor(call, "self"), tensor(call, "other"))
    kind = ReduceMax if is_max else ReduceMin
    (y,) = _reduced(call, kind)
    return (y, y) if len(call.declared) == 2 else (y,)


@RULES.register("aten.argmax", "aten.argmin")
def argmax(call: Call) -> Sequence[Value]:
    """Where the largest, or smallest, element is."""
    x, of = tensor(call, "self"), "max" if call.op == "aten.argmax" else "min"
    if given(call, "dim") is None:
        (flat,) = call.apply(Reshape(shape=(x.elements,)), x, role="flat")
        return call.apply(Argmax(axis=0, keepdims=False, of=of), flat)
    return call.apply(Argmax(axis=axis(call, "dim", len(x.shape)), keepdims=flag(call, "keepdim"), of=of), x)


@RULES.register("aten.norm", "aten.linalg_vector_norm", "aten.frobenius_norm")
def norm(call: Call) -> Sequence[Value]:
    """The length of vectors along axes."""
    order: Any = given(call, "ord") if "ord" in call.attributes else given(call, "p")
    kinds: dict[Any, Callable[..., Layer]] = {2: ReduceL2, 1: ReduceL1, None: ReduceL2}
    if order not in kinds:
        call.refuse(f"has a rule for norms of order 1 and 2 (got {shorten(repr(order))})")
    return _reduced(call, kinds[order])


@RULES.register("aten.cosine_similarity")
def cosine(call: Call) -> Sequence[Value]:
    """The product of two vectors, each divided by its length."""
    a, b = tensor(call, "x1"), tensor(call, "x2")
    at = (axis(call, "dim", max(len(a.shape), len(b.shape))),)
    (y,) = call.apply(Multiply(), a, b, role="product")
    (y,) = call.apply(ReduceSum(axes=at, keepdims=False), y, role="sum")
    lengths = [
        call.apply(ReduceL2(axes=at, keepdims=False), value, role=f"norm_{index}")[0]
        for index, value in enumerate((a, b))
    ]
    (length,) = call.apply(Multiply(), *lengths, role="lengths")
    return call.apply(Divide(), y, length)


@RULES.register("aten.cumsum")
def cumsum(call: Call) -> Sequence[Value]:
    """Sums of all elements up to each."""
    x = tensor(call, "self")
    return call.apply(Cumsum(axis=axis(call, "dim", len(x.shape))), x)


@RULES.register("aten.topk")
def top_k(call: Call) -> Sequence[Value]:
    """The k largest elements and where they are."""
    x = tensor(call, "self")
    return call.apply(TopK(k=dim(call, "k"), axis=axis(call, "dim", len(x.shape))), x)


@RULES.register("aten.sort", "aten.argsort", "aten.msort")
def sort(call: Call) -> Sequence[Value]:
    """All elements in order, and where they were."""
    x = tensor(call, "self")
    at = 0 if call.op == "aten.msort" else axis(call, "dim", len(x.shape))
    values, places = call.apply(Sort(axis=at), x)
    if call.op == "aten.sort":
        return (values, places)
    return (places,) if call.op == "aten.argsort" else (values,)
