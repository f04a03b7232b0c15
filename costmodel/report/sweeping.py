"""Reports of sweeps: how many rows, where they are, and what was left out; the rows themselves where they are few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from math import isfinite
from typing import Any, Final

from costmodel.errors import shorten
from costmodel.report.record import Record
from costmodel.report.table import Column, Row, Table, facts
from costmodel.sizing.sweeps.sweeping import Sweep

MOST_SHOWN: Final = 20
"""Rows of a table that a person reads."""
_EXACT: Final = 2**53

Cell = int | float | str | bool | None


class LeftOutRecord(Record):
    """Configurations that cannot be built."""

    count: int
    first: dict[str, Cell] | None
    reason: str | None


class SweepRecord(Record):
    """What a sweep did."""

    configurations: int
    rows: int
    left_out: LeftOutRecord
    pareto: int | None
    seconds: float
    resumed: int
    file: str | None
    table: tuple[dict[str, Cell], ...] | None


def describe_sweep(found: Sweep) -> SweepRecord:
    """The sweep as JSON; its rows only where they are in no file."""
    first = None
    if found.first_left_out is not None:
        first = {name: _cell(value) for name, value in found.first_left_out.items()}
    return SweepRecord(
        configurations=found.configurations,
        rows=found.rows,
        left_out=LeftOutRecord(count=found.left_out, first=first, reason=found.reason),
        pareto=found.pareto,
        seconds=round(found.seconds, 6),
        resumed=found.resumed,
        file=None if found.output is None else str(found.output),
        table=None if found.output is not None else tuple(_rows(found, found.rows)),
    )


def sweep_tables(found: Sweep) -> Iterator[Table]:
    """The first rows, where they are in no file, and what was done."""
    if found.table:
        numbers = [column.dtype != object for column in found.table.values()]
        columns = tuple(Column(name, is_number) for name, is_number in zip(found.table, numbers, strict=True))
        rows = [Row(tuple(map(_text, row.values()))) for row in _rows(found, MOST_SHOWN)]
        more = f"and {found.rows - MOST_SHOWN:,} more rows; -o FILE.csv writes all"
        yield Table(columns, tuple(rows), notes=(more,) if found.rows > MOST_SHOWN else ())
    lines: list[tuple[str, str, str]] = [("configurations", f"{found.configurations:,}", "")]
    if found.left_out:
        lines.append(("left out", f"{found.left_out:,}", "configurations that cannot be built"))
    if found.output is not None:
        lines.append(("rows", f"{found.rows:,}", f"in {shorten(found.output)}"))
    if found.resumed:
        lines.append(("done already", f"{found.resumed:,}", "configurations, by an earlier run"))
    if found.pareto is not None:
        lines.append(("on the Pareto front", f"{found.pareto:,}", ""))
    notes = [_left_out(found)] if found.left_out else []
    yield replace(facts(*lines), notes=(*notes, _speed(found)))


def _speed(found: Sweep) -> str:
    """How long it took."""
    done = found.configurations - found.resumed
    rate = f": {done / found.seconds:,.0f} configurations a second" if done and found.seconds > 0 else ""
    return f"{found.seconds:.3g} seconds{rate}"


def _left_out(found: Sweep) -> str:
    """The first configuration that cannot be built, and why."""
    first = ", ".join(f"{name}={_text(_cell(value))}" for name, value in (found.first_left_out or {}).items())
    return f"the first that cannot be built is {first}" + (f": {found.reason}" if found.reason else "")


def _rows(found: Sweep, most: int) -> Iterator[dict[str, Cell]]:
    """The first rows, each a value for each column."""
    columns = [column[:most].tolist() for column in found.table.values()]
    for values in zip(*columns, strict=True):
        yield {name: _cell(value) for name, value in zip(found.table, values, strict=True)}


def _cell(value: Any) -> Cell:
    """A value for JSON: integers below 2^53 as such, nothing for what is no number."""
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, float):
        if not isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    return value if isinstance(value, (str, bool, int)) else str(value)


def _text(value: Cell) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return "" if value is None else str(value).lower() if isinstance(value, bool) else value
    return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"
