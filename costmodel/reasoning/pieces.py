"""Costs of one symbol as polynomials in pieces: a maximum is another polynomial from where its arguments cross.

With them a difference of two costs is known in full, and so is its sign: MobileNetV2's last layer keeps 1280 channels
below width 1, and a roofline is bound by memory on one side of a size and by arithmetic on the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Final

import sympy as sp

from costmodel.algebra.expressions import as_expression
from costmodel.algebra.types import Dim
from costmodel.errors import ExpressionError, shorten
from costmodel.reasoning.roots import positive_roots

MAX_PIECES: Final = 400
MAX_POWER: Final = 32


@dataclass(frozen=True)
class Pieces:
    """A continuous function of a positive number: a polynomial on each interval between the cuts."""

    polynomials: tuple[Dim, ...]
    cuts: tuple[Fraction, ...] = ()
    """Where one polynomial follows another; one fewer than polynomials."""

    def at(self, number: Fraction) -> Fraction:
        """The value at a number."""
        index = sum(cut < number for cut in self.cuts)
        return evaluated(self.polynomials[index], number)

    def intervals(self) -> Iterable[tuple[Fraction, Fraction | None, Dim]]:
        """(from, to, polynomial) of each piece; the last goes on for ever."""
        return zip((Fraction(0), *self.cuts), (*self.cuts, None), self.polynomials, strict=True)


def pieces(expression: Dim, symbol: Dim) -> Pieces:
    """An expression of one symbol, without floors, in pieces.

    Raises `ExpressionError` for another symbol, a division by the symbol, or too many pieces.

    >>> x = sp.Symbol("x", positive=True)
    >>> pieces(sp.Max(8, 2 * x, evaluate=False) * x, x).cuts
    (Fraction(4, 1),)
    """
    known: dict[Dim, Pieces] = {}

    def of(part: Dim) -> Pieces:
        if part not in known:
            known[part] = made(part)
        return known[part]

    def made(part: Dim) -> Pieces:
        if not part.has(sp.Max, sp.Min):
            return Pieces((_polynomial(part, symbol),))
        if isinstance(part, (sp.Max, sp.Min)):
            is_largest = isinstance(part, sp.Max)
            return reduce(lambda a, b: _extreme(a, b, is_largest=is_largest), map(of, part.args))
        if part.is_Add:
            return _combined(list(map(of, _gathered(part))), lambda terms: reduce(lambda a, b: a + b, terms))
        if part.is_Mul:
            return _combined(list(map(of, _gathered(part))), lambda factors: reduce(lambda a, b: a * b, factors))
        if part.is_Pow and part.exp.is_Integer and 0 < part.exp <= MAX_POWER:
            return _combined([of(part.base)], lambda bases: bases[0] ** int(part.exp))
        raise ExpressionError(f"a comparison needs sums, products and maxima (got {shorten(part)})")

    return of(as_expression(expression))


def evaluated(polynomial: Dim, number: Fraction) -> Fraction:
    """The value of a polynomial, by Horner's rule."""
    value = Fraction(0)
    for coefficient in polynomial.all_coeffs():
        value = value * number + Fraction(int(coefficient.p), int(coefficient.q))
    return value


def _gathered(part: Dim) -> list[Dim]:
    """The arguments of a sum or a product, those without a maximum together."""
    plain = [each for each in part.args if not each.has(sp.Max, sp.Min)]
    return [part.func(*plain), *(each for each in part.args if each.has(sp.Max, sp.Min))]


def _polynomial(part: Dim, symbol: Dim) -> Dim:
    others = part.free_symbols - {symbol}
    if others:
        names = ", ".join(sorted(map(str, others)))
        raise ExpressionError(f"a comparison in {symbol} needs numbers for the other symbols (got none for {names})")
    try:
        return sp.Poly(part, symbol, domain=sp.QQ)
    except sp.PolynomialError:
        raise ExpressionError(f"a comparison in {symbol} needs polynomials (got {shorten(part)})") from None


def _combined(values: Sequence[Pieces], combine: Dim) -> Pieces:
    """One polynomial of all on each interval between any two cuts."""
    cuts = sorted({cut for value in values for cut in value.cuts})
    if len(cuts) > MAX_PIECES:
        raise ExpressionError(f"a comparison takes at most {MAX_PIECES} pieces (got {len(cuts) + 1})")
    made = [combine([_piece_above(value, start) for value in values]) for start in (Fraction(0), *cuts)]
    return _merged(made, cuts)


def _extreme(a: Pieces, b: Pieces, *, is_largest: bool) -> Pieces:
    """The larger (smaller) of two, with a cut wherever they cross."""
    difference = _combined([a, b], lambda both: both[0] - both[1])
    cuts = {*a.cuts, *b.cuts}
    for low, high, polynomial in difference.intervals():
        cuts.update(root.middle for root in positive_roots(polynomial, low, high))
    ordered = sorted(cuts)
    chosen = []
    for low, high in zip((Fraction(0), *ordered), (*ordered, None), strict=True):
        inner = (low + high) / 2 if high is not None else low + 1
        is_first = (difference.at(inner) >= 0) == is_largest
        chosen.append(_piece_above(a if is_first else b, low))
    return _merged(chosen, ordered)


def _piece_above(value: Pieces, start: Fraction) -> Dim:
    """The polynomial that holds just above a number."""
    return value.polynomials[sum(cut <= start for cut in value.cuts)]


def _merged(polynomials: Sequence[Dim], cuts: Sequence[Fraction]) -> Pieces:
    """The pieces, equal neighbours as one."""
    kept, ends = [polynomials[0]], []
    for cut, polynomial in zip(cuts, polynomials[1:], strict=True):
        if polynomial != kept[-1]:
            kept.append(polynomial)
            ends.append(cut)
    return Pieces(tuple(kept), tuple(ends))
