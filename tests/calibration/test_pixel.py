"""Published times of two phones: the errors on networks left out, and the profile that is shipped."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from costmodel import zoo
from costmodel.calibration import (
    CalibratedDevice,
    Evaluation,
    Measurements,
    calibrate,
    calibrated_latency,
    evaluate,
    read_measurements,
)
from costmodel.hardware import find_profile

PIXEL_1 = {"device": "Google Pixel 1"}
PIXEL_3_FLOAT = {"device": "Google Pixel 3 (Android 10)", "precision": "fp32"}
PIXEL_3_UINT8 = {"device": "Google Pixel 3 (Android 10)", "precision": "uint8"}


@pytest.fixture(scope="module")
def published(shared: Path) -> Measurements:
    return read_measurements(shared / "data" / "pixel" / "measurements.csv")


def central_range(n: int, p: float, inside: float = 0.95) -> tuple[int, int]:
    """The counts that a binomial leaves at most (1 - inside) / 2 below, and as much above."""
    mass = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    tail = (1 - inside) / 2
    low = next(k for k in range(n + 1) if sum(mass[: k + 1]) > tail)
    high = next(k for k in range(n, -1, -1) if sum(mass[k:]) > tail)
    return low, high


def test_central_range_is_that_of_the_tables() -> None:
    assert central_range(22, 0.9) == (17, 22)
    assert central_range(10, 0.5) == (2, 8)


@pytest.fixture(scope="module")
def pixel_1(published: Measurements) -> CalibratedDevice:
    return calibrate(published, setup=PIXEL_1)


@pytest.fixture(scope="module")
def evaluation(pixel_1: CalibratedDevice) -> Evaluation:
    assert pixel_1.by_network is not None
    return pixel_1.by_network


class TestPixel1:
    """22 MobileNetV2 times on one large core, float; leaving one network out."""

    def test_error_is_at_most_4_percent(self, evaluation: Evaluation) -> None:
        assert evaluation.n == 22
        assert evaluation.mape <= 0.04

    def test_interval_covers_as_often_as_it_says(self, evaluation: Evaluation) -> None:
        assert evaluation.interval_coverage is not None
        low, high = central_range(22, 0.9)
        assert low <= round(22 * evaluation.interval_coverage) <= high

    def test_baselines_are_beaten(self, evaluation: Evaluation) -> None:
        assert evaluation.mape < 0.6 * evaluation.baselines["affine"].mape
        assert evaluation.mape < 0.4 * evaluation.baselines["flops"].mape

    @pytest.mark.parametrize("leave_out", ["column:width", "column:resolution"])
    def test_whole_widths_and_resolutions_are_predicted_too(self, published: Measurements, leave_out: str) -> None:
        assert evaluate(published.only(PIXEL_1), leave_out=leave_out).mape <= 0.055


@pytest.mark.parametrize(("setup", "mape", "affine"), [(PIXEL_3_FLOAT, 0.04, 0.07), (PIXEL_3_UINT8, 0.055, 0.1)])
def test_pixel_3_with_the_same_terms(
    published: Measurements, setup: dict[str, str], mape: float, affine: float
) -> None:
    evaluation = evaluate(published.only(setup))
    assert evaluation.n == 16
    assert evaluation.mape <= mape
    assert evaluation.baselines["affine"].mape >= affine


class TestShippedProfile:
    """pixel-1 is what the published times give."""

    def test_is_this_fit(self, pixel_1: CalibratedDevice) -> None:
        shipped = find_profile("pixel-1").calibration
        made = pixel_1.calibration("2026-11-23")
        assert shipped is not None
        assert (shipped.model, shipped.unseen, shipped.provenance.setup) == (
            made.model,
            made.unseen,
            made.provenance.setup,
        )
        assert shipped.provenance.sha256 == made.provenance.sha256
        assert {name: each.value for name, each in shipped.terms.items()} == pytest.approx(
            {name: each.value for name, each in made.terms.items()}, rel=1e-4
        )
        assert shipped.errors == pytest.approx(made.errors, rel=1e-3)
        assert shipped.residual_quantiles[1].log_ratio == pytest.approx(made.residual_quantiles[1].log_ratio, rel=1e-3)

    def test_predicts_a_network_of_another_family(self) -> None:
        """MobileNet v1 takes 113 ms on this phone: Sandler et al., MobileNetV2, arXiv 1801.04381, table 4."""
        latency = calibrated_latency(zoo.mobilenet_v1(), "pixel-1")
        assert latency.interval == 0.9
        assert latency.low_s < 0.113 < latency.high_s
