"""Pooling over whole maps, and to a given output size."""

from __future__ import annotations

from typing import ClassVar, Literal

from costmodel.algebra import gcd, product
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Flag, Layer, Shape, Shapes
from costmodel.layers.formulas import Formulas
from costmodel.layers.window import Axes2


def global_folds(n: Value, c: Value, s: Value) -> Value:
    """Folding the s values of a map into one (the largest, or the sum) takes s - 1 operations."""
    return n * c * (s - 1)


def global_divisions(n: Value, c: Value) -> Value:
    """One division for each map."""
    return n * c


def adaptive_folds(n: Value, c: Value, h_i: Value, w_i: Value, h_o: Value, w_o: Value) -> Value:
    """The windows visit (h_i + h_o - gcd)(w_i + w_o - gcd) values of a map; folding saves one for each output.

    Along an axis, window j reaches from floor(j h_i / h_o) to ceil((j + 1) h_i / h_o): neighbours share one
    value wherever h_o does not divide j h_i, which is h_o - gcd(h_i, h_o) times.
    """
    return n * c * ((h_i + h_o - gcd(h_i, h_o)) * (w_i + w_o - gcd(w_i, w_o)) - h_o * w_o)


def adaptive_divisions(n: Value, c: Value, h_o: Value, w_o: Value) -> Value:
    """One division for each output element."""
    return n * c * h_o * w_o


class _GlobalPool(Layer):
    """What pooling over whole maps shares."""

    keepdims: Flag = True

    source: ClassVar[str] = "Lin, Chen and Yan, Network in Network, arXiv 1312.4400, section 3.2"

    def output_shape(self, inputs: Shapes) -> Shape:
        x = self.channelled(inputs[0], spatial=True)
        return (*x[:2], *([1] * (len(x) - 2) if self.keepdims else []))

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        n, c, *sizes = inputs[0]
        return {"n": n, "c": c, "s": product(sizes)}


class GlobalAvgPool(_GlobalPool):
    """The mean of each map.

    Shapes: (n, c, ...) -> (n, c, 1, ...), or (n, c) without `keepdims`; s is the number of spatial positions.

    >>> GlobalAvgPool().cost((1, 512, 7, 7)).ledger.additions
    24576
    """

    kind: Literal["global_avg_pool"] = "global_avg_pool"
    formulas: ClassVar[Formulas] = Formulas(additions=global_folds, divisions=global_divisions)


class GlobalMaxPool(_GlobalPool):
    """The largest value of each map; shapes as in `global_avg_pool`.

    >>> GlobalMaxPool(keepdims=False).cost((1, 512, 7, 7)).output_shapes
    ((1, 512),)
    """

    kind: Literal["global_max_pool"] = "global_max_pool"
    formulas: ClassVar[Formulas] = Formulas(comparisons=global_folds)


class _AdaptivePool2d(Layer):
    """What pooling to a given output size shares."""

    output_size: Axes2

    source: ClassVar[str] = "PyTorch's definition of adaptive pooling; the closed form of its overlaps is ours"

    def output_shape(self, inputs: Shapes) -> Shape:
        n, c, _, _ = self.unpack(inputs[0], "n", "c", "h_i", "w_i")
        return (n, c, *self.output_size)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        n, c, h_i, w_i = inputs[0]
        h_o, w_o = self.output_size
        return {"n": n, "c": c, "h_i": h_i, "w_i": w_i, "h_o": h_o, "w_o": w_o}


class AdaptiveAvgPool2d(_AdaptivePool2d):
    """The mean of windows that cover the input and give a fixed output size.

    Shapes: (n, c, h_i, w_i) -> (n, c, h_o, w_o) with h_o x w_o = `output_size`.

    >>> AdaptiveAvgPool2d(output_size=6).cost((1, 1, 8, 8)).ledger.additions
    108
    """

    kind: Literal["adaptive_avg_pool2d"] = "adaptive_avg_pool2d"
    formulas: ClassVar[Formulas] = Formulas(additions=adaptive_folds, divisions=adaptive_divisions)


class AdaptiveMaxPool2d(_AdaptivePool2d):
    """The largest value of windows that cover the input; shapes as in `adaptive_avg_pool2d`."""

    kind: Literal["adaptive_max_pool2d"] = "adaptive_max_pool2d"
    formulas: ClassVar[Formulas] = Formulas(comparisons=adaptive_folds)
