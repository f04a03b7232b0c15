"""Pooling over windows, in one, two and three dimensions."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from costmodel.algebra import product
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Flag, Layer, Shape, Shapes
from costmodel.layers.conv import same_needs_stride_1
from costmodel.layers.formulas import Formulas
from costmodel.layers.window import (
    Axes1,
    Axes2,
    Axes3,
    Padding1,
    Padding2,
    Padding3,
    stride_is_kernel,
    window_shape,
)

ASSUMPTIONS = ("every window is booked in full, positions in the padding and beyond the border included",)


def pool1d_folds(n: Value, c: Value, l_o: Value, k: Value) -> Value:
    """Folding k values into one (the largest, or the sum) takes k - 1 operations."""
    return n * c * l_o * (k - 1)


def pool2d_folds(n: Value, c: Value, h_o: Value, w_o: Value, k_h: Value, k_w: Value) -> Value:
    """Folding k_h k_w values into one (the largest, or the sum) takes k_h k_w - 1 operations."""
    return n * c * h_o * w_o * (k_h * k_w - 1)


def pool3d_folds(n: Value, c: Value, d_o: Value, h_o: Value, w_o: Value, k_d: Value, k_h: Value, k_w: Value) -> Value:
    """Folding k_d k_h k_w values into one (the largest, or the sum) takes k_d k_h k_w - 1 operations."""
    return n * c * d_o * h_o * w_o * (k_d * k_h * k_w - 1)


def one_division(e: Value) -> Value:
    """One division by the size of the window for each output element."""
    return e


class _Pool(Layer):
    """What pooling layers share: windows on each channel by itself."""

    kernel: tuple[Any, ...]
    stride: Any = None
    padding: Any = 0
    dilation: tuple[Any, ...]
    ceil_mode: Flag = False

    source: ClassVar[str] = (
        "Goodfellow, Bengio and Courville, Deep Learning, 2016, section 9.3; conventions: document 002"
    )
    assumptions: ClassVar[tuple[str, ...]] = ASSUMPTIONS
    axes: ClassVar[tuple[str, ...]]
    _same = same_needs_stride_1
    _stride = stride_is_kernel

    @model_validator(mode="after")
    def _padding_below_kernel(self) -> Self:
        if isinstance(self.padding, str):
            return self
        for k, d, sides in zip(self.kernel, self.dilation, self.padding, strict=True):
            extent = d * (k - 1) + 1
            if any(isinstance(side, int) and isinstance(extent, int) and side >= extent for side in sides):
                raise ValueError(
                    f"'padding' must be smaller than the extent of 'kernel' (got {max(sides)} for one of {extent})"
                )
        return self

    def output_shape(self, inputs: Shapes) -> Shape:
        n, c, *sizes = self.unpack(inputs[0], "n", "c", *self.axes)
        window = window_shape(
            self, sizes, self.kernel, self.stride, self.padding, self.dilation, ceil_mode=self.ceil_mode
        )
        return (n, c, *window)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        values = {"e": product(outputs[0])}
        values.update(zip(("n", "c", *(axis.replace("_i", "_o") for axis in self.axes)), outputs[0], strict=True))
        values.update(zip(self.axes, inputs[0][2:], strict=True))
        values.update(zip(_KERNEL_NAMES[len(self.axes)], self.kernel, strict=True))
        values.update(zip(_STRIDE_NAMES[len(self.axes)], self.stride, strict=True))
        return values


_KERNEL_NAMES = {1: ("k",), 2: ("k_h", "k_w"), 3: ("k_d", "k_h", "k_w")}
_STRIDE_NAMES = {1: ("s_l",), 2: ("s_h", "s_w"), 3: ("s_d", "s_h", "s_w")}


class MaxPool1d(_Pool):
    """The largest value of each window of a sequence; shapes as in `max_pool2d`."""

    kind: Literal["max_pool1d"] = "max_pool1d"
    kernel: Axes1
    stride: Axes1 = Field(default=None, validate_default=True)
    padding: Padding1 = ((0, 0),)
    dilation: Axes1 = (1,)
    axes: ClassVar[tuple[str, ...]] = ("l_i",)
    formulas: ClassVar[Formulas] = Formulas(comparisons=pool1d_folds)


class MaxPool2d(_Pool):
    """The largest value of each window.

    Shapes: (n, c, h_i, w_i) -> (n, c, h_o, w_o), h_o = floor((h_i + p - d (k_h - 1) - 1) / s) + 1; in ceil mode
    rounded up, but no window starts behind the input. Without a stride it is the kernel.

    >>> MaxPool2d(kernel=3, stride=2).cost((1, 96, 55, 55)).ledger.comparisons
    559872
    """

    kind: Literal["max_pool2d"] = "max_pool2d"
    kernel: Axes2
    stride: Axes2 = Field(default=None, validate_default=True)
    padding: Padding2 = ((0, 0), (0, 0))
    dilation: Axes2 = (1, 1)
    axes: ClassVar[tuple[str, ...]] = ("h_i", "w_i")
    formulas: ClassVar[Formulas] = Formulas(comparisons=pool2d_folds)


class MaxPool3d(_Pool):
    """The largest value of each window of a volume; shapes as in `max_pool2d`."""

    kind: Literal["max_pool3d"] = "max_pool3d"
    kernel: Axes3
    stride: Axes3 = Field(default=None, validate_default=True)
    padding: Padding3 = ((0, 0), (0, 0), (0, 0))
    dilation: Axes3 = (1, 1, 1)
    axes: ClassVar[tuple[str, ...]] = ("d_i", "h_i", "w_i")
    formulas: ClassVar[Formulas] = Formulas(comparisons=pool3d_folds)


class AvgPool1d(_Pool):
    """The mean of each window of a sequence; shapes and padding as in `avg_pool2d`."""

    kind: Literal["avg_pool1d"] = "avg_pool1d"
    kernel: Axes1
    stride: Axes1 = Field(default=None, validate_default=True)
    padding: Padding1 = ((0, 0),)
    dilation: Axes1 = (1,)
    count_include_pad: Flag = True
    axes: ClassVar[tuple[str, ...]] = ("l_i",)
    formulas: ClassVar[Formulas] = Formulas(additions=pool1d_folds, divisions=one_division)


class AvgPool2d(_Pool):
    """The mean of each window.

    Shapes as in `max_pool2d`. `count_include_pad` says whether the padding's zeros count in the divisor: it
    changes the value, not the number of operations.

    >>> AvgPool2d(kernel=2).cost((1, 5, 26, 26)).ledger
    Ledger(macs=0, additions=2535, multiplications=0, comparisons=0, divisions=845, transcendentals=0)
    """

    kind: Literal["avg_pool2d"] = "avg_pool2d"
    kernel: Axes2
    stride: Axes2 = Field(default=None, validate_default=True)
    padding: Padding2 = ((0, 0), (0, 0))
    dilation: Axes2 = (1, 1)
    count_include_pad: Flag = True
    axes: ClassVar[tuple[str, ...]] = ("h_i", "w_i")
    formulas: ClassVar[Formulas] = Formulas(additions=pool2d_folds, divisions=one_division)


class AvgPool3d(_Pool):
    """The mean of each window of a volume; shapes and padding as in `avg_pool2d`."""

    kind: Literal["avg_pool3d"] = "avg_pool3d"
    kernel: Axes3
    stride: Axes3 = Field(default=None, validate_default=True)
    padding: Padding3 = ((0, 0), (0, 0), (0, 0))
    dilation: Axes3 = (1, 1, 1)
    count_include_pad: Flag = True
    axes: ClassVar[tuple[str, ...]] = ("d_i", "h_i", "w_i")
    formulas: ClassVar[Formulas] = Formulas(additions=pool3d_folds, divisions=one_division)
