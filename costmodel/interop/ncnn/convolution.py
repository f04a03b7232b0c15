"""Convolutions and transposed convolutions, in one to three dimensions, plain and by groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from costmodel.algebra import Dim, equal, exact_div, product
from costmodel.interop.call import Call
from costmodel.interop.ncnn.activation import FUSED_KEYS, fused
from costmodel.interop.ncnn.parameters import Parameters
from costmodel.interop.ncnn.rules import axes, blob, image, is_number, rule
from costmodel.interop.patterns import convolution as convolution_of
from costmodel.interop.patterns import transposed_convolution
from costmodel.interop.value import Value
from costmodel.layers import (
    DynamicConv,
    Fold,
    Linear,
    Reshape,
    Unfold,
)

SAME: Final = (-233, -234)
"""Paddings that keep ceil(size / stride): the odd one behind, or in front."""

AXES: Final = {1: "w", 2: "hw", 3: "dhw"}
KERNEL: Final = {"w": 1, "h": 11, "d": 21}
DILATION: Final = {"w": 2, "h": 12, "d": 22}
STRIDE: Final = {"w": 3, "h": 13, "d": 23}
BEFORE: Final = {"w": 4, "h": 14, "d": 24}
AFTER: Final = {"w": 15, "h": 16, "d": 17}

COMMON: Final = frozenset({0, 1, 2, 3, 4, 5, 6, 8, 11, 12, 13, 14, 15, 16, 17, 21, 22, 23, 24, *FUSED_KEYS})


class Window(NamedTuple):
    """What a convolution slides, along the axes in our order."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]


def window(parameters: Parameters, dims: int, default: int = 0) -> Window:
    """The window of a convolution; what is not given for an axis is that of the width."""
    kernel_w = parameters.size(1, "kernel_w", default)
    dilation_w = parameters.size(2, "dilation_w", 1)
    stride_w = parameters.size(3, "stride_w", 1)
    pad_w = parameters.integer(4, "pad_left")
    kernel, stride, dilation, pads = [], [], [], []
    for axis in AXES[dims]:
        kernel.append(parameters.size(KERNEL[axis], f"kernel_{axis}", kernel_w))
        dilation.append(parameters.size(DILATION[axis], f"dilation_{axis}", dilation_w))
        stride.append(parameters.size(STRIDE[axis], f"stride_{axis}", stride_w))
        before = parameters.integer(BEFORE[axis], f"padding before {axis}", pad_w)
        pads.append((before, parameters.integer(AFTER[axis], f"padding after {axis}", before)))
    return Window(tuple(kernel), tuple(stride), tuple(dilation), tuple(pads))


def padding_of(call: Call, pads: Sequence[tuple[int, int]]) -> Any:
    """Numbers, or "same" where all of them say so."""
    flat = {side for pair in pads for side in pair}
    if len(flat) == 1 and flat <= set(SAME):
        return "same_tensorflow"
    if min(flat) < 0:
        call.refuse(f"must have paddings of at least 0, or all of them {SAME[0]} or all {SAME[1]} (got {sorted(flat)})")
    return tuple(pads)


def check_weights(call: Call, parameters: Parameters, expected: Dim, key: int = 6) -> None:
    """The file's number of weights must be the one that follows from the shapes."""
    given = parameters.size(key, "weight_data_size")
    if not equal(given, expected):
        call.refuse(f"has {given} weights in the file, and its shapes need {expected}")


def _kernel_elements(c_i: Dim, c_o: Dim, groups: Dim, kernel: Sequence[int]) -> Dim:
    return exact_div(c_i * c_o, groups) * product(kernel)


def _of_a_group(call: Call, side: str, channels: Dim, groups: int) -> Dim:
    """The channels of one group."""
    if isinstance(channels, int) and channels % groups:
        call.refuse(f"must have a group (={groups}) that divides the {side} channels (={channels})")
    return exact_div(channels, groups)


def _input(call: Call, dims: int) -> Value:
    """The input as (channels, sizes ...), with one channel where it has no axis for them."""
    value = call.input(0)
    if dims == 2:
        return image(call, value)
    axes(call, value, dims + 1)
    return value


def _convolution(call: Call, parameters: Parameters, dims: int) -> Value:
    """A convolution, and the activation fused into it."""
    if parameters.flag(19, "dynamic_weight"):
        return _with_given_weights(call, parameters, dims)
    c_o = parameters.size(0, "num_output")
    groups = parameters.size(7, "group", 1)
    slid = window(parameters, dims)
    bias = parameters.flag(5, "bias_term")
    x = call.input(0)
    if dims == 2 and len(blob(x)) == 1 and slid.kernel == (1, 1) and groups == 1:
        check_weights(call, parameters, c_o * blob(x)[0])
        return fused(call, parameters, call.apply(Linear(out_features=c_o, bias=bias), x)[0])
    x = _input(call, dims)
    layer = convolution_of(
        (c_o, _of_a_group(call, "input", x.shape[1], groups), *slid.kernel),
        groups,
        bias=bias,
        stride=slid.stride,
        dilation=slid.dilation,
        padding=padding_of(call, slid.pads),
    )
    (y,) = call.apply(layer, x)
    check_weights(call, parameters, _kernel_elements(x.shape[1], c_o, groups, slid.kernel))
    return fused(call, parameters, y)


def _with_given_weights(call: Call, parameters: Parameters, dims: int) -> Value:
    """A convolution whose weights, and bias, are inputs: one set for the whole batch."""
    x = _input(call, dims)
    slid = window(parameters, dims, default=1)
    layer = DynamicConv(
        stride=slid.stride,
        dilation=slid.dilation,
        padding=padding_of(call, slid.pads),
        groups=parameters.size(7, "group", 1),
    )
    weight = call.input(1)
    axes(call, weight, dims + 2)
    given = [weight, *([call.input(2)] if parameters.flag(5, "bias_term") else [])]
    alone = [_without_batch(call, value, f"weights{index}") for index, value in enumerate(given)]
    return fused(call, parameters, call.apply(layer, x, *alone)[0])


def _without_batch(call: Call, value: Value, role: str) -> Value:
    """A blob that is the same for the whole batch, as which only a batch of 1 computes it."""
    if not value.is_computed:
        return value.reshaped(blob(value))
    if not is_number(value.shape[0], 1):
        call.refuse("takes weights that are computed, which has a rule for a batch of 1 alone")
    return call.apply(Reshape(shape=blob(value)), value, role=role)[0]


@rule("Convolution", "ConvolutionDepthWise", keys={*COMMON, 7, 18, 19})
def convolution(call: Call, parameters: Parameters) -> Value:
    """y = activation(w * x + b) over images; a blob without channels is an image of one."""
    return _convolution(call, parameters, 2)


@rule("Convolution1D", "ConvolutionDepthWise1D", keys={*COMMON, 7, 18, 19})
def convolution_1d(call: Call, parameters: Parameters) -> Value:
    """y = activation(w * x + b) over sequences, blobs (channels, length)."""
    return _convolution(call, parameters, 1)


@rule("Convolution3D", "ConvolutionDepthWise3D", keys={*COMMON, 7, 18})
def convolution_3d(call: Call, parameters: Parameters) -> Value:
    """y = activation(w * x + b) over volumes."""
    return _convolution(call, parameters, 3)


OUTPUT_PAD: Final = {1: (18,), 2: (19, 18), 3: (20, 19, 18)}
"""The keys of the output padding, along the axes in our order."""
OUTPUT_SIZE: Final = {1: (20,), 2: (21, 20), 3: (27, 26, 25)}


def _transposed(call: Call, parameters: Parameters, dims: int) -> Value:
    """A transposed convolution, cropped by paddings or to an output size."""
    if parameters.flag(28, "dynamic_weight"):
        call.refuse("takes weights from another layer, for which there is no rule")
    c_o = parameters.size(0, "num_output")
    groups = parameters.size(7, "group", 1)
    slid = window(parameters, dims)
    x = _input(call, dims)
    pad_w = parameters.size(18, "output_pad_right", 0, least=0)
    extra = tuple(parameters.size(key, "output padding", pad_w, least=0) for key in OUTPUT_PAD[dims])
    size_w = parameters.size(OUTPUT_SIZE[dims][-1], "output_w", 0, least=0)
    sizes = tuple(parameters.size(key, "output size", size_w, least=0) for key in OUTPUT_SIZE[dims])
    layer = transposed_convolution(
        (x.shape[1], _of_a_group(call, "output", c_o, groups), *slid.kernel),
        groups,
        bias=parameters.flag(5, "bias_term"),
        stride=slid.stride,
        dilation=slid.dilation,
        padding=_cropping(call, x, slid, extra, sizes),
        output_padding=extra,
    )
    (y,) = call.apply(layer, x)
    check_weights(call, parameters, _kernel_elements(x.shape[1], c_o, groups, slid.kernel))
    return fused(call, parameters, y)


def _cropping(call: Call, x: Value, slid: Window, extra: Sequence[int], sizes: Sequence[int]) -> Any:
    """What is cut from the full output: the paddings, or what is more than a given size."""
    if any(side > 0 for pair in slid.pads for side in pair) or not any(sizes):
        return tuple((max(before, 0), max(after, 0)) for before, after in slid.pads)
    if padding_of(call, slid.pads) != "same_tensorflow":
        call.refuse(f"can have an output size only where its paddings are {SAME[0]} or {SAME[1]}")
    cut = []
    for axis, wanted in enumerate(sizes):
        full = (x.shape[2 + axis] - 1) * slid.stride[axis] + slid.dilation[axis] * (slid.kernel[axis] - 1) + 1
        rest = full + extra[axis] - wanted
        half = rest // 2 if isinstance(rest, int) else 0
        cut.append((half, rest - half))
    return tuple(cut)


@rule("Deconvolution", "DeconvolutionDepthWise", keys={*COMMON, 7, 18, 19, 20, 21, 28})
def deconvolution(call: Call, parameters: Parameters) -> Value:
    """The transpose of a convolution over images."""
    return _transposed(call, parameters, 2)


@rule("Deconvolution1D", "DeconvolutionDepthWise1D", keys={*COMMON, 7, 18, 20, 28})
def deconvolution_1d(call: Call, parameters: Parameters) -> Value:
    """The transpose of a convolution over sequences."""
    return _transposed(call, parameters, 1)


@rule("Deconvolution3D", "DeconvolutionDepthWise3D", keys={*COMMON, 7, 18, 19, 20, 25, 26, 27})
def deconvolution_3d(call: Call, parameters: Parameters) -> Value:
    """The transpose of a convolution over volumes."""
    return _transposed(call, parameters, 3)


@rule("Unfold", keys={1, 2, 3, 4, 11, 12, 13, 14, 15, 16, 18})
def unfold(call: Call, parameters: Parameters) -> Value:
    """The windows of an image as columns."""
    kernel, stride, dilation, pads = window(parameters, 2)
    layer = Unfold(kernel=kernel, stride=stride, dilation=dilation, padding=padding_of(call, pads))
    return call.apply(layer, image(call, call.input(0)))[0]


@rule("Fold", keys={1, 2, 3, 4, 11, 12, 13, 14, 15, 16, 20, 21})
def fold(call: Call, parameters: Parameters) -> Value:
    """Columns added up to the image that their windows lie in."""
    kernel, stride, dilation, pads = window(parameters, 2)
    width = parameters.size(20, "output_w")
    size = (parameters.size(21, "output_h", width), width)
    axes(call, call.input(0), 2)
    layer = Fold(output_size=size, kernel=kernel, stride=stride, dilation=dilation, padding=padding_of(call, pads))
    return call.apply(layer, call.input(0))[0]
