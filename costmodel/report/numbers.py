"""Numbers as a person reads them: thousands separators, SI prefixes, shares."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import Final

from costmodel.algebra import Dim
from costmodel.algebra.text import to_text
from costmodel.errors import shorten

PREFIXES: Final = MappingProxyType({
    -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E",
})  # fmt: skip
"""The SI prefix of each power of ten."""


def with_prefix(value: float | Decimal, unit: str = "", digits: int = 3) -> str:
    """The value to some significant digits, with the SI prefix that leaves one to three before the point.

    >>> with_prefix(568_740_352), with_prefix(0.0712, "s"), with_prefix(999_999, "B")
    ('569 M', '71.2 ms', '1.00 MB')
    """
    number = Decimal(value)
    if number == 0:
        return f"0 {unit}".rstrip()
    rounded = Decimal(f"{number:.{digits - 1}e}")
    power = 3 * (rounded.adjusted() // 3)
    if power not in PREFIXES:
        return f"{rounded:e} {unit}".rstrip()
    decimals = max(0, digits - 1 - (rounded.adjusted() - power))
    return f"{rounded.scaleb(-power):.{decimals}f} {PREFIXES[power]}{unit}".rstrip()


def count_text(value: Dim, limit: int = 600) -> str:
    """An integer with thousands separators; an expression as text, cut where it is too long for a table.

    >>> count_text(25_557_032)
    '25,557,032'
    """
    return f"{value:,}" if isinstance(value, int) else shorten(to_text(value), limit)


def percent(part: Dim, whole: Dim) -> str:
    """The share in percent; nothing where there is no whole, or where it is not a number.

    >>> percent(1, 8), percent(1, 10_000), percent(0, 5)
    ('12.5 %', '<0.1 %', '0.0 %')
    """
    if not isinstance(part, int) or not isinstance(whole, int) or whole == 0:
        return ""
    tenths = (2000 * part + whole) // (2 * whole)
    return "<0.1 %" if part > 0 and tenths == 0 else f"{tenths // 10}.{tenths % 10} %"
