"""Sums, means and other folds along axes; the largest elements; running sums."""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.interop.call import Call
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import (
    Argmax,
    Cumsum,
    Layer,
    ReduceL1,
    ReduceL2,
    ReduceLogSum,
    ReduceLogSumExp,
    ReduceMax,
    ReduceMean,
    ReduceMin,
    ReduceProd,
    ReduceSum,
    ReduceSumSquare,
    TopK,
)

REDUCTIONS: dict[str, type[Layer]] = {
    "ReduceSum": ReduceSum, "ReduceMean": ReduceMean, "ReduceMax": ReduceMax, "ReduceMin": ReduceMin,
    "ReduceProd": ReduceProd, "ReduceL1": ReduceL1, "ReduceL2": ReduceL2, "ReduceSumSquare": ReduceSumSquare,
    "ReduceLogSum": ReduceLogSum, "ReduceLogSumExp": ReduceLogSumExp,
}  # fmt: skip


UNCHANGING = frozenset({"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd"})
"""Folds that leave a single element as it is; the others square it, or take its logarithm."""


@RULES.register(*REDUCTIONS)
def reduce(call: Call) -> Sequence[Value]:
    """A sum, mean or other fold along axes."""
    x = call.input(0)
    axes = tuple(call.integers_in(1, "axes")) if call.optional(1) is not None else call.integers("axes", ())
    if not axes and call.integer("noop_with_empty_axes", 0):
        return (x,) if call.op in UNCHANGING else call.apply(REDUCTIONS[call.op](axes=()), x)
    return call.apply(REDUCTIONS[call.op](axes=axes or None, keepdims=bool(call.integer("keepdims", 1))), x)


@RULES.register("ArgMax", "ArgMin")
def argmax(call: Call) -> Sequence[Value]:
    """Where the largest, or smallest, element is."""
    layer = Argmax(
        axis=call.integer("axis", 0),
        keepdims=bool(call.integer("keepdims", 1)),
        of="max" if call.op == "ArgMax" else "min",
    )
    return call.apply(layer, call.input(0), dtype="int64")


@RULES.register("TopK")
def top_k(call: Call) -> Sequence[Value]:
    """The k largest elements and where they are."""
    (k,) = call.dims(1, "k") if len(call.inputs) > 1 else (call.integer("k"),)
    return call.apply(TopK(k=k, axis=call.integer("axis", -1)), call.input(0))


@RULES.register("CumSum")
def cumsum(call: Call) -> Sequence[Value]:
    """Sums of all elements up to each."""
    (axis,) = call.integers_in(1, "axis")
    return call.apply(Cumsum(axis=axis), call.input(0))
