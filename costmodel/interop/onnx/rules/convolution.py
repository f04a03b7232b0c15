"""Convolutions, whose weights may be stored or computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costmodel.algebra import Dim, equal
from costmodel.errors import shorten
from costmodel.interop.call import Call
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.onnx.rules.windows import axis_values, padding
from costmodel.interop.patterns import CONV, TRANSPOSED, clipped, convolution, transposed_convolution
from costmodel.interop.value import Value
from costmodel.layers import (
    Add,
    DynamicConv,
    HardSigmoid,
    Layer,
    LeakyReLU,
    ReLU,
    Sigmoid,
    Tanh,
)
from costmodel.layers.base import shape_text

AFTER: dict[str, type[Layer]] = {
    "Relu": ReLU, "Sigmoid": Sigmoid, "Tanh": Tanh, "HardSigmoid": HardSigmoid, "LeakyRelu": LeakyReLU,
}  # fmt: skip
"""What an optimizer joins with a convolution, besides Clip."""


@RULES.register("Conv")
def conv(call: Call) -> Sequence[Value]:
    """y = W * x + b."""
    return convolved(call, call.input(0), call.input(1), call.optional(2))


@RULES.register("com.microsoft::FusedConv")
def fused_conv(call: Call) -> Sequence[Value]:
    """A convolution that an optimizer joined with what follows it."""
    name, added = call.text("activation", "Relu"), call.optional(3)
    if name not in (*AFTER, "Clip"):
        call.refuse(f"has a rule for {', '.join(AFTER)} and Clip after the convolution (got {shorten(name)!r})")
    (y,) = convolved(call, call.input(0), call.input(1), call.optional(2))
    if added is not None:
        (y,) = call.apply(Add(), y, added, role="add")
    if name == "Clip":
        return _bounded(call, y)
    return call.apply(AFTER[name](), y, role="activation") if call.has("activation") else (y,)


def _bounded(call: Call, y: Value) -> Sequence[Value]:
    """The result between the two bounds of a Clip that was joined with its convolution."""
    bounds = call.attributes.get("activation_params")
    if not isinstance(bounds, (list, tuple)) or len(bounds) != 2:
        call.refuse(f"needs two bounds as its 'activation_params' (got {shorten(repr(bounds))})")
    return clipped(call, y, bounds[0], bounds[1], role="activation")


def convolved(call: Call, x: Value, weight: Value, bias: Value | None, role: str = "") -> Sequence[Value]:
    """A convolution of x, with the call's attributes."""
    axes = _spatial(call, x, weight)
    groups = call.integer("group", 1)
    _check_channels(call, x, weight.shape[1] * groups, weight)
    fields: dict[str, Any] = {
        "stride": axis_values(call, "strides", axes),
        "dilation": axis_values(call, "dilations", axes),
        "padding": padding(call, axes),
    }
    if weight.is_computed or (bias is not None and bias.is_computed):
        given = [x, weight] if bias is None else [x, weight, bias]
        return call.apply(DynamicConv(**fields, groups=groups), *given, role=role)
    if axes not in CONV:
        call.refuse(f"has a rule for one to three spatial axes (got {axes})")
    layer = convolution(weight.shape, groups, bias=bias is not None, **fields)
    return call.apply(layer, x, weights=(weight, bias), role=role)


@RULES.register("ConvTranspose")
def conv_transpose(call: Call) -> Sequence[Value]:
    """The gradient of a convolution, as a layer."""
    x, weight, bias = call.input(0), call.input(1), call.optional(2)
    axes = _spatial(call, x, weight)
    kernel = weight.shape[2:]
    groups = call.integer("group", 1)
    _check_channels(call, x, weight.shape[0], weight)
    stride, dilation = axis_values(call, "strides", axes), axis_values(call, "dilations", axes)
    extra = call.integers("output_padding", (0,) * axes)
    if call.has("output_shape"):
        wanted = call.integers("output_shape")[-axes:]
    elif call.text("auto_pad", "NOTSET").startswith("SAME"):
        wanted = tuple(size * step for size, step in zip(x.shape[2:], stride, strict=True))
    else:
        wanted = ()
    fields: dict[str, Any] = {"stride": stride, "dilation": dilation, "output_padding": extra}
    fields["padding"] = padding(call, axes) if not wanted else _fitting(call, x, kernel, fields, wanted)
    if weight.is_computed or (bias is not None and bias.is_computed):
        given = [x, weight] if bias is None else [x, weight, bias]
        return call.apply(DynamicConv(**fields, groups=groups, transposed=True), *given)
    if axes not in TRANSPOSED:
        call.refuse(f"has a rule for one to three spatial axes (got {axes})")
    layer = transposed_convolution(weight.shape, groups, bias=bias is not None, **fields)
    return call.apply(layer, x, weights=(weight, bias))


def _fitting(
    call: Call, x: Value, kernel: Sequence[Dim], fields: dict[str, Any], wanted: Sequence[Dim]
) -> tuple[tuple[Dim, Dim], ...]:
    """The padding with which the output has the sizes that are wanted; what is too little is added at the end."""
    pairs = []
    extra = list(fields["output_padding"])
    for axis, size in enumerate(wanted):
        full = (x.shape[2 + axis] - 1) * fields["stride"][axis] + fields["dilation"][axis] * (kernel[axis] - 1) + 1
        surplus = full + extra[axis] - size
        if not isinstance(surplus, int):
            call.refuse("needs an output whose sizes are numbers")
        if surplus < 0:
            extra[axis] -= surplus
            surplus = 0
        pairs.append((surplus // 2, surplus - surplus // 2))
    fields["output_padding"] = tuple(extra)
    return tuple(pairs)


def _spatial(call: Call, x: Value, weight: Value) -> int:
    """The number of spatial axes, on which input and weights must agree."""
    axes = len(x.shape) - 2
    if axes < 1 or len(weight.shape) != len(x.shape):
        call.refuse(
            f"needs an input (n, c, ...) and weights of as many axes (got {shape_text(x.shape)}"
            f" and {shape_text(weight.shape)})"
        )
    stated = call.integers("kernel_shape", ())
    if stated and not all(equal(k, size) for k, size in zip(stated, weight.shape[2:], strict=False)):
        call.refuse(f"has a 'kernel_shape' of {shorten(stated)} and weights of {shape_text(weight.shape)}")
    if call.integer("group", 1) < 1:
        call.refuse(f"needs a 'group' of at least 1 (got {call.integer('group')})")
    return axes


def _check_channels(call: Call, x: Value, expected: Dim, weight: Value) -> None:
    if not equal(x.shape[1], expected):
        call.refuse(
            f"has weights of {shape_text(weight.shape)} in {call.integer('group', 1)} groups"
            f" for an input of {x.shape[1]} channels"
        )
