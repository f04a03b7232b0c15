"""The rows that are chosen are those that a loop over all rows chooses, in chunks as in one."""

from dataclasses import dataclass
from math import inf, isnan, nan

import numpy as np
import pytest
from numpy.typing import NDArray

from costmodel.algebra import parse
from costmodel.algebra.plan import plan
from costmodel.sizing import choosing
from costmodel.sizing.choosing import Solver
from costmodel.sizing.spaces.axes import Axis, axis
from costmodel.sizing.spaces.compiled import Compiled, Part

Array = NDArray[np.float64]
LIMITS = np.array([5.0, 4.0])


@dataclass(frozen=True)
class Listed(Compiled):
    """A table of costs that are written down."""

    table: Array

    def evaluate(self, start: int, stop: int) -> Array:
        return self.table[:, start:stop]

    def at(self, rows: NDArray[np.int64]) -> Array:
        return self.table[:, rows]


def drawn(seed: int) -> Listed:
    """Small integers, so that many are equal; some rows cannot be built, some have no objective."""
    draw = np.random.default_rng(seed)
    axes: tuple[Axis, ...] = (axis("a", range(draw.integers(1, 5))), axis("b", range(draw.integers(1, 9))))
    table = draw.integers(1, draw.integers(4, 12), (3, axes[0].size * axes[1].size)).astype(np.float64)
    table[:, draw.random(table.shape[1]) < 0.2] = nan
    table[2, draw.random(table.shape[1]) < 0.1] = inf
    return Listed("listed", axes, 0, ("macs", "params", "objective"), ((),), "", table)


def rows_of(found: Listed, refused: set[int]) -> list[tuple[int, float, float]]:
    """(row, times its limits, objective) of the rows that can be built and have an objective."""
    columns = found.table.T.tolist()
    return [
        (row, inf if row in refused else max(macs / 5, params / 4), objective)
        for row, (macs, params, objective) in enumerate(columns)
        if not isnan(objective) and objective < inf
    ]


@pytest.mark.parametrize("chunk", [3, 2**21])
@pytest.mark.parametrize("seed", range(40))
def test_rows_are_those_of_a_loop(seed: int, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "CHUNK", chunk)
    monkeypatch.setattr(choosing, "AT_ONCE", chunk)
    found = drawn(seed)
    solver = Solver(found, LIMITS)
    for _ in range(3):
        rows = rows_of(found, solver.refused)
        kept = [(objective, row) for row, times, objective in rows if times <= 1]
        assert solver.best() == (max(kept)[1] if kept else None)
        better = [(objective, times, row) for row, times, objective in rows if objective > 3]
        assert solver.next_better(3) == (min(better)[2] if better else None)
        assert solver.nearest() == (min((times, row) for row, times, _ in rows)[1] if rows else None)
        for place, name in enumerate(found.parameters):
            size = found.axes[place].size
            last = [times for row, times, _ in rows if np.unravel_index(row, _shape(found))[place] == size - 1]
            assert solver.keeps_last(name) == (not last or min(last) <= 1)
        solver.refused.update({max(kept)[1]} if kept else {})


def _shape(found: Listed) -> tuple[int, ...]:
    return tuple(each.size for each in found.axes)


def test_networks_that_share_rows_and_columns_of_a_table() -> None:
    """One part is where a + b is at least 6, the other where a is at most b: each keeps to its own places."""
    axes = (axis("a", range(120)), axis("b", range(70)))
    guards = ("a + b - 5", "b - a + 1")
    costs = ("a + 100*b", "10000*a + b")
    parts = tuple(
        Part(plan([parse(guard)], ["a", "b"], ["b"]), plan([parse(cost)], ["a", "b"], ["b"]))
        for guard, cost in zip(reversed(guards), reversed(costs), strict=True)
    )
    table = Compiled("two", axes, 0, ("cost",), (parts,), "")
    found = table.evaluate(0, table.size)[0].reshape(120, 70)
    for a in range(120):
        for b in range(70):
            second, first = (10000 * a + b if b >= a else nan), (a + 100 * b if a + b >= 6 else nan)
            allowed = [each for each in (first, second) if not isnan(each)]
            assert found[a, b] in allowed if allowed else isnan(found[a, b])
