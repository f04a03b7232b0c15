"""The operations of the formula language on exact Python numbers (int and Fraction)."""

from __future__ import annotations

import math
from fractions import Fraction

from costmodel.errors import DivisibilityError

Exact = int | Fraction


def exact_div(a: Exact, b: Exact) -> Exact:
    """a / b, which must be an integer."""
    quotient, remainder = divmod(a, b)
    if remainder:
        raise DivisibilityError(f"{a} is not divisible by {b}")
    return quotient


def floor_div(a: Exact, b: Exact) -> int:
    """The largest integer not above a / b."""
    return int(a // b)


def ceil_div(a: Exact, b: Exact) -> int:
    """The smallest integer not below a / b."""
    return -int(-a // b)


def floor(x: Exact) -> int:
    """The largest integer not above x."""
    return math.floor(x)


def ceiling(x: Exact) -> int:
    """The smallest integer not below x."""
    return math.ceil(x)


def maximum(*values: Exact) -> Exact:
    """The largest of the values."""
    return max(values)


def minimum(*values: Exact) -> Exact:
    """The smallest of the values."""
    return min(values)


def gcd(a: Exact, b: Exact) -> int:
    """The greatest common divisor of two integers."""
    for number in (a, b):
        if number.denominator != 1:
            raise DivisibilityError(f"gcd takes integers (got {number})")
    return math.gcd(int(a), int(b))


def equal(a: Exact, b: Exact) -> bool:
    """Whether the numbers are equal."""
    return a == b


def round_to_multiple(x: Exact, divisor: int) -> int:
    """x to the nearest multiple of divisor (ties up), at least divisor, never below 90 % of x."""
    if divisor < 1 or divisor.denominator != 1:
        raise DivisibilityError(f"round_to_multiple rounds to multiples of a positive integer (got {divisor})")
    rounded = max(divisor, floor(Fraction(x, divisor) + Fraction(1, 2)) * divisor)
    return rounded + divisor if 10 * rounded < 9 * x else rounded
