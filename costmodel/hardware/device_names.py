"""Cutting a device's name into what it says: cores, clocks, counts, and what separates them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from costmodel.hardware.cores import Chip, Core, chips, cores

MAX_CHARACTERS: Final = 1000
"""How much of a name is read."""

CLOCKS_HZ: Final = (1_000_000, 10_000_000_000)
"""The slowest and the fastest clock that a name can say; another number is a slip."""

_NUMBER_WORDS: Final = {
    "single": 1, "dual": 2, "two": 2, "triple": 3, "three": 3, "quad": 4, "four": 4, "hexa": 6, "six": 6, "octa": 8,
    "eight": 8, "deca": 10, "ten": 10, "twelve": 12, "sixteen": 16,
}  # fmt: skip

_MARKS: Final = re.compile(r"\((?:tm|r|c)\)|[™®©]")

_TOKEN: Final = re.compile(
    rf"""
    (?P<memory>lp?ddr\d[a-z]{{0,2}}\ ?(?:\d{{3,5}}\ ?(?:mhz|mt/s)?)?|ddr\d[a-z]?\ ?(?:\d{{3,5}}\ ?(?:mhz|mt/s)?)?)
    |(?P<clock>(?<![\d.])(?:\d{{1,2}}(?:\.\d{{1,4}})?\ ?ghz|\d{{2,4}}(?:\.\d{{1,3}})?\ ?mhz))
    |(?<![a-y\d.])x\ ?(?P<after>\d{{1,3}})(?![\d.a-z]|\ ?[gm]hz)
    |(?<![a-z\d.])(?P<before>\d{{1,3}})\ ?x(?=\ |\d)
    |(?<![a-z\d.])(?P<cores>\d{{1,3}}|{"|".join(_NUMBER_WORDS)})\ cores?(?![a-z])
    |(?P<plus>\+|&&?|;)
    """,
    re.VERBOSE,
)


class Token(NamedTuple):
    """One thing that a name says: exactly one of a core (or GPU), a clock, a count, or the start of another cluster."""

    core: Core | None = None
    clock_hz: float | None = None
    cores: int | None = None


def normalize(device: str) -> str:
    """The name in lower case, with spaces for hyphens of any kind and x for product signs.

    >>> normalize("Cortex-A720 2.6Ghz * 4")
    'cortex a720 2.6ghz x 4'
    """
    text = unicodedata.normalize("NFKC", device[:MAX_CHARACTERS])[:MAX_CHARACTERS].lower()
    text = _MARKS.sub(" ", text)
    text = re.sub(r"[\u2010-\u2015\u2212_@-]", " ", re.sub(r"[\u00d7*]", "x", text))
    return " ".join(text.split())


def tokens(text: str) -> Iterator[Token]:
    """What a normalized name says, from left to right; text that says nothing known is passed over.

    `x 4` counts cores only behind a core or a clock: before them it belongs to the name of a board.
    """
    at, is_named = 0, False
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found and (is_named or not found["after"]):
            if token := _token(found):
                yield token
                is_named = token != Token() and (is_named or token.clock_hz is not None)
            at = found.end()
        elif name := _names().match(text, at):
            yield Token(core=tuple(cores().values())[_place(name)])
            at, is_named = name.end(), True
        else:
            at += 1


def find_chip(text: str) -> Chip | None:
    """The chip that a normalized name names first."""
    found = _chip_names().search(text)
    return tuple(chips().values())[_place(found)] if found else None


def _token(found: re.Match[str]) -> Token | None:
    if found["plus"]:
        return Token()
    if clock := found["clock"]:
        hertz = round(float(clock[:-3]) * (1e9 if clock[-3] == "g" else 1e6))
        return Token(clock_hz=hertz) if CLOCKS_HZ[0] <= hertz <= CLOCKS_HZ[1] else None
    count = found["after"] or found["before"] or found["cores"]
    number = _NUMBER_WORDS.get(count) or int(count) if count else 0
    return Token(cores=number) if number else None


@cache
def _names() -> re.Pattern[str]:
    return _one_of([core.pattern for core in cores().values()])


@cache
def _chip_names() -> re.Pattern[str]:
    return _one_of([chip.pattern for chip in chips().values()])


def _one_of(patterns: list[str]) -> re.Pattern[str]:
    """Any of the patterns, as whole words; the group's name tells which."""
    groups = "|".join(f"(?P<_{place}>{pattern})" for place, pattern in enumerate(patterns))
    return re.compile(rf"(?<![a-z\d.])(?:{groups})(?![a-z\d])")


def _place(found: re.Match[str]) -> int:
    return int(str(found.lastgroup)[1:])
