"""What a reader finds in a benchmark's output: rows of a measurement file, and what it cannot read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from costmodel.errors import FileFormatError, shorten

MAX_LINE: Final = 2000
"""Characters of the longest line that is looked at; no benchmark prints longer ones."""

_LONGEST_CELL: Final = 300
_RANGE_MS: Final = (1e-6, 1e9)
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


class Source(NamedTuple):
    """A file to read: its name, the folders that it lies in from the innermost, and its text."""

    name: str
    folders: tuple[str, ...]
    text: str

    def lines(self) -> Iterator[tuple[int, str]]:
        """Each line with its number, from 1, but for those that are longer than any that a benchmark prints."""
        for number, line in enumerate(self.text.split("\n"), start=1):
            if len(line) <= MAX_LINE:
                yield number, line.removesuffix("\r")


class Row(NamedTuple):
    """A measured time as cells of a measurement file; `run` tells the runs of a benchmark program apart.

    `line` is None where a file has no lines to speak of.
    """

    line: int | None
    cells: Mapping[str, str]
    run: int | None = None


class Skipped(NamedTuple):
    """What looked like a measurement and could not be read, and why."""

    line: int | None
    reason: str


Found: TypeAlias = Row | Skipped


@dataclass(frozen=True)
class Format:
    """A format of benchmark output: its name, what writes it, how to tell it, and how to read it.

    `read_layers` reads rows of single layers, where the format tells them.
    """

    name: str
    title: str
    recognizes: Callable[[Source], bool]
    read: Callable[[Source], Iterator[Found]]
    read_layers: Callable[[Source], Iterator[Found]] | None = None


def cell(text: object, limit: int = _LONGEST_CELL) -> str:
    r"""The text as a cell: on one line, printable, and not too long.

    >>> cell(" Cortex-A53\t(ARMv8)\x1b ")
    'Cortex-A53 (ARMv8)?'
    """
    line = " ".join(str(text).split())
    return shorten("".join(each if each.isprintable() else "?" for each in line), limit)


def milliseconds(value: object, what: str, unit_ms: float = 1.0) -> str:
    """A time as a cell: positive milliseconds, from a number (or its text) of `unit_ms` milliseconds each.

    >>> milliseconds("22.13", "min"), milliseconds(250, "dur", 1e-3)
    ('22.13', '0.25')
    """
    number = _number(value) * unit_ms
    if not _RANGE_MS[0] <= number <= _RANGE_MS[1]:
        low, high = _RANGE_MS
        raise FileFormatError(
            f"'{what}' must be a time between {low:g} and {high:g} milliseconds (got {cell(repr(value), 40)})"
        )
    return f"{number:.9g}"


def _number(value: object) -> float:
    """The value as a float; not a number where it is none."""
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return math.nan
    return float(value) if abs(value) < 1e300 else math.inf
