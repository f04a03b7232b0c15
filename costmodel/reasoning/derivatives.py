"""A cost and its slopes at a point, in one pass over its expression.

Forward differentiation: every part of the expression is evaluated together with its derivative for each parameter.
Exact for rational numbers, and a maximum needs no case distinction: its slope is that of the argument that is largest
at the point. SymPy's own derivative of a latency, a sum of some forty maxima, takes a quarter of a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import sympy as sp

from costmodel.algebra.types import Dim
from costmodel.errors import ExpressionError, shorten

Number = int | float | Fraction


class Slopes(NamedTuple):
    """The value of an expression at a point, and its derivative for each parameter, in the parameters' order."""

    value: Number
    derivatives: tuple[Number, ...]


def slopes(expression: Dim, at: Mapping[str, Number]) -> Slopes:
    """The value and the derivatives of an expression without floors or rounding, for each name of the point.

    Where two arguments of a maximum are equal, the derivative is that of an increase of the parameter.

    >>> from costmodel.algebra import parse
    >>> slopes(parse("max(8, 32*width)*resolution**2"), {"width": Fraction(1, 2), "resolution": 10})
    Slopes(value=Fraction(1600, 1), derivatives=(Fraction(3200, 1), Fraction(320, 1)))
    """
    pass_ = _Pass(at)
    return pass_.of(expression)


class _Pass:
    """One pass over an expression; equal parts are evaluated once."""

    def __init__(self, at: Mapping[str, Number]) -> None:
        self._zeros: tuple[Number, ...] = (0,) * len(at)
        self._known: dict[Dim, Slopes] = {}
        for index, (name, value) in enumerate(at.items()):
            unit = (*self._zeros[:index], 1, *self._zeros[index + 1 :])
            self._known[name] = Slopes(value, unit)

    def of(self, part: Dim) -> Slopes:
        """The value and the derivatives of a part."""
        if part not in self._known:
            self._known[part] = self._evaluated(part)
        return self._known[part]

    def _evaluated(self, part: Dim) -> Slopes:
        if part.is_Symbol:
            if part.name not in self._known:
                raise ExpressionError(f"a slope needs a value for every symbol (got none for {part.name})")
            return self._known[part.name]
        if part.is_Rational:
            return Slopes(Fraction(int(part.p), int(part.q)), self._zeros)
        if part.is_Float:
            return Slopes(float(part), self._zeros)
        if part.is_Pow and part.exp.is_Integer:
            return _power(self.of(part.base), int(part.exp))
        values = [self.of(argument) for argument in part.args]
        if part.is_Add:
            return _sum(values)
        if part.is_Mul:
            return _product(values, self._zeros)
        if isinstance(part, (sp.Max, sp.Min)):
            return _extreme(values, is_largest=isinstance(part, sp.Max))
        raise ExpressionError(f"a slope needs sums, products, powers and maxima (got {shorten(part)})")


def _sum(terms: Sequence[Slopes]) -> Slopes:
    derivatives = zip(*(term.derivatives for term in terms), strict=True)
    return Slopes(sum(term.value for term in terms), tuple(map(sum, derivatives)))


def _product(factors: Sequence[Slopes], zeros: tuple[Number, ...]) -> Slopes:
    """(u v)' = u' v + u v', factor by factor."""
    value: Number = 1
    derivatives = zeros
    for factor in factors:
        pairs = zip(derivatives, factor.derivatives, strict=True)
        derivatives = tuple([d * factor.value + value * e if d or e else 0 for d, e in pairs])
        value *= factor.value
    return Slopes(value, derivatives)


def _power(base: Slopes, exponent: int) -> Slopes:
    """(u^k)' = k u^(k-1) u'."""
    exact = Fraction(base.value) if isinstance(base.value, int) else base.value
    outer = exponent * exact ** (exponent - 1)
    return Slopes(exact**exponent, tuple([outer * derivative if derivative else 0 for derivative in base.derivatives]))


def _extreme(values: Sequence[Slopes], *, is_largest: bool) -> Slopes:
    """The largest (smallest) value; of equal ones the derivative that remains when the parameter grows."""
    chosen = max if is_largest else min
    value = chosen(each.value for each in values)
    active = [each.derivatives for each in values if each.value == value]
    return Slopes(value, tuple(map(chosen, zip(*active, strict=True))))
