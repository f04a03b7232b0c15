"""Convolutions, whose weights may be the layer's own or computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costmodel.algebra import equal
from costmodel.errors import shorten
from costmodel.interop.call import Call
from costmodel.interop.patterns import CONV, convolution, transposed_convolution
from costmodel.interop.torch.arguments import dim, each_axis, flag, given, optional_tensor, tensor
from costmodel.interop.torch.rules.registry import RULES
from costmodel.interop.torch.rules.unbatched import with_batch
from costmodel.interop.value import Value
from costmodel.layers import (
    DynamicConv,
    Fold,
    Unfold,
)
from costmodel.layers.base import shape_text


@RULES.register("aten.conv1d", "aten.conv2d", "aten.conv3d", "aten.convolution")
def conv(call: Call) -> Sequence[Value]:
    """y = W * x + b."""
    weight = tensor(call, "weight")
    axes = len(weight.shape) - 2
    if axes not in CONV:
        call.refuse(f"has a rule for one to three spatial axes (got weights of {shape_text(weight.shape)})")
    return with_batch(call, tensor(call, "input"), axes, lambda x: _conv(call, x, weight, axes))


def _conv(call: Call, x: Value, weight: Value, axes: int) -> Sequence[Value]:
    bias, groups = optional_tensor(call, "bias"), dim(call, "groups")
    if flag(call, "transposed"):
        return _transposed(call, x, weight, bias, axes)
    if not equal(x.shape[1], weight.shape[1] * groups):
        call.refuse(
            f"has weights of {shape_text(weight.shape)} in {groups} groups for an input of {shape_text(x.shape)}"
        )
    fields: dict[str, Any] = {
        "stride": each_axis(call, "stride", axes, (1,) * axes),
        "dilation": each_axis(call, "dilation", axes, (1,) * axes),
        "padding": _padding(call, axes),
    }
    if not _is_own(weight, bias):
        operands = [x, weight] if bias is None else [x, weight, bias]
        return call.apply(DynamicConv(**fields, groups=groups), *operands)
    layer = convolution(weight.shape, groups, bias=bias is not None, **fields)
    return call.apply(layer, x, weights=(weight, bias))


@RULES.register("aten.conv_transpose1d", "aten.conv_transpose2d", "aten.conv_transpose3d")
def conv_transpose(call: Call) -> Sequence[Value]:
    """The gradient of a convolution, as a layer."""
    weight, bias = tensor(call, "weight"), optional_tensor(call, "bias")
    axes = len(weight.shape) - 2
    return with_batch(call, tensor(call, "input"), axes, lambda x: _transposed(call, x, weight, bias, axes))


def _transposed(call: Call, x: Value, weight: Value, bias: Value | None, axes: int) -> Sequence[Value]:
    groups = dim(call, "groups")
    if not equal(x.shape[1], weight.shape[0]):
        call.refuse(f"has weights of {shape_text(weight.shape)} for an input of {shape_text(x.shape)}")
    fields: dict[str, Any] = {
        "stride": each_axis(call, "stride", axes, (1,) * axes),
        "dilation": each_axis(call, "dilation", axes, (1,) * axes),
        "padding": tuple((p, p) for p in each_axis(call, "padding", axes, (0,) * axes)),
        "output_padding": each_axis(call, "output_padding", axes, (0,) * axes),
    }
    if not _is_own(weight, bias):
        operands = [x, weight] if bias is None else [x, weight, bias]
        return call.apply(DynamicConv(**fields, groups=groups, transposed=True), *operands)
    layer = transposed_convolution(weight.shape, groups, bias=bias is not None, **fields)
    return call.apply(layer, x, weights=(weight, bias))


def _is_own(*weights: Value | None) -> bool:
    """Whether the weights are learned and stored, so that they become the layer's."""
    return all(weight is None or weight.is_learnable for weight in weights)


def _padding(call: Call, axes: int) -> Any:
    """The padding as (before, after) for each axis, or the name of a rule."""
    value = given(call, "padding")
    if not isinstance(value, str):
        return tuple((p, p) for p in each_axis(call, "padding", axes, (0,) * axes))
    if value not in ("same", "valid"):
        call.refuse(f"needs 'padding' as numbers, 'same' or 'valid' (got {shorten(repr(value))})")
    return "same_pytorch" if value == "same" else ((0, 0),) * axes


@RULES.register("aten.im2col")
def unfold(call: Call) -> Sequence[Value]:
    """The windows of a convolution as columns."""
    layer = Unfold(**_windows(call))
    return with_batch(call, tensor(call, "self"), 2, lambda x: call.apply(layer, x))


@RULES.register("aten.col2im")
def fold(call: Call) -> Sequence[Value]:
    """Columns added up into an image."""
    layer = Fold(**_windows(call), output_size=each_axis(call, "output_size", 2))
    return with_batch(call, tensor(call, "self"), 1, lambda x: call.apply(layer, x))


def _windows(call: Call) -> dict[str, Any]:
    return {
        "kernel": each_axis(call, "kernel_size", 2),
        "stride": each_axis(call, "stride", 2, (1, 1)),
        "dilation": each_axis(call, "dilation", 2, (1, 1)),
        "padding": tuple((p, p) for p in each_axis(call, "padding", 2, (0, 0))),
    }
