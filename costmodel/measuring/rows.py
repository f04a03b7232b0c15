"""A measured row: what ran, where, under what, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Final, NamedTuple

from costmodel.measuring.timing import Timing

KEY: Final = (
    "device", "runtime", "version", "threads", "precision", "batch", "network", "width", "resolution", "layer",
    "input_shape",
)  # fmt: skip
"""The columns that say what was measured and where: rows that agree in them are one measurement."""

COLUMNS: Final = (
    *KEY, "family", "weights", "latency_ms", "latency_min_ms", "latency_q1_ms", "latency_q3_ms", "spread", "runs",
    "processor_ms", "load",
)  # fmt: skip
"""The columns of the file that `costmodel measure` writes, in order."""

Cells = Mapping[str, str]


class Setting(NamedTuple):
    """Under what a network runs: the columns that all rows of one run of a runtime share."""

    device: str
    runtime: str
    version: str
    threads: int
    precision: str = "float32"

    def cells(self) -> dict[str, str]:
        """The columns as text."""
        return {name: str(value) for name, value in self._asdict().items()}


def row(setting: Setting, subject: Cells, timing: Timing, weights: str, load: float | None) -> dict[str, str]:
    """A row of the file; `subject` are the columns that say what ran."""
    times = {
        "latency_ms": timing.median_s,
        "latency_min_ms": timing.min_s,
        "latency_q1_ms": timing.quartile_1_s,
        "latency_q3_ms": timing.quartile_3_s,
        "processor_ms": timing.processor_s,
    }
    found = {
        **setting.cells(),
        **subject,
        "weights": weights,
        **{name: f"{1000 * seconds:.6g}" for name, seconds in times.items()},
        "spread": f"{timing.spread:.3g}" if isfinite(timing.spread) else "",
        "runs": str(timing.runs),
        "load": "" if load is None else f"{load:.2f}",
    }
    return {column: _one_line(found.get(column, "")) for column in COLUMNS}


def key(cells: Cells) -> tuple[str, ...]:
    """What a row measured: its cells in the columns of `KEY`."""
    return tuple(_one_line(cells.get(column, "")) for column in KEY)


def _one_line(cell: str) -> str:
    """The cell without line breaks, which would make two lines of a row, and without spaces around it."""
    return " ".join(cell.split())
