"""Pooling over whole maps."""

from __future__ import annotations

from typing import ClassVar, Literal

from costmodel.algebra import product
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Flag, Layer, Shape, Shapes
from costmodel.layers.formulas import Formulas


def global_folds(n: Value, c: Value, s: Value) -> Value:
    """Folding the s values of a map into one (the largest, or the sum) takes s - 1 operations."""
    return n * c * (s - 1)


def global_divisions(n: Value, c: Value) -> Value:
    """One division for each map."""
    return n * c


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
