"""Points: numbers for the symbols of a cost."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import isfinite

from costmodel.algebra import parse
from costmodel.algebra.dimension import exact
from costmodel.errors import ExpressionError, shorten


def point(values: Mapping[str, object]) -> dict[str, int | Fraction]:
    """The numbers that are given for symbols, exactly and above 0: a float as it prints, 0.35 as 7/20.

    >>> point({"width": 0.35, "resolution": "2*112"})
    {'width': Fraction(7, 20), 'resolution': 224}
    """
    return {name: _positive(name, value) for name, value in values.items()}


def _positive(name: str, value: object) -> int | Fraction:
    number = _number(value)
    if number is None or number <= 0:
        raise ExpressionError(f"{shorten(name)} must be a number above 0 (got {shorten(repr(value))})")
    return number


def _number(value: object) -> int | Fraction | None:
    """The number exactly, None for what is none."""
    if isinstance(value, float):
        value = repr(value) if isfinite(value) else None
    if isinstance(value, str):
        try:
            value = parse(value)
        except ExpressionError:
            return None
    if isinstance(value, Fraction):
        return value
    number = exact(value)
    if number is not None and getattr(number, "is_Rational", False):
        return Fraction(int(number.p), int(number.q))
    return number if isinstance(number, int) else None
