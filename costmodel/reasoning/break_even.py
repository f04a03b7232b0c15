"""Break-even: for which values of a symbol one cost is below another, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import lcm
from typing import NamedTuple

import sympy as sp

from costmodel.algebra import Dim
from costmodel.algebra.conditions import Condition, Multiple
from costmodel.algebra.expressions import as_expression, symbol
from costmodel.algebra.notation import Notation
from costmodel.errors import UnknownNameError
from costmodel.layers import Layer
from costmodel.network import Network
from costmodel.reasoning.cases import Case, cases, without_positive_factors
from costmodel.reasoning.costs import NamedCost
from costmodel.reasoning.pieces import Pieces, pieces
from costmodel.reasoning.ratio import A, B, both, given, taken_for_granted
from costmodel.reasoning.roots import decimal
from costmodel.reasoning.signs import Region, signs
from costmodel.reasoning.smoothing import joined, law_of, smooth_cost
from costmodel.reasoning.writing import Step, written


@dataclass(frozen=True)
class BreakEven:
    """Where a cost A is below a cost B, for one symbol.

    With numbers for all other symbols, or where they cancel, `regions` cover every positive value; else `cases` say
    what the answer depends on.
    """

    a: NamedCost
    b: NamedCost
    symbol: str
    steps: tuple[Step, ...]
    regions: tuple[Region, ...] = ()
    cases: tuple[Case, ...] = ()
    step: int = 0
    """The integers for which the comparison is exact are its multiples; 0 where the symbol is a real number."""
    valid_when: tuple[str, ...] = ()
    """Where the costs without rounding, which are compared, are exact; empty where they always are."""
    assumptions: tuple[str, ...] = ()

    @property
    def solution(self) -> tuple[Step, ...]:
        """Where A < B, each line with its conditions as the reason; none where it never is."""
        x = written(symbol(self.symbol))
        lines = [each.less._replace(reason=each.condition) for each in self.cases if isinstance(each.less, Step)]
        for region in self.regions:
            if region.sign < 0 and region.low is not None:
                lines.append(Step(x, ">", region.low.written(), "" if region.high is None else "and"))
            if region.sign < 0 and region.high is not None:
                lines.append(Step(x, "<", region.high.written()))
        return tuple(lines)


def break_even(
    a: str | type[Layer] | Network | NamedCost | Dim,
    b: str | type[Layer] | Network | NamedCost | Dim,
    parameter: str,
    *,
    quantity: str = "macs",
    at: Mapping[str, object] | None = None,
) -> BreakEven:
    """Where A < B, for a symbol: solved exactly, with every symbol above 0, and integers where the vocabulary says so.

    `a`, `b` and `at` are those of `ratio`. Rounding is left out; bounds (a layer that never has fewer than 1280
    channels) and other maxima stay, where no symbol but this one is left.

    Raises `UnknownNameError` for a symbol that neither cost has, `ExpressionError` where several symbols are left and
    this one occurs in more than one power.

    >>> found = break_even("depthwise_separable_conv2d", "conv2d", "c_o", at={"k": 3})
    >>> [(region.sign, region.first, region.last) for region in found.regions]
    [(1, 1, 1), (-1, 2, None)]
    """
    first, second = both(a, b, quantity, at)
    x = symbol(parameter)
    open_symbols = as_expression(first.expression).free_symbols | as_expression(second.expression).free_symbols
    if x not in open_symbols:
        raise UnknownNameError(f"open symbol in {first.of} and {second.of}", parameter, map(str, open_symbols))
    difference = _difference(first, second, x, is_alone=open_symbols == {x})
    found: tuple[Region, ...] = ()
    depending: tuple[Case, ...] = ()
    step = _step(difference.conditions, x)
    if isinstance(difference.function, Pieces):
        found = signs(difference.function, step=step)
    else:
        depending = cases(difference.function, x)
    return BreakEven(
        a=first,
        b=second,
        symbol=parameter,
        steps=(*difference.steps, *_solved(written(x), found)),
        regions=found,
        cases=depending,
        step=step,
        valid_when=tuple(map(str, difference.conditions)),
        assumptions=taken_for_granted(first, second),
    )


class _Difference(NamedTuple):
    """What A - B has the sign of: a function of the symbol alone, or an expression of others too."""

    function: Pieces | Dim
    steps: tuple[Step, ...]
    conditions: tuple[Condition, ...]


def _difference(a: NamedCost, b: NamedCost, x: Dim, *, is_alone: bool) -> _Difference:
    kept = [law_of(each.expression) for each in (a, b)]
    if is_alone and any(form.expression.has(sp.Max, sp.Min) for form in kept):
        function = pieces(kept[0].expression - kept[1].expression, x)
        steps = (*given(a, kept[0]), *given(b, kept[1], B), *_piece_steps(function, x))
        return _Difference(function, steps, joined(*kept))
    above, below = smooth_cost(a.expression), smooth_cost(b.expression)
    whole, divisor = sp.fraction(sp.together(above.expression - below.expression))
    if divisor.could_extract_minus_sign():
        whole, divisor = -whole, -divisor
    rest, shared = without_positive_factors(sp.expand(whole))
    step = _factored(rest, shared / divisor)
    function = pieces(rest, x) if rest.free_symbols <= {x} else rest
    return _Difference(function, (*given(a, above), *given(b, below, B), step), joined(above, below))


def _factored(rest: Dim, factor: Dim) -> Step:
    """A - B as a positive factor times what decides the sign."""
    if factor == 1 or rest.is_number:
        return Step(A - B, "=", written(factor * rest))
    inner = written(rest)
    brackets = Notation(f"({inner})", rf"\left({inner.latex()}\right)")
    return Step(A - B, "=", written(factor) * brackets, "what stands before the bracket is above 0")


def _step(found: tuple[Condition, ...], x: Dim) -> int:
    """The multiples of what number the symbol has to be, 1 for any integer, 0 for any number."""
    steps = [
        int(each.step) for each in found if isinstance(each, Multiple) and each.value == x and each.step.is_Integer
    ]
    return lcm(*steps) if x.is_integer else 0


def _piece_steps(function: Pieces, x: Dim) -> tuple[Step, ...]:
    """What the difference is on each interval."""
    steps = []
    for low, high, polynomial in function.intervals():
        ends = [f"{x} >= {float(low):.6g}" if low else "", "" if high is None else f"{x} <= {float(high):.6g}"]
        where = " and ".join(filter(None, ends))
        steps.append(Step(A - B, "=", written(polynomial.as_expr()), f"where {where}" if where else ""))
    return tuple(steps)


def _solved(x: Notation, regions: tuple[Region, ...]) -> tuple[Step, ...]:
    """Where the sign changes."""
    roots = [region.low for region in regions if region.low is not None]
    return tuple(
        Step(x, "=", root.written(), "where A = B" if root.exact is None else f"where A = B: {decimal(root)}")
        for root in roots
    )
