"""A sweep's rows are those that are worked out one by one, wherever they go and whoever works on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from costmodel.errors import FileFormatError, SizingError, UnknownNameError
from costmodel.sizing.sweeps import blocks as sizing_blocks
from costmodel.sizing.sweeps import tally
from costmodel.sizing.sweeps.blocks import Job, Objectives
from costmodel.sizing.sweeps.sweeping import Sweep, run_sweep
from tests.sizing.sweeps.spaces import Grid, csv_text

GRID = Grid(least_macs=3e6)
BLOCK = 300
SMALL = Grid(tuple(n / 40 for n in range(10, 20)), tuple(map(float, range(96, 108))), least_macs=3e6)
"""Few enough rows to compare each with every other."""


def table(found: Sweep) -> list[tuple[Any, ...]]:
    return list(zip(*(column.tolist() for column in found.table.values()), strict=True))


def dominated(row: Sequence[float], rows: Sequence[Sequence[float]]) -> bool:
    return any(
        all(other <= own for other, own in zip(each, row, strict=True)) and tuple(each) != tuple(row) for each in rows
    )


def brute_force_front(grid: Grid) -> list[tuple[Any, ...]]:
    """Rows of small macs and large latency, each compared with every other."""
    rows = grid.rows()
    costs = [(macs, -latency_s) for *_, macs, latency_s in rows]
    distinct = sorted(set(costs))
    return [row for row, cost in zip(rows, costs, strict=True) if not dominated(cost, distinct)]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("block", [1, 7, BLOCK, 10**6])
def test_a_csv_file_has_the_rows_that_can_be_built(tmp_path: Path, block: int, workers: int) -> None:
    grid = Grid(tuple(n / 20 for n in range(1, 8)), tuple(range(3)), least_macs=100)
    found = run_sweep(grid, output=tmp_path / "rows.csv", block=block, workers=workers)
    rows = grid.rows()
    assert (tmp_path / "rows.csv").read_text() == csv_text(rows)
    assert (found.configurations, found.rows, found.left_out) == (grid.size, len(rows), grid.size - len(rows))
    assert found.first_left_out == {"width": 0.05, "activation": "relu", "resolution": 0}


@pytest.mark.parametrize("workers", [1, 2])
def test_without_a_file_the_rows_are_in_memory(workers: int) -> None:
    found = run_sweep(GRID, block=BLOCK, workers=workers)
    assert list(found.table) == ["width", "activation", "resolution", "macs", "latency_s"]
    assert table(found) == GRID.rows()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_front_alone_is_that_of_brute_force(workers: int) -> None:
    found = run_sweep(SMALL, block=100, workers=workers, pareto=["macs", "-latency_s"])
    assert table(found) == brute_force_front(SMALL)
    assert found.pareto == found.rows == len(brute_force_front(SMALL))
    assert found.left_out == SMALL.size - len(SMALL.rows())


@pytest.mark.parametrize("samples", [1, 16, 100])
def test_an_idea_of_the_front_changes_nothing(monkeypatch: pytest.MonkeyPatch, samples: int) -> None:
    for name, value in (("MANY", 10), ("SAMPLES", samples)):
        monkeypatch.setattr(sizing_blocks, name, value)
    spanned = Objectives((0, 1), (False, True))
    known = Job(SMALL, None, spanned).known()
    assert known is not None
    assert len(known) <= samples
    found = run_sweep(SMALL, block=50, pareto=["macs", "-latency_s"])
    assert table(found) == brute_force_front(SMALL)


def test_a_front_that_is_too_large_for_memory_is_refused_or_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    front = brute_force_front(SMALL)
    monkeypatch.setattr(tally, "MOST", len(front) - 1)
    with pytest.raises(SizingError, match="configurations are on the front, which is kept in memory"):
        run_sweep(SMALL, block=10, pareto=["macs", "-latency_s"])
    assert run_sweep(SMALL, block=10, scores=["latency_s"]).pareto is None
    monkeypatch.setattr(tally, "MOST", len(front))
    assert run_sweep(SMALL, block=10, pareto=["macs", "-latency_s"]).rows == len(front)


def test_the_front_has_the_costs_that_do_not_span_it() -> None:
    found = run_sweep(SMALL, pareto=["-macs"])
    most = max(row[3] for row in SMALL.rows())
    assert table(found) == [row for row in SMALL.rows() if row[3] == most]


def test_the_front_goes_into_a_file(tmp_path: Path) -> None:
    found = run_sweep(SMALL, output=tmp_path / "front.csv", block=100, pareto=["macs", "-latency_s"])
    assert (tmp_path / "front.csv").read_text() == csv_text(brute_force_front(SMALL))
    assert (found.rows, found.configurations) == (len(brute_force_front(SMALL)), SMALL.size)


def test_beside_the_rows_their_front_is_counted(tmp_path: Path) -> None:
    found = run_sweep(SMALL, output=tmp_path / "rows.csv", block=100, scores=["latency_s"])
    assert found.pareto == len(brute_force_front(SMALL))
    assert run_sweep(SMALL).pareto == 1


@dataclass(frozen=True)
class FourCosts(Grid):
    costs = ("macs", "latency_s", "a", "b")  # type: ignore[assignment]

    def at(self, rows: Any) -> Any:
        return np.concatenate([super().at(rows)] * 2)


def test_the_front_of_many_costs_is_not_counted() -> None:
    assert run_sweep(FourCosts()).pareto is None


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    run_sweep(GRID, output=tmp_path / "rows.csv", block=1000, progress=lambda *each: told.append(each))
    assert told == [(each, GRID.size) for each in (1000, 2000, 3000, 4000, GRID.size)]


def test_a_finished_sweep_is_not_done_again(tmp_path: Path) -> None:
    first = run_sweep(GRID, output=tmp_path / "rows.csv")
    before = (tmp_path / "rows.csv").stat().st_mtime_ns
    again = run_sweep(GRID, output=tmp_path / "rows.csv", progress=lambda *_: pytest.fail("nothing is left to do"))
    assert (again.resumed, again.rows, again.pareto) == (GRID.size, first.rows, first.pareto)
    assert (tmp_path / "rows.csv").stat().st_mtime_ns == before


class Huge(Grid):
    @property
    def size(self) -> int:
        return 10**9


def test_more_rows_than_memory_holds_are_refused_with_their_number() -> None:
    with pytest.raises(SizingError, match=r"1,000,000,000 configurations .* \(10,000,000\); give an output"):
        run_sweep(Huge())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"workers": 0}, r"'workers' must be a positive integer \(got 0\)"),
        ({"workers": 2.0}, r"'workers' must be a positive integer \(got 2.0\)"),
        ({"workers": 10_000}, "'workers' must be at most 512 processes"),
        ({"block": 0}, "'block' must be a positive integer"),
        ({"pareto": []}, "'pareto' must name at least one cost"),
        ({"pareto": ["macs", "-macs"]}, "'pareto' must name each cost once"),
        ({"workers": 2, "client": object()}, "a Dask cluster has workers of its own"),
    ],
)
def test_what_cannot_be_is_refused(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SizingError, match=sentence):
        run_sweep(GRID, **arguments)


def test_an_unknown_cost_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="no cost of this sweep named 'latency'; the nearest are latency_s"):
        run_sweep(GRID, pareto=["macs", "latency"])


@pytest.mark.parametrize("name", ["rows", "rows.txt", "rows.json", "a\0.csv", ""])
def test_a_file_of_another_format_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileFormatError, match=r"must end in \.csv, or in \.parquet"):
        run_sweep(GRID, output=str(tmp_path / name))


def test_the_manifest_says_what_the_sweep_is_of(tmp_path: Path) -> None:
    run_sweep(GRID, output=tmp_path / "rows.csv", description={"family": "grid"})
    found = json.loads((tmp_path / "rows.csv.manifest.json").read_text())
    assert found["sweep"] == {
        "family": "grid",
        "parameters": "width, activation, resolution",
        "costs": "macs, latency_s",
        "rows": "all",
    }
    assert (found["configurations"], found["is_finished"]) == (GRID.size, True)


def test_without_costs_there_is_no_front() -> None:
    assert Objectives().front() is None
    assert Job(GRID).known() is None
