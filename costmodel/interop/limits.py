"""How far what is read may grow: a file of a few bytes can ask for sizes and expressions without end."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from costmodel.algebra.parser import term_count
from costmodel.errors import ReadingError, shorten

MAX_AXES: Final = 64
"""A tensor of more axes is taken for a mistake."""
MAX_BITS: Final = 64
"""Machines compute sizes with integers of that many bits."""
MAX_FRACTION_BITS: Final = 4096
"""The fractions that floating-point numbers are have some thousand bits at most."""
MAX_PARTS: Final = 200
"""An expression of more parts is taken for a mistake: those of real models have some dozen."""
MAX_TERMS: Final = 1000
"""An expression of more terms, when it is multiplied out, counts as one of too many parts."""
MAX_EXPONENT: Final = 64
MAX_SYMBOLS: Final = 1000
"""Different symbols in all sizes of a model."""
MAX_ALL_PARTS: Final = 30_000
"""All the different expressions of a model together have at most that many parts."""

MAX_WORK: Final = 3_000_000
"""Elements that are computed while a model is read, its shape arithmetic: real models compute some thousands."""


def is_small(element: Any) -> bool:
    """Whether an element may stand for a size: no number beyond 64 bits, no expression of very many parts."""
    if isinstance(element, int):
        return element.bit_length() <= MAX_BITS
    if isinstance(element, Fraction):
        return max(element.numerator.bit_length(), element.denominator.bit_length()) <= MAX_FRACTION_BITS
    return not hasattr(element, "free_symbols") or parts(element) <= MAX_PARTS


@lru_cache(maxsize=65_536)
def parts(expression: Any) -> int:
    """How many symbols, numbers and operations an expression has, counted no further than what is too many."""
    count, left = 0, [expression]
    while left and count <= MAX_PARTS:
        part = left.pop()
        count += 1
        if part.is_Rational:
            count += MAX_PARTS * (max(part.p.bit_length(), part.q.bit_length()) > 4 * MAX_BITS)
        elif part.is_Pow and not (part.exp.is_Integer and abs(part.exp) <= MAX_EXPONENT):
            count += MAX_PARTS
        left.extend(part.args)
    return count if count > MAX_PARTS or term_count(expression) <= MAX_TERMS else MAX_PARTS + 1


def check_axes(axes: int, what: str) -> None:
    """Raise for a tensor of too many axes."""
    if axes > MAX_AXES:
        raise ReadingError(f"{what} must have at most {MAX_AXES} axes (got {axes})")


class Growth:
    """All the different expressions of one model."""

    def __init__(self) -> None:
        self._seen: set[Any] = set()
        self._parts = 0
        self._symbols: set[Any] = set()

    def check(self, shape: Sequence[Any]) -> None:
        """Raise for a shape of too many axes, of an expression of too many parts, or of one expression too many."""
        check_axes(len(shape), "a tensor")
        for size in shape:
            if type(size) is not int and size not in self._seen:
                self._admit(size)

    def _admit(self, size: Any) -> None:
        """One more expression."""
        if not is_small(size):
            raise ReadingError(
                f"a size must be an expression of at most {MAX_PARTS} parts, with numbers of at most"
                f" {4 * MAX_BITS} bits; bind the symbols of the inputs"
            )
        self._seen.add(size)
        self._symbols |= getattr(size, "free_symbols", set())
        if len(self._symbols) > MAX_SYMBOLS:
            raise ReadingError(f"a model must have at most {MAX_SYMBOLS} sizes that are open; bind some of them")
        self._parts += parts(size) if hasattr(size, "free_symbols") else 1
        if self._parts > MAX_ALL_PARTS:
            raise ReadingError(
                f"all sizes of a model together must be expressions of at most {MAX_ALL_PARTS} parts;"
                f" bind the symbols of the inputs, such as {shorten(_symbol(size))}"
            )


def _symbol(size: Any) -> str:
    names = sorted(symbol.name for symbol in getattr(size, "free_symbols", ()))
    return names[0] if names else "the batch"
