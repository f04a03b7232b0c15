"""Separable convolutions: their steps, executed one after the other."""

from .conv import convolve, spatial
from .fields import Fields, flag, integer, padding_rules, per_axis
from .registry import executes
from .tally import Array, Machine


def column_then_row(
    machine: Machine, fields: Fields, x: Array, channels: tuple[int, int], groups: tuple[int, int]
) -> Array:
    """Convolve with a (k_h, 1) kernel, then with a (1, k_w) kernel; each takes its own axis's stride and padding."""
    for axis, (c_o, g) in enumerate(zip(channels, groups, strict=True)):
        kernel, stride = [1, 1], [1, 1]
        padding: list[str | tuple[int, int]] = [(0, 0), (0, 0)]
        kernel[axis] = per_axis(fields["kernel"], 2)[axis]
        stride[axis] = spatial(fields, "stride", 2, 1)[axis]
        padding[axis] = padding_rules(fields.get("padding", 0), 2)[axis]
        bias = flag(fields, "bias", True)
        x = convolve(machine, x, c_o, kernel, stride=stride, padding=padding, dilation=(1, 1), groups=g, bias=bias)
    return x


def mix_channels(machine: Machine, fields: Fields, x: Array) -> Array:
    """Finish with a pointwise convolution."""
    return convolve(
        machine,
        x,
        integer(fields, "out_channels"),
        (1, 1),
        stride=(1, 1),
        padding=padding_rules(0, 2),
        dilation=(1, 1),
        groups=1,
        bias=flag(fields, "bias", True),
    )


@executes("spatially_separable_conv2d")
def spatially_separable(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """A dense (k_h, 1) step, then a (1, k_w) step per channel or dense."""
    c_o = integer(fields, "out_channels")
    second = {"per_channel": c_o, "dense": 1}[str(fields.get("second", "per_channel"))]
    return (column_then_row(machine, fields, x, (c_o, c_o), (1, second)),)


@executes("depthwise_separable_conv2d")
def depthwise_separable(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """A depthwise step, then a pointwise one."""
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
    return (mix_channels(machine, fields, y),)


@executes("depthwise_spatially_separable_conv2d")
def depthwise_spatially_separable(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Depthwise (k_h, 1), depthwise (1, k_w), then pointwise."""
    c_i = x.shape[1]
    y = column_then_row(machine, fields, x, (c_i, c_i), (c_i, c_i))
    return (mix_channels(machine, fields, y),)
