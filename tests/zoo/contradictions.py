"""Known contradictions between publications and exact counts, read from `tests/reference/contradictions.toml`.

`python -m tests.zoo.contradictions` prints them: what is printed, what is exact, and the count under the convention
that explains the difference.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from tests.zoo.conventions import CONVENTIONS
from tests.zoo.published import Count, Row, exact, part

Reading = Literal["rounded", "truncated", "to fewer digits", "rounded twice"]
Scope = Literal["table", "rows", "misprint"]


@dataclass(frozen=True)
class Contradiction:
    """Rows of one table and quantity that differ from the exact count, for one reason."""

    source: str
    """How the source begins."""
    quantity: str
    rows: Mapping[str, str]
    """Printed values by "network" or "network > layer"."""
    reason: str
    unit: str = ""
    count: Count | None = None
    """The count under the convention; None for the library's own."""
    reading: Reading = "rounded"
    """How the count became the print."""
    corrected: str = ""
    """What should be printed, for a misprint."""
    scope: Scope = "rows"
    networks: str = ""
    """How the names of the table's networks begin, where the source has several tables."""

    def replayed(self) -> Iterator[Row]:
        """The rows, as those of the table."""
        for name, printed in self.rows.items():
            network, _, layer = name.partition(" > ")
            yield Row(network, layer or "total", self.quantity, printed, self.unit, "", self.source)

    def counted(self, row: Row) -> Fraction:
        """The row's count under the convention."""
        return exact(row) if self.count is None else Fraction(self.count(part(row)))

    def explains(self, row: Row) -> bool:
        """Whether the convention gives what the row prints, or should print."""
        count = self.counted(row)
        printed = (row._replace(value=self.corrected) if self.corrected else row).printed
        match self.reading:
            case "rounded":
                return printed.is_rounded_from(count)
            case "truncated":
                return printed.is_truncated_from(count)
            case "to fewer digits":
                return printed.coarse().is_rounded_from(count)
            case "rounded twice":
                tenth = printed.step / 10
                return printed.is_rounded_from((count + tenth / 2) // tenth * tenth)


def read() -> tuple[Contradiction, ...]:
    """The contradictions of the data file."""
    text = (Path(__file__).parents[1] / "reference" / "contradictions.toml").read_text(encoding="utf-8")
    entries = tomllib.loads(text)["contradiction"]
    return tuple(
        Contradiction(**{**entry, "count": CONVENTIONS[entry["count"]] if "count" in entry else None})
        for entry in entries
    )


CONTRADICTIONS = read()


def lines() -> Iterator[str]:
    """The list for a person."""
    for known in CONTRADICTIONS:
        reach = " (so for the whole table)" if known.scope == "table" else ""
        yield f"{known.source}, {known.quantity}: {known.reason}{reach}"
        for row in known.replayed():
            counted = "" if known.count is None else f"; counted so {_number(known.counted(row))}"
            unit = f" {row.unit}" if row.unit else ""
            yield f"    {row.name}: printed {row.value}{unit}; exact {_number(exact(row))}{counted}"


def _number(value: Fraction) -> str:
    return f"{value.numerator:,}" if value.denominator == 1 else f"{float(value):,.2f}"


if __name__ == "__main__":
    sys.stdout.write("\n".join(lines()) + "\n")
