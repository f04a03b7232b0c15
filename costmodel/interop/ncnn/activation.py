"""Activations: layers of their own, and those that ncnn fuses into convolutions and matrix products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from costmodel.interop.call import Call
from costmodel.interop.ncnn.parameters import Parameters
from costmodel.interop.ncnn.rules import axis_of, blob, rule, scaled
from costmodel.interop.patterns import UNBOUNDED, clipped
from costmodel.interop.value import Value
from costmodel.layers import (
    CELU,
    ELU,
    GELU,
    SELU,
    Dropout,
    Erf,
    HardSigmoid,
    HardSwish,
    Layer,
    LeakyReLU,
    Mish,
    Multiply,
    PReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Split,
    Tanh,
    Threshold,
)

FUSED_KEYS: Final = (9, 10)
"""The type of the fused activation, and its numbers."""


def fused(call: Call, parameters: Parameters, value: Value, key: int = FUSED_KEYS[0]) -> Value:
    """The value behind the activation of its layer.

    0 is none, 1 max(x, 0), 2 leaky, 3 clip, 4 sigmoid, 5 mish, 6 hard swish, 7 gelu.
    """
    kind = parameters.choice(key, "activation_type", 8)
    numbers = parameters.numbers(key + 1, "activation_params")
    if kind == 0:
        return value
    if kind == 2 and len(numbers) < 1:
        parameters.refuse("a leaky activation must have a slope among its activation_params")
    if kind == 3:
        if len(numbers) < 2:
            call.refuse("a clip must have two bounds among its activation_params")
        return clipped(call, value, float(numbers[0]), float(numbers[1]), role="clip")[0]
    layers: dict[int, Callable[[], Layer]] = {
        1: ReLU,
        2: lambda: LeakyReLU(slope=float(numbers[0])),
        4: Sigmoid,
        5: Mish,
        6: HardSwish,
        7: GELU,
    }
    layer = layers[kind]()
    return call.apply(layer, value, role=layer.kind)[0]


@rule("ReLU", keys={0})
def relu(_call: Call, parameters: Parameters) -> Layer:
    """x or slope x, by the sign of x."""
    slope = parameters.number(0, "slope")
    return ReLU() if slope == 0 else LeakyReLU(slope=slope)


@rule("Clip", keys={0, 1})
def clip(call: Call, parameters: Parameters) -> Value:
    """min(max(x, low), high)."""
    low, high = parameters.number(0, "min", -UNBOUNDED), parameters.number(1, "max", UNBOUNDED)
    return clipped(call, call.input(0), low, high)[0]


@rule("GELU", keys={0})
def gelu(_call: Call, parameters: Parameters) -> Layer:
    """The error function or its approximation by tanh."""
    return GELU(approximation="tanh" if parameters.flag(0, "fast_gelu") else "none")


@rule("PReLU", keys={0})
def prelu(call: Call, parameters: Parameters) -> Layer:
    """x or slope x, with one learned slope or one for each channel."""
    slopes, channels = parameters.size(0, "num_slope"), blob(call.input(0))[0]
    if slopes not in (1, channels):
        call.refuse(f"must have one slope, or one for each channel (got {slopes} for {channels})")
    return PReLU(per_channel=slopes != 1)


@rule("Softmax", keys={0, 1})
def softmax(call: Call, parameters: Parameters) -> Layer:
    """exp(x) / sum exp(x) along an axis."""
    return Softmax(axis=axis_of(call, parameters.integer(0, "axis"), call.input(0)))


@rule("GLU", keys={0})
def glu(call: Call, parameters: Parameters) -> Value:
    """a sigmoid(b), the two halves of the input along an axis."""
    axis = axis_of(call, parameters.integer(0, "axis"), call.input(0))
    a, b = call.apply(Split(axis=axis, sections=2), call.input(0), role="halves")
    return call.apply(Multiply(), a, call.apply(Sigmoid(), b, role="sigmoid")[0])[0]


@rule("Dropout", keys={0})
def dropout(call: Call, parameters: Parameters) -> Value:
    """The input, times a scale where one is given."""
    scale = parameters.number(0, "scale", 1.0)
    return scaled(call, call.input(0), scale) if scale != 1 else call.apply(Dropout(), call.input(0))[0]


def _without_numbers(layer: type[Layer]) -> Callable[[Call, Parameters], Layer]:
    """A rule that takes no parameter which changes the cost."""

    def build(_call: Call, _parameters: Parameters) -> Layer:
        return layer()

    return build


for _type, _layer, _keys in (
    ("Sigmoid", Sigmoid, ()),
    ("TanH", Tanh, ()),
    ("Swish", SiLU, ()),
    ("Mish", Mish, ()),
    ("HardSigmoid", HardSigmoid, (0, 1)),
    ("HardSwish", HardSwish, (0, 1)),
    ("ELU", ELU, (0,)),
    ("SELU", SELU, (0, 1)),
    ("CELU", CELU, (0,)),
    ("Softplus", Softplus, ()),
    ("BNLL", Softplus, ()),
    ("Erf", Erf, ()),
    ("Threshold", Threshold, (0,)),
):
    rule(_type, keys=_keys)(_without_numbers(_layer))
