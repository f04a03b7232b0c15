"""Budgets: upper limits of costs, as numbers in SI units or as texts that say their unit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational, Real
from types import MappingProxyType
from typing import Final, TypeAlias

from costmodel.errors import SizingError, UnknownNameError, shorten
from costmodel.sizing.spaces.costs import COSTS

Limit: TypeAlias = int | float | Fraction | str
"""A number in the unit that the cost's name says (s, J, bytes, none), or a text with a unit: "20 ms", "256 KiB"."""

_SI: Final = MappingProxyType({"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12})
_SMALL: Final = MappingProxyType({"": Fraction(1), "m": Fraction(1, 10**3), "u": Fraction(1, 10**6),
                                  "\N{MICRO SIGN}": Fraction(1, 10**6), "n": Fraction(1, 10**9)})  # fmt: skip
UNITS: Final[Mapping[str, Mapping[str, Fraction | int]]] = MappingProxyType({
    "s": {f"{prefix}s": value for prefix, value in _SMALL.items()},
    "j": {f"{prefix}J": value for prefix, value in _SMALL.items()},
    "bytes": {
        **{f"{prefix}B": value for prefix, value in _SI.items()},
        "KB": 10**3, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30,
    },
    "": dict(_SI),
})  # fmt: skip
"""The units of each kind of cost: KB is 1,000 bytes, KiB 1,024."""

MOST: Final = 1e300
"""Limits beyond this are no floats, or limit nothing."""

_TEXT: Final = re.compile(r"\s*(?P<number>\d{1,18}(\.\d{1,18})?([eE][+-]?\d{1,2})?)\s*(?P<unit>[^\d\s.]{0,3})\s*")


@dataclass(frozen=True)
class Budget:
    """At most `limit` of a cost, in the unit that the cost's name says."""

    cost: str
    limit: int | float

    def __str__(self) -> str:
        return f"max_{self.cost}={self.limit:,}"


def budgets(limits: Mapping[str, Limit | None], more: Mapping[str, Limit] | None = None) -> tuple[Budget, ...]:
    """The budgets by the names of their costs, and `more` of them; those that are None are none.

    Raises `UnknownNameError` for a cost that there is not, `SizingError` for one that has two budgets, a limit that is
    no positive number, or a text without the unit that it needs.

    >>> budgets({"macs": "300M", "latency_s": "20 ms"})
    (Budget(cost='macs', limit=300000000), Budget(cost='latency_s', limit=0.02))
    """
    given = {name: limit for name, limit in limits.items() if limit is not None}
    for name in more or {}:
        if name in given:
            raise SizingError(f"{name} has two budgets; leave one of them out")
    given.update(more or {})
    for name in given:
        if name not in COSTS:
            raise UnknownNameError("cost to limit", name, COSTS)
    return tuple(Budget(name, _limit(name, limit)) for name, limit in given.items())


def kind_of(cost: str) -> str:
    """What a cost is measured in: s, j, bytes, or nothing for a count."""
    ending = cost.rpartition("_")[2]
    return ending if ending in UNITS else ""


def _limit(name: str, given: object) -> int | float:
    number: object = _read(name, given) if isinstance(given, str) else given
    if isinstance(number, bool) or not isinstance(number, Real) or number <= 0 or not number < MOST:
        got = shorten(str(given) if isinstance(given, Fraction) else repr(given))
        raise SizingError(f"the budget of {name} must be a number above 0 and below {MOST:.0e} (got {got})")
    exact = Fraction(number if isinstance(number, Rational) else float(number))
    return int(exact) if exact.denominator == 1 else float(number)


def _read(name: str, text: str) -> Fraction:
    units = UNITS[kind_of(name)]
    matched = _TEXT.fullmatch(text)
    if matched is None or matched["unit"] not in units:
        known = ", ".join(filter(None, units))
        rule = f"must be a positive number, alone or with one of {known}"
        if "" not in units:
            is_bare = matched and not matched["unit"]
            rule = f"needs a unit: one of {known}" if is_bare else f"must be a positive number with one of {known}"
        raise SizingError(f"the budget of {name} {rule} (got {shorten(repr(text))})")
    return Fraction(matched["number"]) * units[matched["unit"]]
