"""A comparison that depends on symbols without numbers: c_o > k_h*k_w/(k_h*k_w - 1), where k_h*k_w > 1."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import sympy as sp

from costmodel.algebra import Dim
from costmodel.algebra.bounds import least
from costmodel.algebra.notation import Notation
from costmodel.errors import ExpressionError
from costmodel.reasoning.writing import Step, written

_RELATION: Final = {1: ">", 0: "=", -1: "<"}
_TOGETHER: Final = {"<=": "<=", "=<": "<=", ">=": ">=", "=>": ">="}
"""The relation that two of them make: either holds; none where one of all does."""


@dataclass(frozen=True)
class Case:
    """Under which conditions A < B for which values of the symbol."""

    conditions: tuple[Step, ...]
    """What must hold for the other symbols; none where it always does."""
    less: bool | Step
    """Where A < B: for every value, for none, or where this holds."""
    equal: bool = False
    """Whether A = B for every value."""

    @property
    def condition(self) -> str:
        """The conditions in words; nothing where there are none."""
        return " and ".join(map(str, self.conditions))


def cases(difference: Dim, symbol: Dim) -> tuple[Case, ...]:
    """Where a difference p x^d + q, with p and q of other symbols, is below 0.

    Raises `ExpressionError` where the symbol occurs in two powers and the others have no numbers.

    >>> from costmodel.algebra import parse
    >>> for case in cases(parse("k_h*k_w + c_o - c_o*k_h*k_w"), parse("c_o")):
    ...     print(case.less, "where", *case.conditions)
    c_o > k_h*k_w/(k_h*k_w - 1) where k_h*k_w > 1
    False where k_h*k_w = 1
    """
    powers = sp.Poly(difference, symbol).as_dict()
    degrees = {power for (power,) in powers} - {0}
    if len(degrees) > 1:
        others = ", ".join(sorted(map(str, difference.free_symbols - {symbol})))
        raise ExpressionError(f"{symbol} occurs in several powers; give numbers for {others} to compare for which")
    if not degrees:
        return _joined(_constant(difference, sign) for sign in sorted(possible_signs(difference)))
    (degree,) = degrees
    p, q = powers.get((degree,), sp.Integer(0)), powers.get((0,), sp.Integer(0))
    return _joined(
        _case(symbol, degree, (p, sign_p), (q, sign_q))
        for sign_p in sorted(possible_signs(p))
        for sign_q in sorted(possible_signs(q))
    )


def possible_signs(value: Dim) -> set[int]:
    """The signs that an expression of positive symbols may have, as far as its bounds tell."""
    if value.is_number:
        return {int(sp.sign(value))}
    value, _ = without_positive_factors(value)
    factors = [term.as_coeff_Mul()[0] for term in sp.Add.make_args(sp.expand(value))]
    if all(factor > 0 for factor in factors):
        return {1}
    if all(factor < 0 for factor in factors):
        return {-1}
    low, high = least(value), least(-value)
    signs = {-1, 0, 1}
    if low is not None and low >= 0:
        signs -= {-1} if low == 0 else {-1, 0}
    if high is not None and high >= 0:
        signs -= {1} if high == 0 else {1, 0}
    return signs


def without_positive_factors(total: Dim) -> tuple[Dim, Dim]:
    """(rest, factor) with total = factor * rest: the number and the symbols that all terms have in common.

    >>> from costmodel.algebra import parse
    >>> without_positive_factors(parse("6*n*r**2 - 4*n*r"))
    (3*r - 2, 2*n*r)
    """
    if total == 0:
        return total, sp.Integer(1)
    shared = sp.gcd(list(sp.Add.make_args(sp.expand(total))))
    shared = -shared if shared.could_extract_minus_sign() else shared
    return sp.expand(total / shared), shared


def _joined(found: Iterable[Case]) -> tuple[Case, ...]:
    """The cases, those with one condition each and the same answer as one: < and = are <=."""
    joined: list[Case] = []
    for case in found:
        last = joined[-1] if joined else None
        if last is None or (last.less, last.equal) != (case.less, case.equal) or not _is_same_but_relation(last, case):
            joined.append(case)
            continue
        relation = _TOGETHER.get(last.conditions[0].relation + case.conditions[0].relation)
        joined[-1] = replace(last, conditions=(last.conditions[0]._replace(relation=relation),) if relation else ())
    return tuple(joined)


def _is_same_but_relation(a: Case, b: Case) -> bool:
    """Whether two cases have one condition each, on the same two sides."""
    sides = [[(str(step.left), str(step.right)) for step in case.conditions] for case in (a, b)]
    return len(sides[0]) == 1 and sides[0] == sides[1]


def _constant(difference: Dim, sign: int) -> Case:
    """The case of a difference that does not depend on the symbol."""
    return Case(tuple(_conditions([(difference, sign)])), less=sign < 0, equal=sign == 0)


def _case(symbol: Dim, degree: int, of_power: tuple[Dim, int], of_rest: tuple[Dim, int]) -> Case:
    """The case of known signs of p and q."""
    (p, sign_p), (q, sign_q) = of_power, of_rest
    known = tuple(_conditions([of_power, of_rest]))
    if sign_p * sign_q >= 0:
        sign = sign_p or sign_q
        return Case(known, less=sign < 0, equal=sign == 0)
    threshold = _quotient(-q, p) if sign_p > 0 else _quotient(q, -p)
    bound: Dim | Notation = threshold if degree == 1 else sp.root(threshold, degree)
    return Case(known, Step(written(symbol), "<" if sign_p > 0 else ">", written(bound)))


def _quotient(above: Dim, below: Dim) -> Dim:
    """The fraction in lowest terms, with a divisor that is written as a positive one."""
    numerator, denominator = sp.fraction(sp.cancel(above / below))
    if denominator.could_extract_minus_sign():
        numerator, denominator = -numerator, -denominator
    return sp.expand(numerator) / sp.expand(denominator)


def _conditions(signs: Iterable[tuple[Dim, int]]) -> Iterable[Step]:
    """A sign that an expression need not have, as a condition: its positive terms beside its negative ones."""
    for value, sign in signs:
        if len(possible_signs(value)) == 1:
            continue
        terms = sp.Add.make_args(without_positive_factors(value)[0])
        left = sp.Add(*(term for term in terms if not term.could_extract_minus_sign()))
        right = sp.Add(*(-term for term in terms if term.could_extract_minus_sign()))
        left, right = (
            each.base if each.is_Pow and other == 1 else each for each, other in ((left, right), (right, left))
        )
        turned = not left.free_symbols and bool(right.free_symbols)
        sides = (right, left) if turned else (left, right)
        yield Step(written(sides[0]), _RELATION[-sign if turned else sign], written(sides[1]))
