"""Layers that slide windows: convolutions, transposed convolutions, pools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from costmodel.errors import UnsupportedError
from costmodel.interop.ncnn.writing.model import Number
from costmodel.interop.ncnn.writing.piece import Piece, writes
from costmodel.layers import Layer
from costmodel.layers.window import explicit_pads

Pads = list[tuple[int, int]]
ACTIVATIONS: Final = {"relu": 1, "leaky_relu": 2, "relu6": 3, "clip": 3, "sigmoid": 4, "mish": 5, "hard_swish": 6}
"""The number of each activation that a convolution computes itself."""


def activation(layer: Layer | None) -> dict[int, Any]:
    """The parameters of a fused activation."""
    if layer is None:
        return {}
    fields = dict(layer)
    numbers: dict[str, list[float]] = {
        "leaky_relu": [fields.get("slope", 0.0)],
        "relu6": [0.0, 6.0],
        "clip": [_bound(fields.get("min"), -1), _bound(fields.get("max"), 1)],
        "hard_swish": [1 / 6, 0.5],
    }
    given = numbers.get(layer.kind)
    return {9: ACTIVATIONS[layer.kind], **({10: given} if given else {})}


def _bound(value: Any, sign: int) -> float:
    return sign * 3.4e38 if value is None else float(value)


def paddings(piece: Piece, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> Pads:
    """The padding before and after along each axis, in numbers."""
    padding = piece.field.get("padding", ((0, 0), (0, 0)))
    return explicit_pads(padding, piece.shape[1:], piece.result[1:], kernel, stride, dilation)


def convolution_parameters(piece: Piece, c_o: int, kernel: Sequence[int], weights: int, pads: Pads) -> dict[int, Any]:
    """The parameters that convolutions and transposed ones share; keys of heights are ten more than those of widths."""
    fields = piece.field
    (k_h, k_w), (s_h, s_w), (d_h, d_w) = kernel, fields.get("stride", (1, 1)), fields.get("dilation", (1, 1))
    (top, bottom), (left, right) = pads
    return {
        0: c_o, 1: k_w, 11: k_h, 2: d_w, 12: d_h, 3: s_w, 13: s_h, 4: left, 15: right, 14: top, 16: bottom,
        5: int(piece.has_bias), 6: weights,
    }  # fmt: skip


@writes("conv2d", "pointwise_conv2d", "depthwise_conv2d")
def convolution(piece: Piece) -> str:
    """A convolution, by groups where there are several."""
    fields, c_i, c_o = piece.field, piece.shape[0], piece.result[0]
    groups = c_i if piece.layer.kind == "depthwise_conv2d" else fields["groups"]
    kernel, stride, dilation = fields.get("kernel", (1, 1)), fields["stride"], fields.get("dilation", (1, 1))
    shape = (c_i // groups, *kernel)
    count = c_o * int(np.prod(shape))
    piece.filters(c_o, *shape)
    if groups == 1 and tuple(kernel) == (1, 1) and piece.blobs[0] in piece.flat:
        piece.makes_flat = True
        return piece.add("InnerProduct", {0: c_o, 1: int(piece.has_bias), 2: count} | activation(piece.activation))
    pads = paddings(piece, kernel, stride, dilation)
    parameters = convolution_parameters(piece, c_o, kernel, count, pads)
    if groups != 1:
        parameters[7] = groups
    kind = "Convolution" if groups == 1 else "ConvolutionDepthWise"
    return piece.add(kind, parameters | activation(piece.activation), inputs=[piece.image()])


@writes("conv_transpose2d")
def transposed(piece: Piece) -> str:
    """A transposed convolution."""
    fields, c_i, c_o = piece.field, piece.shape[0], piece.result[0]
    if isinstance(fields["padding"], str):
        raise UnsupportedError("a transposed convolution is written to ncnn with a padding in numbers")
    groups = fields["groups"]
    pads = [tuple(pair) for pair in fields["padding"]]
    shape = (c_i, c_o // groups, *fields["kernel"])
    parameters = convolution_parameters(piece, c_o, fields["kernel"], int(np.prod(shape)), pads)
    if groups != 1:
        parameters[7] = groups
    extra_h, extra_w = fields["output_padding"]
    parameters |= {18: extra_w, 19: extra_h}
    piece.filters(c_o, *shape, is_transposed=True)
    kind = "Deconvolution" if groups == 1 else "DeconvolutionDepthWise"
    return piece.add(kind, parameters | activation(piece.activation), inputs=[piece.image()])


FULL, VALID = 0, 1
"""How ncnn counts windows: rounded up, or only those that fit."""


@writes("max_pool2d", "avg_pool2d")
def pool(piece: Piece) -> str:
    """The largest or the mean of each window."""
    fields = piece.field
    if tuple(fields["dilation"]) != (1, 1):
        raise UnsupportedError("ncnn's pools have no dilation")
    (k_h, k_w), (s_h, s_w) = fields["kernel"], fields["stride"]
    pads = paddings(piece, fields["kernel"], fields["stride"], (1, 1))
    is_average = piece.layer.kind == "avg_pool2d"
    mode = FULL if fields["ceil_mode"] else VALID
    for size, out, k, s, (before, after) in zip(
        piece.shape[1:], piece.result[1:], (k_h, k_w), (s_h, s_w), pads, strict=True
    ):
        free = size + before + after - k
        if (-(-free // s) if mode == FULL else free // s) + 1 != out:
            raise UnsupportedError("ncnn's pools round up so that a window may lie in the padding; ours does not")
    (top, bottom), (left, right) = pads
    parameters: dict[int, Number] = {
        0: int(is_average), 1: k_w, 11: k_h, 2: s_w, 12: s_h, 3: left, 14: right, 13: top, 15: bottom, 5: mode,
    }  # fmt: skip
    if is_average:
        parameters[6] = int(fields["count_include_pad"])
    return piece.add("Pooling", parameters, inputs=[piece.image()])


@writes("global_avg_pool", "global_max_pool", "adaptive_avg_pool2d", "adaptive_max_pool2d")
def global_pool(piece: Piece) -> str:
    """The mean or the largest of each channel, or of as many windows as the output has."""
    kind = int("avg" in piece.layer.kind)
    sizes = piece.result[1:]
    if piece.blobs[0] in piece.flat:
        piece.makes_flat = bool(sizes)
        return piece.add("Noop")
    if set(sizes) <= {1}:
        piece.makes_flat = bool(sizes)
        return piece.add("Pooling", {0: kind, 4: 1})
    return piece.add("Pooling", {0: kind, 7: 1, 8: sizes[1], 18: sizes[0]})
