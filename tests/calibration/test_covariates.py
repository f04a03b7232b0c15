"""What a setup says of its device before anything is measured on it."""

from __future__ import annotations

import math

import pytest

from costmodel.calibration.covariates import COVARIATES, covariates, processor
from costmodel.calibration.measurements import Setup

RK3399 = "Rockchip RK3399 (Cortex-A72 1.8GHz x 2 + Cortex-A53 1.5GHz x 4)"


def setup(device: str, **columns: str) -> Setup:
    return (("device", device), *columns.items())


def said(of: Setup) -> dict[str, float]:
    return dict(zip(COVARIATES[processor(of)], covariates(of), strict=True))


@pytest.mark.parametrize(
    ("powersave", "peak", "out_of_order"), [("0", 1.8e9 * 4, 1.0), ("2", 1.8e9 * 4, 1.0), ("1", 1.5e9 * 4, 0.0)]
)
def test_is_said_of_the_cores_that_are_used(powersave: str, peak: float, out_of_order: float) -> None:
    """Cortex-A72 and Cortex-A53: four float32 multiply-accumulates a cycle; ncnn's powersave 1 is little, 2 big."""
    found = said(setup(RK3399, powersave=powersave))
    assert found["log2_peak"] == pytest.approx(math.log2(peak / 16e9))
    assert found["out_of_order"] == out_of_order


@pytest.mark.parametrize(("threads", "beyond"), [("1", 0.0), ("2", 0.0), ("4", 1.0)])
def test_threads_beyond_the_cores(threads: str, beyond: float) -> None:
    assert said(setup(RK3399, powersave="2", threads=threads))["log2_threads_beyond_cores"] == beyond


@pytest.mark.parametrize(
    ("core", "precision", "narrow"),
    [
        ("Cortex-A72", "default_float", 0.0),
        ("Cortex-A76", "default_float", 1.0),
        ("Cortex-A76", "fp32", 0.0),
        ("Cortex-A76", "int8", 1.0),
        ("Cortex-A53", "int8", 0.0),
    ],
)
def test_narrow_arithmetic_is_that_which_the_precision_uses(core: str, precision: str, narrow: float) -> None:
    """Armv8.2 has float16 arithmetic and dot products: Cortex-A76, and none before it."""
    assert said(setup(f"{core} 2GHz x 4", precision=precision))["narrow_arithmetic"] == narrow


def test_gpu_is_known_by_its_own_name_or_by_the_device_s() -> None:
    by_name = said(setup("a desktop", backend="vulkan", gpu_name="AMD Radeon RX 6900 XT"))
    assert by_name == said(setup("AMD Radeon RX 6900 XT of a desktop", backend="vulkan")) == {"one": 1, "discrete": 1}
    assert math.isnan(said(setup("a board", backend="vulkan"))["discrete"])


def test_nothing_is_guessed() -> None:
    found = said(setup("a board", threads="2"))
    assert [name for name, value in found.items() if math.isnan(value)] == [
        "log2_threads_beyond_cores", "log2_peak", "narrow_arithmetic", "out_of_order",
    ]  # fmt: skip
