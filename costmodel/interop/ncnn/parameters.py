"""The key=value parameters of one layer of a .param file, read as what a rule needs them to be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final, NoReturn

from costmodel.errors import FileFormatError, shorten

Scalar = int | float
Value = Scalar | str | tuple[Scalar, ...]

MAX_KEY: Final = 31
"""Parameters have the keys 0 to 31."""
ARRAY_KEY: Final = -23300
"""An array of key k is written as key -23300 - k, its length, and its elements."""
MAX_INTEGER: Final = 2**31 - 1
"""Integers of the format have 32 bits, with a sign."""
MAX_TEXT: Final = 255
"""Characters of the longest text."""

_PAIR = re.compile(r'([+-]?\d{1,6})=("[^"]*"|\S*)\s*', re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,10}", re.ASCII)
_FLOAT = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?", re.ASCII)


@dataclass(frozen=True)
class Parameters:
    """The parameters of one layer; what is not given has the default of its rule."""

    place: str
    """Where they stand, for errors: the line, and the layer's type and name; "" where others say so."""
    values: Mapping[int, Value]

    def refuse(self, rule: str) -> NoReturn:
        """Raise an error about this layer."""
        raise FileFormatError(f"{self.place}: {rule}" if self.place else rule)

    def integer(self, key: int, name: str, default: int = 0) -> int:
        """A parameter that is an integer."""
        value = self.values.get(key, default)
        return value if isinstance(value, int) else self._must_be(key, name, "an integer", value)

    def size(self, key: int, name: str, default: int = 0, least: int = 1) -> int:
        """A parameter that is an integer of at least `least`."""
        value = self.integer(key, name, default)
        return value if value >= least else self._must_be(key, name, f"an integer of at least {least}", value)

    def flag(self, key: int, name: str, default: int = 0) -> bool:
        """A parameter that is 0 or 1."""
        value = self.integer(key, name, default)
        return bool(value) if value in (0, 1) else self._must_be(key, name, "0 or 1", value)

    def choice(self, key: int, name: str, count: int, default: int = 0) -> int:
        """A parameter that is one of 0 to count - 1."""
        value = self.integer(key, name, default)
        return value if 0 <= value < count else self._must_be(key, name, f"one of 0 to {count - 1}", value)

    def number(self, key: int, name: str, default: float = 0.0) -> float:
        """A parameter that is a number."""
        value = self.values.get(key, default)
        return float(value) if isinstance(value, (int, float)) else self._must_be(key, name, "a number", value)

    def text(self, key: int, name: str) -> str:
        """A parameter that is a text, "" where it is not given."""
        value = self.values.get(key, "")
        return value if isinstance(value, str) else self._must_be(key, name, "a text", value)

    def numbers(self, key: int, name: str) -> tuple[Scalar, ...]:
        """A parameter that is an array, () where it is not given; one number is an array of one."""
        value = self.values.get(key, ())
        if isinstance(value, (int, float)):
            return (value,)
        return value if isinstance(value, tuple) else self._must_be(key, name, "an array", value)

    def integers(self, key: int, name: str) -> tuple[int, ...]:
        """A parameter that is an array of integers, () where it is not given."""
        values = self.numbers(key, name)
        found = tuple(value for value in values if isinstance(value, int))
        return found if len(found) == len(values) else self._must_be(key, name, "an array of integers", values)

    def _must_be(self, key: int, name: str, rule: str, value: Value) -> NoReturn:
        self.refuse(f"parameter {key} ({name}) must be {rule} (got {shorten(repr(value))})")


def parse_parameters(place: str, text: str) -> Parameters:
    """The parameters that the end of a layer's line gives.

    >>> parse_parameters("line 3", '0=64 1=3 -23310=2,0.0,6.0 9=3 6="0w,-1"').values[10]
    (0.0, 6.0)
    """
    values: dict[int, Value] = {}
    start = 0
    while start < len(text):
        pair = _PAIR.match(text, start)
        if not pair:
            raise FileFormatError(f"{place}: parameters must be key=value (got {shorten(text[start:])})")
        start = pair.end()
        key, is_array = _key(place, int(pair[1]))
        if key in values:
            raise FileFormatError(f"{place}: parameter {key} must be given once")
        values[key] = _array(place, key, pair[2]) if is_array else _value(place, key, pair[2])
    return Parameters(place, values)


def _key(place: str, key: int) -> tuple[int, bool]:
    """The key from 0 on, and whether it is written as that of an array."""
    is_array = key <= ARRAY_KEY
    index = ARRAY_KEY - key if is_array else key
    if not 0 <= index <= MAX_KEY:
        raise FileFormatError(
            f"{place}: a key must be one of 0 to {MAX_KEY}, or of {ARRAY_KEY} to {ARRAY_KEY - MAX_KEY} (got {key})"
        )
    return index, is_array


def _array(place: str, key: int, text: str) -> tuple[Scalar, ...]:
    """The elements behind a length."""
    length, *elements = text.split(",")
    if not _INTEGER.fullmatch(length) or int(length) != len(elements):
        raise FileFormatError(
            f"{place}: array {key} must begin with its number of elements, {len(elements)} (got {shorten(length)!r})"
        )
    return tuple(_number(place, key, element) for element in elements)


def _value(place: str, key: int, text: str) -> Value:
    """A number, an array without its length, or a text in quotes or that begins with a letter."""
    if text[:1] == '"' or text[:1].isalpha():
        inner = text.strip('"')
        if len(inner) > MAX_TEXT or not inner.isprintable():
            raise FileFormatError(f"{place}: parameter {key} must be a text of at most {MAX_TEXT} printable characters")
        return inner
    if "," in text:
        return tuple(_number(place, key, element) for element in text.removesuffix(",").split(","))
    return _number(place, key, text)


def _number(place: str, key: int, text: str) -> Scalar:
    if _INTEGER.fullmatch(text):
        integer = int(text)
        if not -MAX_INTEGER - 1 <= integer <= MAX_INTEGER:
            raise FileFormatError(f"{place}: parameter {key} must have 32 bits (got {text})")
        return integer
    if not _FLOAT.fullmatch(text) or not isfinite(float(text)):
        raise FileFormatError(f"{place}: parameter {key} must be a finite number (got {shorten(repr(text))})")
    return float(text)
