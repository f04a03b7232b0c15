"""Reductions: the f elements along some axes to one, m times."""

from __future__ import annotations

from typing import ClassVar, Literal

from costmodel.algebra import product
from costmodel.algebra.types import Dim as Value
from costmodel.layers.axes import axes_of
from costmodel.layers.base import Flag, Index, Layer, Shape, Shapes
from costmodel.layers.formulas import Formulas


def folds(m: Value, f: Value) -> Value:
    """Folding f values into one takes f - 1 operations."""
    return m * (f - 1)


def each(m: Value, f: Value) -> Value:
    """One for each element."""
    return m * f


def one_each(m: Value) -> Value:
    """One for each result."""
    return m


class _Reduction(Layer):
    """What reductions share."""

    axes: tuple[Index, ...] | None = None
    keepdims: Flag = True

    source: ClassVar[str] = "definition"

    def output_shape(self, inputs: Shapes) -> Shape:
        (x,) = inputs
        gone = self._reduced(x)
        return tuple(1 if axis in gone else size for axis, size in enumerate(x) if self.keepdims or axis not in gone)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        (x,) = inputs
        gone = self._reduced(x)
        return {
            "m": product(size for axis, size in enumerate(x) if axis not in gone),
            "f": product(x[axis] for axis in gone),
        }

    def _reduced(self, x: Shape) -> tuple[int, ...]:
        """The axes that are reduced: all of them unless named."""
        return tuple(range(len(x))) if self.axes is None else axes_of(self, self.axes, x)


class ReduceSum(_Reduction):
    """The sum along `axes`, of all elements unless named.

    Shapes: reduced axes become 1, or vanish without `keepdims`; f is the product of their sizes, m of the others.

    >>> ReduceSum(axes=(-1,), keepdims=False).cost((4, 10)).ledger.additions
    36
    """

    kind: Literal["reduce_sum"] = "reduce_sum"
    formulas: ClassVar[Formulas] = Formulas(additions=folds)


class ReduceMean(_Reduction):
    """The mean along `axes`: a sum and a division; shapes as in `reduce_sum`.

    >>> ReduceMean(axes=(2, 3)).cost((1, 512, 7, 7)).ledger.divisions
    512
    """

    kind: Literal["reduce_mean"] = "reduce_mean"
    formulas: ClassVar[Formulas] = Formulas(additions=folds, divisions=one_each)


class ReduceMax(_Reduction):
    """The largest element along `axes`; shapes as in `reduce_sum`."""

    kind: Literal["reduce_max"] = "reduce_max"
    formulas: ClassVar[Formulas] = Formulas(comparisons=folds)


class ReduceMin(_Reduction):
    """The smallest element along `axes`; shapes as in `reduce_sum`."""

    kind: Literal["reduce_min"] = "reduce_min"
    formulas: ClassVar[Formulas] = Formulas(comparisons=folds)


class ReduceProd(_Reduction):
    """The product along `axes`; shapes as in `reduce_sum`."""

    kind: Literal["reduce_prod"] = "reduce_prod"
    formulas: ClassVar[Formulas] = Formulas(multiplications=folds)


class ReduceL1(_Reduction):
    """sum |x| along `axes`: a comparison for each absolute value, and a sum; shapes as in `reduce_sum`."""

    kind: Literal["reduce_l1"] = "reduce_l1"
    formulas: ClassVar[Formulas] = Formulas(comparisons=each, additions=folds)


class ReduceL2(_Reduction):
    """sqrt(sum x^2) along `axes`; shapes as in `reduce_sum`.

    >>> ReduceL2(axes=(1,)).cost((4, 10)).ledger
    Ledger(macs=0, additions=36, multiplications=40, comparisons=0, divisions=0, transcendentals=4)
    """

    kind: Literal["reduce_l2"] = "reduce_l2"
    formulas: ClassVar[Formulas] = Formulas(multiplications=each, additions=folds, transcendentals=one_each)


class ReduceSumSquare(_Reduction):
    """sum x^2 along `axes`; shapes as in `reduce_sum`."""

    kind: Literal["reduce_sum_square"] = "reduce_sum_square"
    formulas: ClassVar[Formulas] = Formulas(multiplications=each, additions=folds)


class ReduceLogSum(_Reduction):
    """log sum x along `axes`; shapes as in `reduce_sum`."""

    kind: Literal["reduce_log_sum"] = "reduce_log_sum"
    formulas: ClassVar[Formulas] = Formulas(additions=folds, transcendentals=one_each)


def log_sum_exp_additions(m: Value, f: Value) -> Value:
    """f subtractions of the largest value, f - 1 additions for the sum, and the largest value back again."""
    return m * (2 * f)


def log_sum_exp_transcendentals(m: Value, f: Value) -> Value:
    """An exponential for each element, and a logarithm."""
    return m * (f + 1)


class ReduceLogSumExp(_Reduction):
    """max x + log sum exp(x - max x) along `axes`; shapes as in `reduce_sum`."""

    kind: Literal["reduce_log_sum_exp"] = "reduce_log_sum_exp"
    formulas: ClassVar[Formulas] = Formulas(
        comparisons=folds, additions=log_sum_exp_additions, transcendentals=log_sum_exp_transcendentals
    )
    source: ClassVar[str] = "Goodfellow, Bengio and Courville, Deep Learning, 2016, section 4.1 (the stable form)"


def variance_additions(m: Value, f: Value) -> Value:
    """f - 1 for the mean, f to subtract it, f - 1 for the sum of the squares."""
    return m * (3 * f - 2)


def variance_divisions(m: Value) -> Value:
    """The mean, and the mean of the squares."""
    return 2 * m


class ReduceVariance(_Reduction):
    """The mean of (x - mean)^2 along `axes`, in two passes; shapes as in `reduce_sum`.

    >>> ReduceVariance(axes=(1,)).cost((4, 10)).ledger.additions
    112
    """

    kind: Literal["reduce_variance"] = "reduce_variance"
    formulas: ClassVar[Formulas] = Formulas(
        additions=variance_additions, multiplications=each, divisions=variance_divisions
    )
    source: ClassVar[str] = "Chan, Golub and LeVeque, Algorithms for computing the sample variance, 1983 (two passes)"
    assumptions: ClassVar[tuple[str, ...]] = ("dividing by f or by f - 1 is the same cost",)
