"""Measured linear layers as rows of a measurement file."""

from __future__ import annotations

import re
from math import ceil
from pathlib import Path

import pytest

from costmodel.calibration import finder, read_measurements
from tests.examples.running import cells, run

FMA_PER_S = {"Tesla T4": 64 * 1.59e9, "Tesla V100-PCIE-32GB": 64 * 1.38e9}
"""64 fused multiply-adds a clock in a multiprocessor, at the boost clock (NVIDIA, Turing and Volta white papers)."""

PROCESSORS = {"Tesla T4": 40, "Tesla V100-PCIE-32GB": 80}
"""Multiprocessors (the same white papers)."""


@pytest.fixture(scope="module")
def source(shared: Path) -> Path:
    return shared / "data/kernels/gpu_linear.csv"


def test_every_row_becomes_its_product(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "rows.csv"
    assert run("gpu_linear_rows.py", source, target) == f"3000 layers on 2 devices written to {target}\n"
    measured = cells(source)
    found = read_measurements(target).rows
    find = finder()
    assert len(found) == len(measured)
    for row, given in list(zip(found, measured, strict=True))[::50]:
        b, m, n, k = (int(given[name]) for name in "bmnk")
        cost = find(row).cost()
        assert cost.macs == b * m * n * k
        assert cost.params == n * k + k
        assert row.latency_s == pytest.approx(float(given["latency_ms"]) / 1000)
        assert row.cells["kernel"] == given["kernel"]


def least_s(row: dict[str, str], features: str, depth: str) -> float:
    """The shortest time of a product whose tiles are those that cuBLAS names: waves of tiles, each of full depth.

    volta_sgemm_AxB computes tiles of A outputs by B rows: cuBLAS orders by columns, so the outputs come first.
    """
    tile = re.search(r"(\d+)x(\d+)", row["kernel"])
    assert tile
    high, wide = int(tile[1]), int(tile[2])
    tiles = ceil(int(row[features]) / high) * ceil(int(row["m"]) / wide)
    waves = ceil(tiles / PROCESSORS[row["device"]])
    return waves * high * wide * int(row[depth]) / FMA_PER_S[row["device"]]


def test_k_is_the_output(source: Path) -> None:
    """Were n the output, far more times would be shorter than the processors can be without splitting the depth."""
    rows = cells(source)

    def impossible(features: str, depth: str) -> int:
        return sum(least_s(row, features, depth) > 1.5 * float(row["latency_ms"]) / 1000 for row in rows)

    assert impossible("n", "k") > 2 * impossible("k", "n")
