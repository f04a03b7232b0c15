"""Tables as data: what a person reads, before anything decides about lines and colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Column(NamedTuple):
    """A column; numbers stand at its right edge."""

    heading: str
    is_number: bool = False


class Row(NamedTuple):
    """A row; a faint one matters less to the reader."""

    cells: tuple[str, ...]
    is_faint: bool = False


@dataclass(frozen=True)
class Table:
    """Columns and rows, with a title above, a line of totals and notes below."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    title: str = ""
    total: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def facts(*pairs: tuple[str, str] | tuple[str, str, str], title: str = "") -> Table:
    """A table without headings: names and values, and where given a remark to each.

    >>> facts(("MACs", "1,024"), title="example").rows[0].cells
    ('MACs', '1,024')
    """
    width = max(map(len, pairs), default=2)
    rows = tuple(Row((*pair, *[""] * (width - len(pair)))) for pair in pairs)
    return Table((Column(""),) * width, rows, title)
