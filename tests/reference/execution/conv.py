"""Convolutions in one, two and three dimensions: grouped, depthwise, pointwise, transposed."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from .fields import Fields, flag, integer, padding_rules, pairs, per_axis
from .registry import executes
from .tally import Array, Machine
from .windows import Index, kernel_elements, lay_out_all, pad


def with_bias(machine: Machine, y: Array, bias: bool) -> Array:
    """Add one learnable number per channel."""
    if not bias:
        return y
    b = machine.parameter(y.shape[1])
    return machine.add(y, b.reshape(-1, *(1,) * (y.ndim - 2)))


def over_positions(taps: Array, axes: int) -> Array:
    """Shape one weight per pair of channels so that it broadcasts over the spatial axes."""
    return taps.reshape(*taps.shape, *(1,) * axes)


def convolve(
    machine: Machine,
    x: Array,
    c_o: int,
    kernel: Sequence[int],
    *,
    stride: Sequence[int],
    padding: Sequence[str | tuple[int, int]],
    dilation: Sequence[int],
    groups: int,
    bias: bool,
) -> Array:
    """Slide c_o filters over their group of input channels, padding included."""
    n, c_i, *lengths = x.shape
    c_g, c_of_group = c_i // groups, c_o // groups
    weight = machine.parameter(c_o, c_g, *kernel)
    axes = lay_out_all(lengths, kernel, stride, dilation, padding)
    picture = pad(x, axes, kernel, 0.0)
    picture = picture.reshape(n, groups, 1, c_g, *picture.shape[2:])
    filters = weight.reshape(groups, c_of_group, c_g, -1).transpose(3, 0, 1, 2)
    y = np.zeros((n, groups, c_of_group, *(len(axis.starts) for axis in axes)))
    for taps, (_, index) in zip(filters, kernel_elements(axes, kernel), strict=True):
        y = machine.multiply_accumulate(y, over_positions(taps, len(axes)), picture[index], axis=3)
    return with_bias(machine, y.reshape(n, c_o, *y.shape[3:]), bias)


def spatial(fields: Fields, name: str, axes: int, default: int) -> tuple[int, ...]:
    """Return one integer per spatial axis from a field."""
    return per_axis(fields.get(name, default), axes)


@executes("conv1d", "conv2d", "conv3d")
def convolution(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Dense or grouped convolution."""
    axes = x.ndim - 2
    y = convolve(
        machine,
        x,
        integer(fields, "out_channels"),
        per_axis(fields["kernel"], axes),
        stride=spatial(fields, "stride", axes, 1),
        padding=padding_rules(fields.get("padding", 0), axes),
        dilation=spatial(fields, "dilation", axes, 1),
        groups=integer(fields, "groups", 1),
        bias=flag(fields, "bias", True),
    )
    return (y,)


@executes("depthwise_conv2d")
def depthwise(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Every channel meets its own `multiplier` filters and no other channel."""
    c_i = x.shape[1]
    y = convolve(
        machine,
        x,
        c_i * integer(fields, "multiplier", 1),
        per_axis(fields["kernel"], 2),
        stride=spatial(fields, "stride", 2, 1),
        padding=padding_rules(fields.get("padding", 0), 2),
        dilation=spatial(fields, "dilation", 2, 1),
        groups=c_i,
        bias=flag(fields, "bias", True),
    )
    return (y,)


@executes("pointwise_conv2d")
def pointwise(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """A convolution with a 1x1 kernel."""
    y = convolve(
        machine,
        x,
        integer(fields, "out_channels"),
        (1, 1),
        stride=spatial(fields, "stride", 2, 1),
        padding=padding_rules(0, 2),
        dilation=(1, 1),
        groups=integer(fields, "groups", 1),
        bias=flag(fields, "bias", True),
    )
    return (y,)


@executes("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def transposed_convolution(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Every input element scatters the whole kernel onto a canvas, which is then cropped."""
    n, c_i, *lengths = x.shape
    axes = len(lengths)
    kernel = per_axis(fields["kernel"], axes)
    stride = spatial(fields, "stride", axes, 1)
    dilation = spatial(fields, "dilation", axes, 1)
    longer = spatial(fields, "output_padding", axes, 0)
    groups = integer(fields, "groups", 1)
    c_o = integer(fields, "out_channels")
    c_g, c_of_group = c_i // groups, c_o // groups

    weight = machine.parameter(c_i, c_of_group, *kernel)
    filters = weight.reshape(groups, c_g, c_of_group, -1).transpose(3, 0, 2, 1)
    picture = x.reshape(n, groups, 1, c_g, *lengths)
    landings = [
        [slice(tap * d, tap * d + (length - 1) * s + 1, s) for tap in range(k)]
        for length, k, s, d in zip(lengths, kernel, stride, dilation, strict=True)
    ]
    reached = (taps[-1].stop + more for taps, more in zip(landings, longer, strict=True))
    canvas = np.zeros((n, groups, c_of_group, *reached))
    for taps, landed in zip(filters, product(*landings), strict=True):
        index: Index = (..., *landed)
        canvas[index] = machine.multiply_accumulate(canvas[index], over_positions(taps, axes), picture, axis=3)

    y = canvas.reshape(n, c_o, *canvas.shape[3:])
    for i, cropped in enumerate(padding_rules(fields.get("padding", 0), axes), start=2):
        before, after = (0, 0) if cropped == "valid" else pairs([cropped])[0]
        y = y.take(range(before, y.shape[i] - after), axis=i)
    return (with_bias(machine, y, flag(fields, "bias", True)),)
