"""Ratios of costs, reduced to the form that textbooks print: depthwise separable over regular is 1/c_o + 1/k^2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import sympy as sp

from costmodel.algebra import Dim
from costmodel.algebra.expressions import as_expression
from costmodel.algebra.notation import Notation, exact_div
from costmodel.errors import ExpressionError, UnknownNameError
from costmodel.layers import Layer
from costmodel.network import Network
from costmodel.reasoning.costs import SAME_LAYER, SAME_VALUES, NamedCost, cost_of
from costmodel.reasoning.smoothing import SmoothCost, joined, smooth_cost
from costmodel.reasoning.writing import Step, symbol_text, written

_AS_SUM: Final = 4
"""A quotient of so many terms is written as a sum of fractions."""
A, B = symbol_text("A"), symbol_text("B")


@dataclass(frozen=True)
class Ratio:
    """The quotient of two costs, and how it comes about."""

    a: NamedCost
    b: NamedCost
    expression: Dim
    """A / B of the smooth forms, reduced."""
    steps: tuple[Step, ...]
    valid_when: tuple[str, ...]
    """Where the smooth forms are exact; empty where they always are."""
    assumptions: tuple[str, ...]


def ratio(
    a: str | type[Layer] | Network | NamedCost | Dim,
    b: str | type[Layer] | Network | NamedCost | Dim,
    *,
    quantity: str = "macs",
    at: Mapping[str, object] | None = None,
) -> Ratio:
    """A / B: how many times b's cost a's is, as an expression of the symbols that both are in.

    `a` and `b` are layer kinds, texts such as "2*conv2d:k=3", networks with symbols, or expressions (see `cost_of`);
    `at` gives values to symbols of both.

    >>> ratio("depthwise_separable_conv2d", "conv2d").expression
    1/(k_h*k_w) + 1/c_o
    >>> ratio("2*conv2d:k=3", "conv2d:k=5").expression
    18/25
    """
    first, second = both(a, b, quantity, at)
    above, below = smooth_cost(first.expression), smooth_cost(second.expression)
    if below.expression == 0:
        raise ExpressionError(f"a ratio needs a cost to divide by, and {quantity} of {second.of} is 0")
    reduced = sp.cancel(above.expression / below.expression)
    expression = _as_sum(reduced)
    steps = [*given(first, above), *given(second, below, B)]
    steps.append(Step(exact_div(A, B), "=", written(reduced), "what both have in common cancels"))
    if expression != reduced:
        steps.append(Step(exact_div(A, B), "=", written(expression), "term by term"))
    valid_when = tuple(map(str, joined(above, below)))
    return Ratio(first, second, expression, tuple(steps), valid_when, taken_for_granted(first, second))


def both(a: Dim, b: Dim, quantity: str, at: Mapping[str, object] | None) -> tuple[NamedCost, NamedCost]:
    """The two costs with values for their symbols; raises for a value that neither has a symbol for."""
    plain = cost_of(a, quantity), cost_of(b, quantity)
    known = {name for cost in plain for name in cost.symbols}
    for name in at or {}:
        if name not in known:
            raise UnknownNameError(f"symbol in {plain[0].of} and {plain[1].of}", name, known)
    return (cost_of(a, quantity, at), cost_of(b, quantity, at)) if at else plain


def given(cost: NamedCost, form: SmoothCost, side: Notation = A) -> tuple[Step, ...]:
    """A cost as it is counted, and where that differs without rounding."""
    counted = Step(side, "=", cost.printed, cost.of)
    return (counted, Step(side, "=", written(form.expression), "without rounding")) if form.valid_when else (counted,)


def taken_for_granted(a: NamedCost, b: NamedCost) -> tuple[str, ...]:
    """What a comparison assumes: of both, and that equal symbols are equal sizes."""
    shared = as_expression(a.expression).free_symbols & as_expression(b.expression).free_symbols
    same = (SAME_LAYER if a.is_of_layers and b.is_of_layers else SAME_VALUES) if shared else ""
    return tuple(dict.fromkeys([*filter(None, [same]), *a.assumptions, *b.assumptions]))


def _as_sum(quotient: Dim) -> Dim:
    """(x + y)/(x y) as 1/y + 1/x, where only one product is below the line and few terms are above it."""
    above, below = sp.fraction(quotient)
    terms = sp.Add.make_args(sp.expand(above))
    if below.is_number or sp.expand(below).is_Add or len(terms) > _AS_SUM:
        return quotient
    return sp.Add(*(term / below for term in terms))
