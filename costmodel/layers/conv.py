"""Convolutions in one, two and three dimensions, plain and grouped."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import ValidationInfo, field_validator

from costmodel.algebra import divides, exact_div
from costmodel.algebra.dimension import Dim
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Flag, Layer, Shape, Shapes
from costmodel.layers.formulas import Formulas
from costmodel.layers.window import Axes1, Axes2, Axes3, Padding1, Padding2, Padding3, window_shape

ASSUMPTIONS = (
    "every window is booked in full, positions in the padding included",
    "the bias is booked as additions, not as multiply-accumulates",
)


def conv1d_macs(n: Value, c_o: Value, l_o: Value, c_i: Value, g: Value, k: Value) -> Value:
    """For every output element, a product sum over the kernel and the input channels of its group."""
    c_g = exact_div(c_i, g)
    return n * c_o * l_o * c_g * k


def conv1d_bias(n: Value, c_o: Value, l_o: Value, b: Value) -> Value:
    """One addition for each output element."""
    return b * n * c_o * l_o


def conv1d_params(c_o: Value, c_i: Value, g: Value, k: Value, b: Value) -> Value:
    """One kernel for each output channel, and a bias."""
    c_g = exact_div(c_i, g)
    return c_o * c_g * k + b * c_o


def conv2d_macs(n: Value, c_o: Value, h_o: Value, w_o: Value, c_i: Value, g: Value, k_h: Value, k_w: Value) -> Value:
    """For every output element, a product sum over the kernel and the input channels of its group."""
    c_g = exact_div(c_i, g)
    return n * c_o * h_o * w_o * c_g * k_h * k_w


def conv2d_bias(n: Value, c_o: Value, h_o: Value, w_o: Value, b: Value) -> Value:
    """One addition for each output element."""
    return b * n * c_o * h_o * w_o


def conv2d_params(c_o: Value, c_i: Value, g: Value, k_h: Value, k_w: Value, b: Value) -> Value:
    """One kernel for each output channel, and a bias."""
    c_g = exact_div(c_i, g)
    return c_o * c_g * k_h * k_w + b * c_o


def conv3d_macs(
    n: Value, c_o: Value, d_o: Value, h_o: Value, w_o: Value, c_i: Value, g: Value, k_d: Value, k_h: Value, k_w: Value
) -> Value:
    """For every output element, a product sum over the kernel and the input channels of its group."""
    c_g = exact_div(c_i, g)
    return n * c_o * d_o * h_o * w_o * c_g * k_d * k_h * k_w


def conv3d_bias(n: Value, c_o: Value, d_o: Value, h_o: Value, w_o: Value, b: Value) -> Value:
    """One addition for each output element."""
    return b * n * c_o * d_o * h_o * w_o


def conv3d_params(c_o: Value, c_i: Value, g: Value, k_d: Value, k_h: Value, k_w: Value, b: Value) -> Value:
    """One kernel for each output channel, and a bias."""
    c_g = exact_div(c_i, g)
    return c_o * c_g * k_d * k_h * k_w + b * c_o


def _same_needs_stride_1(padding: Any, info: ValidationInfo) -> Any:
    stride = info.data.get("stride", (1,))
    if padding == "same_pytorch" and any(step != 1 for step in stride):
        raise ValueError("can be 'same_pytorch' only where every stride is 1; use 'same_tensorflow' or numbers")
    return padding


same_needs_stride_1 = field_validator("padding", check_fields=False)(_same_needs_stride_1)
"""Refuses PyTorch's "same" with a stride, as PyTorch does; needs `stride` declared before `padding`."""


class _Convolution(Layer):
    """What convolutions share, whatever their number of spatial axes."""

    out_channels: Dim
    kernel: tuple[Any, ...]
    stride: tuple[Any, ...]
    padding: Any = 0
    dilation: tuple[Any, ...]
    groups: Dim = 1
    bias: Flag = True

    source: ClassVar[str] = "document 003, table of MACs: convolution, grouped convolution"
    assumptions: ClassVar[tuple[str, ...]] = ASSUMPTIONS
    axes: ClassVar[tuple[str, ...]]

    _same = same_needs_stride_1

    def output_shape(self, inputs: Shapes) -> Shape:
        n, c_i, *sizes = self.unpack(inputs[0], "n", "c_i", *self.axes)
        check_groups(self, c_i, self.out_channels, self.groups)
        return (n, self.out_channels, *window_shape(self, sizes, self.kernel, self.stride, self.padding, self.dilation))


def check_groups(layer: Layer, c_i: Value, c_o: Value, groups: Value) -> None:
    """Raise unless the groups divide the input and the output channels."""
    for what, channels in (("input", c_i), ("output", c_o)):
        if not divides(groups, channels):
            layer.refuse(f"'groups' (={groups}) must divide the {what} channels (={channels})")


class Conv1d(_Convolution):
    """A convolution over sequences.

    Shapes: (n, c_i, l_i) -> (n, c_o, l_o), l_o = floor((l_i + p - d (k - 1) - 1) / s) + 1 with the padding p on
    both sides together.

    >>> Conv1d(out_channels=8, kernel=3).cost((1, 4, 10)).output_shapes
    ((1, 8, 8),)
    """

    kind: Literal["conv1d"] = "conv1d"
    kernel: Axes1
    stride: Axes1 = (1,)
    padding: Padding1 = ((0, 0),)
    dilation: Axes1 = (1,)

    axes: ClassVar[tuple[str, ...]] = ("l_i",)
    formulas: ClassVar[Formulas] = Formulas(macs=conv1d_macs, additions=conv1d_bias, params=conv1d_params)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        n, c_o, l_o = outputs[0]
        (k,) = self.kernel
        return {"n": n, "c_o": c_o, "l_o": l_o, "c_i": inputs[0][1], "g": self.groups, "k": k, "b": int(self.bias)}


class Conv2d(_Convolution):
    """A convolution over images, with groups.

    Shapes: (n, c_i, h_i, w_i) -> (n, c_o, h_o, w_o), h_o = floor((h_i + p - d (k_h - 1) - 1) / s) + 1 with the
    padding p on both sides together; the same for widths. "same_tensorflow" gives ceil(h_i / s);
    "same_pytorch" (stride 1) keeps the size.

    >>> Conv2d(out_channels=128, kernel=3, padding=1).cost((1, 64, 112, 112)).macs
    924844032
    """

    kind: Literal["conv2d"] = "conv2d"
    kernel: Axes2
    stride: Axes2 = (1, 1)
    padding: Padding2 = ((0, 0), (0, 0))
    dilation: Axes2 = (1, 1)

    axes: ClassVar[tuple[str, ...]] = ("h_i", "w_i")
    formulas: ClassVar[Formulas] = Formulas(macs=conv2d_macs, additions=conv2d_bias, params=conv2d_params)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        n, c_o, h_o, w_o = outputs[0]
        k_h, k_w = self.kernel
        window = {"h_o": h_o, "w_o": w_o, "k_h": k_h, "k_w": k_w}
        return {"n": n, "c_o": c_o, "c_i": inputs[0][1], "g": self.groups, "b": int(self.bias), **window}


class Conv3d(_Convolution):
    """A convolution over volumes or video.

    Shapes: (n, c_i, d_i, h_i, w_i) -> (n, c_o, d_o, h_o, w_o), each size as in `conv2d`.

    >>> Conv3d(out_channels=2, kernel=(1, 3, 3)).cost((1, 1, 4, 8, 8)).output_shapes
    ((1, 2, 4, 6, 6),)
    """

    kind: Literal["conv3d"] = "conv3d"
    kernel: Axes3
    stride: Axes3 = (1, 1, 1)
    padding: Padding3 = ((0, 0), (0, 0), (0, 0))
    dilation: Axes3 = (1, 1, 1)

    axes: ClassVar[tuple[str, ...]] = ("d_i", "h_i", "w_i")
    formulas: ClassVar[Formulas] = Formulas(macs=conv3d_macs, additions=conv3d_bias, params=conv3d_params)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        n, c_o, d_o, h_o, w_o = outputs[0]
        k_d, k_h, k_w = self.kernel
        window = {"d_o": d_o, "h_o": h_o, "w_o": w_o, "k_d": k_d, "k_h": k_h, "k_w": k_w}
        return {"n": n, "c_o": c_o, "c_i": inputs[0][1], "g": self.groups, "b": int(self.bias), **window}
