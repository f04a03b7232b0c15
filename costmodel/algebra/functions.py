"""The functions of the formula language that SymPy has not: exact for numbers, unevaluated for symbols."""

from __future__ import annotations

from fractions import Fraction
from math import gcd as gcd_of_integers

import sympy as sp

from costmodel.algebra import numbers
from costmodel.algebra.types import Dim


class RoundToMultiple(sp.Function):  # type: ignore[misc]
    """`round_to_multiple(x, divisor)`: exact for numbers, unevaluated for symbols."""

    nargs = (2,)
    is_integer = True
    is_positive = True

    @classmethod
    def eval(cls, x: Dim, divisor: Dim) -> Dim:
        if not (divisor.is_Integer and divisor >= 1 and (x.is_Rational or x.is_Float)):
            return None
        number = Fraction(float(x)) if x.is_Float else Fraction(int(x.p), int(x.q))
        return sp.Integer(numbers.round_to_multiple(number, int(divisor)))

    def _latex(self, printer: Dim, exp: str | None = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\mathrm{{round}}\left({printer.doprint(self.args[0])}, {printer.doprint(self.args[1])}\right){power}"


class GreatestCommonDivisor(sp.Function):  # type: ignore[misc]
    """`gcd(a, b)` of integers; SymPy's own `gcd` is that of polynomials, which is another function."""

    nargs = (2,)
    is_integer = True
    is_positive = True

    @classmethod
    def eval(cls, a: Dim, b: Dim) -> Dim:
        for divisor, multiple in ((a, b), (b, a)):
            if divisor.is_Integer and multiple.is_Integer:
                return sp.Integer(gcd_of_integers(int(divisor), int(multiple)))
            if divisor.is_nonnegative and multiple in (divisor, 0):
                return divisor
            if divisor.is_Integer and divisor != 0 and is_multiple(multiple, int(divisor)):
                return abs(divisor)
        return None if [a, b] == sorted((a, b), key=sp.default_sort_key) else cls(b, a)

    def _latex(self, printer: Dim, exp: str | None = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\gcd\left({printer.doprint(self.args[0])}, {printer.doprint(self.args[1])}\right){power}"


def rational_part(term: Dim) -> tuple[Dim, Dim] | None:
    """(coefficient, integer) of a term that is a rational multiple of an integer, None where it may not be one."""
    coefficient, monomial = term.as_coeff_Mul()
    return (coefficient, monomial) if coefficient.is_Rational and monomial.is_integer else None


def is_multiple(x: Dim, divisor: int) -> bool:
    """Whether the divisor divides every term of x."""
    parts = map(rational_part, sp.Add.make_args(x))
    return all(part is not None and (part[0] / divisor).is_Integer for part in parts)
