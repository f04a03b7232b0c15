"""What is on the disk is never written over unasked, never written by two, and valid after any mistake."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from costmodel.errors import FileFormatError, MissingExtraError
from costmodel.sizing.sweeps.sweeping import run_sweep
from tests.conftest import ROOT
from tests.sizing.sweeps.spaces import Grid, csv_text

GRID = Grid(least_macs=3e6)
SUFFIXES = pytest.mark.parametrize("suffix", ["csv", "parquet"])


def stopped(path: Path, grid: Grid = GRID, **arguments: Any) -> None:
    """A sweep that is interrupted after 2000 of its configurations."""

    def stop(done: int, _total: int) -> None:
        if done >= 2000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_sweep(grid, output=path, block=500, progress=stop, **arguments)


@SUFFIXES
@pytest.mark.parametrize(
    ("grid", "arguments", "difference"),
    [
        (Grid(least_macs=4e6), {}, "the costs of its network or device are others"),
        (Grid(widths=(0.5,)), {}, "it has 4,480 configurations, and not 128"),
        (GRID, {"pareto": ["macs"]}, "its rows is all, and not the Pareto front of macs"),
        (Grid(widths=(0.5,)), {"description": {"width": "0.5:1"}}, "its width is nothing, and not 0.5:1"),
    ],
)
def test_another_sweep_is_refused_with_what_differs(
    tmp_path: Path, suffix: str, grid: Grid, arguments: dict[str, Any], difference: str
) -> None:
    path = tmp_path / f"rows.{suffix}"
    stopped(path)
    before = {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()}
    with pytest.raises(FileFormatError, match=f"{path.name} holds another sweep: {difference}; write to another"):
        run_sweep(grid, output=path, **arguments)
    assert before == {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()}


def test_the_same_sweep_in_other_words_goes_on(tmp_path: Path) -> None:
    stopped(tmp_path / "rows.csv", description={"width": "0.25:0.59:0.01"})
    assert run_sweep(GRID, output=tmp_path / "rows.csv", description={"width": "a list"}).resumed == 2000


@SUFFIXES
def test_asked_to_it_overwrites(tmp_path: Path, suffix: str) -> None:
    path, other = tmp_path / f"rows.{suffix}", Grid(widths=(0.5,))
    stopped(path)
    assert run_sweep(other, output=path, overwrite=True).rows == other.size
    if suffix == "csv":
        assert path.read_text() == csv_text(other.rows())
    else:
        assert ds.dataset(path).to_table().num_rows == other.size


def test_a_csv_file_of_somebody_else_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("mine\n")
    with pytest.raises(FileFormatError, match=r"is there already, and without rows\.csv\.manifest\.json nobody knows"):
        run_sweep(GRID, output=path)
    assert path.read_text() == "mine\n"


def test_a_folder_with_other_files_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.mkdir()
    (path / "mine.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(FileFormatError, match=r"has other files than those of a sweep \(mine\.txt\)"):
            run_sweep(GRID, output=path, overwrite=overwrite)
    assert [each.name for each in path.iterdir()] == ["mine.txt"]


def test_parquet_files_without_a_manifest_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    run_sweep(GRID, output=path)
    (path / "_manifest.json").unlink()
    with pytest.raises(FileFormatError, match=r"without _manifest\.json nobody knows of what sweep"):
        run_sweep(GRID, output=path)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda text: text.replace("1", "2", 1), "was changed since its sweep wrote it"),
        (lambda text: text[:100], "was changed since its sweep wrote it"),
    ],
)
def test_a_csv_file_that_was_changed_is_not_gone_on_with(
    tmp_path: Path, damage: Callable[[str], str], sentence: str
) -> None:
    path = tmp_path / "rows.csv"
    stopped(path)
    path.write_text(damage(path.read_text()))
    with pytest.raises(FileFormatError, match=sentence):
        run_sweep(GRID, output=path)


def test_a_lost_parquet_file_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    stopped(path)
    (path / "part-000001.parquet").unlink()
    with pytest.raises(FileFormatError, match=r"has lost part-000001\.parquet since"):
        run_sweep(GRID, output=path)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": "other"}', "\udcff", "9" * 5000])
def test_a_manifest_of_something_else_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rows.csv"
    stopped(path)
    (tmp_path / "rows.csv.manifest.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(FileFormatError, match=r"rows\.csv\.manifest\.json is (no manifest of a sweep|not UTF-8 text)"):
        run_sweep(GRID, output=path)


@SUFFIXES
def test_a_file_of_the_other_sort_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rows.{suffix}"
    if suffix == "csv":
        path.mkdir()
    else:
        path.write_text("a file")
    with pytest.raises(FileFormatError, match=r"Is a directory|it is no folder"):
        run_sweep(GRID, output=path)


@SUFFIXES
def test_a_folder_that_is_not_there_is_refused(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(FileFormatError, match="No such file or directory"):
        run_sweep(GRID, output=tmp_path / "none" / f"rows.{suffix}")


def test_a_device_is_no_file_of_rows(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").symlink_to("/dev/null")
    with pytest.raises(FileFormatError, match="it is no regular file"):
        run_sweep(GRID, output=tmp_path / "rows.csv")


@SUFFIXES
def test_two_sweeps_do_not_write_one_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rows.{suffix}"

    def second(_done: int, _total: int) -> None:
        with pytest.raises(FileFormatError, match="is being written by another process"):
            run_sweep(GRID, output=path)

    assert run_sweep(GRID, output=path, block=2000, progress=second).rows == len(GRID.rows())


@SUFFIXES
def test_on_a_full_disk_what_is_written_stays_and_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    whole, path = tmp_path / "whole" / f"rows.{suffix}", tmp_path / f"rows.{suffix}"
    whole.parent.mkdir()
    run_sweep(GRID, output=whole, block=500)
    syncs = 0
    fsync = os.fsync

    def full(file: int) -> None:
        nonlocal syncs
        syncs += 1
        if syncs > 9:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(file)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(FileFormatError, match=r"No space left on device.*are whole, and the same sweep goes on"):
            run_sweep(GRID, output=path, block=500)
    if suffix == "csv":
        assert whole.read_bytes().startswith(path.read_bytes())
    found = run_sweep(GRID, output=path, block=500)
    assert found.resumed > 0
    rows = [each.read_bytes() for each in (sorted(path.glob("*.parquet")) or [path])]
    assert rows == [each.read_bytes() for each in (sorted(whole.glob("*.parquet")) or [whole])]


LIMITED = """
import resource, sys
from costmodel.errors import FileFormatError
from costmodel.sizing.sweeps.sweeping import run_sweep
from tests.sizing.sweeps.spaces import Grid
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    run_sweep(Grid(least_macs=3e6), output=sys.argv[1], block=500)
except FileFormatError as problem:
    print(problem)
"""


def test_a_file_that_may_not_grow_keeps_whole_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=60,
    )
    assert resource.RLIMIT_FSIZE
    assert "rows.csv could not be written on (File too large)" in done.stdout
    assert csv_text(GRID.rows()).startswith(path.read_text())
    assert path.read_text().endswith("\n")
    run_sweep(GRID, output=path)
    assert path.read_text() == csv_text(GRID.rows())


def test_columns_of_parquet_have_their_types(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    run_sweep(GRID, output=path, block=500)
    found = ds.dataset(path).to_table()
    assert list(map(str, found.schema.types)) == [
        "double", "dictionary<values=string, indices=int32, ordered=0>", "int64", "int64", "double",
    ]  # fmt: skip
    rows = [tuple(row.values()) for row in found.to_pylist()]
    assert rows == GRID.rows()


class Surprising(Grid):
    """Macs that are integers but for one row, which no guess sees."""

    def evaluate(self, start: int, stop: int) -> Any:
        costs = super().evaluate(start, stop)
        if start <= 4000 < stop and stop - start > 300:
            costs[0, 4000 - start] += 0.5
        return costs


@pytest.mark.parametrize("block", [450, 10**6])
def test_a_value_that_is_no_integer_after_all_makes_its_column_numbers(tmp_path: Path, block: int) -> None:
    path = tmp_path / "rows.parquet"
    run_sweep(Surprising(), output=path, block=block)
    schemas = {pq.read_schema(each) for each in path.glob("*.parquet")}
    assert [str(each.field("macs").type) for each in schemas] == ["double"]
    expected = [row[3] for row in Grid().rows()]
    found = ds.dataset(path).to_table().column("macs").to_numpy()
    assert np.flatnonzero(found != np.array(expected)).tolist() == [4000]


def test_without_pyarrow_parquet_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'costmodel\[parquet\]'"):
        run_sweep(GRID, output=tmp_path / "rows.parquet")
    assert list(tmp_path.iterdir()) == []
