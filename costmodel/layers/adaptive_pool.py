"""Pooling to a given output size, in one, two and three dimensions."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from costmodel.algebra import gcd, product
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Layer, Shape, Shapes
from costmodel.layers.formulas import Formulas
from costmodel.layers.pool import one_division
from costmodel.layers.window import Axes1, Axes2, Axes3


def adaptive1d_folds(n: Value, c: Value, l_i: Value, l_o: Value) -> Value:
    """The windows visit l_i + l_o - gcd values of a map; folding saves one for each output.

    Window j reaches from floor(j l_i / l_o) to ceil((j + 1) l_i / l_o): neighbours share one value wherever l_o
    does not divide j l_i, which is l_o - gcd(l_i, l_o) times.
    """
    return n * c * (l_i + l_o - gcd(l_i, l_o) - l_o)


def adaptive2d_folds(n: Value, c: Value, h_i: Value, w_i: Value, h_o: Value, w_o: Value) -> Value:
    """The windows visit (h_i + h_o - gcd)(w_i + w_o - gcd) values of a map; folding saves one for each output.

    Along an axis, window j reaches from floor(j h_i / h_o) to ceil((j + 1) h_i / h_o): neighbours share one
    value wherever h_o does not divide j h_i, which is h_o - gcd(h_i, h_o) times.
    """
    return n * c * ((h_i + h_o - gcd(h_i, h_o)) * (w_i + w_o - gcd(w_i, w_o)) - h_o * w_o)


def adaptive3d_folds(
    n: Value, c: Value, d_i: Value, h_i: Value, w_i: Value, d_o: Value, h_o: Value, w_o: Value
) -> Value:
    """As in two dimensions, with a third factor for the depth."""
    visited = (d_i + d_o - gcd(d_i, d_o)) * (h_i + h_o - gcd(h_i, h_o)) * (w_i + w_o - gcd(w_i, w_o))
    return n * c * (visited - d_o * h_o * w_o)


class _AdaptivePool(Layer):
    """What pooling to a given output size shares."""

    output_size: tuple[Any, ...]

    source: ClassVar[str] = "PyTorch's definition of adaptive pooling; the closed form of its overlaps is ours"
    axes: ClassVar[tuple[str, ...]]

    def output_shape(self, inputs: Shapes) -> Shape:
        n, c, *_ = self.unpack(inputs[0], "n", "c", *self.axes)
        return (n, c, *self.output_size)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        values = {"e": product(outputs[0])}
        values.update(zip(("n", "c", *self.axes), inputs[0], strict=True))
        values.update(zip((axis.replace("_i", "_o") for axis in self.axes), self.output_size, strict=True))
        return values


class AdaptiveAvgPool1d(_AdaptivePool):
    """The mean of windows that cover a sequence and give a fixed output size; as `adaptive_avg_pool2d`."""

    kind: Literal["adaptive_avg_pool1d"] = "adaptive_avg_pool1d"
    output_size: Axes1
    axes: ClassVar[tuple[str, ...]] = ("l_i",)
    formulas: ClassVar[Formulas] = Formulas(additions=adaptive1d_folds, divisions=one_division)


class AdaptiveAvgPool2d(_AdaptivePool):
    """The mean of windows that cover the input and give a fixed output size.

    Shapes: (n, c, h_i, w_i) -> (n, c, h_o, w_o) with h_o x w_o = `output_size`.

    >>> AdaptiveAvgPool2d(output_size=6).cost((1, 1, 8, 8)).ledger.additions
    108
    """

    kind: Literal["adaptive_avg_pool2d"] = "adaptive_avg_pool2d"
    output_size: Axes2
    axes: ClassVar[tuple[str, ...]] = ("h_i", "w_i")
    formulas: ClassVar[Formulas] = Formulas(additions=adaptive2d_folds, divisions=one_division)


class AdaptiveAvgPool3d(_AdaptivePool):
    """The mean of windows that cover a volume and give a fixed output size; as `adaptive_avg_pool2d`."""

    kind: Literal["adaptive_avg_pool3d"] = "adaptive_avg_pool3d"
    output_size: Axes3
    axes: ClassVar[tuple[str, ...]] = ("d_i", "h_i", "w_i")
    formulas: ClassVar[Formulas] = Formulas(additions=adaptive3d_folds, divisions=one_division)


class AdaptiveMaxPool1d(_AdaptivePool):
    """The largest value of windows that cover a sequence; shapes as in `adaptive_avg_pool2d`."""

    kind: Literal["adaptive_max_pool1d"] = "adaptive_max_pool1d"
    output_size: Axes1
    axes: ClassVar[tuple[str, ...]] = ("l_i",)
    formulas: ClassVar[Formulas] = Formulas(comparisons=adaptive1d_folds)


class AdaptiveMaxPool2d(_AdaptivePool):
    """The largest value of windows that cover the input; shapes as in `adaptive_avg_pool2d`."""

    kind: Literal["adaptive_max_pool2d"] = "adaptive_max_pool2d"
    output_size: Axes2
    axes: ClassVar[tuple[str, ...]] = ("h_i", "w_i")
    formulas: ClassVar[Formulas] = Formulas(comparisons=adaptive2d_folds)


class AdaptiveMaxPool3d(_AdaptivePool):
    """The largest value of windows that cover a volume; shapes as in `adaptive_avg_pool2d`."""

    kind: Literal["adaptive_max_pool3d"] = "adaptive_max_pool3d"
    output_size: Axes3
    axes: ClassVar[tuple[str, ...]] = ("d_i", "h_i", "w_i")
    formulas: ClassVar[Formulas] = Formulas(comparisons=adaptive3d_folds)
