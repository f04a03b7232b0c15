"""Rows that were measured on a busy machine, by what `costmodel measure` writes beside a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from costmodel.calibration.measurements import Row, number

LEAST_PROCESSOR: Final = 0.9
"""What part of the median a run on one thread has the processor at least, where nothing else takes it.

Of 5,394 operators timed on a machine nearly at rest, 98 % had it for 0.99 of the time or more; of 132 networks timed
beside other work, a quarter had it for less than 0.73.
"""

SHORTEST_RUN: Final = 0.75
"""What part of the median the shortest run takes at least: of those operators, 98 % took 0.85 or more."""

_MOST_LINES: Final = 5


def is_disturbed(median: float, *, threads: int | None, processor: float | None, shortest: float | None) -> bool:
    """Whether other processes took so much of the processor that a median time is too long.

    On one thread, processor / median < 0.9; on several, which may wait for each other, shortest / median < 0.75. What
    is not known disturbs nothing.

    >>> is_disturbed(20.0, threads=1, processor=12.0, shortest=11.0)
    True
    """
    if threads == 1 and processor:
        return processor < LEAST_PROCESSOR * median
    return shortest is not None and shortest < SHORTEST_RUN * median


def disturbed(row: Row) -> bool:
    """Whether a row's `processor_ms` or `latency_min_ms` says so of its `latency_ms`; see `is_disturbed`."""
    median, processor, shortest = (
        number(row.cells.get(column, "")) for column in ("latency_ms", "processor_ms", "latency_min_ms")
    )
    threads = 1 if row.cells.get("threads", "").strip() == "1" else None
    return median is not None and is_disturbed(median, threads=threads, processor=processor, shortest=shortest)


def busy(rows: Sequence[Row]) -> tuple[str, ...]:
    """A sentence on the rows that were disturbed, with the load that was noted beside them; none where none was."""
    found = [row for row in rows if disturbed(row)]
    if not found:
        return ()
    lines = ", ".join(str(row.line) for row in found[:_MOST_LINES])
    more = f" and {len(found) - _MOST_LINES} more" if len(found) > _MOST_LINES else ""
    loads = [load for row in found if (load := number(row.cells.get("load", ""))) is not None]
    at_load = f", at a load of {min(loads):.3g} to {max(loads):.3g}" if loads else ""
    sentence = (
        f"{len(found)} of {len(rows)} rows were measured while other processes took the processor (lines: {lines}{more}"
        f"{at_load}); their times are too long: take them out, and measure them again on a machine at rest"
    )
    return (sentence,)
