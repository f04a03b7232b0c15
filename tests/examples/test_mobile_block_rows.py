"""Measured blocks of a MobileNetV3-style network as rows of a measurement file."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import pytest

from costmodel.calibration import finder, read_measurements
from tests.examples.running import cells, run


@pytest.fixture(scope="module")
def source(shared: Path) -> Path:
    return shared / "data/blocks/note10_blocks.csv"


def squeezed(channels: int) -> int:
    """A quarter, to the nearest multiple of 8, never below 90 %."""
    quarter = channels // 4
    rounded = max(8, (quarter + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * quarter else rounded


def by_hand(row: dict[str, str]) -> tuple[int, int]:
    """Multiply-accumulates and learnable parameters of what a row describes, written out."""
    c_i, h_i, w_i, c_o, h_o, w_o = (
        int(row[name]) for name in ("input_c", "input_h", "input_w", "output_c", "output_h", "output_w")
    )
    if row["block"] != "expanded_conv":
        return {
            "Conv": (9 * c_i * c_o * h_o * w_o, 9 * c_i * c_o + 2 * c_o),
            "Conv_1": (c_i * c_o * h_o * w_o, c_i * c_o + 2 * c_o),
            "AvgPool2D": (0, 0),
            "Conv_2": (c_i * c_o, c_i * c_o),
            "Logits": (c_i * c_o, c_i * c_o + c_o),
        }[row["block"]]
    e, k = int(row["mid_channels"]), int(row["kernel"])
    macs, params = k * k * e * h_o * w_o + e * c_o * h_o * w_o, k * k * e + 2 * e + e * c_o + 2 * c_o
    if e != c_i:
        macs, params = macs + c_i * e * h_i * w_i, params + c_i * e + 2 * e
    if row["se"] == "1":
        s = squeezed(e)
        macs, params = macs + 2 * e * s, params + 2 * e * s + s + e
    return macs, params


def test_every_row_becomes_its_block(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "rows.csv"
    assert run("mobile_block_rows.py", source, target) == f"480 blocks written to {target}\n"
    measured = cells(source)
    found = read_measurements(target).rows
    find = finder()
    assert len(found) == len(measured)
    for row, given in zip(found, measured, strict=True):
        network = find(row)
        assert (network.cost().macs, network.cost().params) == by_hand(given), given["key"]
        assert ("add" in {node.name for node in network.nodes}) == (given["skip"] == "1")
        assert any(node.layer.kind == "hard_swish" for node in network.nodes) == (
            given["hswish"] == "1" or is_head(given)
        )
        assert {name: row.cells[name] for name in given} == given


def is_head(row: dict[str, str]) -> bool:
    """The stem and the layers at the end: their activation is hard swish in all networks of the family."""
    return row["block"] in {"Conv", "Conv_1", "Conv_2"}


def test_row_that_contradicts_itself_is_refused(source: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    with broken.open("w", encoding="utf-8", newline="") as stream:
        row = cells(source)[0] | {"output_h": "99"}
        writer = csv.DictWriter(stream, row)
        writer.writeheader()
        writer.writerow(row)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        run("mobile_block_rows.py", broken, tmp_path / "rows.csv")
    assert "must have the shape that its row says" in refused.value.stderr
