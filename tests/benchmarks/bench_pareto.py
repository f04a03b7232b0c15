"""Points a second into their Pareto front."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from numpy.typing import NDArray

from costmodel.sizing.fronts.front import Front
from costmodel.sizing.fronts.pareto import pareto_front

from .conftest import Report, best_s

BLOCK = 1 << 18
WIDTHS = RESOLUTIONS = 4000


def configurations(start: int) -> NDArray[np.float64]:
    """MobileNet v1's MACs, and a score of 25,000 steps that saturates, of a block of widths and resolutions."""
    rows = np.arange(start, start + BLOCK)
    width = 0.25 + 1.15 * (rows // RESOLUTIONS) / WIDTHS
    scale = (32 + rows % RESOLUTIONS / 4) / 224
    macs = 539_492_352 * width**2 * scale**2 + 28_224_000 * width * scale**2 + 1_024_000 * width
    return np.array([macs, np.floor(25_000 * (1 - 1 / (1 + 6 * width)) * (1 - np.exp(-1.5 * scale)))])


def adding_s(front: Front, starts: NDArray[np.int64]) -> float:
    """Seconds that a point takes to be added, without what makes it."""
    seconds = 0.0
    for start in starts.tolist():
        costs = configurations(start)
        begin = perf_counter()
        front.add(start, costs)
        seconds += perf_counter() - begin
    return seconds / (starts.size * BLOCK)


def bench_front_of_a_stream(report: Report) -> None:
    starts = np.arange(0, WIDTHS * RESOLUTIONS, BLOCK)
    front = Front(2, maximize=[False, True])
    report.note(
        "A point of two costs into a front, blocks each better than before", 1e9 * adding_s(front, starts), "ns"
    )
    front = Front(2, maximize=[False, True])
    mixed = np.random.default_rng(0).permutation(starts)
    report.note("  blocks in a mixed order", 1e9 * adding_s(front, mixed), "ns")
    known = min(adding_s(front, mixed) for _ in range(3))
    report.at_most("  beside a front that is known", 1e9 * known, 15, "ns")
    report.note("  points in that front", len(front), "points")


@pytest.mark.parametrize(("costs", "limit"), [(2, 2.0), (3, 5.0), (5, 15.0)])
def bench_front_at_once(report: Report, costs: int, limit: float) -> None:
    points = np.random.default_rng(costs).random((costs, 1_000_000))
    seconds = best_s(lambda: pareto_front(points), repeats=2)
    report.at_most(f"The front of a million random points in {costs} costs", seconds, limit, "s")
