"""Every configuration of a space: into a file, its Pareto front, or memory; blocks come and go in constant memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final

import numpy as np

from costmodel.errors import SizingError, shorten
from costmodel.sizing.sweeps.blocks import Column, Swept, objectives
from costmodel.sizing.sweeps.manifest import ROWS, Manifest
from costmodel.sizing.sweeps.outputs import BLOCKS, opened, output_path
from costmodel.sizing.sweeps.tasks import Progress, Task

MOST_IN_MEMORY: Final = 10_000_000
"""Rows that are kept without a file."""
MOST_WORKERS: Final = 512
MOST_COUNTED: Final = 3
"""Costs whose front is counted while rows are written: of more of them, most rows would be on it."""
FRONT_BLOCKS: Final = (1 << 18, 1 << 23)
"""Between so many configurations in a block of which only the front is kept: a part in 64 of a space."""
MEMORY_BLOCK: Final = 1 << 18

Refusal = Callable[[int], str | None]
"""What building a configuration raises, by its number."""


@dataclass(frozen=True)
class Sweep:
    """What a sweep did."""

    configurations: int
    """Those of the space."""
    rows: int
    """Rows in the file or the table: all that can be built, or those of the Pareto front."""
    left_out: int
    """Configurations that cannot be built."""
    first_left_out: Mapping[str, Any] | None
    """The parameters of the first of them."""
    reason: str | None
    """What building it raises."""
    pareto: int | None
    """Rows on the Pareto front; not counted for more costs than three, unless it was asked for."""
    seconds: float
    resumed: int = 0
    """Configurations that an earlier run had done."""
    output: Path | None = None
    table: Mapping[str, Column] = field(default_factory=dict)
    """The rows as columns, where no file was asked for."""


def run_sweep(
    compiled: Swept,
    *,
    output: str | os.PathLike[str] | None = None,
    pareto: Sequence[str] | None = None,
    scores: Collection[str] = (),
    workers: int = 1,
    client: Any = None,
    progress: Progress | None = None,
    overwrite: bool = False,
    block: int | None = None,
    description: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Sweep:
    """Evaluate every configuration of a compiled space, block by block; see `sweep` for what it does and raises.

    `scores` are the costs that are to be large where the front is only counted. A `block` of configurations is done,
    synced, and lost with a worker, as one. `description` is what the manifest says that the sweep is of; `refusal` says
    what building a configuration raises.
    """
    begun = monotonic()
    path = None if output is None else output_path(output)
    _check_counts(workers, client, block)
    is_front = pareto is not None
    spanned = objectives(compiled.costs, _counted(compiled.costs, scores) if pareto is None else pareto)
    for name, given in (("costs", compiled.costs), ("pareto", spanned.costs if is_front else compiled.costs)):
        if not given:
            raise SizingError(f"'{name}' must name at least one cost")
    size = _block(path, compiled.size, is_front=is_front) if block is None else block
    task = Task(compiled, spanned, size, workers, client, progress)
    if path is None:
        if not is_front:
            check_memory(compiled.size)
        done = task.front_in_memory() if is_front else task.in_memory()
    else:
        wanted = _manifest(task, pareto, description or {})
        with closing(opened(path, wanted, compiled, overwrite=overwrite)) as file:
            done = task.front_into(file) if is_front else task.into(file)
    first = None if done.first_left_out is None else _settings(compiled, done.first_left_out)
    reason = None if done.first_left_out is None or refusal is None else refusal(done.first_left_out)
    return Sweep(
        configurations=compiled.size,
        rows=done.rows,
        left_out=done.left_out,
        first_left_out=first,
        reason=reason,
        pareto=done.pareto,
        seconds=monotonic() - begun,
        resumed=done.resumed,
        output=path,
        table=done.table,
    )


def _check_counts(workers: int, client: Any, block: int | None) -> None:
    given: dict[str, object] = {"workers": workers, "block": 1 if block is None else block}
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise SizingError(f"'{name}' must be a positive integer (got {shorten(repr(value))})")
    if workers > MOST_WORKERS:
        raise SizingError(f"'workers' must be at most {MOST_WORKERS} processes (got {workers}); a cluster takes more")
    if client is not None and workers > 1:
        raise SizingError(f"a Dask cluster has workers of its own; leave out 'workers' (got {workers})")


def check_memory(size: int) -> None:
    """Raise `SizingError` for more rows than are kept in memory."""
    if size > MOST_IN_MEMORY:
        raise SizingError(
            f"a sweep of {size:,} configurations is more than memory is for ({MOST_IN_MEMORY:,}); give an output "
            "(.csv or .parquet), ask for the Pareto front alone, or give fewer values"
        )


def _counted(costs: Sequence[str], scores: Collection[str]) -> list[str]:
    """The costs whose front is counted beside the rows."""
    return [f"-{name}" if name in scores else name for name in costs] if len(costs) <= MOST_COUNTED else []


def _block(path: Path | None, size: int, *, is_front: bool) -> int:
    """Configurations in a block, where nobody says."""
    if is_front:
        least, most = FRONT_BLOCKS
        return min(max(size // 64, least), most)
    return MEMORY_BLOCK if path is None else BLOCKS[path.suffix.lower()]


def _manifest(task: Task, pareto: Sequence[str] | None, description: Mapping[str, str]) -> Manifest:
    """That of a sweep of which nothing is done yet."""
    compiled = task.compiled
    told = {
        **description,
        "parameters": ", ".join(compiled.parameters),
        "costs": ", ".join(compiled.costs),
        ROWS: "all" if pareto is None else f"the Pareto front of {', '.join(name.strip() for name in pareto)}",
    }
    block = task.block if pareto is None else max(1, compiled.size)
    return Manifest(fingerprint=compiled.fingerprint, sweep=told, configurations=compiled.size, block=block)


def _settings(compiled: Swept, row: int) -> dict[str, Any]:
    """The parameters of a configuration."""
    settings = compiled.settings(np.array([row], np.int64))
    return {name: settings[name].tolist()[0] for name in compiled.parameters}
