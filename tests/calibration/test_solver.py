"""The estimator: its minimum, its bounds, and how little outliers move it."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import least_squares

from costmodel.calibration.solver import SMALLEST_SCALE, Vector, fit_nonnegative, student_t
from costmodel.errors import MissingExtraError
from tests.calibration.tables import TRUTH, amounts, times


def matrix(seed: int, count: int) -> tuple[Vector, Vector]:
    columns = amounts(seed, count)
    return np.column_stack(list(columns.values())), times(columns)


def relative_errors(found: Vector) -> Vector:
    errors: Vector = np.abs(found / list(TRUTH.values()) - 1)
    return errors


@given(st.integers(0, 10_000), st.integers(4, 40))
def test_exact_times_give_the_coefficients_back(seed: int, count: int) -> None:
    x, t = matrix(seed, count)
    assert np.allclose(x @ fit_nonnegative(x, t), t, rtol=1e-5)
    if count >= 12:
        assert relative_errors(fit_nonnegative(x, t)).max() < 1e-3


@given(st.integers(0, 10_000))
def test_units_of_features_and_times_only_scale_coefficients(seed: int) -> None:
    x, t = matrix(seed, 15)
    noisy = t * np.exp(np.random.default_rng(seed).normal(0, 0.1, 15))
    scaled = fit_nonnegative(x * [1e-6, 1.0, 1e3, 8.0], 1e3 * noisy) / [1e6, 1.0, 1e-3, 1 / 8]
    assert np.allclose(scaled, 1e3 * fit_nonnegative(x, noisy), rtol=1e-3, atol=1e-14)


@given(st.integers(0, 10_000))
def test_minimum_is_that_of_a_general_solver(seed: int) -> None:
    x, t = matrix(seed, 20)
    noisy = t * np.exp(np.random.default_rng(seed).normal(0, 0.01, 20))
    found = fit_nonnegative(x, noisy)
    scale = max(SMALLEST_SCALE, 1.4826 * np.sort(np.abs(np.log(x @ found / noisy)))[10])
    unit = x.max(axis=0)

    def residuals(b: Vector) -> Vector:
        logs: Vector = np.log(x / unit @ b / noisy) / scale
        return logs

    general = least_squares(
        residuals, unit * list(TRUTH.values()), bounds=(0, np.inf), loss="soft_l1", xtol=1e-12, ftol=1e-12
    )
    ours = np.sum(np.sqrt(1 + residuals(found * unit) ** 2) - 1)
    assert ours <= general.cost * (1 + 1e-4) + 1e-9


class TestOutliers:
    """A timer stopped early, a thermal throttle: a few wrong times do little, in both directions."""

    WRONG = ([10.0] * 4, [0.1] * 4, [5.0, 8.0, 0.2, 0.1])

    @pytest.mark.parametrize("factors", WRONG)
    @pytest.mark.parametrize("seed", range(10))
    def test_move_predictions_little(self, seed: int, factors: list[float]) -> None:
        x, t = matrix(seed, 24)
        wrong = t * np.exp(np.random.default_rng(seed).normal(0, 0.01, 24))
        wrong[:4] *= factors
        assert np.mean(np.abs(x @ fit_nonnegative(x, wrong) / t - 1)) < 0.04

    @pytest.mark.parametrize("factors", WRONG[1:])
    def test_ruin_relative_least_squares(self, factors: list[float]) -> None:
        x, t = matrix(0, 24)
        wrong = t.copy()
        wrong[:4] *= factors
        plain = np.linalg.lstsq(x / wrong[:, None], np.ones(24), rcond=None)[0]
        assert np.mean(np.abs(x @ plain / t - 1)) > 0.2


class TestBounds:
    """Coefficients are not negative, and those at the bound are exactly 0."""

    def test_useless_feature_gets_nothing(self) -> None:
        x, t = matrix(1, 20)
        shrinking = np.column_stack([x, x[:, 0].max() - x[:, 0]])
        found = fit_nonnegative(shrinking, t * (x[:, 0] / x[:, 0].max()) ** 0.3)
        assert found.min() >= 0
        assert (found == 0).any()

    def test_absent_feature_gets_nothing(self) -> None:
        x, t = matrix(1, 20)
        assert fit_nonnegative(np.column_stack([x, np.zeros(20)]), t)[-1] == 0

    def test_row_with_a_rare_feature_alone_is_still_predicted(self) -> None:
        x = np.array([[1.0, 0.0], [2.0, 0.0], [4.0, 0.0], [0.0, 1.0]])
        assert fit_nonnegative(x, np.array([1.0, 2.0, 4.0, 7.0])) == pytest.approx([1.0, 7.0], rel=1e-4)

    def test_start_that_predicts_nothing_is_not_used(self) -> None:
        x, t = matrix(2, 20)
        assert fit_nonnegative(x, t, np.zeros(4)) == pytest.approx(list(TRUTH.values()), rel=1e-3)


class TestStudentT:
    """Quantiles from printed tables."""

    @pytest.mark.parametrize(("degrees", "quantile"), [(1, 6.314), (10, 1.812), (120, 1.658)])
    def test_matches_the_tables(self, degrees: int, quantile: float) -> None:
        assert student_t(0.95, degrees) == pytest.approx(quantile, abs=5e-4)


@pytest.mark.parametrize("module", ["scipy.optimize", "scipy.special"])
def test_missing_scipy_names_the_extra(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"scipy is not installed.*costmodel\[calibrate\]"):
        fit_nonnegative(*matrix(0, 8)) if module == "scipy.optimize" else student_t(0.95, 3)
