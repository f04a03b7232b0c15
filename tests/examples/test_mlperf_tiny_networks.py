"""The networks of MLPerf Tiny, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from costmodel.calibration import finder, parse_measurements
from costmodel.network.files import read_network
from tests.examples.running import run

DENSE = 640 * 128 + 3 * 128 * 128 + 128 * 8 + 8 * 128 + 3 * 128 * 128 + 128 * 640
RESNET = (
    32 * 32 * 9 * (3 * 16 + 2 * 16 * 16)
    + 16 * 16 * (9 * (16 * 32 + 32 * 32) + 16 * 32)
    + 8 * 8 * (9 * (32 * 64 + 64 * 64) + 32 * 64)
    + 64 * 10
)
DS_CNN = 25 * 5 * (40 * 64 + 4 * (9 * 64 + 64 * 64)) + 64 * 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("networks")
    assert len(run("mlperf_tiny_networks.py", made).splitlines()) == 4
    return made


@pytest.mark.parametrize(
    ("name", "macs"),
    [("ad01", DENSE), ("ic01", RESNET), ("kws01", DS_CNN), ("vww01", 7_489_664)],
)
def test_macs_are_those_of_the_sums(folder: Path, name: str, macs: int) -> None:
    """That of MobileNet v1 is the zoo's, whose totals are those of its paper's tables."""
    assert read_network(folder / f"{name}.json").cost().macs == macs


def test_parameters_are_those_of_the_reference_model(folder: Path) -> None:
    """Keras prints of the keyword spotting model: 24,908 parameters, of them 23,756 trainable (mlcommons/tiny)."""
    cost = read_network(folder / "kws01.json").cost()
    assert (cost.params, cost.params + cost.buffers) == (23_756, 24_908)


def test_rows_of_the_benchmark_find_them(folder: Path) -> None:
    rows = parse_measurements(b"device,network,latency_ms\nboard,ic01,50\nboard,vww01,90\n").rows
    assert [finder(folder)(row).name for row in rows] == ["ic01", "vww01"]
