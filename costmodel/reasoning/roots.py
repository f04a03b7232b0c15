"""The positive real roots of polynomials in one symbol: exact where a formula is short, else isolated by rationals."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import sympy as sp

from costmodel.algebra.notation import Notation
from costmodel.algebra.types import Dim
from costmodel.errors import ExpressionError
from costmodel.reasoning.writing import written

MAX_DEGREE: Final = 40
"""Polynomials of a higher degree have no place in a cost, and take long."""
MAX_BITS: Final = 4000
"""Coefficients beyond this take long as well."""
EXACTNESS: Final = Fraction(1, 2**120)
"""The width to which a root that is not rational is isolated."""


@dataclass(frozen=True)
class Root:
    """A positive real number at which a polynomial is zero."""

    low: Fraction
    high: Fraction
    """It lies between these; they are equal where it is rational."""
    exact: Dim | None = None
    """The number, or its formula with square roots; None where it is only isolated."""

    @property
    def middle(self) -> Fraction:
        """The number, or one within 2^-120 of it."""
        return (self.low + self.high) / 2

    def __float__(self) -> float:
        return float(self.middle)

    def written(self) -> Notation:
        """The number in full, where there is a formula for it, else to six digits."""
        return decimal(self) if self.exact is None else written(self.exact)


def decimal(root: Root) -> Notation:
    """The number to six digits.

    >>> print(decimal(Root(Fraction(9, 8), Fraction(9, 8))))
    1.125
    """
    text = f"{float(root):.6g}"
    mantissa, _, exponent = text.partition("e")
    return Notation(text, rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else text)


def positive_roots(polynomial: Dim, above: Fraction = Fraction(0), up_to: Fraction | None = None) -> tuple[Root, ...]:
    """The roots of a polynomial with rational coefficients (a `Poly`) above a number, in order, each once.

    >>> x = sp.Symbol("x")
    >>> [str(root.exact) for root in positive_roots(sp.Poly((8 * x - 9) * (x**2 - 2), x))]
    ['9/8', 'sqrt(2)']
    """
    if polynomial.is_zero or polynomial.degree() < 1:
        return ()
    if polynomial.degree() > MAX_DEGREE:
        raise ExpressionError(f"roots are sought of degree {MAX_DEGREE} at most (got {polynomial.degree()})")
    if max(abs(int(number.p)).bit_length() + int(number.q).bit_length() for number in polynomial.coeffs()) > MAX_BITS:
        raise ExpressionError(f"roots are sought of polynomials whose coefficients have at most {MAX_BITS} bits")
    _, factors = sp.factor_list(polynomial) if polynomial.degree() <= 8 else (1, [(polynomial.sqf_part(), 1)])
    found = [root for factor, _ in factors for root in _roots_of(factor)]
    inside = [root for root in found if root.middle > above and (up_to is None or root.middle < up_to)]
    return tuple(sorted(inside, key=lambda root: root.middle))


def _roots_of(factor: Dim) -> list[Root]:
    """The positive roots of a polynomial without repeated factors."""
    if factor.degree() == 1:
        slope, constant = (Fraction(int(number.p), int(number.q)) for number in factor.all_coeffs())
        value = -constant / slope
        return [Root(value, value, sp.Rational(value.numerator, value.denominator))] if value > 0 else []
    eps = sp.Rational(EXACTNESS.numerator, EXACTNESS.denominator)
    isolated = [_isolated(interval) for interval, _ in factor.intervals(inf=0, eps=eps)]
    if factor.degree() != 2 or not isolated:
        return [root for root in isolated if root.high > 0]
    formulas = sp.roots(factor, multiple=True)
    return [
        Root(root.low, root.high, min(formulas, key=lambda each: abs(sp.N(each, 40) - sp.N(root.middle, 40))))
        for root in isolated
        if root.high > 0
    ]


def _isolated(interval: tuple[Dim, Dim]) -> Root:
    low, high = (Fraction(int(end.p), int(end.q)) for end in interval)
    return Root(low, high)
