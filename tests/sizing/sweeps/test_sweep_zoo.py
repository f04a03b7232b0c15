"""Sweeps of real families: each row is what building that network counts and predicts."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.dataset as ds
import pytest

import costmodel as cm
from costmodel.errors import FileFormatError, SizingError

WIDTHS = {"width": "0.25:1.4:0.05", "resolution": "96:256:32"}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("workers", [1, 2])
def test_rows_are_what_building_each_network_counts(tmp_path: Path, workers: int) -> None:
    path = tmp_path / "rows.csv"
    found = cm.sweep("mobilenet_v1", WIDTHS, ["macs", "params"], output=path, workers=workers, block=50)
    rows = read(path)
    assert len(rows) == found.rows == 24 * 6
    assert [row["width"] for row in rows[::6]] == [f"{each / 100:g}" for each in range(25, 141, 5)]
    for row in rows[::7]:
        network = cm.zoo.mobilenet_v1(width=row["width"], resolution=int(row["resolution"]))
        assert (row["macs"], row["params"]) == (str(network.cost().macs), str(network.cost().params))


def test_latencies_are_those_that_are_predicted(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    cm.sweep("mobilenet_v1", WIDTHS, ["latency_s"], device="pixel-1", output=path)
    for row in read(path)[::29]:
        network = cm.zoo.mobilenet_v1(width=row["width"], resolution=int(row["resolution"]))
        assert float(row["latency_s"]) == pytest.approx(network.latency("pixel-1").latency_s, rel=1e-12)


def test_a_depth_chooses_between_networks(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    cm.sweep("resnet", {"resolution": [128, 224], "depth": [18, 50]}, ["macs"], output=path)
    rows = ds.dataset(path).to_table().to_pylist()
    assert [(row["depth"], row["resolution"]) for row in rows] == [(18, 128), (18, 224), (50, 128), (50, 224)]
    for row in rows:
        assert row["macs"] == cm.zoo.resnet(depth=row["depth"], resolution=row["resolution"]).cost().macs


def test_what_cannot_be_built_is_left_out_and_the_first_told_why(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    found = cm.sweep("alexnet", {"resolution": "1:100"}, ["macs"], output=path)
    assert (found.rows, found.left_out, found.first_left_out) == (38, 62, {"resolution": 1})
    assert found.reason is not None
    assert found.reason in refusal(1)
    assert read(path)[0]["resolution"] == "63"
    assert refusal(62)
    assert str(cm.zoo.alexnet(resolution=63).cost().macs) == read(path)[0]["macs"]


def refusal(resolution: int) -> str:
    with pytest.raises(cm.CostModelError) as raised:
        cm.zoo.alexnet(resolution=resolution)
    return str(raised.value)


def test_a_score_is_an_expression_of_parameters_and_costs() -> None:
    found = cm.sweep("mobilenet_v1", WIDTHS, ["macs"], scores={"score": "width*resolution - macs/10**9"})
    table = {name: column.tolist() for name, column in found.table.items()}
    for width, resolution, macs, score in zip(*table.values(), strict=True):
        assert score == pytest.approx(width * resolution - macs / 1e9, rel=1e-12)


def test_a_score_that_divides_by_zero_is_infinite_there(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    scores = {"pole": "1/(width - 1/2)"}
    found = cm.sweep("mobilenet_v1", {"width": "0.25:1:0.25"}, ["macs"], scores=scores, output=path)
    assert [(row["width"], row["pole"]) for row in read(path)] == [
        ("0.25", "-4"), ("0.5", "inf"), ("0.75", "4"), ("1", "2"),
    ]  # fmt: skip
    assert found.rows == 4


def test_counts_beyond_the_exact_integers_have_an_exponent(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    cm.sweep("mobilenet_v1", {"batch": [1000, 2**31 - 1]}, ["macs"], output=path)
    small, large = (row["macs"] for row in read(path))
    macs = cm.zoo.mobilenet_v1().cost().macs
    assert small == str(1000 * macs)
    assert large == repr(float((2**31 - 1) * macs))
    assert "e+" in large


def test_the_manifest_says_how_another_sweep_differs(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    cm.sweep("mobilenet_v1", WIDTHS, output=path)
    with pytest.raises(FileFormatError, match=r"its width is 0\.25:1\.4:0\.05, and not 0\.25:1:0\.05"):
        cm.sweep("mobilenet_v1", WIDTHS | {"width": "0.25:1:0.05"}, output=path)
    with pytest.raises(FileFormatError, match=r"its network is mobilenet_v1, and not mobilenet_v2"):
        cm.sweep("mobilenet_v2", WIDTHS, output=path)
    with pytest.raises(FileFormatError, match=r"its device is nothing, and not pixel-1"):
        cm.sweep("mobilenet_v1", WIDTHS, ["latency_s"], device="pixel-1", output=path)


def test_the_same_values_in_other_words_are_the_same_sweep(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    first = cm.sweep("mobilenet_v1", {"resolution": "96:160:32"}, output=path)
    assert cm.sweep("mobilenet_v1", {"resolution": range(96, 161, 32)}, output=path).resumed == first.rows


def test_a_billion_rows_without_a_file_are_refused_at_once() -> None:
    with pytest.raises(SizingError, match=r"a sweep of 1,000,000,000 configurations is more than memory is for"):
        cm.sweep("mobilenet_v1", {"width": "1e-7:1:1e-7", "resolution": "96:195"})


def test_a_sweep_asks_for_something() -> None:
    with pytest.raises(SizingError, match="'costs' must name at least one cost"):
        cm.sweep("mobilenet_v1", WIDTHS, [])
