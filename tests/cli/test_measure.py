"""`costmodel measure`: rows on the disk whatever happens, and sentences for what cannot be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import pytest

from costmodel import zoo
from costmodel.calibration import finder, read_measurements
from costmodel.measuring import COLUMNS, Journal, Runtime, key, runners
from tests.cli.conftest import Run
from tests.conftest import ROOT
from tests.measuring.runtimes import need, rolled
from tests.patience import patience

QUICK = ("--max-seconds", "0.01")


@pytest.fixture(autouse=True)
def _installed() -> None:
    need("onnxruntime")


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "rows.csv")


def measured(path: str) -> list[dict[str, str]]:
    with Journal(path, COLUMNS, key) as journal:
        return journal.rows


def test_rows_are_read_back_as_the_networks_that_ran(costmodel: Run, path: str) -> None:
    settings = ("--set", "width=0.25", "--set", "resolution=64")
    found = costmodel("measure", "mobilenet_v1", "--runtime", "onnxruntime", "-o", path, *settings, *QUICK, "--json")
    assert [each["target"] for each in found.json["measured"]] == ["mobilenet_v1 0.25 64"]
    (row,) = read_measurements(path).rows
    assert finder()(row).cost().macs == zoo.mobilenet_v1(width=0.25, resolution=64).cost().macs
    assert row.latency_s == pytest.approx(found.json["measured"][0]["latency_s"], rel=1e-5)
    assert dict(row.setup)["runtime"] == "onnxruntime"


def test_kernels_are_rows_of_layers(costmodel: Run, path: str) -> None:
    arguments = ("measure", "lenet_5", "--kernels", "--runtime", "onnxruntime", "-o", path, *QUICK, "--json")
    count = len(costmodel(*arguments).json["measured"])
    assert count == len(measured(path)) > 4
    assert costmodel(*arguments).json["kept"] == count
    assert all(row["layer"] and row["input_shape"] and not row["network"] for row in measured(path))


def test_a_second_run_keeps_what_is_there_and_adds_what_is_not(costmodel: Run, path: str) -> None:
    costmodel("measure", "lenet_5", "--runtime", "onnxruntime", "-o", path, *QUICK)
    with Path(path).open("ab") as stream:
        stream.write(b"half a li")
    found = costmodel(
        "measure", "lenet_5", "document_002", "--runtime", "onnxruntime", "-o", path, *QUICK, "--json"
    ).json
    assert (found["kept"], len(found["measured"])) == (1, 1)
    assert [row["network"] for row in measured(path)] == ["lenet_5", "document_002"]


def test_files_are_measured_under_their_names(costmodel: Run, path: str, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(zoo.lenet_5().to_json(), encoding="utf-8")
    from costmodel.interop.onnx.writing import write_onnx

    write_onnx(zoo.document_002(), tmp_path / "other.onnx")
    files = (str(tmp_path / "mine.json"), str(tmp_path / "other.onnx"))
    costmodel("measure", *files, "--runtime", "onnxruntime", "-o", path, *QUICK)
    assert [(row["network"], row["weights"]) for row in measured(path)] == [
        ("mine.json", "random"), ("other.onnx", "file"),
    ]  # fmt: skip
    find = finder(tmp_path)
    assert find(read_measurements(path).rows[0]).cost().macs == zoo.lenet_5().cost().macs


def test_a_table_shows_what_was_measured(costmodel: Run, path: str) -> None:
    done = costmodel("measure", "lenet_5", "--runtime", "onnxruntime", "-o", path, "--device", "my board", *QUICK)
    assert done.status == 0
    assert "my board, 1 thread" in done.output
    assert "1 row written" in done.output


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("--runtime", "onnxruntime"), 2, "name a TARGET, or --suite operators"),
        (("lenet_5", "--runtime", ""), 2, "--runtime must name one of"),
        (("--suite", "networks", "--runtime", "onnxruntime"), 2, "--suite must be 'operators'"),
        (("lenet_5", "--runtime", "onnxruntim"), 1, "no runtime named 'onnxruntim'; the nearest are onnxruntime"),
        (("lenet_55", "--runtime", "onnxruntime"), 1, "the nearest are lenet_5"),
        (("lenet_5", "--runtime", "onnxruntime", "--threads", "1000"), 1, "'threads' must lie between 1 and"),
        (("lenet_5", "--runtime", "onnxruntime", "--threads", "0"), 1, "'threads' must lie between 1 and"),
        (("lenet_5", "--runtime", "onnxruntime", "--spread", "2"), 1, "'spread' must lie between 0 and 1"),
        (("lenet_5", "--runtime", "onnxruntime", "--max-seconds", "nan"), 1, "'max_s' must be a number of seconds"),
        (("resnet18", "--runtime", "onnxruntime", "--set", "classes=10"), 1, "'classes' is none of them"),
        (("lenet_5", "--runtime", "onnxruntime", "--set", "batch=n"), 1, "has sizes that are symbols (n)"),
    ],
)
def test_what_cannot_be_measured_is_told_in_a_sentence_and_leaves_no_file(
    costmodel: Run, path: str, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    done = costmodel("measure", *arguments, "-o", path)
    assert done.status == status
    assert sentence in " ".join(done.errors.split())
    assert not Path(path).exists() or measured(path) == []


def test_a_network_that_a_runtime_cannot_run_is_told_and_the_others_are_measured(
    costmodel: Run, path: str, tmp_path: Path
) -> None:
    target = rolled(tmp_path)
    done = costmodel("measure", target, "lenet_5", "--runtime", "onnxruntime", "-o", path, *QUICK, "--json")
    (refused,) = done.json["refused"]
    assert (refused["target"], refused["runtime"]) == ("rolled.json", "onnxruntime")
    assert "'roll'" in refused["reason"]
    alone = costmodel("measure", target, "--runtime", "onnxruntime", "-o", str(tmp_path / "other.csv"), *QUICK)
    assert alone.status == 1
    assert "'roll'" in alone.errors


def test_a_file_of_other_columns_is_refused(costmodel: Run, path: str) -> None:
    Path(path).write_text("device,network,latency_ms\nmine,alexnet,20\n", encoding="utf-8")
    done = costmodel("measure", "lenet_5", "--runtime", "onnxruntime", "-o", path)
    assert done.status == 1
    assert "other columns" in done.errors


@contextmanager
def heard(number: signal.Signals) -> Iterator[None]:
    """Processes that start in here hear a signal, though the tests may run in a background job that ignores it."""
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda each: each.name)
def test_an_interrupted_run_keeps_its_rows_and_goes_on(costmodel: Run, path: str, number: signal.Signals) -> None:
    arguments = ["measure", "lenet_5", "--kernels", "--runtime", "onnxruntime", "-o", path, "--max-seconds"]
    command = [sys.executable, "-m", "costmodel", *arguments, "1", "--spread", "1e-9"]
    with (
        patience(),
        heard(signal.SIGINT),
        subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        ) as process,
    ):
        while not Path(path).exists() or Path(path).read_bytes().count(b"\n") < 2:
            time.sleep(0.05)
        process.send_signal(number)
        _, errors = process.communicate()
    if number is signal.SIGKILL:
        assert process.returncode == -signal.SIGKILL
    else:
        assert process.returncode == 1
        assert b"keeps its" in errors
        assert b"Traceback" not in errors
    kept = len(measured(path))
    assert kept >= 1
    found = costmodel(*arguments, "0.01", "--json").json
    assert found["kept"] == kept
    assert set(Counter(map(key, measured(path))).values()) == {1}
    assert json.dumps(found)


def test_a_runtime_that_is_not_installed_leaves_no_file(
    costmodel: Run, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = MappingProxyType({"absent": Runtime("absent", ("a_package_that_is_not_there",), "measure")})
    monkeypatch.setattr(runners, "RUNTIMES", missing)
    done = costmodel("measure", "lenet_5", "--runtime", "absent", "-o", path)
    assert (done.status, done.output) == (1, "")
    assert "pip install 'costmodel[measure]'" in done.errors
    assert not Path(path).exists()


def test_a_device_of_spaces_is_no_name(costmodel: Run, path: str) -> None:
    costmodel("measure", "lenet_5", "--runtime", "onnxruntime", "-o", path, "--device", "  ", *QUICK)
    (row,) = read_measurements(path).rows
    assert dict(row.setup)["device"]
