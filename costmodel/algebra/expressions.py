"""The operations of the formula language on SymPy expressions.

`floor` of an expression such as (32*r - 1)/2 is decided here, by splitting its coefficients, and not by SymPy's
general machinery: that is exact, a hundred times faster, collapses nested brackets, and gives equal sizes one form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import lcm

import sympy as sp

from costmodel.algebra.assumed import asking_for_needs, collecting
from costmodel.algebra.conditions import AtLeast, AtMost, Different, Equal, Multiple
from costmodel.algebra.divisibility import is_certainly_integer, need_integer
from costmodel.algebra.functions import GreatestCommonDivisor, RoundToMultiple, rational_part
from costmodel.algebra.parser import MAX_TERMS, term_count
from costmodel.algebra.types import Dim
from costmodel.algebra.vocabulary import REAL
from costmodel.errors import DivisibilityError


@lru_cache(maxsize=4096)
def symbol(name: str) -> Dim:
    """The symbol of that name with the assumptions of the vocabulary."""
    if name in REAL:
        return sp.Symbol(name, real=True, positive=True)
    return sp.Symbol(name, integer=True, positive=True)


MAX_CANCELLED = 64
"""Terms of a fraction beyond which polynomials are not divided: it takes too long."""

_LANGUAGE = (sp.Number, sp.Add, sp.Mul, sp.floor, sp.ceiling, sp.Max, sp.Min, RoundToMultiple, GreatestCommonDivisor)


def as_expression(x: Dim) -> Dim:
    """A number or an expression as SymPy's; never a text, which SymPy would evaluate."""
    return sp.sympify(x, strict=True)


def exact_div(a: Dim, b: Dim) -> Dim:
    """a / b: that b divides a is an assumption, checked only where both are numbers."""
    quotient = _quotient(as_expression(a), b)
    if (assumed := asking_for_needs()) is not None:
        need_integer(assumed, quotient)
    return quotient


def divides(divisor: Dim, number: Dim) -> bool:
    """True: that there is no remainder is an assumption."""
    if (assumed := asking_for_needs()) is not None:
        need_integer(assumed, _quotient(as_expression(number), divisor))
    return True


def at_most(a: Dim, b: Dim) -> bool:
    """Whether a is not above b: an assumption, where it is not certain."""
    difference = as_expression(b) - a
    if difference.is_nonnegative is None and (assumed := asking_for_needs()) is not None:
        assumed.need(AtLeast(difference, sp.Integer(0)))
    return difference.is_nonnegative is not False


def is_multiple(number: Dim, divisor: Dim) -> bool:
    """Whether the divisor divides a number: where that is not certain, it is chosen to."""
    assumed = collecting()
    whole = as_expression(divisor) * floor_div(number, divisor)
    if assumed is None or whole == number or is_certainly_integer(_quotient(as_expression(number), divisor)):
        return True
    value = as_expression(number)
    return assumed.choose(Multiple(value, as_expression(divisor)), Different(whole, value), default=True)


def is_below(a: Dim, b: Dim) -> bool:
    """Whether a is below b: where that is not certain, it is chosen not to be."""
    assumed, value, bound = collecting(), as_expression(a), as_expression(b)
    difference = value - bound
    if difference.is_number or difference.is_nonnegative or difference.is_negative:
        return bool(difference < 0)
    return assumed is not None and assumed.choose(AtMost(value, bound - 1), AtLeast(value, bound))


def floor_div(a: Dim, b: Dim) -> Dim:
    """floor(a / b)."""
    return floor(_quotient(as_expression(a), b))


def ceil_div(a: Dim, b: Dim) -> Dim:
    """ceiling(a / b)."""
    return ceiling(_quotient(as_expression(a), b))


def floor(x: Dim) -> Dim:
    """The largest integer not above x: integers are taken out of the brackets, and nested brackets collapse."""
    whole, rest = split(as_expression(x))
    return whole + (sp.floor(rest) if rest.is_number else sp.floor(_collapsed(rest), evaluate=False))


def ceiling(x: Dim) -> Dim:
    """The smallest integer not below x: for integers over a denominator d, floor(x + (d - 1)/d)."""
    whole, rest = split(as_expression(x))
    parts = [rational_part(term) for term in sp.Add.make_args(rest)]
    if None in parts:
        return whole + sp.ceiling(rest, evaluate=bool(rest.is_number))
    denominator = lcm(*(int(part[0].q) for part in parts if part is not None))
    return whole + floor(rest + sp.Rational(denominator - 1, denominator))


def maximum(*values: Dim) -> Dim:
    """The largest of the values: unevaluated, because SymPy takes seconds to compare what it cannot decide."""
    return _extreme(sp.Max, values)


def minimum(*values: Dim) -> Dim:
    """The smallest of the values, unevaluated unless all are numbers."""
    return _extreme(sp.Min, values)


def gcd(a: Dim, b: Dim) -> Dim:
    """The greatest common divisor of two integers."""
    for number in map(as_expression, (a, b)):
        if not number.is_integer:
            raise DivisibilityError(f"gcd takes integers (got {number})")
    return GreatestCommonDivisor(a, b)


def round_to_multiple(x: Dim, divisor: Dim) -> Dim:
    """x to the nearest multiple of divisor, unevaluated while x has symbols."""
    step = as_expression(divisor)
    if not step.is_integer or step.is_positive is False:
        raise DivisibilityError(f"round_to_multiple rounds to multiples of a positive integer (got {divisor})")
    return RoundToMultiple(x, divisor)


def total(terms: Iterable[Dim]) -> Dim:
    """The sum of the terms in one addition."""
    return sp.Add(*terms)


def product(factors: Iterable[Dim]) -> Dim:
    """The product of the factors in one multiplication."""
    return sp.Mul(*factors)


def equal(a: Dim, b: Dim) -> bool:
    """Whether a and b are one expression, however they are written: 2*(r + 1) and 2*r + 2.

    Expressions that differ may be equal for some values of their symbols: that they are not is a choice.
    """
    if a == b:
        return True
    certain = _are_equal(as_expression(a), as_expression(b))
    if certain is not None or (assumed := collecting()) is None:
        return bool(certain)
    one, other = _without_common_factors(as_expression(a), as_expression(b))
    return assumed.choose(Equal(one, other), Different(one, other))


@lru_cache(maxsize=4096)
def _are_equal(a: Dim, b: Dim) -> bool | None:
    """Whether expressions are equal for all values of their symbols, or for none; None where the values decide."""
    difference = a - b
    if term_count(difference) > MAX_TERMS:
        return True if all(difference.xreplace(point) == 0 for point in _points(difference)) else None
    expanded = sp.expand(difference)
    if expanded == 0:
        return True
    return False if expanded.is_nonzero else None


def _without_common_factors(a: Dim, b: Dim) -> tuple[Dim, Dim]:
    """Two products without the positive factors that both have: n*c*h and n*c are equal where h and 1 are."""
    factors, others = Counter(sp.Mul.make_args(a)), Counter(sp.Mul.make_args(b))
    common = Counter({factor: count for factor, count in (factors & others).items() if factor.is_positive})
    return sp.Mul(*(factors - common).elements()), sp.Mul(*(others - common).elements())


def _points(x: Dim) -> Iterator[dict[Dim, Dim]]:
    """Values for the symbols of an expression that is too long to be multiplied out: who agree on all are equal."""
    symbols = sorted(x.free_symbols, key=sp.default_sort_key)
    for start in (10**4, 10**6, 10**8):
        yield {symbol: sp.Integer(sp.nextprime(start + 1000 * index)) for index, symbol in enumerate(symbols)}


def _extreme(function: Dim, values: Iterable[Dim]) -> Dim:
    """The largest (smallest) of the values, of which only the numbers are compared."""
    distinct = dict.fromkeys(map(as_expression, values))
    known = [value for value in distinct if value.is_number]
    unknown = [value for value in distinct if not value.is_number]
    kept = [*unknown, function(*known)] if known else unknown
    return kept[0] if len(kept) == 1 else function(*kept, evaluate=False)


def split(x: Dim) -> tuple[Dim, Dim]:
    """(whole, rest) with x = whole + rest: integers, and what is left of them with coefficients below 1."""
    whole, rest = [], []
    for term in sp.Add.make_args(x):
        part = rational_part(term)
        if part is None:
            rest.append(term)
            continue
        coefficient, monomial = part
        quotient = coefficient.p // coefficient.q
        whole.append(quotient * monomial)
        rest.append((coefficient - quotient) * monomial)
    return sp.Add(*whole), sp.Add(*rest)


def foreign(x: Dim) -> Dim | None:
    """A part of x that is not of the formula language: another function, a root, a symbol with other assumptions."""
    for part in sp.preorder_traversal(x):
        if part.is_Symbol:
            known = part == symbol(part.name)
        elif part.is_Pow:
            known = part.exp.is_Integer
        else:
            known = isinstance(part, _LANGUAGE)
        if not known:
            return part
    return None


def with_rationals(x: Dim) -> Dim:
    """x with exact numbers for SymPy's floats, each as it prints: 0.35 is 7/20."""
    return x.xreplace({number: sp.Rational(str(number)) for number in x.atoms(sp.Float)})


def _quotient(a: Dim, b: Dim) -> Dim:
    """a / b with common factors cancelled, those inside of sums as well: n*(2*h + 2)/(h + 1) is 2*n."""
    quotient = a / b
    return _cancelled(quotient) if _has_a_sum(quotient) else quotient


@lru_cache(maxsize=4096)
def _cancelled(quotient: Dim) -> Dim:
    """A fraction with its sums factored, and divided where one is left below the line."""
    factored = sp.factor_terms(quotient)
    if any(isinstance(divisor, sp.Add) for divisor in _divisors(factored)) and term_count(factored) <= MAX_CANCELLED:
        whole = sp.cancel(factored)
        return factored if _divisors(whole) else whole
    return factored


def _has_a_sum(quotient: Dim) -> bool:
    """Whether a fraction has a sum above or below its line, of which SymPy cancels nothing."""
    return (
        isinstance(quotient, sp.Mul)
        and any(isinstance(factor.as_base_exp()[0], sp.Add) for factor in quotient.args)
        and bool(_divisors(quotient) or quotient.as_coeff_Mul()[0].q != 1)
    )


def _divisors(quotient: Dim) -> list[Dim]:
    """What is not a number below the line of a fraction."""
    powers = (factor.as_base_exp() for factor in sp.Mul.make_args(quotient))
    return [base for base, exponent in powers if exponent.is_negative and not base.is_number]


def _collapsed(x: Dim) -> Dim:
    """(floor(y) + n) / d as (y + n) / d, which has the same floor where n is an integer and d a positive one."""
    for term in sp.Add.make_args(x):
        coefficient, bracket = term.as_coeff_Mul()
        if isinstance(bracket, sp.floor) and coefficient.is_Rational and coefficient.p == 1:
            others = x - term
            if (others * coefficient.q).is_integer:
                return others + coefficient * bracket.args[0]
    return x
