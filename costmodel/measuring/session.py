"""Measuring: many networks under several runtimes, row by row into a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

from costmodel.errors import CostModelError, MeasuringError
from costmodel.measuring.floating import floating_point_kept
from costmodel.measuring.journal import Journal
from costmodel.measuring.machine import load, physical_memory_bytes, pinned
from costmodel.measuring.rows import Cells, Setting, key, row
from costmodel.measuring.runners import Prepare, Runtime, Subject
from costmodel.measuring.timing import StoppingRule, Timing, repeat
from costmodel.network import Network


class Work(NamedTuple):
    """Something to measure: the columns that say what it is, a name for a person, and how its network is made.

    The network is made when its turn comes, so that the first is measured at once.
    """

    cells: Cells
    label: str
    subject: Callable[[], Subject]
    precisions: Mapping[str, str] = MappingProxyType({})
    """The precision under a runtime that runs a file as it is, where that is not float32."""


class Measured(NamedTuple):
    """What was measured under which runtime, and the times."""

    label: str
    runtime: str
    timing: Timing


class Refusal(NamedTuple):
    """What a runtime did not run, and why."""

    label: str
    runtime: str
    reason: str


@dataclass
class Session:
    """What has been done: rows that were measured now, how many the file had already, and what was refused."""

    measured: list[Measured] = field(default_factory=list)
    kept: int = 0
    refused: list[Refusal] = field(default_factory=list)


OnBegin = Callable[[Work, Runtime], None]
"""Is told of each network and runtime before it is measured; for a progress bar."""


def measure(
    works: Sequence[Work],
    runtimes: Iterable[Runtime],
    journal: Journal,
    *,
    device: str,
    threads: int = 1,
    rule: StoppingRule | None = None,
    on_begin: OnBegin = lambda _work, _runtime: None,
) -> Session:
    """Measure all works under all runtimes but those that the journal has; each row is on the disk when it is known.

    What a runtime cannot run is noted and left out. Raises `MissingExtraError` for a runtime that is not installed
    before anything is measured, and `MeasuringError` where nothing at all could be.
    """
    versions = [(runtime, runtime.version()) for runtime in runtimes]
    prepares = [(runtime, version, runtime.prepare) for runtime, version in versions]
    session = Session()
    with pinned(threads):
        for runtime, version, prepare in prepares:
            for work in works:
                on_begin(work, runtime)
                precision = work.precisions.get(runtime.name, "float32")
                setting = Setting(device, runtime.name, version, threads, precision)
                if key({**setting.cells(), **work.cells}) in journal:
                    session.kept += 1
                    continue
                before = load()
                try:
                    timing, weights = _timed(prepare, work, threads, rule)
                except CostModelError as problem:
                    session.refused.append(Refusal(work.label, runtime.name, str(problem)))
                    continue
                journal.append(row(setting, work.cells, timing, weights, before))
                session.measured.append(Measured(work.label, runtime.name, timing))
    if session.refused and not session.measured and not session.kept:
        raise MeasuringError(session.refused[0].reason)
    return session


def _timed(prepare: Prepare, work: Work, threads: int, rule: StoppingRule | None) -> tuple[Timing, str]:
    """The times of a network, and where its weights come from."""
    subject = work.subject()
    _check_memory(subject.network, work.label)
    try:
        with quiet(), floating_point_kept():
            runner = prepare(subject, threads)
            return repeat(runner.run, rule), runner.weights
    except MemoryError:
        raise MeasuringError(f"{work.label} needs more memory than there is") from None


COPIES: Final = 3
"""How often weights are in memory while a network is prepared: as numbers, as a model, and as a runtime's own."""


def _check_memory(network: Network, label: str) -> None:
    """Refuse a network that this machine could only begin to run: the system would end the process."""
    available = physical_memory_bytes()
    cost = network.cost()
    if available is None or not isinstance(cost.weight_bytes, int) or not isinstance(cost.peak_memory_bytes, int):
        return
    needed = COPIES * cost.weight_bytes + cost.peak_memory_bytes
    if needed > available:
        raise MeasuringError(
            f"{label} needs {needed / 1e9:.3g} GB, {COPIES} times its weights and its activations, and this machine "
            f"has {available / 1e9:.3g} GB"
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Without what libraries write to standard error by themselves: it takes time, and the error says what matters."""
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (OSError, AttributeError):
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
