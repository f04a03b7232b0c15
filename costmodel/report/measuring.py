"""What was measured, as JSON and for a person."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from costmodel.calibration.busy import is_disturbed
from costmodel.measuring import Measured, Session
from costmodel.report.numbers import with_prefix
from costmodel.report.record import Record
from costmodel.report.table import Column, Row, Table

MOST_SHOWN = 60
"""Rows of the longest table; more are told by their number."""


class TimesRecord(Record):
    """The times of one network under one runtime; `spread` is None where too few runs tell."""

    target: str
    runtime: str
    runs: int
    latency_s: float
    min_s: float
    quartile_1_s: float
    quartile_3_s: float
    spread: float | None
    processor_s: float
    is_disturbed: bool


class RefusalRecord(Record):
    """What a runtime did not run, and why."""

    target: str
    runtime: str
    reason: str


class MeasuringRecord(Record):
    """What `costmodel measure` did; `kept` rows were in the file already."""

    output: str
    device: str
    threads: int
    kept: int
    measured: tuple[TimesRecord, ...]
    refused: tuple[RefusalRecord, ...]


def describe_session(session: Session, output: str, device: str, threads: int) -> MeasuringRecord:
    """The record of a session."""
    return MeasuringRecord(
        output=output,
        device=device,
        threads=threads,
        kept=session.kept,
        measured=tuple(_times(each, threads) for each in session.measured),
        refused=tuple(
            RefusalRecord(target=each.label, runtime=each.runtime, reason=each.reason) for each in session.refused
        ),
    )


def _disturbed(measured: Measured, threads: int) -> bool:
    """Whether other processes took the processor."""
    timing = measured.timing
    return is_disturbed(timing.median_s, threads=threads, processor=timing.processor_s, shortest=timing.min_s)


def _times(measured: Measured, threads: int) -> TimesRecord:
    timing = measured.timing
    return TimesRecord(
        target=measured.label,
        runtime=measured.runtime,
        runs=timing.runs,
        latency_s=timing.median_s,
        min_s=timing.min_s,
        quartile_1_s=timing.quartile_1_s,
        quartile_3_s=timing.quartile_3_s,
        spread=timing.spread if isfinite(timing.spread) else None,
        processor_s=timing.processor_s,
        is_disturbed=_disturbed(measured, threads),
    )


def session_tables(session: Session, output: str, device: str, threads: int) -> Iterator[Table]:
    """What was measured, and what was not."""
    columns = (
        Column("network"), Column("runtime"), Column("median", True), Column("minimum", True),
        Column("quartiles", True), Column("known to", True), Column("runs", True),
    )  # fmt: skip
    done = len(session.measured)
    notes = [f"{done} row{'' if done == 1 else 's'} written to {output}"]
    if session.kept:
        notes[0] += f"; {session.kept} more were there already"
    notes += [f"{each.runtime}: {each.reason}" for each in session.refused]
    busy = sum(_disturbed(each, threads) for each in session.measured)
    if busy:
        notes.append(
            f"{busy} of {done} were measured while other processes took the processor, and are too long: take their "
            "rows out, and run the same command on a machine at rest"
        )
    rows = tuple(map(_row, session.measured)) if done <= MOST_SHOWN else ()
    yield Table(columns, rows, title=f"{device}, {threads} thread{'' if threads == 1 else 's'}", notes=tuple(notes))


def _row(measured: Measured) -> Row:
    timing = measured.timing
    quartiles = " to ".join(with_prefix(each, "s") for each in (timing.quartile_1_s, timing.quartile_3_s))
    spread = f"{100 * timing.spread:.1f} %" if isfinite(timing.spread) else ""
    median, least = with_prefix(timing.median_s, "s"), with_prefix(timing.min_s, "s")
    return Row((measured.label, measured.runtime, median, least, quartiles, spread, str(timing.runs)))
