"""Costs without rounding, as polynomials that an algebra can work with, and where they are exact."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import sympy as sp

from costmodel.algebra import Dim
from costmodel.algebra.bounds import tendency
from costmodel.algebra.conditions import AtLeast, Condition, strongest
from costmodel.algebra.expressions import as_expression, with_rationals
from costmodel.algebra.parser import term_count
from costmodel.algebra.smooth import without_rounding
from costmodel.algebra.text import to_text
from costmodel.errors import ExpressionError

MAX_PRODUCTS: Final = 5000
"""Products that a cost may have before equal powers are added up; multiplying out more takes long."""
MAX_TERMS: Final = 200
"""Terms that a cost may have once that is done: fractions of polynomials with more take long to reduce."""


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
    """The cost as its symbols grow, without rounding: lower bounds fall away, and upper bounds are reached.

    Maxima of several expressions stay. Raises `ExpressionError` where what is bounded may not grow.

    >>> from costmodel.algebra import parse
    >>> growing(parse("width*max(8, 32*width) + r*min(20, r)")).expression
    20*r + 32*width**2
    """
    smooth, conditions = without_rounding(with_rationals(as_expression(cost)), keeps_bounds=True)
    reached = list(conditions)

    def without_bound(extreme: Dim, *arguments: Dim) -> Dim:
        bounds = [argument for argument in arguments if argument.is_number]
        grown = [argument for argument in arguments if not argument.is_number]
        if len(bounds) != 1 or len(grown) != 1:
            return extreme(*arguments, evaluate=False)
        if tendency(grown[0]) != 1:
            raise ExpressionError(f"growth is of costs that grow, which is not seen of {to_text(grown[0])}")
        reached.append(AtLeast(grown[0], bounds[0]))
        return grown[0] if extreme is sp.Max else bounds[0]

    for extreme in (sp.Max, sp.Min):
        smooth = smooth.replace(extreme, partial(without_bound, extreme))
    return SmoothCost(expanded(smooth), strongest(reached))


def joined(*forms: SmoothCost) -> tuple[Condition, ...]:
    """Where all of them are exact, without what follows from the others."""
    return strongest(condition for form in forms for condition in form.conditions)


def expanded(expression: Dim) -> Dim:
    """The expression multiplied out; raises `ExpressionError` where that has too many terms."""
    if term_count(expression) <= MAX_PRODUCTS:
        made = sp.expand(expression)
        if len(sp.Add.make_args(made)) <= MAX_TERMS:
            return made
    raise ExpressionError(f"an algebra takes costs of at most {MAX_TERMS} terms; give numbers for some symbols")
