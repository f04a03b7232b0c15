"""Whether an expression is certainly an integer, and the condition under which it is one where that is not certain."""

from __future__ import annotations

from itertools import product as cartesian

import sympy as sp

from costmodel.algebra.assumed import Assumed
from costmodel.algebra.conditions import Multiple
from costmodel.algebra.functions import RoundToMultiple
from costmodel.algebra.types import Dim


def need_integer(assumed: Assumed, quotient: Dim) -> None:
    """Note that a fraction must be an integer, unless it certainly is one."""
    if not is_certainly_integer(quotient):
        assumed.need(Multiple(*_in_lowest_terms(quotient)))


def is_certainly_integer(quotient: Dim) -> bool:
    """Whether a fraction is an integer for all values of its symbols."""
    if quotient.is_integer:
        return True
    numerator, denominator = _in_lowest_terms(quotient)
    return bool(denominator.is_Integer) and always_divides(int(denominator), numerator)


def _in_lowest_terms(quotient: Dim) -> tuple[Dim, Dim]:
    """(numerator, denominator); over a number, without the number above, which has no divisor of the one below."""
    numerator, denominator = sp.fraction(sp.together(quotient))
    if denominator.is_Integer and denominator != 1:
        numerator = numerator.as_coeff_Mul()[1]
    return numerator, denominator


MAX_REMAINDERS = 1000
"""Combinations of remainders that are tried to see that a number divides an expression."""


def always_divides(divisor: int, x: Dim) -> bool:
    """Whether an integer divides a polynomial of integers for all of their values: 2 divides c*(c + 1)."""
    counts = {part: sp.Dummy() for part in sp.preorder_traversal(x) if not isinstance(part, (sp.Add, sp.Mul, sp.Pow))}
    parts = {part: count for part, count in counts.items() if not part.is_number and part.is_integer}
    polynomial = x.xreplace({part: _step(part) * count for part, count in parts.items()})
    left = polynomial.free_symbols
    if not left <= set(parts.values()) or divisor ** len(left) > MAX_REMAINDERS or not _is_polynomial(polynomial):
        return False
    names = sorted(left, key=str)
    remainders = (dict(zip(names, each, strict=True)) for each in cartesian(range(divisor), repeat=len(names)))
    return all(polynomial.xreplace(point) % divisor == 0 for point in remainders)


def _step(part: Dim) -> Dim:
    """What an integer is certainly a multiple of."""
    return part.args[1] if isinstance(part, RoundToMultiple) and part.args[1].is_Integer else sp.Integer(1)


def _is_polynomial(x: Dim) -> bool:
    """Whether only integers are added, multiplied and raised to positive powers."""
    return all(
        (part.is_Integer or part.is_Dummy)
        or isinstance(part, (sp.Add, sp.Mul))
        or (isinstance(part, sp.Pow) and part.exp.is_Integer and part.exp.is_positive)
        for part in sp.preorder_traversal(x)
    )
