"""Numbers as integers with a scale and a zero point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from costmodel.interop.call import Call
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.patterns import number, quantized
from costmodel.interop.value import Value, Weight
from costmodel.layers import Add, Cast, Divide, Multiply, ReduceMax, ReduceMin, Round, Subtract


@RULES.register("QuantizeLinear")
def quantize(call: Call) -> Sequence[Value]:
    """x / scale + zero point, rounded and kept within an integer's range."""
    x, zero = call.input(0), call.optional(2)
    (y,) = call.apply(Divide(), x, number(call, "scale"), role="scale")
    (y,) = quantized(call, y, (-128, 127), number(call, "zero") if zero is not None else None)
    to = zero.dtype if zero is not None else "uint8"
    return call.apply(Cast(to=to), y, role="cast", dtype=to)


@RULES.register("DynamicQuantizeLinear")
def quantize_dynamically(call: Call) -> Sequence[Value]:
    """The same, by the smallest and the largest element."""
    x = call.input(0)
    (low,) = call.apply(ReduceMin(keepdims=False), x, role="min")
    (high,) = call.apply(ReduceMax(keepdims=False), x, role="max")
    (span,) = call.apply(Subtract(), high, low, role="span")
    (scale,) = call.apply(Divide(), span, number(call, "levels"), role="scale")
    (zero,) = call.apply(Divide(), low, scale, role="zero_point")
    (y,) = call.apply(Divide(), x, scale, role="divide")
    (y,) = call.apply(Round(), y, role="round")
    (y,) = call.apply(Add(), y, zero, role="shift")
    (y,) = call.apply(Cast(to="uint8"), y, role="cast", dtype="uint8")
    return (y, scale, zero)


@RULES.register("DequantizeLinear")
def dequantize(call: Call) -> Sequence[Value]:
    """(x - zero point) scale; stored weights stay weights."""
    x = call.input(0)
    if x.weight is not None:
        return (replace(x, dtype="float32", contents=None, weight=Weight(x.weight.name, is_learnable=True)),)
    if not x.is_computed:
        return (replace(x, dtype="float32", contents=None),)
    (y,) = call.apply(Cast(to="float32"), x, role="cast", dtype="float32")
    if call.optional(2) is not None:
        (y,) = call.apply(Subtract(), y, number(call, "zero"), role="zero_point")
    return call.apply(Multiply(), y, number(call, "scale"), role="scale")
