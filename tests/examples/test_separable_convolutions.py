"""Document 000's experiment: its models, and its tables and plots of a measurement file."""

from __future__ import annotations

import csv
import json
import re
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from costmodel import zoo
from costmodel.calibration import Row, finder, read_measurements
from tests.conftest import ROOT
from tests.examples.running import cells, run

STORED = ROOT / "docs/separable-convolutions/times.csv"
TYPES = {
    "conv2d": "normal",
    "spatially_separable_conv2d": "spatially_separable",
    "depthwise_separable_conv2d": "depthwise_separable",
    "depthwise_spatially_separable_conv2d": "depthwise_spatially_separable",
}
SECONDS_PER_MAC = 1e-11


def document(kind: str, f: int, d_in: int, d_out: int, h_out: int, w_out: int) -> int:
    """Multiplications as document 000 prints them; its fourth formula lacks d_in, and prints f - 1 of f = 3 as 2."""
    return {
        "conv2d": f * f * d_in * h_out * w_out * d_out,
        "spatially_separable_conv2d": f * d_in * h_out * (w_out + f - 1) * d_out + f * h_out * w_out * d_out,
        "depthwise_separable_conv2d": f * f * d_in * h_out * w_out + d_in * h_out * w_out * d_out,
        "depthwise_spatially_separable_conv2d": d_in * (f * h_out * (w_out + f - 1) + f * h_out * w_out)
        + d_in * h_out * w_out * d_out,
    }[kind]


def stacks() -> Iterator[tuple[Row, dict[str, object], str]]:
    """The rows of stacks of convolutions: each with its first convolution, and its activation."""
    for row in read_measurements(STORED).rows:
        if row.cells["layer"]:
            convolution, activation, *_ = json.loads(row.cells["layer"])
            yield row, convolution, activation["kind"]


def test_counts_of_the_models_are_the_documents() -> None:
    find, counted = finder(), 0
    for row, convolution, _ in stacks():
        if "padding" in convolution:
            continue
        kind, f, channels = str(convolution["kind"]), int(str(convolution["kernel"])), convolution["out_channels"]
        sizes, depths = [64 - step * (f - 1) for step in range(1, 5)], [3, *[channels] * 4]
        expected = sum(
            document(kind, f, int(str(d_in)), int(str(d_out)), size, size)
            for d_in, d_out, size in zip(depths, depths[1:], sizes, strict=False)
        )
        assert find(row).cost().macs == expected
        counted += 1
    assert counted == 2 * 4 * (3 + 3 + 1)


def test_the_twelve_are_those_of_the_zoo() -> None:
    """Three activations of each type, with as many channels as the zoo's."""
    find, seen = finder(), set()
    for row, convolution, activation in stacks():
        if (convolution["out_channels"], convolution["kernel"], "padding" in convolution) == (32, 3, False):
            model = zoo.find("document_000")(convolution=TYPES[str(convolution["kind"])], activation=activation)
            assert find(row).cost().ledger == model.cost().ledger
            assert find(row).cost().params == model.cost().params
            seen.add((convolution["kind"], activation))
    assert len(seen) == 12


def test_padded_stacks_differ_by_the_area_alone() -> None:
    find = finder()
    areas = {
        int(str(convolution["kernel"])) ** 2: find(row).cost().macs
        for row, convolution, _ in stacks()
        if convolution["kind"] == "conv2d" and ("padding" in convolution or convolution["kernel"] == 1)
    }
    assert set(areas) == {kernel**2 for kernel in range(1, 10)}
    assert areas == {area: area * 64 * 64 * (3 * 32 + 3 * 32 * 32) for area in areas}


def test_what_is_measured_is_named_once_and_found_again() -> None:
    measured = import_module("examples.separable_convolutions")
    works = list(measured.works())
    named = {measured.key(work.cells) for work in works}
    assert len(named) == len(works) == 4 * (3 + 3 + 9) + len(measured.OTHERS)
    stored = {measured.key({**row, "device": "", "runtime": "", "version": "", "threads": "", "precision": ""})
              for row in cells(STORED)}  # fmt: skip
    assert stored == named


def test_least_time_of_passes_is_without_what_others_did() -> None:
    """The shortest run of any pass, or the processor's time where another process was in every run."""
    measured = import_module("examples.separable_convolutions")
    row = dict.fromkeys(measured.COLUMNS, "") | {"network": "a"}
    quiet = row | {"latency_min_ms": "2.5", "processor_ms": "2.6", "load": "0.1"}
    busy = row | {"latency_min_ms": "5", "processor_ms": "2.75", "load": "9"}
    assert [(each["latency_ms"], each["passes_ms"], each["load"]) for each in measured.least([[busy], [quiet]])] == [
        ("2.5", "2.75 2.5", "0.1")
    ]


@pytest.fixture(scope="module")
def by_the_counts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Times of a machine on which every multiply-accumulate takes equally long, and nothing else takes any."""
    target, find = tmp_path_factory.mktemp("times") / "times.csv", finder()
    with target.open("w", encoding="utf-8", newline="") as stream:
        rows = read_measurements(STORED).rows
        writer = csv.DictWriter(stream, rows[0].cells)
        writer.writeheader()
        for row in rows:
            made_up = 1e3 * SECONDS_PER_MAC * find(row).cost().macs
            writer.writerow({**row.cells, "latency_ms": repr(made_up)})
    return target


def table_rows(text: str, head: str) -> list[list[str]]:
    """The cells of the tables whose heads begin so."""
    tables = [table for table in text.split("\n\n") if table.startswith(f"| {head}")]
    return [line.strip("| ").split(" | ") for table in tables for line in table.strip().split("\n")[2:]]


def test_tables_say_what_follows_from_the_times(by_the_counts: Path) -> None:
    text = run("separable_convolutions_report.py", by_the_counts)
    twelve = table_rows(text, "convolutions | activation")
    assert len(twelve) == 2 * 12
    for row in twelve:
        assert row[3] == f"{1e3 * SECONDS_PER_MAC * int(row[2].replace(',', '')):.2f}"
        assert row[5] == row[7], "measured as by the counts"
    for row in table_rows(text, "convolutions | channels"):
        assert row[2] == row[3] == row[4]
    kernels = table_rows(text, "kernel | MACs")
    assert [row[0] for row in kernels] == [f"{size}x{size}" for size in range(1, 10)]
    assert all(re.fullmatch(r"[+-]0\.0%", cell) for row in kernels[2:] for cell in (row[4], row[7]))
    lines = table_rows(text, "convolutions | runtime")
    straight = {row[0] for row in lines if row[5] == "1.0000" and row[6] == "0.0%"}
    assert straight == {"regular", "depthwise separable"}, "two 1 x k steps grow with k, not with its square"
    per_element = 1e6 * SECONDS_PER_MAC * 64 * 64 * (3 * 32 + 3 * 32 * 32)
    assert {tuple(row[3:5]) for row in lines if row[0] == "regular"} <= {
        (zero, f"{per_element:.1f}") for zero in ("0", "-0")
    }


def test_plots_have_their_labels(by_the_counts: Path, tmp_path: Path) -> None:
    run("separable_convolutions_plots.py", by_the_counts, tmp_path)
    for name, labels in {
        "twelve": ("time of a network, ms", "elu", "relu", "tanh", "predicted, 90 %"),
        "channels": ("times faster than regular convolutions", "channels", "by multiply-accumulates"),
        "kernels": ("time of a network, ms", "time for an element of the kernel, us", "ncnn, line from 3x3 on"),
    }.items():
        drawn = (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
        assert [label for label in labels if f">{label}<" not in drawn] == []


@pytest.mark.parametrize("script", ["separable_convolutions_report.py", "separable_convolutions_plots.py"])
def test_file_without_measurements_is_refused_in_a_sentence(script: str, tmp_path: Path) -> None:
    broken = tmp_path / "times.csv"
    broken.write_text("device,network\n", encoding="utf-8")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        run(script, broken, *([tmp_path] if "plots" in script else []))
    assert refused.value.stderr == (
        "times.csv lacks the column 'latency_ms' or 'latency_min_ms' (it has: device, network)\n"
    )
