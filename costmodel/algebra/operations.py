"""The operations of the formula language, each working on ints, arrays, SymPy expressions and notation.

A formula calls these instead of `/`, `//`, `max` and their like: `c_i / g` on ints would be a float,
wrong beyond 2**53, and `max` cannot compare symbols. Exact numbers are computed here at once; anything else
goes to the module that knows its type, imported only then.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from fractions import Fraction
from functools import reduce
from importlib import import_module
from math import prod
from operator import add
from types import ModuleType

from costmodel.algebra import notation, numbers
from costmodel.algebra.types import Dim
from costmodel.errors import DivisibilityError

_EXACT = (int, Fraction)


def backend(*operands: Dim) -> ModuleType:
    """The module that implements the operations for these operands."""
    best: ModuleType | str = numbers
    sympy = sys.modules.get("sympy")
    for operand in operands:
        if isinstance(operand, _EXACT):
            continue
        if isinstance(operand, notation.Notation):
            return notation
        if sympy is not None and isinstance(operand, sympy.Basic):
            best = "costmodel.algebra.expressions"
        elif best is numbers:
            best = "costmodel.algebra.arrays"
    return import_module(best) if isinstance(best, str) else best


def exact_div(a: Dim, b: Dim) -> Dim:
    """a / b where b divides a; for symbols it is assumed to, for numbers it is checked.

    >>> exact_div(960, 32)
    30
    """
    if type(a) is int and type(b) is int:
        return numbers.exact_div(a, b)
    return backend(a, b).exact_div(a, b)


def floor_div(a: Dim, b: Dim) -> Dim:
    """The largest integer not above a / b.

    >>> floor_div(224 + 2 * 3 - 7, 2)
    111
    """
    if type(a) is int and type(b) is int:
        return a // b
    return backend(a, b).floor_div(a, b)


def ceil_div(a: Dim, b: Dim) -> Dim:
    """The smallest integer not below a / b.

    >>> ceil_div(225, 2)
    113
    """
    if type(a) is int and type(b) is int:
        return -(-a // b)
    return backend(a, b).ceil_div(a, b)


def floor(x: Dim) -> Dim:
    """The largest integer not above x."""
    return x if type(x) is int else backend(x).floor(x)


def ceiling(x: Dim) -> Dim:
    """The smallest integer not below x."""
    return x if type(x) is int else backend(x).ceiling(x)


def maximum(*values: Dim) -> Dim:
    """The largest of the values."""
    return max(values) if {int}.issuperset(map(type, values)) else backend(*values).maximum(*values)


def minimum(*values: Dim) -> Dim:
    """The smallest of the values."""
    return backend(*values).minimum(*values)


def gcd(a: Dim, b: Dim) -> Dim:
    """The greatest common divisor."""
    return backend(a, b).gcd(a, b)


def round_to_multiple(x: Dim, divisor: Dim) -> Dim:
    """x to the nearest multiple of divisor, at least divisor, never below 90 % of x.

    The rule of the MobileNetV2 authors (`_make_divisible` in their published code); ties go up.

    >>> round_to_multiple(Fraction(64 * 35, 100), 8), round_to_multiple(11, 8)
    (24, 16)
    """
    if isinstance(divisor, int) and divisor < 1:
        raise DivisibilityError(f"round_to_multiple needs a positive divisor (got {divisor})")
    return backend(x, divisor).round_to_multiple(x, divisor)


def equal(a: Dim, b: Dim) -> bool:
    """Whether two dimensions are the same, however their expressions are written.

    >>> from costmodel.algebra import parse
    >>> equal(parse("n*(r + 1)"), parse("n*r + n"))
    True
    """
    return bool(a == b) if type(a) is int and type(b) is int else backend(a, b).equal(a, b)


def divides(divisor: Dim, number: Dim) -> bool:
    """Whether the divisor leaves no remainder of the number; with symbols it is assumed to (see `assuming`).

    >>> divides(4, 12), divides(4, 10)
    (True, False)
    """
    if type(divisor) is int and type(number) is int:
        return number % divisor == 0
    chosen = backend(divisor, number)
    return bool(chosen.divides(divisor, number)) if hasattr(chosen, "divides") else True


def at_most(a: Dim, b: Dim) -> bool:
    """Whether a is not above b; with symbols it is assumed to be, unless it cannot (see `assuming`).

    >>> at_most(3, 4), at_most(5, 4)
    (True, False)
    """
    if type(a) is int and type(b) is int:
        return a <= b
    chosen = backend(a, b)
    return bool(chosen.at_most(a, b)) if hasattr(chosen, "at_most") else True


def is_multiple(number: Dim, divisor: Dim) -> bool:
    """Whether a number is a multiple, for choosing by it; with symbols it is chosen to be one (see `assuming`).

    >>> is_multiple(12, 4), is_multiple(10, 4)
    (True, False)
    """
    if type(divisor) is int and type(number) is int:
        return number % divisor == 0
    return bool(backend(divisor, number).is_multiple(number, divisor))


def is_below(a: Dim, b: Dim) -> bool:
    """Whether one integer is below another, for choosing by it; with symbols it is chosen not to be (see `assuming`).

    >>> is_below(3, 4), is_below(4, 4)
    (True, False)
    """
    if type(a) is int and type(b) is int:
        return a < b
    return bool(backend(a, b).is_below(a, b))


def reaches(value: Dim, bound: Dim) -> Dim:
    """1 where an integer is at least as large as another, else 0: a condition as a factor of what depends on it.

    >>> reaches(8, 8), reaches(7, 8)
    (1, 0)
    >>> from costmodel.algebra import parse
    >>> str(reaches(parse("c"), 8))
    'Min(1, Max(0, c - 7))'
    """
    if type(value) is int and type(bound) is int:
        return int(value >= bound)
    return minimum(1, maximum(0, value - bound + 1))


def product(factors: Iterable[Dim]) -> Dim:
    """The product of the factors, in order."""
    return prod(factors)


def total(terms: Iterable[Dim]) -> Dim:
    """The sum of the terms; of SymPy expressions in one addition, which is far faster than one by one."""
    items = list(terms)
    types = set(map(type, items))
    if types <= {int}:
        return sum(items)
    if types <= {int, float}:
        return reduce(add, items)
    chosen = backend(*items)
    return chosen.total(items) if hasattr(chosen, "total") else reduce(add, items, 0)
