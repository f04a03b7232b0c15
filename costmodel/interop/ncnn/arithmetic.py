"""Arithmetic on elements: binary and unary operations, scales and shifts, sums of several, conversions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from costmodel.algebra import Dim, equal
from costmodel.interop.call import Call
from costmodel.interop.ncnn.activation import fused
from costmodel.interop.ncnn.parameters import Parameters
from costmodel.interop.ncnn.rules import (
    UNSET,
    along_channels,
    blob,
    reshaped,
    rule,
    scalar,
    scaled,
    shifted,
    stored,
)
from costmodel.interop.patterns import powered, quantized
from costmodel.interop.value import Value
from costmodel.layers import (
    Absolute,
    Acos,
    Add,
    Asin,
    Atan,
    Atan2,
    Cast,
    Ceil,
    Cos,
    Divide,
    Exp,
    Floor,
    Layer,
    Log,
    Maximum,
    Minimum,
    Multiply,
    Negate,
    Power,
    Reciprocal,
    Round,
    Rsqrt,
    Sin,
    Sqrt,
    Square,
    Subtract,
    Tan,
    Tanh,
    Truncate,
)
from costmodel.layers.base import shape_text

Make = Callable[[], Layer]

BINARY: Final[tuple[Make, ...]] = (
    Add,
    Subtract,
    Multiply,
    Divide,
    Maximum,
    Minimum,
    Power,
    Subtract,
    Divide,
    Power,
    Atan2,
    Atan2,
)
"""What each op_type of BinaryOp does."""
SWAPPED: Final = frozenset({7, 8, 9, 11})
"""The op_types that take their operands the other way around."""

UNARY: Final[tuple[Make, ...]] = (
    Absolute,
    Negate,
    Floor,
    Ceil,
    Square,
    Sqrt,
    Rsqrt,
    Exp,
    Log,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Reciprocal,
    Tanh,
    Log,
    Round,
    Truncate,
)
"""What each op_type of UnaryOp does."""

INT8: Final = (-127, 127)
"""ncnn's integers of 8 bits."""


def aligned(call: Call, one: Value, other: Value) -> tuple[Value, Value]:
    """Two blobs with equally many axes: ncnn lines the shorter up with the outer axes, if it fits there."""
    if len(blob(one)) == len(blob(other)):
        return one, other
    if len(blob(one)) > len(blob(other)):
        return one, _lifted(call, other, blob(one))
    return _lifted(call, one, blob(other)), other


def _lifted(call: Call, value: Value, target: Sequence[Dim]) -> Value:
    """The blob with axes of size 1 added behind; a blob of one axis also in front, where it fits only there."""
    small, ones = blob(value), (1,) * (len(target) - len(blob(value)))
    for candidate in ((*small, *ones), (*ones, *small))[: 2 if len(small) == 1 else 1]:
        if all(size == 1 or equal(size, other) for size, other in zip(candidate, target, strict=True)):
            return reshaped(call, value, candidate, "lift")
    return call.refuse(f"cannot line up a blob of {shape_text(small)} with one of {shape_text(tuple(target))}")


@rule("BinaryOp", keys={0, 1, 2})
def binary(call: Call, parameters: Parameters) -> Value:
    """a + b and its like, of two blobs or of one and a number."""
    kind = parameters.choice(0, "op_type", len(BINARY))
    if parameters.flag(1, "with_scalar"):
        a, b = call.input(0), scalar(call, "b")
    else:
        a, b = aligned(call, call.input(0), call.input(1))
    if kind == 6 and parameters.flag(1, "with_scalar"):
        return powered(call, a, parameters.number(2, "b"))[0]
    layer = BINARY[kind]()
    return (call.apply(layer, b, a) if kind in SWAPPED else call.apply(layer, a, b))[0]


@rule("UnaryOp", keys={0})
def unary(_call: Call, parameters: Parameters) -> Layer:
    """A function of each element."""
    return UNARY[parameters.choice(0, "op_type", len(UNARY))]()


@rule("AbsVal")
def absolute(_call: Call, _parameters: Parameters) -> Layer:
    """|x|."""
    return Absolute()


@rule("Eltwise", keys={0, 1})
def eltwise(call: Call, parameters: Parameters) -> Value:
    """The product, the sum (of weighted inputs, where there are weights) or the largest of several blobs."""
    kind = parameters.choice(0, "op_type", 3)
    weights = parameters.numbers(1, "coeffs")
    values = list(call.present)
    if kind == 1 and weights:
        if len(weights) != len(values):
            call.refuse(f"must have a weight for each of its {len(values)} inputs (got {len(weights)})")
        values = [
            scaled(call, value, float(weight), f"weight{index}")
            for index, (value, weight) in enumerate(zip(values, weights, strict=True))
        ]
    return call.apply((Multiply, Add, Maximum)[kind](), *values)[0]


def _linear(call: Call, parameters: Parameters) -> Value:
    """shift + scale x, by the numbers of keys 1 and 2."""
    x = scaled(call, call.input(0), parameters.number(1, "scale", 1.0))
    return shifted(call, x, parameters.number(2, "shift"))


@rule("Power", keys={0, 1, 2})
def power(call: Call, parameters: Parameters) -> Value:
    """(shift + scale x) to a power."""
    return powered(call, _linear(call, parameters), parameters.number(0, "power", 1.0))[0]


@rule("Exp", keys={0, 1, 2})
def exponential(call: Call, parameters: Parameters) -> Value:
    """e, or another base, to the power of shift + scale x; the logarithm of the base is a constant."""
    x = _linear(call, parameters)
    x = x if parameters.number(0, "base", -1.0) == -1 else scaled(call, x, 0.0, "base")
    return call.apply(Exp(), x)[0]


@rule("Log", keys={0, 1, 2})
def logarithm(call: Call, parameters: Parameters) -> Value:
    """log(shift + scale x), times a constant for another base than e."""
    (y,) = call.apply(Log(), _linear(call, parameters))
    return y if parameters.number(0, "base", -1.0) == -1 else scaled(call, y, 0.0, "base")


@rule("Scale", keys={0, 1})
def scale(call: Call, parameters: Parameters) -> Value:
    """Each channel times a stored scale, or times that of a second blob, and shifted where there is a bias."""
    x = call.input(0)
    channels = blob(x)[0]
    if parameters.integer(0, "scale_data_size") == UNSET:
        factors = reshaped(call, call.input(1), along_channels(x, blob(call.input(1))[0]), "lift")
    else:
        _check_channels(call, parameters.size(0, "scale_data_size"), channels)
        factors = stored(call, "scale", along_channels(x, channels))
    (y,) = call.apply(Multiply(), x, factors)
    if not parameters.flag(1, "bias_term"):
        return y
    return call.apply(Add(), y, stored(call, "bias", along_channels(x, channels)), role="shift")[0]


@rule("Bias", keys={0})
def bias(call: Call, parameters: Parameters) -> Value:
    """Each channel plus a stored number."""
    x = call.input(0)
    _check_channels(call, parameters.size(0, "bias_data_size"), blob(x)[0])
    return call.apply(Add(), x, stored(call, "bias", along_channels(x, blob(x)[0])))[0]


def _check_channels(call: Call, given: Dim, channels: Dim) -> None:
    if not equal(given, channels):
        call.refuse(f"has {given} stored numbers, and its input {channels} channels")


def _factors(call: Call, parameters: Parameters, key: int, role: str, x: Value) -> Value:
    """Scales of a conversion, one or one for each channel: constants of the format, not learned."""
    size = parameters.size(key, f"{role}_data_size", 1)
    if size != 1:
        _check_channels(call, size, blob(x)[0])
    return stored(call, role, along_channels(x, size), is_learnable=False)


@rule("Quantize", keys={0})
def quantize(call: Call, parameters: Parameters) -> Value:
    """x scale, as integers of 8 bits."""
    x = call.input(0)
    (y,) = call.apply(Multiply(), x, _factors(call, parameters, 0, "scale", x))
    return quantized(call, y, INT8)[0]


@rule("Dequantize", keys={0, 1})
def dequantize(call: Call, parameters: Parameters) -> Value:
    """x scale + bias, of integers."""
    x = call.input(0)
    (y,) = call.apply(Multiply(), x, _factors(call, parameters, 0, "scale", x))
    if parameters.size(1, "bias_data_size", 0, least=0) == 0:
        return y
    return call.apply(Add(), y, _factors(call, parameters, 1, "bias", x), role="shift")[0]


@rule("Requantize", keys={0, 1, 2, 3, 4})
def requantize(call: Call, parameters: Parameters) -> Value:
    """activation(x scale_in + bias) scale_out, from integers to integers."""
    x = call.input(0)
    (y,) = call.apply(Multiply(), x, _factors(call, parameters, 0, "scale_in", x), role="scale_in")
    if parameters.size(2, "bias_data_size", 0, least=0):
        (y,) = call.apply(Add(), y, _factors(call, parameters, 2, "bias", x), role="shift")
    y = fused(call, parameters, y, key=3)
    (y,) = call.apply(Multiply(), y, _factors(call, parameters, 1, "scale_out", x))
    return quantized(call, y, INT8)[0]


@rule("Cast", keys={0, 1})
def cast(_call: Call, parameters: Parameters) -> Layer:
    """The same numbers in another format."""
    kinds = ("auto", "float32", "float16", "int8", "bfloat16")
    return Cast(to=kinds[parameters.choice(1, "type_to", len(kinds))])
