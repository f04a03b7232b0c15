"""A sweep that was killed, at whatever moment, goes on to the bytes of one that never was."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from costmodel.errors import FileFormatError
from costmodel.sizing.sweeps import tally
from costmodel.sizing.sweeps.sweeping import run_sweep
from tests.conftest import ROOT
from tests.patience import patience
from tests.sizing.sweeps.spaces import Grid

GRID = Grid(least_macs=3e6)
FRONT = ("macs", "-latency_s")


class Killed(BaseException):
    """The process is gone: nothing catches this."""


@contextmanager
def killed_at(call: int) -> Iterator[Callable[[], bool]]:
    """Dies in the given call of the system that changes the disk, and in every one after; whether it died."""
    calls = 0

    def counted(real: Callable[..., Any], before: Callable[..., Any] = lambda *_: None) -> Callable[..., Any]:
        def instead(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == call:
                before(*args)
            if calls >= call:
                raise Killed
            return real(*args, **kwargs)

        return instead

    write = os.write
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "write", counted(write, lambda file, data: write(file, data[: len(data) // 2])))
        for name in ("fsync", "ftruncate"):
            patched.setattr(os, name, counted(getattr(os, name)))
        for name in ("replace", "unlink"):
            patched.setattr(Path, name, counted(getattr(Path, name)))
        yield lambda: calls >= call


def contents(path: Path) -> dict[str, bytes]:
    """The rows, in one file or several."""
    files = [path] if path.is_file() else sorted(path.glob("*.parquet"))
    return {each.name: each.read_bytes() for each in files}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("pareto", [None, FRONT], ids=["rows", "front"])
@pytest.mark.parametrize("overwrite", [False, True], ids=["new", "overwritten"])
def test_killed_in_any_call_of_the_system_it_goes_on_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, pareto: tuple[str, ...] | None, overwrite: bool
) -> None:
    monkeypatch.setattr(tally, "SAVE_EVERY_S", 0.0)
    whole = tmp_path / f"rows.{suffix}"
    arguments: dict[str, Any] = {"block": 3000, "pareto": pareto}
    run_sweep(GRID, output=whole, **arguments)
    call = 0
    while True:
        call += 1
        path = tmp_path / str(call) / whole.name
        path.parent.mkdir()
        if overwrite:
            run_sweep(Grid(), output=path)
        with killed_at(call) as is_dead:
            try:
                run_sweep(GRID, output=path, overwrite=overwrite, **arguments)
            except Killed:
                assert is_dead()
        if not is_dead():
            break
        # Of what was to be overwritten the old rows may be there still, or some of which nobody knows what they are.
        with suppress(FileFormatError) if overwrite else nullcontext():
            run_sweep(GRID, output=path, **arguments)
        run_sweep(GRID, output=path, overwrite=overwrite, **arguments)
        assert contents(path) == contents(whole)
        leftovers = [each.name for each in path.parent.rglob("*") if each.suffix in {".tmp", ".npz"}]
        assert leftovers == []
    assert call > 10


SCRIPT = """
import sys
from costmodel.sizing.sweeps.sweeping import run_sweep
from tests.sizing.sweeps.spaces import Grid
grid = Grid(least_macs=3e6, wait_s=0.02)
print("begins", flush=True)
run_sweep(grid, output=sys.argv[1], block=100, workers=int(sys.argv[2]))
"""


def kill_after(path: Path, workers: int, wait_s: float) -> None:
    """Kill a sweep in a process of its own so long after it begins."""
    command = [sys.executable, "-c", SCRIPT, str(path), str(workers)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait_s)
        process.kill()


@pytest.mark.parametrize(
    ("suffix", "workers", "kills"), [("csv", 1, 10), ("csv", 2, 10), ("parquet", 1, 4), ("parquet", 2, 2)]
)
def test_killed_at_random_moments_it_goes_on_to_the_same_bytes(
    tmp_path: Path, suffix: str, workers: int, kills: int
) -> None:
    (tmp_path / "whole").mkdir()
    whole, path = tmp_path / "whole" / f"rows.{suffix}", tmp_path / f"rows.{suffix}"
    run_sweep(GRID, output=whole, block=100)
    moments = np.random.default_rng(workers)
    with patience():
        for _ in range(kills):
            kill_after(path, workers, moments.uniform(0, 0.12 if workers == 1 else 1.0))
    run_sweep(GRID, output=path, block=100)
    assert contents(path) == contents(whole)


def test_the_count_of_the_front_outlives_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run_sweep(GRID, scores=["latency_s"])

    def stop(done: int, _total: int) -> None:
        if done > 2000:
            raise KeyboardInterrupt

    for seconds in (0.0, 1e9):
        monkeypatch.setattr(tally, "SAVE_EVERY_S", seconds)
        path = tmp_path / f"{seconds}.csv"
        with pytest.raises(KeyboardInterrupt):
            run_sweep(GRID, output=path, block=500, scores=["latency_s"], progress=stop)
        assert (tmp_path / f"{path.name}.front.npz").exists() is (seconds == 0.0)
        found = run_sweep(GRID, output=path, block=500, scores=["latency_s"])
        assert (found.pareto, found.resumed) == (whole.pareto, 2500)


@pytest.mark.parametrize("damage", [b"", b"not a zip", b"PK\x03\x04" + bytes(100)])
def test_a_front_that_cannot_be_read_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    def stop(done: int, _total: int) -> None:
        if done > 2000:
            raise KeyboardInterrupt

    path = tmp_path / "front.csv"
    with pytest.raises(KeyboardInterrupt):
        run_sweep(GRID, output=path, block=500, pareto=FRONT, progress=stop)
    (tmp_path / "front.csv.front.npz").write_bytes(damage)
    assert run_sweep(GRID, output=path, block=500, pareto=FRONT).rows == run_sweep(GRID, pareto=FRONT).rows


def test_the_front_of_other_costs_is_not_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "SAVE_EVERY_S", 0.0)
    calls: list[int] = []

    def stop(done: int, _total: int) -> None:
        calls.append(done)
        if done > 2000:
            raise KeyboardInterrupt

    for pareto in (FRONT, ("macs", "latency_s")):
        with pytest.raises(KeyboardInterrupt):
            run_sweep(GRID, output=tmp_path / "a.csv", block=500, pareto=pareto, progress=stop)
        (tmp_path / "a.csv").unlink()
    assert calls == [500, 1000, 1500, 2000, 2500] * 2


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_rows_are_on_the_disk_before_the_manifest_counts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    events: list[str] = []
    write, fsync, replace = os.write, os.fsync, Path.replace

    def written(file: int, data: bytes) -> int:
        events.append("write")
        return write(file, data)

    def synced(file: int) -> None:
        name = Path(f"/proc/self/fd/{file}").readlink().name
        events.append("rows" if name.removesuffix(".tmp").endswith(suffix) else "other")
        fsync(file)

    def replaced(old: Path, new: Path) -> Path:
        events.append("manifest" if new.suffix == ".json" else "rows are there")
        return replace(old, new)

    monkeypatch.setattr(os, "write", written)
    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    run_sweep(GRID, output=tmp_path / f"rows.{suffix}", block=2000)
    block = ["write", "rows"] if suffix == "csv" else ["rows", "rows are there", "rows"]
    assert "+".join([*block, "other", "manifest"] * 3) in "+".join(events)
