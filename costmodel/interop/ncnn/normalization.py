"""Normalization layers, and reductions."""

from __future__ import annotations

from typing import Final

from costmodel.algebra import Dim, equal, product
from costmodel.interop.call import Call
from costmodel.interop.ncnn.parameters import Parameters
from costmodel.interop.ncnn.rules import (
    along_channels,
    axes,
    axis_of,
    blob,
    image,
    reshaped,
    rule,
    scaled,
    shifted,
    stored,
)
from costmodel.interop.value import Value
from costmodel.layers import (
    AvgPool2d,
    BatchNorm,
    Divide,
    GroupNorm,
    InstanceNorm,
    Layer,
    LayerNorm,
    LocalResponseNorm,
    Multiply,
    Power,
    ReduceL1,
    ReduceL2,
    ReduceLogSum,
    ReduceLogSumExp,
    ReduceMax,
    ReduceMean,
    ReduceMin,
    ReduceProd,
    ReduceSum,
    ReduceSumSquare,
    RMSNorm,
    Sqrt,
    Square,
    Subtract,
)
from costmodel.layers.base import shape_text

REDUCTIONS: Final = (
    ReduceSum,
    ReduceL1,
    ReduceSumSquare,
    ReduceMean,
    ReduceMax,
    ReduceMin,
    ReduceProd,
    ReduceL1,
    ReduceL2,
    ReduceLogSum,
    ReduceLogSumExp,
)
"""What each operation of Reduction does."""


def _check(call: Call, given: int, expected: Dim, what: str) -> None:
    if not equal(given, expected):
        call.refuse(f"normalizes {given} {what}, and its input has {expected}")


@rule("BatchNorm", keys={0, 1})
def batch_norm(call: Call, parameters: Parameters) -> Layer:
    """Each channel scaled and shifted by its statistics."""
    _check(call, parameters.size(0, "channels"), blob(call.input(0))[0], "channels")
    return BatchNorm()


@rule("LRN", keys={0, 1, 2, 3, 4})
def local_response(call: Call, parameters: Parameters) -> Value:
    """x / (bias + alpha sum x^2)^beta over a window across channels, or within a channel."""
    size = parameters.size(1, "local_size", 5)
    x = call.input(0)
    if parameters.choice(0, "region_type", 2) == 0:
        return call.apply(LocalResponseNorm(size=size), x)[0]
    axes(call, x, 3)
    (squares,) = call.apply(Square(), x, role="square")
    before = size // 2
    padding = ((before, size - 1 - before),) * 2
    (means,) = call.apply(AvgPool2d(kernel=size, stride=1, padding=padding), squares, role="mean")
    sums = shifted(call, scaled(call, means, parameters.number(2, "alpha", 1.0)), parameters.number(4, "bias", 1.0))
    (powers,) = call.apply(Power(), sums, stored(call, "beta", (1, 1, 1), is_learnable=False), role="power")
    return call.apply(Divide(), x, powers)[0]


@rule("LayerNorm", keys={0, 1, 2})
def layer_norm(call: Call, parameters: Parameters) -> Layer:
    """Each row, or each channel, normalized by its own mean and variance."""
    affine = parameters.flag(2, "affine", 1)
    return LayerNorm(dims=_normalized(call, parameters.size(0, "affine_size", least=0), affine=affine), affine=affine)


@rule("RMSNorm", keys={0, 1, 2})
def rms_norm(call: Call, parameters: Parameters) -> Layer:
    """Each row, or each channel, divided by its root mean square."""
    affine = parameters.flag(2, "affine", 1)
    return RMSNorm(dims=_normalized(call, parameters.size(0, "affine_size", least=0), affine=affine), affine=affine)


def _normalized(call: Call, size: int, *, affine: bool) -> int:
    """How many of the last axes are normalized together: one, or two where the size is that of a whole channel."""
    shape = blob(call.input(0))
    if len(shape) < 3 or equal(size, shape[-1]):
        if affine:
            _check(call, size, shape[-1], "elements")
        return 1
    if affine or size:
        _check(call, size, product(shape[-2:]), "elements")
    return 2 if size else 1


@rule("InstanceNorm", keys={0, 1, 2})
def instance_norm(call: Call, parameters: Parameters) -> Layer:
    """Each channel normalized by its own mean and variance."""
    affine = parameters.flag(2, "affine", 1)
    if affine:
        _check(call, parameters.size(0, "channels"), blob(call.input(0))[0], "channels")
    return InstanceNorm(affine=affine)


@rule("GroupNorm", keys={0, 1, 2, 3})
def group_norm(call: Call, parameters: Parameters) -> Layer:
    """Each group of channels normalized by its own mean and variance."""
    _check(call, parameters.size(1, "channels"), blob(call.input(0))[0], "channels")
    return GroupNorm(groups=parameters.size(0, "group", 1), affine=parameters.flag(3, "affine", 1))


@rule("MVN", keys={0, 1, 2})
def mean_variance(call: Call, parameters: Parameters) -> Value:
    """x - mean, divided by the deviation where that is asked for; of each channel, or of the whole blob."""
    x = image(call, call.input(0)) if len(blob(call.input(0))) < 3 else call.input(0)
    whole = parameters.flag(1, "across_channels")
    if parameters.flag(0, "normalize_variance"):
        return call.apply(GroupNorm(groups=1, affine=False) if whole else InstanceNorm(affine=False), x)[0]
    over = tuple(range(1 if whole else 2, len(x.shape)))
    (mean,) = call.apply(ReduceMean(axes=over), x, role="mean")
    return call.apply(Subtract(), x, mean)[0]


@rule("Normalize", keys={0, 1, 2, 3, 4, 9})
def normalize(call: Call, parameters: Parameters) -> Value:
    """x / sqrt(sum x^2), over positions, channels or both, times a stored scale."""
    x = call.input(0)
    spatial, channels = parameters.flag(0, "across_spatial"), parameters.flag(4, "across_channel", 1)
    if not spatial and not channels:
        call.refuse("must normalize across positions, across channels, or both")
    over = (*((1,) if channels else ()), *(range(2, len(x.shape)) if spatial else ()))
    (sums,) = call.apply(ReduceSumSquare(axes=over), x, role="sum")
    sums = shifted(call, sums, parameters.number(2, "eps", 1e-4), "epsilon")
    (norms,) = call.apply(Sqrt(), sums, role="norm")
    (y,) = call.apply(Divide(), x, norms)
    size = parameters.size(3, "scale_data_size", 0, least=0)
    shared = parameters.flag(1, "channel_shared")
    if size == 0:
        return y
    _check(call, size, 1 if shared else blob(x)[0], "channels by a scale")
    return call.apply(Multiply(), y, stored(call, "scale", along_channels(x, size)), role="scale")[0]


@rule("Reduction", keys={0, 1, 2, 3, 4, 5})
def reduction(call: Call, parameters: Parameters) -> Value:
    """The sum, the mean, the largest ... along some axes, or of all elements, times a number."""
    x = call.input(0)
    layer = REDUCTIONS[parameters.choice(0, "operation", len(REDUCTIONS))]
    keeps = parameters.flag(4, "keepdims")
    named = parameters.integers(3, "axes")
    everything = tuple(range(1, len(x.shape)))
    over = everything
    if not parameters.flag(1, "reduce_all", 1) and named:
        if not parameters.flag(5, "fixbug0"):
            call.refuse("names axes as old files did, counted differently; convert the model again (parameter 5 is 1)")
        over = tuple(sorted({axis_of(call, axis, x) for axis in named}))
    (y,) = call.apply(layer(axes=over, keepdims=keeps), x)
    y = scaled(call, y, parameters.number(2, "coeff", 1.0), "coeff")
    return y if keeps or over != everything else reshaped(call, y, (1,), "unsqueeze")


@rule("StatisticsPooling", keys={0})
def statistics_pooling(call: Call, parameters: Parameters) -> Value:
    """The mean of each channel, and behind it the deviation where that is asked for."""
    from costmodel.layers import Concat, ReduceVariance

    x = call.input(0)
    if len(x.shape) < 3:
        call.refuse(f"takes a blob with positions (got {shape_text(blob(x))})")
    over = tuple(range(2, len(x.shape)))
    (mean,) = call.apply(ReduceMean(axes=over, keepdims=False), x, role="mean")
    if not parameters.flag(0, "include_stddev"):
        return mean
    (variance,) = call.apply(ReduceVariance(axes=over, keepdims=False), x, role="variance")
    (deviation,) = call.apply(Sqrt(), variance, role="deviation")
    return call.apply(Concat(axis=1), mean, deviation)[0]
