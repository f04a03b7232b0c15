"""A file of rows that survives being cut off anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.calibration import parse_measurements
from costmodel.errors import FileFormatError
from costmodel.measuring.journal import Journal
from costmodel.measuring.rows import COLUMNS, Setting, key, row
from costmodel.measuring.timing import summarize

ROWS = [{"what": f'conv {index}, "{"x" * index}"', "ms": str(index / 7)} for index in range(6)]


def what(cells: Mapping[str, str]) -> tuple[str, ...]:
    return (cells["what"],)


def write_missing(path: Path, rows: list[dict[str, str]] = ROWS) -> int:
    """What a resumed measurement does; how many rows it had to write."""
    written = 0
    with Journal(path, ("what", "ms"), what) as journal:
        for each in rows:
            if what(each) not in journal:
                journal.append(each)
                written += 1
    return written


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    path = tmp_path / "whole.csv"
    assert write_missing(path) == len(ROWS)
    return path.read_bytes()


def test_cut_off_at_any_byte_every_row_is_there_once_after_going_on(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "cut.csv"
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        written = write_missing(path)
        assert path.read_bytes() == whole
        assert written == len(ROWS) - max(whole[:cut].count(b"\n") - 1, 0)


def test_killed_many_times_in_a_row_it_ends_with_every_row_once(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "cut.csv"
    for cut in (0, 1, 9, 15, 40, 41, 77, 100, 120):
        path.write_bytes((path.read_bytes() if path.exists() else b"")[:cut])
        write_missing(path, ROWS[: cut // 20])
    write_missing(path)
    assert path.read_bytes() == whole


def test_going_on_with_a_whole_file_writes_nothing(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "whole.csv"
    assert write_missing(path) == 0
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"device,network\nmine,alexnet\n", "other columns"),
        (b"not a table", "no file of measurements"),
        (b"\x00\x01\n", "not CSV|other columns"),
        (b"\xff\xfe\n", "not CSV in UTF-8"),
        (b'what,ms\n"open\n', "not CSV"),
        (b"what,ms\nonly one\nconv,2\n", "line 2: a row must have 2 cells"),
        (b"what,ms\n\n", "line 2: a row must have 2 cells"),
    ],
)
def test_another_file_is_refused_and_stays_as_it_is(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=sentence):
        write_missing(path)
    assert path.read_bytes() == content


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="cannot be written"):
        write_missing(tmp_path)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_measured_row_is_one_line_and_is_known_again(device: str, network: str) -> None:
    """What a device or a file is called may hold anything; its row is found again all the same."""
    import tempfile

    setting, subject = Setting(device, "ncnn", "1.0", 2), {"network": network, "batch": "1"}
    made = row(setting, subject, summarize([1_000_000, 2_000_000]), "random", 0.5)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        for _ in range(2):
            with Journal(path, COLUMNS, key) as journal:
                if key({**setting.cells(), **subject}) not in journal:
                    journal.append(made)
        assert path.read_bytes().count(b"\n") == 2


def test_what_is_written_is_read_as_measurements() -> None:
    made = row(
        Setting("mine", "ncnn", "1.0", 2), {"network": "alexnet", "batch": "1"}, summarize([2_000_000]), "zero", None
    )
    text = ",".join(COLUMNS) + "\n" + ",".join(made[column] for column in COLUMNS) + "\n"
    (found,) = parse_measurements(text.encode()).rows
    assert found.latency_s == 0.002
    assert dict(found.setup) == {
        "device": "mine", "runtime": "ncnn", "threads": "2", "precision": "float32", "batch": "1",
    }  # fmt: skip


def test_a_file_that_another_process_writes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with Journal(path, ("what", "ms"), what), pytest.raises(FileFormatError, match="another process"):
        write_missing(path)
    assert write_missing(path) == len(ROWS)
