"""Sweeps: a billion configurations into their front, two processes beside one, rows a second into files."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import pytest

from costmodel.sizing.spaces.compile import compile_space
from costmodel.sizing.spaces.compiled import Compiled
from costmodel.sizing.sweeps.sweeping import run_sweep

from .conftest import Report

SCORE = {"score": "width*(1 + resolution/300)"}
FRONT = ("macs", "-score")


def mobilenet_v1(widths: int, resolutions: int, costs: tuple[str, ...] = ("macs",), **arguments: Any) -> Compiled:
    """So many widths from 0.25 on, at so many resolutions from 96 on."""
    step = 1 / widths
    over = {"width": f"{0.25 + step:.9f}:{1.25:.9f}:{step:.9f}", "resolution": f"96:{95 + resolutions}"}
    space = compile_space("mobilenet_v1", over, costs, **arguments)
    assert space.size == widths * resolutions
    return space


def resident_bytes() -> int:
    """What this process and those that it started have in memory, shared pages in each."""
    total = 0
    parents = {int(path.name): path for path in Path("/proc").iterdir() if path.name.isdigit()}
    mine = {os.getpid()}
    for process, path in sorted(parents.items()):
        try:
            if int((path / "stat").read_text().rpartition(")")[2].split()[1]) in mine or process in mine:
                mine.add(process)
                total += int((path / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError):
            continue
    return total


@contextmanager
def peak_bytes() -> Iterator[list[int]]:
    """The most memory that was taken meanwhile, looked at ten times a second."""
    peak = [resident_bytes()]
    is_done = threading.Event()

    def look() -> None:
        while not is_done.is_set():
            peak[0] = max(peak[0], resident_bytes())
            sleep(0.1)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peak
    finally:
        is_done.set()
        watcher.join()


def bench_a_billion_configurations_into_their_front(report: Report) -> None:
    space = mobilenet_v1(10_000_000, 100, scores=SCORE)
    with peak_bytes() as peak:
        found = run_sweep(space, pareto=FRONT, workers=2)
    report.at_most("sweep, 1,000,000,000 configurations into their front, two cores", found.seconds, 120, "s")
    report.at_most("  peak memory of all processes", peak[0] / 2**20, 500, "MiB")
    report.note("  rows on the front", float(found.rows), "")


def bench_two_processes_beside_one(report: Report) -> None:
    space = mobilenet_v1(5_000_000, 100, scores=SCORE)
    one, two = (run_sweep(space, pareto=FRONT, workers=workers).seconds for workers in (1, 2))
    report.note("sweep, 500,000,000 configurations into their front, one core", space.size / one / 1e6, "M/s")
    report.at_least("  two processes beside one", one / two, 1.7, "x")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("costs", [("macs", "params"), ("macs", "latency_s")], ids=["counts", "latency"])
def bench_rows_a_second(report: Report, tmp_path: Path, suffix: str, costs: tuple[str, ...]) -> None:
    space = mobilenet_v1(30_000, 100, costs, device="pixel-1")
    for workers in (1, 2):
        begun = perf_counter()
        run_sweep(space, output=tmp_path / f"{workers}.{suffix}", workers=workers)
        rows = space.size / (perf_counter() - begun)
        what = f"sweep into {suffix} of {' and '.join(costs)}, {workers} core{'s' if workers > 1 else ''}"
        report.note(what, rows / 1e6, "M rows/s")
