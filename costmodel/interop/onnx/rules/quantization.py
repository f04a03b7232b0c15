"""Numbers as integers with a scale and a zero point.

An operation on integers is booked as the standard defines it: zero points are subtracted from what is computed (those
of stored weights were subtracted beforehand), and each element of the result is scaled, rounded, shifted by a zero
point and kept within its range. A zero point that is known to be 0 costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from costmodel.interop.call import Call
from costmodel.interop.onnx.rules.convolution import convolved
from costmodel.interop.onnx.rules.linear import multiplied
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.patterns import number, quantized
from costmodel.interop.value import Value, Weight
from costmodel.layers import Add, Cast, Divide, Multiply, ReduceMax, ReduceMin, Round, Subtract

RANGES: dict[str, tuple[int, int]] = {
    "int16": (-32768, 32767),
    "uint16": (0, 65535),
    "int8": (-128, 127),
    "uint8": (0, 255),
    "int4": (-8, 7),
    "uint4": (0, 15),
}
"""The smallest and the largest number of a type."""


@RULES.register("QuantizeLinear")
def quantize(call: Call) -> Sequence[Value]:
    """x / scale + zero point, rounded and kept within an integer's range."""
    return as_integers(call, call.input(0), call.optional(2))


def as_integers(call: Call, x: Value, zero: Value | None) -> Sequence[Value]:
    """Real numbers as integers of the zero point's type."""
    (y,) = call.apply(Divide(), x, number(call, "scale"), role="scale")
    return _rounded(call, y, zero)


def _rounded(call: Call, y: Value, zero: Value | None) -> Sequence[Value]:
    """Numbers that were scaled, as integers of the zero point's type."""
    to = zero.dtype if zero is not None else "uint8"
    bounds = RANGES.get(to, RANGES["int8"])
    (y,) = quantized(call, y, bounds, None if _is_zero(zero) else number(call, "zero"))
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
    return (restored(call, call.input(0), call.optional(2)),)


def restored(call: Call, x: Value, zero: Value | None) -> Value:
    """The real numbers that integers stand for."""
    if x.weight is not None:
        weight = Weight(x.weight.name, is_learnable=True)
        return replace(x, dtype="float32", contents=None, fill=None, weight=weight)
    if not x.is_computed:
        return replace(x, dtype="float32", contents=None, fill=None)
    (y,) = call.apply(Cast(to="float32"), x, role="cast", dtype="float32")
    if not _is_zero(zero):
        (y,) = call.apply(Subtract(), y, number(call, "zero"), role="zero_point")
    return call.apply(Multiply(), y, number(call, "scale"), role="scale")[0]


@RULES.register("ConvInteger")
def convolve_integers(call: Call) -> Sequence[Value]:
    """A convolution of integers without their zero points, in 32 bits."""
    x, weight = shifted(call, 0, 2), shifted(call, 1, 3)
    return convolved(call, x, weight, None)


@RULES.register("MatMulInteger")
def multiply_integers(call: Call) -> Sequence[Value]:
    """A product of integers without their zero points, in 32 bits."""
    return multiplied(call, shifted(call, 0, 2), shifted(call, 1, 3))


@RULES.register("QLinearConv")
def quantized_conv(call: Call) -> Sequence[Value]:
    """A convolution of integers without their zero points, scaled to integers again."""
    (y,) = convolved(call, shifted(call, 0, 2), shifted(call, 3, 5), call.optional(8), role="product")
    return rescaled(call, y, call.input(7))


@RULES.register("QLinearMatMul")
def quantized_matmul(call: Call) -> Sequence[Value]:
    """A product of integers without their zero points, scaled to integers again."""
    (y,) = multiplied(call, shifted(call, 0, 2), shifted(call, 3, 5), role="product")
    return rescaled(call, y, call.input(7))


def rescaled(call: Call, y: Value, zero: Value | None) -> Sequence[Value]:
    """A product in 32 bits times one number for all three scales, as integers of the result's zero point."""
    (y,) = call.apply(Multiply(), y, number(call, "scale"), role="scale", dtype="float32")
    return _rounded(call, y, zero)


def shifted(call: Call, index: int, zero: int) -> Value:
    """An input less its zero point; stored weights were shifted beforehand."""
    x = call.input(index)
    if not x.is_computed or _is_zero(call.optional(zero)):
        return x
    return call.apply(Subtract(), x, number(call, f"zero_{zero}"), role=f"zero_point_{zero}", dtype="int32")[0]


def _is_zero(value: Value | None) -> bool:
    """Whether a zero point is left out, or known to be 0."""
    return value is None or (value.is_all(0))
