"""Depthwise and pointwise convolutions: the two halves of a separable one."""

from __future__ import annotations

from typing import ClassVar, Literal

from costmodel.algebra import exact_div
from costmodel.algebra.dimension import Dim
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Flag, Layer, Shape, Shapes
from costmodel.layers.conv import ASSUMPTIONS, check_groups, conv2d_bias, same_needs_stride_1
from costmodel.layers.formulas import Formulas
from costmodel.layers.window import Axes2, Padding2, window_shape


def depthwise_macs(n: Value, c_o: Value, h_o: Value, w_o: Value, k_h: Value, k_w: Value) -> Value:
    """For every output element, a product sum over the kernel on one input channel."""
    return k_h * k_w * n * h_o * w_o * c_o


def depthwise_params(c_o: Value, k_h: Value, k_w: Value, b: Value) -> Value:
    """One kernel of one channel for each output channel, and a bias."""
    return k_h * k_w * c_o + b * c_o


def pointwise_macs(n: Value, c_o: Value, c_i: Value, g: Value, h_o: Value, w_o: Value) -> Value:
    """For every output element, a product sum over the input channels of its group."""
    return n * c_o * exact_div(c_i, g) * h_o * w_o


def pointwise_params(c_o: Value, c_i: Value, g: Value, b: Value) -> Value:
    """One weight for each pair of channels in a group, and a bias."""
    return c_o * exact_div(c_i, g) + b * c_o


class DepthwiseConv2d(Layer):
    """A convolution of each input channel by itself: grouped with g = c_i.

    Shapes: (n, c_i, h_i, w_i) -> (n, q c_i, h_o, w_o) with the channel multiplier q; sizes as in `conv2d`.

    >>> DepthwiseConv2d(kernel=3, padding=1, bias=False).cost((1, 64, 112, 112)).macs
    7225344
    """

    kind: Literal["depthwise_conv2d"] = "depthwise_conv2d"
    kernel: Axes2
    multiplier: Dim = 1
    stride: Axes2 = (1, 1)
    padding: Padding2 = ((0, 0), (0, 0))
    dilation: Axes2 = (1, 1)
    bias: Flag = True

    formulas: ClassVar[Formulas] = Formulas(macs=depthwise_macs, additions=conv2d_bias, params=depthwise_params)
    source: ClassVar[str] = "document 003, table of MACs: depthwise convolution (g = c_i = c_o)"
    assumptions: ClassVar[tuple[str, ...]] = ASSUMPTIONS
    _same = same_needs_stride_1

    def output_shape(self, inputs: Shapes) -> Shape:
        n, c_i, *sizes = self.unpack(inputs[0], "n", "c_i", "h_i", "w_i")
        window = window_shape(self, sizes, self.kernel, self.stride, self.padding, self.dilation)
        return (n, self.multiplier * c_i, *window)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        n, c_o, h_o, w_o = outputs[0]
        k_h, k_w = self.kernel
        return {"n": n, "c_o": c_o, "h_o": h_o, "w_o": w_o, "k_h": k_h, "k_w": k_w, "b": int(self.bias)}


class PointwiseConv2d(Layer):
    """A 1x1 convolution, with groups.

    Shapes: (n, c_i, h_i, w_i) -> (n, c_o, h_o, w_o), h_o = ceil(h_i / s).

    >>> PointwiseConv2d(out_channels=128, bias=False).cost((1, 64, 112, 112)).macs
    102760448
    """

    kind: Literal["pointwise_conv2d"] = "pointwise_conv2d"
    out_channels: Dim
    stride: Axes2 = (1, 1)
    groups: Dim = 1
    bias: Flag = True

    formulas: ClassVar[Formulas] = Formulas(macs=pointwise_macs, additions=conv2d_bias, params=pointwise_params)
    source: ClassVar[str] = "document 003, table of MACs: 1x1 convolution"
    assumptions: ClassVar[tuple[str, ...]] = ASSUMPTIONS[1:]

    def output_shape(self, inputs: Shapes) -> Shape:
        n, c_i, *sizes = self.unpack(inputs[0], "n", "c_i", "h_i", "w_i")
        check_groups(self, c_i, self.out_channels, self.groups)
        window = window_shape(self, sizes, (1, 1), self.stride, ((0, 0), (0, 0)), (1, 1))
        return (n, self.out_channels, *window)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        n, c_o, h_o, w_o = outputs[0]
        c_i = inputs[0][1]
        return {"n": n, "c_o": c_o, "c_i": c_i, "h_o": h_o, "w_o": w_o, "g": self.groups, "b": int(self.bias)}
