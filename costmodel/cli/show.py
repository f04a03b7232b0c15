"""Showing a result: one JSON object, or tables on a console."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import Final, Literal

from rich.box import Box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from costmodel.cli.layout import column_widths, wrapped
from costmodel.cli.text import printable
from costmodel.report.record import Record
from costmodel.report.table import Table

PIPE_WIDTH: Final = 100
"""Columns where the output is no terminal and COLUMNS does not say."""

LINES: Final = Box("    \n    \n ── \n    \n    \n ── \n    \n    \n")
"""A line under the headings and one over the totals."""


def show(as_json: bool, record: Callable[[], Record], tables: Callable[[], Iterable[Table]]) -> None:
    """Print the record as JSON, or the tables; only what is printed is made, and all of it before printing."""
    if as_json:
        text = record().to_json()
        sys.stdout.write(f"{text}\n")
        return
    made = tuple(tables())
    out = console()
    with out.capture() as captured:
        for index, table in enumerate(made):
            if index:
                out.print()
            show_table(out, table)
    lines = captured.get().splitlines()
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in lines))


def console() -> Console:
    """A console on standard output; colours are for terminals, and not where NO_COLOR is set."""
    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else PIPE_WIDTH
    colours: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Console(file=sys.stdout, width=width, color_system=colours, markup=False, highlight=False, emoji=False)


def show_table(out: Console, table: Table) -> None:
    """Print one table with its title and its notes."""
    if table.title:
        out.print(Text(printable(table.title), style="bold"))
    if table.rows:
        out.print(_rich(table, out.width))
    for note in table.notes:
        out.print(Text(printable(note), style="dim"))


def _rich(table: Table, available: int) -> RichTable:
    """The table in rich's terms."""
    has_heading = any(column.heading for column in table.columns)
    made = RichTable(
        box=LINES if has_heading else None,
        show_header=has_heading,
        show_footer=bool(table.total),
        show_edge=False,
        padding=(0, 1, 0, 0) if has_heading else (0, 2, 0, 0),
        pad_edge=False,
        header_style="bold",
        footer_style="bold",
    )
    totals = table.total or ("",) * len(table.columns)
    rows = [[printable(cell) for cell in row.cells] for row in table.rows]
    columns = [[column.heading, total] for column, total in zip(table.columns, totals, strict=True)]
    for cells_of_row in rows:
        for cells_of_column, cell in zip(columns, cells_of_row, strict=True):
            cells_of_column.append(cell)
    gaps = 2 * (len(columns) - 1)
    widths = column_widths(columns, available - gaps, [column.is_number for column in table.columns])
    for column, total, width in zip(table.columns, totals, widths, strict=True):
        justify: Literal["left", "right"] = "right" if column.is_number else "left"
        made.add_column(wrapped(column.heading, width), wrapped(total, width), justify=justify, width=width)
    for row, cells in zip(table.rows, rows, strict=True):
        texts = (Text(wrapped(cell, width)) for cell, width in zip(cells, widths, strict=True))
        made.add_row(*texts, style="dim" if row.is_faint else None)
    return made
