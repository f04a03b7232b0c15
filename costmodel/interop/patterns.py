"""Operations that every format has, under names of its own: what they become, decided once for all formats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, Final

from costmodel.algebra import Dim
from costmodel.interop.call import Call
from costmodel.interop.value import Shape, Value
from costmodel.layers import (
    Add,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    Clip,
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
    DepthwiseConv2d,
    Layer,
    Maximum,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    Minimum,
    Multiply,
    Power,
    Reciprocal,
    ReLU,
    ReLU6,
    Round,
    Rsqrt,
    Sqrt,
    Square,
)

CONV: Final[dict[int, type[Layer]]] = {1: Conv1d, 2: Conv2d, 3: Conv3d}
TRANSPOSED: Final[dict[int, type[Layer]]] = {1: ConvTranspose1d, 2: ConvTranspose2d, 3: ConvTranspose3d}
MAX: Final[dict[int, type[Layer]]] = {1: MaxPool1d, 2: MaxPool2d, 3: MaxPool3d}
AVERAGE: Final[dict[int, type[Layer]]] = {1: AvgPool1d, 2: AvgPool2d, 3: AvgPool3d}
"""The kinds by how many spatial axes they have."""

POWERS: Final[dict[float, Callable[[], Layer]]] = {2: Square, 0.5: Sqrt, -0.5: Rsqrt, -1: Reciprocal}
"""Exponents with a kind of their own."""
UNBOUNDED: Final = 3.0e38
"""Formats write numbers beyond this, the largest of 32 bits or infinity, for a bound that is none."""


@cache
def plain(kind: type[Layer]) -> Layer:
    """The layer of a kind without fields, of which there is only one."""
    return kind()


def number(call: Call, role: str) -> Value:
    """A number of the operation, such as a scale: one constant for all elements."""
    return Value(f"{call.name}.{role}", ())


@lru_cache(maxsize=1024)
def convolution(weight: Shape, groups: Dim, *, bias: bool, **window: Any) -> Layer:
    """The convolution of a stored weight (c_o, c_i / g, k, ...); depthwise where a group has one input channel.

    >>> convolution((64, 1, 3, 3), 32, bias=False, padding=1).kind
    'depthwise_conv2d'
    """
    c_o, c_g, *kernel = weight
    fields = {"kernel": tuple(kernel), "bias": bias, **window}
    is_depthwise = isinstance(groups, int) and groups > 1 and c_g == 1
    if len(kernel) == 2 and is_depthwise and c_o % groups == 0:
        return DepthwiseConv2d(**fields, multiplier=c_o // groups)
    return CONV[len(kernel)](**fields, out_channels=c_o, groups=groups)


@lru_cache(maxsize=1024)
def transposed_convolution(weight: Shape, groups: Dim, *, bias: bool, **window: Any) -> Layer:
    """The transposed convolution of a stored weight (c_i, c_o / g, k, ...).

    >>> transposed_convolution((64, 16, 2, 2), 2, bias=True, stride=2).out_channels
    32
    """
    _, c_g, *kernel = weight
    return TRANSPOSED[len(kernel)](kernel=tuple(kernel), out_channels=c_g * groups, groups=groups, bias=bias, **window)


def powered(call: Call, x: Value, exponent: Value | float) -> Sequence[Value]:
    """x to a power: roots, squares and cubes as what they are, any other as a transcendental function."""
    if isinstance(exponent, Value):
        known = _single(exponent, x)
        return call.apply(Power(), x, exponent) if known is None else _to_the(call, x, known, exponent)
    return _to_the(call, x, exponent, number(call, "exponent"))


def _single(exponent: Value, x: Value) -> Any:
    """An exponent's only element, where it is known and gives the result no axes; None elsewhere."""
    contents = exponent.contents
    is_single = contents is not None and contents.size == 1 and contents.ndim <= len(x.shape)
    return contents.reshape(-1)[0] if contents is not None and is_single else None


def _to_the(call: Call, x: Value, exponent: Any, operand: Value) -> Sequence[Value]:
    """x to the power of a number, which `operand` stands for in the network."""
    if exponent == 1:
        return (x,)
    if exponent == 3:
        return call.apply(Multiply(), x, x, x)
    kind = POWERS.get(exponent)
    return call.apply(kind(), x) if kind is not None else call.apply(Power(), x, operand)


def clipped(call: Call, x: Value, low: Any, high: Any, role: str = "") -> Sequence[Value]:
    """The nearest values between two bounds: numbers, tensors, expressions of symbols, or None.

    Bounds that are numbers belong to the layer; others are operands of a maximum and a minimum.
    """
    low = None if _is_number(low) and low <= -UNBOUNDED else low
    high = None if _is_number(high) and high >= UNBOUNDED else high
    if not all(bound is None or _is_number(bound) for bound in (low, high)):
        for layer, bound, name in ((Maximum(), low, "min"), (Minimum(), high, "max")):
            if bound is not None:
                (x,) = call.apply(layer, x, bound if isinstance(bound, Value) else number(call, name), role=name)
        return (x,)
    if low is None and high is None:
        return (x,)
    if low == 0 and high in (6, None):
        return call.apply(ReLU() if high is None else ReLU6(), x, role=role)
    return call.apply(Clip(min=_as_field(low), max=_as_field(high)), x, role=role)


def _as_field(bound: float | None) -> float | None:
    return None if bound is None else float(bound)


def _is_number(bound: Any) -> bool:
    return isinstance(bound, (int, float, Fraction))


def quantized(call: Call, x: Value, bounds: tuple[int, int], zero: Value | None = None) -> Sequence[Value]:
    """The nearest integers, moved by a zero point where there is one, and kept within the bounds of their type.

    The bounds are the format's: all integers of the type in ONNX, in ncnn those that have a negative (-127 to 127).
    What they are does not change the cost.
    """
    (y,) = call.apply(Round(), x, role="round")
    if zero is not None:
        (y,) = call.apply(Add(), y, zero, role="zero_point")
    return clipped(call, y, bounds[0], bounds[1], role="clip")
