"""Where a function of one positive number is below, above and equal to 0."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Final

import sympy as sp

from costmodel.algebra import Dim
from costmodel.reasoning.pieces import Pieces
from costmodel.reasoning.roots import Root, positive_roots

_APART: Final = Fraction(1, 2**100)
"""Two zeros nearer to each other than this are one: a polynomial ends where the next begins."""


@dataclass(frozen=True)
class Region:
    """Values between two roots, above one, or all of them, for which a difference A - B has one sign."""

    low: Root | None
    """Where it begins; None: at 0."""
    high: Root | None
    """Where it ends; None: it does not."""
    sign: int
    """Of A - B: -1 where A is the smaller, 1 where B is, 0 where they are equal."""
    first: int | None = None
    """The smallest integer in it (of those that are multiples of a step), where the symbol is an integer."""
    last: int | None = None
    """The largest such integer in it, where there is one."""


def signs(function: Pieces, *, step: int = 0) -> tuple[Region, ...]:
    """The regions of each sign, in order; neighbours differ in sign, and what is equal at a root alone is no region.

    With a step, each says which multiples of it are in it: all integers with 1.

    >>> x = sp.Symbol("x", integer=True, positive=True)
    >>> [(region.sign, region.first, region.last) for region in signs(Pieces((sp.Poly(9 - 8 * x, x),)), step=1)]
    [(1, 1, 1), (-1, 2, None)]
    """
    regions: list[Region] = []
    ends: list[Root | None] = [None, *_zeros(function), None]
    for low, high in pairwise(ends):
        value = function.at(_between(low, high))
        sign = (value > 0) - (value < 0)
        if regions and regions[-1].sign == sign:
            regions[-1] = Region(regions[-1].low, high, sign)
        else:
            regions.append(Region(low, high, sign))
    return tuple(_with_integers(region, step) for region in regions) if step else tuple(regions)


def _zeros(function: Pieces) -> list[Root]:
    """Where the sign may change, in order, each once."""
    found = [root for low, high, piece in function.intervals() for root in _zeros_of(piece, low, high)]
    zeros: list[Root] = []
    for root in sorted(found, key=lambda each: each.middle):
        if not zeros or root.middle - zeros[-1].middle > _APART:
            zeros.append(root)
    return zeros


def _zeros_of(piece: Dim, low: Fraction, high: Fraction | None) -> list[Root]:
    """The roots of a piece in its interval; where it is 0 throughout, the interval's ends."""
    if piece.is_zero:
        ends = [end for end in (low, high) if end]
        return [Root(end, end, sp.Rational(end.numerator, end.denominator)) for end in ends]
    return list(positive_roots(piece, low - _APART if low else low, None if high is None else high + _APART))


def _between(low: Root | None, high: Root | None) -> Fraction:
    start = low.middle if low else Fraction(0)
    return (start + high.middle) / 2 if high else start + 1


def _with_integers(region: Region, step: int) -> Region:
    """The region with the smallest and the largest multiple of the step in it."""
    first = step if region.low is None else step * max(1, floor(region.low.middle / step) + 1)
    last = None if region.high is None else step * (ceil(region.high.middle / step) - 1)
    if last is not None and last < first:
        return region
    return replace(region, first=first, last=last)
