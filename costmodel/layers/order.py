"""What puts elements in order or runs along an axis: positions of extremes, the largest k, sorting, running sums."""

from __future__ import annotations

from typing import ClassVar, Literal

from costmodel.algebra import at_most, exact_div
from costmodel.algebra.dimension import Dim
from costmodel.algebra.types import Dim as Value
from costmodel.layers.axes import AlongAxis, axis_of
from costmodel.layers.base import Flag, Shape, Shapes
from costmodel.layers.formulas import Formulas
from costmodel.layers.reduce import folds


class Argmax(AlongAxis):
    """The position of the largest element along an axis, or of the smallest.

    Shapes: the axis becomes 1, or vanishes without `keepdims`. f - 1 comparisons for each result.

    >>> Argmax(keepdims=False).cost((4, 1000)).ledger.comparisons
    3996
    """

    kind: Literal["argmax"] = "argmax"
    of: Literal["max", "min"] = "max"
    keepdims: Flag = True
    formulas: ClassVar[Formulas] = Formulas(comparisons=folds)

    def output_shape(self, inputs: Shapes) -> Shape:
        (x,) = inputs
        axis = axis_of(self, self.axis, x)
        return (*x[:axis], *([1] if self.keepdims else []), *x[axis + 1 :])


class Cumsum(AlongAxis):
    """The sum of all elements up to each one along an axis: f - 1 additions, m times.

    Shapes: the output has the shape of the input.

    >>> Cumsum().cost((4, 10)).ledger.additions
    36
    """

    kind: Literal["cumsum"] = "cumsum"
    formulas: ClassVar[Formulas] = Formulas(additions=folds)
    assumptions: ClassVar[tuple[str, ...]] = ("from the front or the back, with the element itself or without",)


def selection_comparisons(m: Value, f: Value, t_k: Value) -> Value:
    """Selecting the largest of f values, then of f - 1, ...: (f - 1) + (f - 2) + ... + (f - t_k)."""
    return m * exact_div(t_k * (2 * f - t_k - 1), 2)


SELECTION = (
    "comparisons are those of selection, one pass for each value; other algorithms need fewer for many values",
)


class TopK(AlongAxis):
    """The `k` largest (or smallest) elements along an axis, in order, and their positions: two outputs.

    Shapes: the axis becomes k in both outputs.

    >>> TopK(k=2).cost((1, 8)).ledger.comparisons
    13
    """

    kind: Literal["top_k"] = "top_k"
    k: Dim
    formulas: ClassVar[Formulas] = Formulas(comparisons=selection_comparisons)
    source: ClassVar[str] = "Knuth, The Art of Computer Programming, volume 3, section 5.2.3 (selection)"
    assumptions: ClassVar[tuple[str, ...]] = SELECTION

    def output_shapes(self, inputs: Shapes) -> Shapes:
        self.check_inputs(inputs)
        (x,) = inputs
        axis = axis_of(self, self.axis, x)
        if not at_most(self.k, x[axis]):
            self.refuse(f"'k' (={self.k}) must be at most the size of axis {self.axis} (={x[axis]})")
        kept = (*x[:axis], self.k, *x[axis + 1 :])
        return kept, kept

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {**super().symbols(inputs, outputs), "t_k": self.k}


def sort_comparisons(m: Value, f: Value) -> Value:
    """Every pair once."""
    return m * exact_div(f * (f - 1), 2)


class Sort(AlongAxis):
    """All elements along an axis in order, and their positions: `top_k` with k = f.

    >>> Sort().cost((1, 8)).ledger.comparisons
    28
    """

    kind: Literal["sort"] = "sort"
    formulas: ClassVar[Formulas] = Formulas(comparisons=sort_comparisons)
    source: ClassVar[str] = "Knuth, The Art of Computer Programming, volume 3, section 5.2.3 (selection)"
    assumptions: ClassVar[tuple[str, ...]] = SELECTION

    def output_shapes(self, inputs: Shapes) -> Shapes:
        self.check_inputs(inputs)
        shape = self.output_shape(inputs)
        return shape, shape
