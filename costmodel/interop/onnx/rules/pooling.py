"""Pooling: windows, whole maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from costmodel.interop.call import Call
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.onnx.rules.windows import axis_values, padding
from costmodel.interop.patterns import AVERAGE, MAX
from costmodel.interop.value import Value
from costmodel.layers import (
    GlobalAvgPool,
    GlobalMaxPool,
    Layer,
    LpPool,
    ReduceL1,
    ReduceL2,
)
from costmodel.layers.base import shape_text


def _axes(call: Call) -> int:
    axes = len(call.input(0).shape) - 2
    if axes not in MAX:
        call.refuse(f"takes an input (n, c, ...) of one to three spatial axes (got {shape_text(call.input(0).shape)})")
    return axes


def _kernel(call: Call, axes: int) -> tuple[int, ...]:
    if not call.has("kernel_shape"):
        call.refuse("needs 'kernel_shape', the size of its windows")
    return axis_values(call, "kernel_shape", axes)


@RULES.register("MaxPool", "AveragePool")
def pool(call: Call) -> Sequence[Value]:
    """The largest value or the mean of each window; where the largest is comes with its search."""
    axes = _axes(call)
    fields = {
        "kernel": _kernel(call, axes),
        "stride": axis_values(call, "strides", axes),
        "padding": padding(call, axes),
        "ceil_mode": bool(call.integer("ceil_mode", 0)),
    }
    if call.has("dilations"):
        fields["dilation"] = axis_values(call, "dilations", axes)
    kinds = MAX if call.op == "MaxPool" else AVERAGE
    (y,) = call.apply(kinds[axes](**fields), call.input(0))
    return (y, replace(y, dtype="int64")) if len(call.declared) == 2 else (y,)


@RULES.register("LpPool")
def lp_pool(call: Call) -> LpPool:
    """The norm of each window."""
    axes = _axes(call)
    return LpPool(
        kernel=_kernel(call, axes),
        stride=axis_values(call, "strides", axes),
        padding=padding(call, axes),
        dilation=axis_values(call, "dilations", axes),
        ceil_mode=bool(call.integer("ceil_mode", 0)),
        p=call.integer("p", 2),
    )


@RULES.register("GlobalAveragePool", "GlobalMaxPool")
def global_pool(call: Call) -> Layer:
    """The mean or the largest value of each channel."""
    return GlobalAvgPool() if call.op == "GlobalAveragePool" else GlobalMaxPool()


@RULES.register("GlobalLpPool")
def global_lp_pool(call: Call) -> Sequence[Value]:
    """The norm of each channel."""
    x, p = call.input(0), call.integer("p", 2)
    if p not in (1, 2):
        call.refuse(f"has a rule for 'p' as 1 or 2 (got {p})")
    return call.apply((ReduceL1 if p == 1 else ReduceL2)(axes=tuple(range(2, len(x.shape)))), x)
