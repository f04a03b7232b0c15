"""`costmodel sweep`: rows in files, sentences for what cannot be, and nothing lost when it is stopped."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from costmodel import zoo
from tests.cli.conftest import Run
from tests.cli.test_measure import heard
from tests.conftest import ROOT
from tests.patience import patience

SPACE = ("mobilenet_v1", "--over", "width=0.25:1.4:0.05", "--over", "resolution=96:256:32")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "rows.csv")


def test_the_command_of_the_contract(costmodel: Run, path: str) -> None:
    found = costmodel("sweep", *SPACE, "--device", "pixel-1", "-o", path, "--json").json
    assert {key: found[key] for key in ("configurations", "rows", "pareto", "resumed", "file")} == {
        "configurations": 144, "rows": 144, "pareto": 1, "resumed": 0, "file": path,
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(Path(path).read_text())))
    assert list(rows[0]) == ["width", "resolution", "macs", "params", "latency_s"]
    network = zoo.mobilenet_v1(width="0.25", resolution=96)
    assert rows[0]["macs"] == str(network.cost().macs)
    assert float(rows[0]["latency_s"]) == pytest.approx(network.latency("pixel-1").latency_s, rel=1e-12)


def test_a_second_run_says_that_all_is_done(costmodel: Run, path: str) -> None:
    costmodel("sweep", *SPACE, "-o", path)
    done = costmodel("sweep", *SPACE, "-o", path)
    assert done.status == 0
    assert "done already 144 configurations, by an earlier run" in " ".join(done.output.split())


def test_parquet_has_the_rows_of_csv(costmodel: Run, path: str, tmp_path: Path) -> None:
    import pyarrow.dataset as ds

    folder = str(tmp_path / "rows.parquet")
    for each in (path, folder):
        costmodel("sweep", *SPACE, "-o", each, "--workers", "2")
    rows = list(csv.DictReader(io.StringIO(Path(path).read_text())))
    found = ds.dataset(folder).to_table().to_pylist()
    assert [{name: float(value) for name, value in row.items()} for row in rows] == found


def test_only_the_front_is_printed(costmodel: Run) -> None:
    found = costmodel("sweep", *SPACE, "--score", "s=width*resolution", "--pareto", "macs,-s", "--json").json
    rows = found["table"]
    assert len(rows) == found["pareto"] == found["rows"]
    assert [list(row) for row in rows[:1]] == [["width", "resolution", "macs", "params", "s"]]
    best = sorted((row["macs"], -row["s"]) for row in rows)
    assert [score for _, score in best] == sorted({score for _, score in best}, reverse=True)


def test_a_file_with_symbols_is_a_family(costmodel: Run, tmp_path: Path, path: str) -> None:
    import costmodel as cm

    spec = tmp_path / "net.json"
    spec.write_text(zoo.mobilenet_v1(resolution=cm.parse("32*r"), batch=cm.parse("batch")).to_json())
    costmodel("sweep", str(spec), "--over", "r=3:7", "--set", "batch=2", "--costs", "macs", "-o", path)
    rows = list(csv.DictReader(io.StringIO(Path(path).read_text())))
    assert [row["macs"] for row in rows] == [
        str(2 * zoo.mobilenet_v1(resolution=32 * r).cost().macs) for r in range(3, 8)
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("mobilenet_v1",), 2, "--over"),
        (("mobilenet_v9", "--over", "width=1"), 1, "the nearest are mobilenet_v"),
        (("mobilenet_v1", "--over", "widht=1"), 1, "no parameter of mobilenet_v1 named 'widht'; the nearest are width"),
        (("mobilenet_v1", "--over", "width"), 2, "--over takes NAME=VALUE"),
        (("mobilenet_v1", "--over", "width=1:0.5:0.1"), 1, "the range of 'width' must have its stop where"),
        (("mobilenet_v1", "--over", "width=0.5:1:0"), 1, "the step of 'width' must not be zero"),
        (
            ("mobilenet_v1", "--over", "width=1e-7:1:1e-7", "--over", "resolution=96:195"),
            1,
            "a sweep of 1,000,000,000 configurations needs a file",
        ),
        ((*SPACE, "--costs", "mac"), 1, "no cost named 'mac'; the nearest are macs"),
        ((*SPACE, "--costs", "latency_s"), 1, "latency_s needs a device"),
        ((*SPACE, "--pareto", "macs,-speed"), 1, "no cost of this sweep named 'speed'"),
        ((*SPACE, "--score", "s=__import__('os')"), 1, "s"),
        ((*SPACE, "--workers", "0"), 1, "'workers' must be a positive integer (got 0)"),
        ((*SPACE, "--scheduler", "nowhere"), 1, "there is no Dask scheduler at nowhere"),
        ((*SPACE, "-o", "rows.txt"), 1, "must end in .csv, or in .parquet"),
        ((*SPACE, "-o", "none/rows.csv"), 1, "rows.csv cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_swept_is_told_in_a_sentence(
    costmodel: Run, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    done = costmodel("sweep", *arguments)
    assert (done.status, done.output) == (status, "")
    assert sentence in " ".join(done.errors.split())
    assert status == 2 or done.errors.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda each: each.name)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupted_sweep_goes_on_to_the_same_bytes(
    costmodel: Run, tmp_path: Path, number: signal.Signals, workers: str
) -> None:
    space = ("mobilenet_v1", "--over", "width=0.002:1:0.002", "--over", "resolution=96:1295")
    path, manifest = tmp_path / "rows.csv", tmp_path / "rows.csv.manifest.json"
    command = [sys.executable, "-m", "costmodel", "sweep", *space, "-o", str(path), "--workers", workers]
    with (
        patience(),
        heard(signal.SIGINT),
        subprocess.Popen(
            command, cwd=ROOT, stderr=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}
        ) as process,
    ):
        while not manifest.exists() or json.loads(manifest.read_text())["blocks_done"] < 1:
            time.sleep(0.01)
        process.send_signal(number)
        _, errors = process.communicate()
    if number is signal.SIGKILL:
        assert errors == b""
    else:
        assert process.returncode == 1
        assert b"of 600,000 configurations; the same command goes on with" in errors
        assert b"Traceback" not in errors
    done = costmodel("sweep", *space, "-o", str(path), "--json").json
    assert done["resumed"] > 0
    assert path.read_bytes().count(b"\n") == 1 + done["rows"] == 600_001
    rows = path.read_bytes().splitlines()
    assert rows[1].split(b",")[:2] == [b"0.002", b"96"]
    keys = [row.rsplit(b",", 2)[0].decode() for row in rows[1:]]
    assert keys == [f"{width / 1000:g},{size}" for width in range(2, 1001, 2) for size in range(96, 1296)]


def test_on_a_terminal_there_is_a_bar(tmp_path: Path) -> None:
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "costmodel", "sweep", *SPACE, "-o", str(tmp_path / "rows.csv"), "--json"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=child, env=os.environ | {"PYTHONPATH": str(ROOT)}
    ) as process:
        os.close(child)
        assert process.stdout is not None
        assert json.loads(process.stdout.read())["rows"] == 144
        shown = b""
        try:
            while piece := os.read(parent, 4096):
                shown += piece
        except OSError:
            pass
        os.close(parent)
    assert b"144 of 144" in shown
