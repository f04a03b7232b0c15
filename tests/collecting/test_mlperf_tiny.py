"""What the runner of MLPerf Tiny prints, by its source (`benchmark/runner/script.py` of mlcommons/tiny)."""

from __future__ import annotations

import pytest

from costmodel.collecting import Source, collect
from tests.collecting.reading import found

FOLDERS = ("performance", "kws", "board_1", "results", "Someone")
"""Of a submission, from the innermost: mode, benchmark, system."""


def window(number: int, throughput: float) -> str:
    return (
        f"0214.122142 ulp-mlperf: Performance results for window {number}:\n"
        f"0214.122142 ulp-mlperf:   # Inferences : {100:>13}\n"
        f"0214.122142 ulp-mlperf:   Throughput   : {throughput:>10.3f} inf./sec.\n"
    )


WINDOWS = "".join(window(number, throughput) for number, throughput in enumerate([40, 50, 39, 41, 60], start=1))
MEDIAN = "0214.122142 ulp-mlperf: Median throughput is     40.000 inf./sec.\n"
ENERGY = "0214.122142 ulp-ml: Median energy cost is   1234.500 uJ/inf.\n"


def test_time_is_the_inverse_of_the_median_throughput() -> None:
    (row,), skipped = found("mlperf-tiny", WINDOWS + MEDIAN, *FOLDERS)
    assert not skipped
    assert row == {
        "device": "board_1", "batch": "1", "network": "kws01", "latency_ms": "25", "run_id": "performance",
    }  # fmt: skip


def test_median_of_the_windows_stands_in_for_one_that_is_not_printed() -> None:
    (row,), _ = found("mlperf-tiny", WINDOWS, *FOLDERS)
    assert row["latency_ms"] == f"{1000 / 41:.9g}"


def test_energy_is_a_column_of_its_own() -> None:
    (row,), _ = found("mlperf-tiny", MEDIAN + ENERGY, "energy", *FOLDERS[1:])
    assert (row["energy_mj"], row["run_id"], row["latency_ms"]) == ("1.2345", "energy", "25")


def test_energy_is_kept_and_part_of_no_setup() -> None:
    source = Source("results.txt", ("energy", *FOLDERS[1:]), MEDIAN + ENERGY)
    with_energy = collect([source])
    assert "energy_mj" in with_energy.text.partition("\n")[0].split(",")
    (row,) = with_energy.measurements.rows
    assert "energy_mj" not in dict(row.setup)
    assert row.latency_s == 0.025


def test_model_and_name_that_the_device_tells_are_taken() -> None:
    (row,), _ = found("mlperf-tiny", "m-name-dut-[My board]\nm-model-[vww01]\n" + MEDIAN)
    assert (row["device"], row["network"]) == ("My board", "vww01")


def test_folder_is_a_system_only_in_a_submission() -> None:
    (row,), _ = found("mlperf-tiny", MEDIAN, "performance", "kws", "downloads", "home")
    assert (row["device"], row["network"]) == ("", "kws01")


@pytest.mark.parametrize(
    ("text", "mode", "reason"),
    [
        (MEDIAN, "accuracy", "measures no time"),
        ("ulp-mlperf: Top-1: 90.0%", "performance", "no line 'Median throughput is"),
        (MEDIAN + MEDIAN.replace("40.0", "41.0"), "performance", "2 different values of a median throughput"),
        (MEDIAN.replace("40.000", "0.000"), "performance", "must be a positive number"),
        (MEDIAN.replace("40.000", "4e-9e"), "performance", "must be a positive number"),
    ],
)
def test_what_cannot_be_read_is_listed(text: str, mode: str, reason: str) -> None:
    rows, (skipped,) = found("mlperf-tiny", text, mode, *FOLDERS[1:])
    assert not rows
    assert reason in skipped.reason
