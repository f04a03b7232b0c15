"""Costs without rounding, as polynomials that an algebra can work with, and where they are exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sympy as sp

from costmodel.algebra import Dim
from costmodel.algebra.conditions import AtMost, Condition, strongest
from costmodel.algebra.expressions import as_expression, with_rationals
from costmodel.algebra.parser import term_count
from costmodel.algebra.smooth import without_rounding
from costmodel.errors import ExpressionError

MAX_TERMS: Final = 2000
"""Terms of a cost, multiplied out, beyond which an algebra takes too long."""


@dataclass(frozen=True)
class SmoothCost:
    """A cost without rounding, and where it is exact."""

    expression: Dim
    conditions: tuple[Condition, ...] = ()

    @property
    def valid_when(self) -> tuple[str, ...]:
        """The conditions as they are printed."""
        return tuple(map(str, self.conditions))


def smooth_cost(cost: Dim) -> SmoothCost:
    """The cost without rounding and without bounds, multiplied out.

    Raises `ExpressionError` where a maximum of several expressions is left, or there are too many terms.

    >>> from costmodel.algebra import parse
    >>> smooth_cost(parse("32*width*max(1, width)"))
    SmoothCost(expression=32*width**2, conditions=(AtLeast(value=width, bound=1),))
    """
    smooth, conditions = without_rounding(with_rationals(as_expression(cost)))
    if smooth.has(sp.Max, sp.Min):
        raise ExpressionError(
            "a maximum of several expressions has no algebra of its own; give numbers for its symbols"
        )
    return SmoothCost(expanded(smooth), conditions)


def law_of(cost: Dim) -> SmoothCost:
    """The cost without rounding, its bounds and other maxima as they are, else multiplied out.

    >>> from costmodel.algebra import parse
    >>> law_of(parse("32*width*max(1, width)")).expression
    32*width*Max(1, width)
    """
    smooth, conditions = without_rounding(with_rationals(as_expression(cost)), keeps_bounds=True)
    return SmoothCost(expanded(smooth), conditions)


def growing(cost: Dim) -> SmoothCost:
    """The cost as its symbols grow: lower bounds fall away; raises `ExpressionError` for an upper one."""
    form = smooth_cost(cost)
    if any(isinstance(condition, AtMost) for condition in form.conditions):
        raise ExpressionError("growth is of costs that grow, and an upper bound does not")
    return form


def joined(*forms: SmoothCost) -> tuple[Condition, ...]:
    """Where all of them are exact, without what follows from the others."""
    return strongest(condition for form in forms for condition in form.conditions)


def expanded(expression: Dim) -> Dim:
    """The expression multiplied out; raises `ExpressionError` where that has too many terms."""
    if term_count(expression) > MAX_TERMS:
        raise ExpressionError(f"an algebra takes costs of at most {MAX_TERMS} terms")
    return sp.expand(expression)
