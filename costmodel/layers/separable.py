"""Separable convolutions: composites that expand into the convolutions they consist of."""

from __future__ import annotations

from typing import ClassVar, Literal

from costmodel.algebra.dimension import Dim
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Flag, Layer, Shapes
from costmodel.layers.composite import Composite
from costmodel.layers.conv import ASSUMPTIONS, Conv2d, same_needs_stride_1
from costmodel.layers.depthwise import DepthwiseConv2d, PointwiseConv2d
from costmodel.layers.formulas import Formulas
from costmodel.layers.window import Axes2, Padding2


def spatially_separable_macs(
    n: Value, c_i: Value, c_o: Value, c_g: Value, h_o: Value, w_o: Value, w_m: Value, k_h: Value, k_w: Value
) -> Value:
    """A (k_h, 1) convolution of c_i channels, then (1, k_w) on c_g channels for each output."""
    return n * (k_h * c_i * h_o * w_m * c_o + k_w * c_g * h_o * w_o * c_o)


def spatially_separable_bias(n: Value, c_o: Value, h_o: Value, w_o: Value, w_m: Value, b: Value) -> Value:
    """One addition for each element of both steps."""
    return b * n * c_o * (h_o * w_m + h_o * w_o)


def spatially_separable_params(c_i: Value, c_o: Value, c_g: Value, k_h: Value, k_w: Value, b: Value) -> Value:
    """The kernels of both steps, and their biases."""
    return k_h * c_i * c_o + k_w * c_g * c_o + b * 2 * c_o


class SpatiallySeparableConv2d(Composite):
    """A (k_h, 1) convolution followed by a (1, k_w) one.

    The second step works per channel (c_g = 1), as document 000 has it, or densely over all c_o channels
    (c_g = c_o), as in Inception. Shapes as in `conv2d`; w_m is the width between the steps, which without
    padding and stride is w_o + k_w - 1.

    >>> SpatiallySeparableConv2d(out_channels=4, kernel=3, bias=False).cost((1, 2, 8, 8)).macs
    1584
    """

    kind: Literal["spatially_separable_conv2d"] = "spatially_separable_conv2d"
    out_channels: Dim
    kernel: Axes2
    second: Literal["per_channel", "dense"] = "per_channel"
    stride: Axes2 = (1, 1)
    padding: Padding2 = ((0, 0), (0, 0))
    bias: Flag = True

    formulas: ClassVar[Formulas] = Formulas(
        macs=spatially_separable_macs, additions=spatially_separable_bias, params=spatially_separable_params
    )
    source: ClassVar[str] = "document 000, table of convolution types; dense: Szegedy et al., arXiv 1512.00567"
    assumptions: ClassVar[tuple[str, ...]] = ASSUMPTIONS
    _same = same_needs_stride_1

    def parts(self) -> tuple[Layer, ...]:
        first, last = _steps(self.kernel, self.stride, self.padding)
        column = Conv2d(out_channels=self.out_channels, **first, bias=self.bias)
        if self.second == "dense":
            return column, Conv2d(out_channels=self.out_channels, **last, bias=self.bias)
        return column, DepthwiseConv2d(**last, bias=self.bias)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        (_, _, _, w_m), (n, c_o, h_o, w_o) = self.shapes(inputs)
        k_h, k_w = self.kernel
        c_g = c_o if self.second == "dense" else 1
        sizes = {"h_o": h_o, "w_o": w_o, "w_m": w_m, "k_h": k_h, "k_w": k_w}
        return {"n": n, "c_i": inputs[0][1], "c_o": c_o, "c_g": c_g, "b": int(self.bias), **sizes}


def depthwise_separable_macs(
    n: Value, c_i: Value, q: Value, c_o: Value, h_o: Value, w_o: Value, k_h: Value, k_w: Value
) -> Value:
    """A depthwise convolution to q c_i channels, then a pointwise one."""
    return n * (k_h * k_w * q * c_i * h_o * w_o + q * c_i * h_o * w_o * c_o)


def depthwise_separable_bias(n: Value, c_i: Value, q: Value, c_o: Value, h_o: Value, w_o: Value, b: Value) -> Value:
    """One addition for each element of both steps."""
    return b * n * (q * c_i + c_o) * h_o * w_o


def depthwise_separable_params(c_i: Value, q: Value, c_o: Value, k_h: Value, k_w: Value, b: Value) -> Value:
    """The kernels of both steps, and their biases."""
    return k_h * k_w * q * c_i + q * c_i * c_o + b * (q * c_i + c_o)


class DepthwiseSeparableConv2d(Composite):
    """A depthwise convolution followed by a pointwise one.

    Shapes as in `conv2d`; q is the channel multiplier of the depthwise step.

    >>> DepthwiseSeparableConv2d(out_channels=128, kernel=3, padding=1).cost((1, 64, 112, 112)).macs
    109985792
    """

    kind: Literal["depthwise_separable_conv2d"] = "depthwise_separable_conv2d"
    out_channels: Dim
    kernel: Axes2
    multiplier: Dim = 1
    stride: Axes2 = (1, 1)
    padding: Padding2 = ((0, 0), (0, 0))
    dilation: Axes2 = (1, 1)
    bias: Flag = True

    formulas: ClassVar[Formulas] = Formulas(
        macs=depthwise_separable_macs, additions=depthwise_separable_bias, params=depthwise_separable_params
    )
    source: ClassVar[str] = "Howard et al., MobileNets, arXiv 1704.04861, section 3.1; documents 000 and 001"
    assumptions: ClassVar[tuple[str, ...]] = ASSUMPTIONS
    _same = same_needs_stride_1

    def parts(self) -> tuple[Layer, ...]:
        depthwise = DepthwiseConv2d(
            kernel=self.kernel,
            multiplier=self.multiplier,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            bias=self.bias,
        )
        return depthwise, PointwiseConv2d(out_channels=self.out_channels, bias=self.bias)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        n, c_o, h_o, w_o = outputs[0]
        k_h, k_w = self.kernel
        sizes = {"h_o": h_o, "w_o": w_o, "k_h": k_h, "k_w": k_w}
        return {"n": n, "c_i": inputs[0][1], "q": self.multiplier, "c_o": c_o, "b": int(self.bias), **sizes}


def depthwise_spatially_separable_macs(
    n: Value, c_i: Value, c_o: Value, h_o: Value, w_o: Value, w_m: Value, k_h: Value, k_w: Value
) -> Value:
    """Depthwise (k_h, 1), depthwise (1, k_w), then pointwise."""
    return n * (k_h * c_i * h_o * w_m + k_w * c_i * h_o * w_o + c_i * h_o * w_o * c_o)


def depthwise_spatially_separable_bias(
    n: Value, c_i: Value, c_o: Value, h_o: Value, w_o: Value, w_m: Value, b: Value
) -> Value:
    """One addition for each element of the three steps."""
    return b * n * (c_i * h_o * w_m + c_i * h_o * w_o + c_o * h_o * w_o)


def depthwise_spatially_separable_params(c_i: Value, c_o: Value, k_h: Value, k_w: Value, b: Value) -> Value:
    """The kernels of the three steps, and their biases."""
    return k_h * c_i + k_w * c_i + c_i * c_o + b * (2 * c_i + c_o)


class DepthwiseSpatiallySeparableConv2d(Composite):
    """Depthwise (k_h, 1), depthwise (1, k_w), then pointwise.

    Shapes as in `conv2d`; w_m is the width between the depthwise steps.

    >>> DepthwiseSpatiallySeparableConv2d(out_channels=4, kernel=3, bias=False).cost((1, 2, 8, 8)).params
    20
    """

    kind: Literal["depthwise_spatially_separable_conv2d"] = "depthwise_spatially_separable_conv2d"
    out_channels: Dim
    kernel: Axes2
    stride: Axes2 = (1, 1)
    padding: Padding2 = ((0, 0), (0, 0))
    bias: Flag = True

    formulas: ClassVar[Formulas] = Formulas(
        macs=depthwise_spatially_separable_macs,
        additions=depthwise_spatially_separable_bias,
        params=depthwise_spatially_separable_params,
    )
    source: ClassVar[str] = (
        "document 000, table of convolution types (its formula lacks the factor d_in: see the textbook)"
    )
    assumptions: ClassVar[tuple[str, ...]] = ASSUMPTIONS
    _same = same_needs_stride_1

    def parts(self) -> tuple[Layer, ...]:
        first, last = _steps(self.kernel, self.stride, self.padding)
        column, row = DepthwiseConv2d(**first, bias=self.bias), DepthwiseConv2d(**last, bias=self.bias)
        return column, row, PointwiseConv2d(out_channels=self.out_channels, bias=self.bias)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        (_, _, _, w_m), _, (n, c_o, h_o, w_o) = self.shapes(inputs)
        k_h, k_w = self.kernel
        sizes = {"h_o": h_o, "w_o": w_o, "w_m": w_m, "k_h": k_h, "k_w": k_w}
        return {"n": n, "c_i": inputs[0][1], "c_o": c_o, "b": int(self.bias), **sizes}


def _steps(kernel: Value, stride: Value, padding: Value) -> tuple[dict[str, Value], dict[str, Value]]:
    """The (k_h, 1) and the (1, k_w) half of a window."""
    (k_h, k_w), (s_h, s_w) = kernel, stride
    vertical, horizontal = (padding, padding) if isinstance(padding, str) else ((padding[0], 0), (0, padding[1]))
    return (
        {"kernel": (k_h, 1), "stride": (s_h, 1), "padding": vertical},
        {"kernel": (1, k_w), "stride": (1, s_w), "padding": horizontal},
    )
