"""What was collected from others' benchmarks, and what could not be read."""

from __future__ import annotations

from costmodel.collecting import Collected
from costmodel.report.record import Record
from costmodel.report.table import Column, Row, Table


class SkippedRecord(Record):
    """What looked like a measurement and could not be read; `line` is None where a file has no lines to speak of."""

    source: str
    line: int | None
    reason: str


class CollectionRecord(Record):
    """The measurement file that was written; a setup has its columns, and `n`, how many rows it has."""

    file: str
    rows: int
    setups: tuple[dict[str, str | int], ...]
    skipped: tuple[SkippedRecord, ...]


def describe_collection(found: Collected, file: str) -> CollectionRecord:
    """The record of a measurement file that was written to `file`."""
    setups = found.measurements.setups()
    return CollectionRecord(
        file=file,
        rows=len(found.measurements.rows),
        setups=tuple({**dict(setup), "n": len(rows)} for setup, rows in setups.items()),
        skipped=tuple(SkippedRecord(source=each.source, line=each.line, reason=each.reason) for each in found.skipped),
    )


def collection_tables(found: Collected, file: str) -> list[Table]:
    """A line for each setup, and one for each thing that could not be read."""
    setups = found.measurements.setups()
    columns = [name for name in dict(next(iter(setups))) if any(dict(setup)[name] for setup in setups)]
    rows = tuple(
        Row((*(dict(setup)[name] for name in columns), str(len(measured)))) for setup, measured in setups.items()
    )
    count = len(found.measurements.rows)
    title = f"{count} measured time{'' if count == 1 else 's'} written to {file}"
    tables = [Table((*map(Column, columns), Column("times", True)), rows, title)]
    if found.skipped:
        lines = tuple(
            Row((each.source, "" if each.line is None else str(each.line), each.reason)) for each in found.skipped
        )
        tables.append(Table((Column("not read"), Column("line", True), Column("because")), lines))
    return tables
