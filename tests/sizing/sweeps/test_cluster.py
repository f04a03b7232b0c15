"""A Dask cluster gives the rows of one process, whatever becomes of its workers."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from costmodel.cli.app import run
from costmodel.errors import MissingExtraError, SweepError
from costmodel.sizing.sweeps.cluster import connected
from costmodel.sizing.sweeps.sweeping import run_sweep
from tests.sizing.sweeps.spaces import Grid

distributed = pytest.importorskip("distributed")

GRID = Grid(least_macs=3e6, wait_s=0.02)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A client of three worker processes on this machine; any free port, as other clusters may run beside it."""
    with (
        distributed.LocalCluster(
            n_workers=3, threads_per_worker=1, processes=True, dashboard_address=":0", memory_limit=0
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


def test_a_worker_that_is_killed_twice_changes_no_byte(client: Any, tmp_path: Path) -> None:
    whole, path = tmp_path / "whole.csv", tmp_path / "rows.csv"
    run_sweep(GRID, output=whole, block=100)
    killed: list[int] = []

    def kill(done: int, _total: int) -> None:
        if done in {500, 2500}:
            victim = next(iter(client.run(os.getpid).values()))
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

    found = run_sweep(GRID, output=path, block=100, client=client, progress=kill)
    assert len(set(killed)) == 2
    assert path.read_bytes() == whole.read_bytes()
    assert found.rows == len(GRID.rows())


def test_the_front_of_a_cluster_is_that_of_one_process(client: Any) -> None:
    here = run_sweep(GRID, pareto=["macs", "-latency_s"])
    there = run_sweep(GRID, block=300, pareto=["macs", "-latency_s"], client=client)
    assert {name: column.tolist() for name, column in there.table.items()} == {
        name: column.tolist() for name, column in here.table.items()
    }


def test_the_command_line_takes_the_address_of_a_scheduler(
    client: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["sweep", "mobilenet_v1", "--over", "width=0.25:1:0.05", "--over", "resolution=96:256:32", "--json"]
    address = client.scheduler.address
    for name, options in (("here.csv", []), ("there.csv", ["--scheduler", address])):
        assert run([*arguments, "-o", str(tmp_path / name), *options]) == 0
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
    assert capsys.readouterr().err == ""


def test_a_cluster_that_is_gone_is_told_and_the_rows_stay(client: Any, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with distributed.Client(client.scheduler.address, set_as_default=False) as mine:

        def close(done: int, _total: int) -> None:
            if done == 500:
                mine.close()

        with pytest.raises(SweepError, match="the Dask cluster cannot be reached any more"):
            run_sweep(GRID, output=path, block=100, client=mine, progress=close)
    assert run_sweep(GRID, output=path).resumed >= 500


def test_an_address_without_a_scheduler_is_refused() -> None:
    with pytest.raises(SweepError, match=r"there is no Dask scheduler at nowhere: "):
        connected("nowhere")


def test_without_distributed_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'costmodel\[distributed\]'"):
        connected("localhost:1")
