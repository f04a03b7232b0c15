"""Bounds of expressions whose symbols are positive integers: whether one size is certainly not above another.

A floor is at most what is in its brackets, and at least that less (q - 1)/q where q is its denominator; a maximum is
at least each of its arguments. With these, `h - 2*floor(h/2) + 1` is seen to be at least 1.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import lcm

import sympy as sp

from costmodel.algebra.expressions import as_expression
from costmodel.algebra.functions import GreatestCommonDivisor, RoundToMultiple
from costmodel.algebra.types import Dim

_MAX_DEPTH = 12
"""Floors and maxima inside each other, or beside each other, beyond which no bound is sought."""
_MAX_TERMS = 60
_MAX_STEPS = 100
"""Expressions that are looked at for one bound: maxima beside each other multiply."""


@lru_cache(maxsize=20_000)
def least(x: Dim) -> Fraction | None:
    """A number that an expression is never below, None where none is found; symbols are at least 1.

    >>> from costmodel.algebra import parse
    >>> least(parse("h - 2*floor(h/2) + 1"))
    Fraction(1, 1)
    """
    return _least(x, _MAX_DEPTH, [_MAX_STEPS])


def is_at_least(a: Dim, b: Dim) -> bool:
    """Whether a is certainly not below b.

    >>> from costmodel.algebra import parse
    >>> is_at_least(parse("seq"), 1), is_at_least(parse("seq"), 2)
    (True, False)
    """
    difference = as_expression(a - b)
    bound = least(difference)
    return bound is not None and (bound >= 0 or (bound > -1 and bool(difference.is_integer)))


def tendency(x: Dim) -> int:
    """1 where an expression only grows with its symbols, -1 where it only falls, 0 where that is not seen.

    >>> from costmodel.algebra import parse
    >>> tendency(parse("h - 7")), tendency(parse("1 - h")), tendency(parse("h - w"))
    (1, -1, 0)
    """
    relaxed = sp.expand(x.replace(sp.floor, lambda inside: inside))
    signs = {int(sp.sign(term.as_coeff_Mul()[0])) for term in sp.Add.make_args(relaxed) if term.free_symbols}
    return signs.pop() if len(signs) == 1 and not relaxed.has(sp.Max, sp.Min) else 0


def grows(x: Dim) -> bool:
    """Whether an expression is certainly never smaller for larger values of its symbols, which are positive.

    >>> from costmodel.algebra import parse
    >>> grows(parse("floor(h/2) - 7")), grows(parse("h - 2*floor(h/2)"))
    (True, False)
    """
    if x.is_number or x.is_Symbol:
        return True
    if isinstance(x, RoundToMultiple):
        return grows(x.args[0]) and bool(x.args[1].is_number)
    if isinstance(x, (sp.Add, sp.Max, sp.Min, sp.floor, sp.ceiling)):
        return all(map(grows, x.args))
    factor, rest = x.as_coeff_Mul()
    if factor == 1 and isinstance(x, (sp.Mul, sp.Pow)):
        powers = [each.as_base_exp() for each in sp.Mul.make_args(x)]
        return all(exponent.is_positive and base.is_nonnegative and grows(base) for base, exponent in powers)
    return bool(factor.is_positive) and factor != 1 and grows(rest)


def _least(x: Dim, depth: int, steps: list[int]) -> Fraction | None:
    steps[0] -= 1
    if depth == 0 or steps[0] < 0:
        return None
    terms = sp.Add.make_args(sp.expand(x))
    if len(terms) > _MAX_TERMS:
        return None
    parts = [(term, *term.as_coeff_Mul()) for term in terms]
    if not all(factor.is_Rational for _, factor, _ in parts):
        return None
    term, factor, rest = max(parts, key=lambda part: _urgency(part[2]))
    if isinstance(rest, (sp.Max, sp.Min)):
        found = [_least(x - term + factor * each, depth - 1, steps) for each in rest.args]
        if isinstance(rest, sp.Max) == (factor > 0):
            return max((bound for bound in found if bound is not None), default=None)
        return None if None in found else min(bound for bound in found if bound is not None)
    if isinstance(rest, sp.floor):
        return _least(x - term + factor * _relaxed(rest.args[0], is_low=factor > 0), depth - 1, steps)
    return _least_of_terms(terms, depth, steps)


def _urgency(part: Dim) -> int:
    """Extremes come first, whose arguments may cancel what is beside them, then floors, outer ones before inner."""
    if isinstance(part, (sp.Max, sp.Min)):
        return _MAX_TERMS
    return 1 + len(part.args[0].atoms(sp.floor)) if isinstance(part, sp.floor) else 0


def _least_of_terms(terms: tuple[Dim, ...], depth: int, steps: list[int]) -> Fraction | None:
    """The sum of the least that each term is."""
    bound = Fraction(0)
    for term in terms:
        factor, rest = term.as_coeff_Mul()
        if rest == 1:
            bound += Fraction(int(factor.p), int(factor.q))
            continue
        low = _least_of_factors(rest, depth, steps) if factor > 0 else None
        if low is None:
            return None
        bound += Fraction(int(factor.p), int(factor.q)) * low
    return bound


def _least_of_factors(x: Dim, depth: int, steps: list[int]) -> Fraction | None:
    """The product of the least that each factor is, none of which may be negative."""
    bound = Fraction(1)
    for factor in sp.Mul.make_args(x):
        base, power = factor.as_base_exp()
        if not (power.is_Integer and power > 0):
            return None
        if base.is_Symbol or isinstance(base, (RoundToMultiple, GreatestCommonDivisor)):
            low: Fraction | None = Fraction(1) if base.is_integer and base.is_positive else None
        else:
            low = _least(base, depth - 1, steps)
        if low is None or low < 0:
            return None
        bound *= low ** int(power)
    return bound


def _relaxed(inside: Dim, *, is_low: bool) -> Dim:
    """What is in a floor's brackets, less the most that the floor takes away where the lower bound is asked for."""
    if not is_low:
        return inside
    factors = [term.as_coeff_Mul() for term in sp.Add.make_args(sp.expand(inside))]
    if all(factor.is_Rational and rest.is_integer for factor, rest in factors):
        denominator = lcm(*(int(factor.q) for factor, _ in factors))
        return inside - sp.Rational(denominator - 1, denominator)
    return inside - 1
