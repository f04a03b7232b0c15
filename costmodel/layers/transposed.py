"""Transposed convolutions in one, two and three dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, get_args

from pydantic import field_validator

from costmodel.algebra import exact_div
from costmodel.algebra.dimension import Dim
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Flag, Layer, Shape, Shapes
from costmodel.layers.conv import check_groups, conv1d_bias, conv2d_bias, conv3d_bias
from costmodel.layers.formulas import Formulas
from costmodel.layers.window import (
    Axes1,
    Axes2,
    Axes3,
    Padding1,
    Padding2,
    Padding3,
    Same,
    Sizes1,
    Sizes2,
    Sizes3,
    pads,
)


def conv_transpose1d_macs(n: Value, c_i: Value, l_i: Value, c_o: Value, g: Value, k: Value) -> Value:
    """Every input element meets every kernel element of its group, those cropped by the padding included."""
    return n * c_i * l_i * exact_div(c_o, g) * k


def conv_transpose1d_params(c_i: Value, c_o: Value, g: Value, k: Value, b: Value) -> Value:
    """One kernel for each pair of channels in a group, and a bias for each output channel."""
    return c_i * exact_div(c_o, g) * k + b * c_o


def conv_transpose2d_macs(
    n: Value, c_i: Value, h_i: Value, w_i: Value, c_o: Value, g: Value, k_h: Value, k_w: Value
) -> Value:
    """Every input element meets every kernel element of its group, those cropped by the padding included."""
    return n * c_i * h_i * w_i * exact_div(c_o, g) * k_h * k_w


def conv_transpose2d_params(c_i: Value, c_o: Value, g: Value, k_h: Value, k_w: Value, b: Value) -> Value:
    """One kernel for each pair of channels in a group, and a bias for each output channel."""
    return c_i * exact_div(c_o, g) * k_h * k_w + b * c_o


def conv_transpose3d_macs(
    n: Value, c_i: Value, d_i: Value, h_i: Value, w_i: Value, c_o: Value, g: Value, k_d: Value, k_h: Value, k_w: Value
) -> Value:
    """Every input element meets every kernel element of its group, those cropped by the padding included."""
    return n * c_i * d_i * h_i * w_i * exact_div(c_o, g) * k_d * k_h * k_w


def conv_transpose3d_params(c_i: Value, c_o: Value, g: Value, k_d: Value, k_h: Value, k_w: Value, b: Value) -> Value:
    """One kernel for each pair of channels in a group, and a bias for each output channel."""
    return c_i * exact_div(c_o, g) * k_d * k_h * k_w + b * c_o


class _TransposedConvolution(Layer):
    """What transposed convolutions share, whatever their number of spatial axes."""

    out_channels: Dim
    kernel: tuple[Any, ...]
    stride: tuple[Any, ...]
    padding: Any = 0
    output_padding: tuple[Any, ...]
    dilation: tuple[Any, ...]
    groups: Dim = 1
    bias: Flag = True

    source: ClassVar[str] = "Dumoulin and Visin, A guide to convolution arithmetic, arXiv 1603.07285, section 4"
    assumptions: ClassVar[tuple[str, ...]] = (
        "products that fall into the cropped border are booked; zeros inserted by the stride are not",
        "the bias is booked as additions, not as multiply-accumulates",
    )
    axes: ClassVar[tuple[str, ...]]

    @field_validator("padding", check_fields=False)
    @classmethod
    def _numbers_only(cls, padding: Any) -> Any:
        if padding in get_args(Same):
            raise ValueError("must be numbers, because 'same' has no meaning without the output's size")
        return padding

    def output_shape(self, inputs: Shapes) -> Shape:
        n, c_i, *sizes = self.unpack(inputs[0], "n", "c_i", *self.axes)
        check_groups(self, c_i, self.out_channels, self.groups)
        shape = transposed_shape(
            self, sizes, self.kernel, self.stride, self.padding, self.dilation, self.output_padding
        )
        return (n, self.out_channels, *shape)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        values = {"c_o": self.out_channels, "g": self.groups, "b": int(self.bias)}
        values.update(zip(("n", "c_i", *self.axes), inputs[0], strict=True))
        values.update(zip((axis.replace("_i", "_o") for axis in self.axes), outputs[0][2:], strict=True))
        values.update(zip(_KERNEL_NAMES[len(self.axes)], self.kernel, strict=True))
        values.update(zip(_STRIDE_NAMES[len(self.axes)], self.stride, strict=True))
        values.update(zip(_ADDED_NAMES[len(self.axes)], self.output_padding, strict=True))
        return values


def transposed_shape(
    layer: Layer,
    sizes: Sequence[Value],
    kernel: Sequence[Value],
    stride: Sequence[Value],
    padding: Any,
    dilation: Sequence[Value],
    output_padding: Sequence[Value],
) -> tuple[Value, ...]:
    """(size - 1) s - before - after + d (k - 1) + output_padding + 1 along each axis."""
    shape = []
    for axis, (size, k, s, d, extra) in enumerate(zip(sizes, kernel, stride, dilation, output_padding, strict=True)):
        before, after = pads(padding, axis, k, d)
        if all(isinstance(each, int) for each in (s, d, extra)) and extra >= max(s, d):
            layer.refuse(f"'output_padding' (={extra}) must be smaller than the stride (={s}) or the dilation (={d})")
        out = (size - 1) * s - before - after + d * (k - 1) + extra + 1
        if isinstance(out, int) and out < 1:
            layer.refuse(f"'padding' (={before}, {after}) must leave an output (got a size of {out})")
        shape.append(out)
    return tuple(shape)


_KERNEL_NAMES = {1: ("k",), 2: ("k_h", "k_w"), 3: ("k_d", "k_h", "k_w")}
_STRIDE_NAMES = {1: ("s_l",), 2: ("s_h", "s_w"), 3: ("s_d", "s_h", "s_w")}
_ADDED_NAMES = {1: ("o_l",), 2: ("o_h", "o_w"), 3: ("o_d", "o_h", "o_w")}


class ConvTranspose1d(_TransposedConvolution):
    """A transposed convolution over sequences.

    Shapes: (n, c_i, l_i) -> (n, c_o, l_o), l_o = (l_i - 1) s - p + d (k - 1) + output_padding + 1 with the
    padding p on both sides together.

    >>> ConvTranspose1d(out_channels=2, kernel=4, stride=2, padding=1).cost((1, 3, 8)).output_shapes
    ((1, 2, 16),)
    """

    kind: Literal["conv_transpose1d"] = "conv_transpose1d"
    kernel: Axes1
    stride: Axes1 = (1,)
    padding: Padding1 = ((0, 0),)
    output_padding: Sizes1 = (0,)
    dilation: Axes1 = (1,)

    axes: ClassVar[tuple[str, ...]] = ("l_i",)
    formulas: ClassVar[Formulas] = Formulas(
        macs=conv_transpose1d_macs, additions=conv1d_bias, params=conv_transpose1d_params
    )


class ConvTranspose2d(_TransposedConvolution):
    """A transposed convolution over images.

    Shapes: (n, c_i, h_i, w_i) -> (n, c_o, h_o, w_o), each size as in `conv_transpose1d`.

    >>> ConvTranspose2d(out_channels=8, kernel=4, stride=2, padding=1).cost((1, 16, 7, 7)).macs
    100352
    """

    kind: Literal["conv_transpose2d"] = "conv_transpose2d"
    kernel: Axes2
    stride: Axes2 = (1, 1)
    padding: Padding2 = ((0, 0), (0, 0))
    output_padding: Sizes2 = (0, 0)
    dilation: Axes2 = (1, 1)

    axes: ClassVar[tuple[str, ...]] = ("h_i", "w_i")
    formulas: ClassVar[Formulas] = Formulas(
        macs=conv_transpose2d_macs, additions=conv2d_bias, params=conv_transpose2d_params
    )


class ConvTranspose3d(_TransposedConvolution):
    """A transposed convolution over volumes.

    Shapes: (n, c_i, d_i, h_i, w_i) -> (n, c_o, d_o, h_o, w_o), each size as in `conv_transpose1d`.

    >>> ConvTranspose3d(out_channels=2, kernel=2, stride=2).cost((1, 1, 2, 3, 4)).output_shapes
    ((1, 2, 4, 6, 8),)
    """

    kind: Literal["conv_transpose3d"] = "conv_transpose3d"
    kernel: Axes3
    stride: Axes3 = (1, 1, 1)
    padding: Padding3 = ((0, 0), (0, 0), (0, 0))
    output_padding: Sizes3 = (0, 0, 0)
    dilation: Axes3 = (1, 1, 1)

    axes: ClassVar[tuple[str, ...]] = ("d_i", "h_i", "w_i")
    formulas: ClassVar[Formulas] = Formulas(
        macs=conv_transpose3d_macs, additions=conv3d_bias, params=conv_transpose3d_params
    )
