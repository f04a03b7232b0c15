"""The operations of the formula language on SymPy expressions.

`floor` of an expression such as (32*r - 1)/2 is decided here, by splitting integer coefficients, and not by
SymPy's general machinery: it is exact, a hundred times faster, and it collapses nested floors.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

import sympy as sp

from costmodel.algebra import numbers
from costmodel.algebra.types import Dim
from costmodel.algebra.vocabulary import REAL


@lru_cache(maxsize=4096)
def symbol(name: str) -> Dim:
    """The symbol of that name with the assumptions of the vocabulary."""
    if name in REAL:
        return sp.Symbol(name, real=True, positive=True)
    return sp.Symbol(name, integer=True, positive=True)


class RoundToMultiple(sp.Function):
    """`round_to_multiple(x, divisor)`: exact for numbers, unevaluated for symbols."""

    nargs = (2,)
    is_integer = True
    is_positive = True

    @classmethod
    def eval(cls, x: Dim, divisor: Dim) -> Dim:
        if x.is_Rational and divisor.is_Integer:
            return sp.Integer(numbers.round_to_multiple(Fraction(int(x.p), int(x.q)), int(divisor)))
        return None


class GreatestCommonDivisor(sp.Function):
    """`gcd(a, b)` of integers; SymPy's own `gcd` is that of polynomials, which is another function."""

    nargs = (2,)
    is_integer = True
    is_positive = True

    @classmethod
    def eval(cls, a: Dim, b: Dim) -> Dim:
        for divisor, multiple in ((a, b), (b, a)):
            if divisor == multiple or divisor == 1:
                return divisor
            if divisor.is_Integer:
                if multiple.is_Integer:
                    return sp.Integer(numbers.gcd(int(divisor), int(multiple)))
                split = _multiples_of(multiple, int(divisor))
                if split is not None and split[1] == 0:
                    return divisor
        return None


def exact_div(a: Dim, b: Dim) -> Dim:
    """a / b: that b divides a is an assumption, checked only where both are numbers."""
    return sp.sympify(a) / b


def floor_div(a: Dim, b: Dim) -> Dim:
    """floor(a / b), with every multiple of b taken out of the floor."""
    dividend = sp.sympify(a)
    if not isinstance(b, int):
        return sp.floor(dividend / b)
    if b == 1:
        return floor(dividend)
    split = _multiples_of(dividend, b)
    if split is None:
        return sp.floor(dividend / b)
    quotient, rest = split
    return quotient if rest == 0 else quotient + _proper_floor(rest, b)


def floor(x: Dim) -> Dim:
    """The largest integer not above x."""
    return x if x.is_integer else sp.floor(x)


def ceiling(x: Dim) -> Dim:
    """The smallest integer not below x."""
    return x if x.is_integer else sp.ceiling(x)


def maximum(*values: Dim) -> Dim:
    """The largest of the values: unevaluated, because SymPy takes seconds to compare what it cannot decide."""
    distinct = tuple(dict.fromkeys(map(sp.sympify, values)))
    if len(distinct) == 1:
        return distinct[0]
    return sp.Max(*distinct, evaluate=all(not value.free_symbols for value in distinct))


def minimum(*values: Dim) -> Dim:
    """The smallest of the values, unevaluated unless all are numbers."""
    distinct = tuple(dict.fromkeys(map(sp.sympify, values)))
    if len(distinct) == 1:
        return distinct[0]
    return sp.Min(*distinct, evaluate=all(not value.free_symbols for value in distinct))


def gcd(a: Dim, b: Dim) -> Dim:
    """The greatest common divisor of two integers."""
    return GreatestCommonDivisor(a, b)


def round_to_multiple(x: Dim, divisor: Dim) -> Dim:
    """x to the nearest multiple of divisor, unevaluated while x has symbols."""
    return RoundToMultiple(x, divisor)


def total(terms: Iterable[Dim]) -> Dim:
    """The sum of the terms in one addition."""
    return sp.Add(*terms)


def _multiples_of(x: Dim, divisor: int) -> tuple[Dim, Dim] | None:
    """(quotient, rest) with x = divisor * quotient + rest, or None where a term may not be an integer."""
    quotients, rests = [], []
    for term in sp.Add.make_args(x):
        coefficient, monomial = term.as_coeff_Mul()
        if not (coefficient.is_Integer and monomial.is_integer):
            return None
        quotient, rest = divmod(int(coefficient), divisor)
        quotients.append(quotient * monomial)
        rests.append(rest * monomial)
    return sp.Add(*quotients), sp.Add(*rests)


def _proper_floor(rest: Dim, divisor: int) -> Dim:
    """floor(rest / divisor); a nested floor(y) + c inside is (y + c) under the outer floor alone."""
    if rest.is_Integer:
        return sp.Integer(int(rest) // divisor)
    constant, inner = rest.as_coeff_Add()
    if isinstance(inner, sp.floor) and constant.is_Integer:
        rest = inner.args[0] + constant
    return sp.floor(rest / divisor, evaluate=False)
