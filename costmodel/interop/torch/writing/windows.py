"""Layers that slide windows: convolutions, transposed convolutions, pools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name for it

from costmodel.errors import UnsupportedError
from costmodel.interop.torch.writing.making import Function, Making, makes
from costmodel.layers.window import explicit_pads

CONVOLUTIONS: Final = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
TRANSPOSED: Final = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
MAXIMA: Final = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
MEANS: Final = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}
ADAPTIVE: Final = {
    "adaptive_avg_pool1d": F.adaptive_avg_pool1d, "adaptive_avg_pool2d": F.adaptive_avg_pool2d,
    "adaptive_avg_pool3d": F.adaptive_avg_pool3d, "adaptive_max_pool1d": F.adaptive_max_pool1d,
    "adaptive_max_pool2d": F.adaptive_max_pool2d, "adaptive_max_pool3d": F.adaptive_max_pool3d,
}  # fmt: skip


Pads = list[tuple[int, int]]


def _pads(making: Making, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> Pads:
    """The padding before and after along each axis, in numbers."""
    padding = making.field.get("padding", ((0, 0),) * len(kernel))
    return explicit_pads(padding, making.shape[2:], making.result[2:], kernel, stride, dilation)


def _surrounded(pads: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """The padding that a layer takes by itself, and what has to be put around its input before, as `F.pad` takes it."""
    if all(before == after for before, after in pads):
        return [before for before, _ in pads], []
    return [0] * len(pads), [side for pair in reversed(pads) for side in pair]


@makes("conv1d", "conv2d", "conv3d", "depthwise_conv2d", "pointwise_conv2d")
def convolution(making: Making) -> Function:
    """A convolution."""
    fields, c_i, c_o = making.field, making.shape[1], making.result[1]
    groups = c_i if making.layer.kind == "depthwise_conv2d" else fields["groups"]
    kernel, stride = fields.get("kernel", (1, 1)), fields["stride"]
    dilation = fields.get("dilation", (1,) * len(kernel))
    padding, around = _surrounded(_pads(making, kernel, stride, dilation))
    weight, bias = making.weight("weight", c_o, c_i // groups, *kernel), making.bias(c_o)
    call: Any = CONVOLUTIONS[len(kernel)]

    def run(x: torch.Tensor) -> Any:
        return call(F.pad(x, around) if around else x, weight, bias, stride, padding, dilation, groups)

    return run


@makes("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def transposed(making: Making) -> Function:
    """A transposed convolution."""
    fields, c_i, c_o = making.field, making.shape[1], making.result[1]
    pairs = fields["padding"]
    if isinstance(pairs, str) or any(before != after for before, after in pairs):
        raise UnsupportedError("PyTorch's transposed convolutions have as much padding before as behind, in numbers")
    padding = [before for before, _ in pairs]
    weight = making.weight("weight", c_i, c_o // fields["groups"], *fields["kernel"])
    bias = making.bias(c_o)
    call: Any = TRANSPOSED[len(fields["kernel"])]
    rest = (fields["stride"], padding, fields["output_padding"], fields["groups"], fields["dilation"])
    return lambda x: call(x, weight, bias, *rest)


@makes(*(f"{name}_pool{axes}d" for name in ("max", "avg") for axes in (1, 2, 3)))
def pool(making: Making) -> Function:
    """The largest or the mean of each window."""
    fields = making.field
    kernel, stride, dilation = fields["kernel"], fields["stride"], fields["dilation"]
    padding, around = _surrounded(_pads(making, kernel, stride, dilation))
    ceil_mode = fields["ceil_mode"]
    if making.layer.kind.startswith("avg"):
        if set(dilation) != {1}:
            raise UnsupportedError("PyTorch's mean pools have no dilation")
        return _mean(making, padding, around)
    largest: Any = MAXIMA[len(kernel)]
    lowest = -torch.inf
    return lambda x: largest(
        F.pad(x, around, value=lowest) if around else x, kernel, stride, padding, dilation, ceil_mode
    )


def _mean(making: Making, padding: list[int], around: list[int]) -> Function:
    """The mean of each window; one whose padding differs by side is divided by hand where it does not count."""
    fields = making.field
    call: Any = MEANS[len(fields["kernel"])]
    kernel, stride, ceil_mode, counted = (
        fields[name] for name in ("kernel", "stride", "ceil_mode", "count_include_pad")
    )
    if not around:
        return lambda x: call(x, kernel, stride, padding, ceil_mode, counted)
    if counted:
        return lambda x: call(F.pad(x, around), kernel, stride, 0, ceil_mode)
    parts = call(F.pad(torch.ones(1, 1, *making.shape[2:]), around), kernel, stride, 0, ceil_mode)
    return lambda x: call(F.pad(x, around), kernel, stride, 0, ceil_mode) / parts


@makes(*ADAPTIVE)
def adaptive_pool(making: Making) -> Function:
    """Windows that give an output of a fixed size."""
    call: Any = ADAPTIVE[making.layer.kind]
    sizes = making.result[2:]
    return lambda x: call(x, sizes)


@makes("global_avg_pool", "global_max_pool")
def global_pool(making: Making) -> Function:
    """The mean or the largest of each channel."""
    axes = tuple(range(2, len(making.shape)))
    kept = making.field["keepdims"]
    if making.layer.kind == "global_avg_pool":
        return lambda x: x.mean(axes, keepdim=kept)
    return lambda x: x.amax(axes, keepdim=kept)
