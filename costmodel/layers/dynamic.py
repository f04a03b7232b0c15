"""Convolutions whose weights are computed, and the windows of a convolution as columns."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from costmodel.algebra import divides, equal, exact_div, product
from costmodel.algebra.dimension import Dim
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Flag, Layer, Product, Shape, Shapes, shape_text
from costmodel.layers.conv import ASSUMPTIONS, check_groups, same_needs_stride_1
from costmodel.layers.formulas import Formulas
from costmodel.layers.reshape import COPIED, Move
from costmodel.layers.transposed import transposed_shape
from costmodel.layers.window import Axes, Axes2, Padding, Padding2, Sizes, spread, window_shape


def dynamic_conv_macs(n: Value, c: Value, s: Value, c_g: Value, k_s: Value) -> Value:
    """For every output element (transposed: input element), a product with each kernel element of its group."""
    return n * c * s * c_g * k_s


def dynamic_conv_bias(b: Value, e: Value) -> Value:
    """One addition for each output element."""
    return b * e


class DynamicConv(Layer):
    """A convolution, or a transposed one, with weights that are another tensor, along any number of spatial axes.

    Inputs: x, the weight, and optionally a bias. Shapes: (n, c_i, ...), (c_o, c_i / g, k, ...), (c_o) -> (n, c_o, ...)
    with sizes as in `conv2d`; transposed with weights of (c_i, c_o / g, k, ...) and sizes as in `conv_transpose2d`.
    c and s are the channels and positions of the output, transposed those of the input; c_g = c_i / g or c_o / g.

    >>> DynamicConv(padding=1).cost((1, 64, 112, 112), (128, 64, 3, 3)).macs
    924844032
    """

    kind: Literal["dynamic_conv"] = "dynamic_conv"
    stride: Axes = (1,)
    padding: Padding = ((0, 0),)
    dilation: Axes = (1,)
    groups: Dim = 1
    transposed: Flag = False
    output_padding: Sizes = (0,)
    inputs: ClassVar[tuple[int, ...]] = (2, 3)
    formulas: ClassVar[Formulas] = Formulas(macs=dynamic_conv_macs, additions=dynamic_conv_bias)
    source: ClassVar[str] = "document 003, table of MACs: convolution, grouped convolution"
    assumptions: ClassVar[tuple[str, ...]] = (
        *ASSUMPTIONS,
        "transposed: products that fall into the cropped border are booked; zeros inserted by the stride are not",
    )
    _same = same_needs_stride_1

    @model_validator(mode="after")
    def _what_transposed_takes(self) -> Self:
        if self.transposed and isinstance(self.padding, str):
            raise ValueError("'padding' must be numbers, because 'same' has no meaning without the output's size")
        if not self.transposed and any(extra != 0 for extra in self.output_padding):
            raise ValueError("'output_padding' may differ from 0 only where it is transposed")
        return self

    def output_shape(self, inputs: Shapes) -> Shape:
        x, weight, *bias = inputs
        if len(weight) != len(x):
            self.refuse(f"needs a weight of the input's rank (got {shape_text(weight)} for {shape_text(x)})")
        n, c_i, *sizes = self.channelled(x, spatial=True)
        kernel = weight[2:]
        c_o = weight[1] * self.groups if self.transposed else weight[0]
        if not equal(c_i, weight[0] if self.transposed else weight[1] * self.groups):
            self.refuse(
                f"needs weights for the input's channels in {self.groups} groups"
                f" (got {shape_text(weight)} for {shape_text(x)})"
            )
        check_groups(self, c_i, c_o, self.groups)
        if bias and (len(bias[0]) != 1 or not equal(bias[0][0], c_o)):
            self.refuse(f"needs a bias for each output channel (got {shape_text(bias[0])} for {shape_text((c_o,))})")
        stride, padding, dilation, extra = (
            spread(self, field, len(sizes)) for field in ("stride", "padding", "dilation", "output_padding")
        )
        if self.transposed:
            return (n, c_o, *transposed_shape(self, sizes, kernel, stride, padding, dilation, extra))
        return (n, c_o, *window_shape(self, sizes, kernel, stride, padding, dilation))

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        weight = inputs[1]
        n, c, *sizes = inputs[0] if self.transposed else outputs[0]
        kernel = {"c_g": weight[1], "k_s": product(weight[2:])}
        return {"n": n, "c": c, "s": product(sizes), "e": product(outputs[0]), "b": len(inputs) - 2, **kernel}

    def products(self, inputs: Shapes, outputs: Shapes) -> tuple[Product, ...]:
        """The input and the weight; a bias is added."""
        (whole,) = super().products(inputs, outputs)
        return (whole._replace(data=whole.data[:2]),)


class Unfold(Move):
    """The windows of a convolution as columns (im2col): a copy.

    Shapes: (n, c, h_i, w_i) -> (n, c k_h k_w, h_o w_o) with sizes as in `conv2d`.

    >>> Unfold(kernel=3, padding=1).cost((1, 64, 28, 28)).output_shapes
    ((1, 576, 784),)
    """

    kind: Literal["unfold"] = "unfold"
    kernel: Axes2
    stride: Axes2 = (1, 1)
    padding: Padding2 = ((0, 0), (0, 0))
    dilation: Axes2 = (1, 1)
    formulas: ClassVar[Formulas] = COPIED
    source: ClassVar[str] = "Chellapilla, Puri and Simard, High performance convolutional networks, 2006"
    _same = same_needs_stride_1

    def output_shape(self, inputs: Shapes) -> Shape:
        n, c, *sizes = self.unpack(inputs[0], "n", "c", "h_i", "w_i")
        windows = window_shape(self, sizes, self.kernel, self.stride, self.padding, self.dilation)
        return (n, c * product(self.kernel), product(windows))


def fold_additions(e_i: Value) -> Value:
    """Each element of the columns is added to its place in a map of zeros."""
    return e_i


class Fold(Layer):
    """Columns added up to the maps that their windows lie in (col2im): the adjoint of `unfold`.

    Shapes: (n, c k_h k_w, h_o w_o) -> (n, c, h_i, w_i) with h_i x w_i = `output_size`. One addition for each element
    of the columns.

    >>> Fold(output_size=28, kernel=3, padding=1).cost((1, 576, 784)).output_shapes
    ((1, 64, 28, 28),)
    """

    kind: Literal["fold"] = "fold"
    output_size: Axes2
    kernel: Axes2
    stride: Axes2 = (1, 1)
    padding: Padding2 = ((0, 0), (0, 0))
    dilation: Axes2 = (1, 1)
    formulas: ClassVar[Formulas] = Formulas(additions=fold_additions)
    source: ClassVar[str] = "Chellapilla, Puri and Simard, High performance convolutional networks, 2006 (adjoint)"
    assumptions: ClassVar[tuple[str, ...]] = ("additions that fall into the padding are booked",)
    _same = same_needs_stride_1

    def output_shape(self, inputs: Shapes) -> Shape:
        n, columns, positions = self.unpack(inputs[0], "n", "c k_h k_w", "h_o w_o")
        windows = window_shape(self, self.output_size, self.kernel, self.stride, self.padding, self.dilation)
        elements = product(self.kernel)
        if not equal(product(windows), positions):
            self.refuse(
                f"'output_size' must have as many windows as there are columns (got {shape_text(windows)}"
                f" windows for {shape_text((positions,))})"
            )
        if not divides(elements, columns):
            self.refuse(f"'kernel' (of {elements} elements) must divide the rows (={columns})")
        return (n, exact_div(columns, elements), *self.output_size)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {"e_i": product(inputs[0])}
