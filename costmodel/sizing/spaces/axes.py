"""Axes: a parameter and the values that it takes, exact numbers or choices."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import floor, isfinite, lcm
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from costmodel.algebra.arrays import Array
from costmodel.errors import SizingError, shorten

Number: TypeAlias = int | Fraction
Value: TypeAlias = int | Fraction | str | bool
Indices: TypeAlias = NDArray[np.int64]

MOST_LISTED: Final = 1_000_000
"""Values that a list may have; a range may have as many as a space."""
MOST: Final = 2**53
"""Rows of a space: beyond that, float64 does not number them."""
FINEST: Final = 2**1000
"""Denominators of values: float64 ends at 2**1024."""

_NUMBER: Final = re.compile(r"[+-]?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})([eE][+-]?\d{1,2})?|[+-]?\d{1,18}/\d{1,18}")


@dataclass(frozen=True)
class Range:
    """start, start + step, ...: `count` exact numbers."""

    start: Number
    step: Number
    count: int


@dataclass(frozen=True)
class Axis:
    """A parameter with the values that it takes, in order; numbers are exact, and more than one axis makes a space.

    >>> Axis("width", Range(Fraction(1, 4), Fraction(1, 4), 3)).value(2)
    Fraction(3, 4)
    """

    name: str
    values: Range | tuple[Value, ...]

    @property
    def size(self) -> int:
        """How many values."""
        return self.values.count if isinstance(self.values, Range) else len(self.values)

    @property
    def is_numeric(self) -> bool:
        """Whether the values are numbers, and not choices."""
        return isinstance(self.values, Range) or all(type(each) in {int, Fraction} for each in self.values)

    @cached_property
    def denominator(self) -> int:
        """The least common denominator of the values, 1 for choices."""
        values = (self.values.start, self.values.step) if isinstance(self.values, Range) else self.values
        return lcm(*(each.denominator for each in values if isinstance(each, Fraction)))

    def value(self, index: int) -> Value:
        """The value at a place, a fraction that is whole as an integer."""
        if isinstance(self.values, tuple):
            return self.values[index]
        found = Fraction(self.values.start + index * self.values.step)
        return int(found) if found.denominator == 1 else found

    def numerators(self, indices: Indices) -> Array:
        """denominator x value at these places: integers, of which float64 loses nothing."""
        if isinstance(self.values, Range):
            start, step = int(self.values.start * self.denominator), int(self.values.step * self.denominator)
            return (start + step * indices).astype(np.float64)
        return self._listed[indices]

    def settings(self, indices: Indices) -> NDArray[Any]:
        """The values at these places: float64, each the nearest to its number, or the choices as objects."""
        if self.is_numeric:
            return self.numerators(indices) / self.denominator
        choices = np.empty(self.size, dtype=object)
        choices[:] = [self.value(index) for index in range(self.size)]
        return choices[indices]

    @cached_property
    def _listed(self) -> Array:
        values = self.values if isinstance(self.values, tuple) else ()
        whole = self.denominator
        numerators = [
            each.numerator * (whole // each.denominator) for each in values if isinstance(each, (int, Fraction))
        ]
        return np.array(numerators, dtype=np.float64)


def value_text(value: Value) -> str:
    """A value as a person writes it: a decimal where there is one, else a fraction.

    >>> value_text(Fraction(7, 20)), value_text(Fraction(1, 3)), value_text(False)
    ('0.35', '1/3', 'false')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, Fraction):
        return str(value)
    decimal = repr(float(value))
    return decimal if Fraction(decimal) == value else str(value)


def axis(name: str, given: object) -> Axis:
    """The axis that a text ("0.25:1.4:0.05", "1,2,4"), a Python range, a list or one value describes.

    start:stop:step has the stop where a step meets it. Raises `SizingError` for what is empty, for a step of zero or
    away from the stop, and for a value that comes twice.

    >>> axis("width", "0.25:1:0.25").values
    Range(start=Fraction(1, 4), step=Fraction(1, 4), count=4)
    >>> axis("resolution", [128, 160]).values
    (128, 160)
    """
    if isinstance(given, Axis):
        return given
    made = Axis(name, _values(name, given))
    if made.is_numeric and not _fits(made):
        raise SizingError(
            f"the values of {name!r} must be below 2**53 over a common denominator below 2**1000 (got {_got(given)})"
        )
    return made


def _values(name: str, given: object) -> Range | tuple[Value, ...]:
    if isinstance(given, str) and ":" in given:
        return _range(name, given)
    if isinstance(given, range):
        if not given:
            raise SizingError(f"the range of {name!r} must have a value (got {given})")
        return Range(given.start, given.step, len(given))
    if isinstance(given, str):
        parts = [part.strip() for part in given.split(",")]
        return _listed(name, [_number(part) if _NUMBER.fullmatch(part) else part for part in parts])
    return _listed(name, given if isinstance(given, Iterable) else [given])


def _fits(made: Axis) -> bool:
    """Whether float64 holds every numerator, and the denominator."""
    if made.denominator >= FINEST:
        return False
    ends = made.values if isinstance(made.values, tuple) else (made.value(0), made.value(made.size - 1))
    return all(-MOST < each * made.denominator < MOST for each in ends if isinstance(each, (int, Fraction)))


def _range(name: str, text: str) -> Range:
    parts = text.split(":")
    numbers = [_number(part.strip()) for part in parts if _NUMBER.fullmatch(part.strip())]
    if len(parts) not in {2, 3} or len(numbers) != len(parts):
        raise SizingError(f"the range of {name!r} must be start:stop or start:stop:step in numbers (got {_got(text)})")
    start, stop, step = numbers if len(numbers) == 3 else (*numbers, 1)
    if step == 0:
        raise SizingError(f"the step of {name!r} must not be zero (got {_got(text)})")
    count = floor((stop - start) / Fraction(step)) + 1
    if count < 1:
        raise SizingError(f"the range of {name!r} must have its stop where its steps lead (got {_got(text)})")
    if count > MOST:
        raise SizingError(f"the range of {name!r} must have at most 2**53 values (got {_got(text)})")
    return Range(start, step, count)


def _listed(name: str, given: Iterable[object]) -> tuple[Value, ...]:
    values: list[Value] = []
    for each in given:
        if len(values) == MOST_LISTED:
            raise SizingError(f"the list of {name!r} must have at most {MOST_LISTED:,} values; give a range")
        values.append(_exact(name, each))
    if not values or "" in values:
        raise SizingError(f"the list of {name!r} must have a value in each place (got {_got(given)})")
    seen = {(type(each) is bool, each) for each in values}
    if len(seen) < len(values):
        raise SizingError(f"the list of {name!r} must have each value once (got {_got(given)})")
    return tuple(values)


def _exact(name: str, value: object) -> Value:
    """The value as an exact number or a choice; a float is read as it prints, 0.35 as 7/20."""
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else value
    if isinstance(value, (float, np.floating)) and isfinite(value):
        return _number(repr(float(value)))
    raise SizingError(f"the values of {name!r} must be numbers or choices (got {_got(value)})")


def _number(text: str) -> Number:
    number = Fraction(text) if "/" not in text or int(text.partition("/")[2]) else Fraction(0)
    return int(number) if number.denominator == 1 else number


def _got(value: object) -> str:
    return shorten(repr(value))
