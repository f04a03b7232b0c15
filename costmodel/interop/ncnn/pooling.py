"""Pooling over windows, over whole maps, and to a given size."""

from __future__ import annotations

from typing import Any, Final

from costmodel.algebra import Dim, ceil_div, equal
from costmodel.interop.call import Call
from costmodel.interop.ncnn.parameters import Parameters
from costmodel.interop.ncnn.rules import UNSET, axes, blob, image, reshaped, rule
from costmodel.interop.patterns import AVERAGE, MAX
from costmodel.interop.value import Value
from costmodel.layers import (
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    GlobalAvgPool,
    GlobalMaxPool,
    Pad,
)

FULL, VALID, SAME_UPPER, SAME_LOWER = range(4)
"""How windows meet the border: the last one padded, left out, or as many as ceil(size / stride)."""

AXES: Final = {1: "w", 2: "hw", 3: "dhw"}
KERNEL: Final = {"w": 1, "h": 11, "d": 21}
STRIDE: Final = {"w": 2, "h": 12, "d": 22}
BEFORE: Final = {"w": 3, "h": 13, "d": 23}
AFTER: Final = {"w": 14, "h": 15, "d": 16}
OUTPUT: Final = {"w": 8, "h": 18, "d": 28}
KEYS: Final = frozenset({0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 18, 21, 22, 23, 28})


def _pooling(call: Call, parameters: Parameters, dims: int) -> Value:
    kind = parameters.choice(0, "pooling_type", 2)
    x = image(call, call.input(0)) if dims == 2 else call.input(0)
    axes(call, x, dims + 1)
    if parameters.flag(4, "global_pooling"):
        whole = GlobalAvgPool(keepdims=False) if kind else GlobalMaxPool(keepdims=False)
        return call.apply(whole, x)[0]
    if parameters.flag(7, "adaptive_pooling"):
        return _adaptive(call, parameters, x, kind, dims)
    kernel_w = parameters.size(1, "kernel_w")
    stride_w = parameters.size(2, "stride_w", 1)
    pad_w = parameters.size(3, "pad_left", 0, least=0)
    mode = parameters.choice(5, "pad_mode", 4)
    kernel, stride, pads = [], [], []
    for position, axis in enumerate(AXES[dims]):
        kernel.append(parameters.size(KERNEL[axis], f"kernel_{axis}", kernel_w))
        stride.append(parameters.size(STRIDE[axis], f"stride_{axis}", stride_w))
        before = parameters.size(BEFORE[axis], f"padding before {axis}", pad_w, least=0)
        after = parameters.size(AFTER[axis], f"padding after {axis}", before, least=0)
        if mode == FULL:
            after = after + _tail(x.shape[2 + position], kernel[-1], stride[-1], before + after)
        pads.append((before, after))
    padding: Any = "same_tensorflow" if mode in (SAME_UPPER, SAME_LOWER) else tuple(pads)
    if mode in (FULL, VALID) and _reaches_out(kernel, pads):
        x = call.apply(Pad(pads=((0, 0), (0, 0), *pads)), x, role="pad")[0]
        padding = 0
    layer = (AVERAGE if kind else MAX)[dims](kernel=tuple(kernel), stride=tuple(stride), padding=padding)
    return call.apply(layer, x)[0]


def _tail(size: Dim, kernel: int, stride: int, padded: int) -> Dim:
    """What is missing at the end for the last window to fit: ncnn rounds the number of windows up."""
    free = size + padded - kernel
    return ceil_div(free, stride) * stride - free


def _reaches_out(kernel: list[int], pads: list[tuple[Any, Any]]) -> bool:
    """Whether a window may lie in the padding altogether, which a pooling layer of ours refuses."""
    return any(not isinstance(side, int) or side >= k for k, pair in zip(kernel, pads, strict=True) for side in pair)


def _adaptive(call: Call, parameters: Parameters, x: Value, kind: int, dims: int) -> Value:
    """Windows that cover the input and give a fixed output size; -233 leaves an axis as it is."""
    out_w = parameters.integer(8, "out_w")
    sizes: list[Dim] = []
    for position, axis in enumerate(AXES[dims]):
        wanted = parameters.integer(OUTPUT[axis], f"out_{axis}", out_w)
        if wanted != UNSET and wanted < 1:
            call.refuse(f"must have an output of at least 1 along {axis} (got {wanted})")
        sizes.append(x.shape[2 + position] if wanted == UNSET else wanted)
    layer = AdaptiveAvgPool2d if kind else AdaptiveMaxPool2d
    if dims == 2:
        return call.apply(layer(output_size=tuple(sizes)), x)[0]
    if dims == 3 and not equal(x.shape[2], sizes[0]):
        call.refuse("pools adaptively along three axes, of which the first must stay as it is")
    rest = blob(x)
    folded = reshaped(call, x, (rest[0], 1, rest[1]) if dims == 1 else (rest[0] * rest[1], *rest[2:]), "fold")
    (y,) = call.apply(layer(output_size=(1, sizes[0]) if dims == 1 else tuple(sizes[1:])), folded)
    return reshaped(call, y, (rest[0], *sizes), "unfold")


@rule("Pooling", keys=KEYS)
def pooling(call: Call, parameters: Parameters) -> Value:
    """The largest or the mean of windows of an image."""
    return _pooling(call, parameters, 2)


@rule("Pooling1D", keys=KEYS)
def pooling_1d(call: Call, parameters: Parameters) -> Value:
    """The largest or the mean of windows of a sequence."""
    return _pooling(call, parameters, 1)


@rule("Pooling3D", keys=KEYS)
def pooling_3d(call: Call, parameters: Parameters) -> Value:
    """The largest or the mean of windows of a volume."""
    return _pooling(call, parameters, 3)
