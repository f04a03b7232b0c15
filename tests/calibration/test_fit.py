"""Fits: known coefficients come back, doubt is as large as it should be, and nothing is invented."""

from __future__ import annotations

import numpy as np
import pytest

from costmodel.calibration import Fit, Row, fit
from costmodel.calibration.intervals import conformal_quantile, own_scale, reach
from costmodel.calibration.prior import Prior, Tail, weak_prior
from costmodel.calibration.table import Table
from costmodel.calibration.terms import TERMS, term
from costmodel.errors import CalibrationError
from tests.calibration.tables import FOUR, TRUTH, amounts, measured, table, times


def values(fitted: Fit) -> dict[str, float]:
    return {each.term.name: each.value for each in fitted.coefficients}


class TestCoefficients:
    """Coefficients of made-up times are those that the times were made of."""

    def test_come_back(self) -> None:
        assert values(fit(measured(3, 24), FOUR)) == pytest.approx(TRUTH, rel=0.02)

    def test_are_positive_and_have_units(self) -> None:
        fitted = fit(measured(3, 24, noise=0.3))
        assert [each.term.unit for each in fitted.coefficients] == [each.unit for each in TERMS]
        assert all(0 < each.low <= each.value <= each.high for each in fitted.coefficients)

    def test_intervals_hold_the_truth_as_often_as_they_say(self) -> None:
        held = []
        for seed in range(40):
            table_ = measured(seed, 15, noise=0.02)
            known = weak_prior(table_, FOUR)._replace(noise=0.02)
            found = fit(table_, FOUR, prior=known).coefficients
            held += [each.low <= TRUTH[each.term.name] <= each.high for each in found]
        assert 0.83 <= np.mean(held) <= 0.97

    def test_term_that_nothing_has_is_named_and_in_great_doubt(self) -> None:
        fitted = fit(measured(3, 24))
        assert {each.name for each in fitted.unseen} == {each.name for each in TERMS} - TRUTH.keys()
        doubt = {each.term.name: each.high / each.low for each in fitted.coefficients}
        assert min(doubt[each.name] for each in fitted.unseen) > 100 * doubt["macs"]

    def test_prior_is_all_that_is_known_without_measurements(self) -> None:
        nothing = measured(3, 4).take([False] * 4)
        known = Prior(FOUR, np.log(np.array(list(TRUTH.values()))), 0.01 * np.eye(4), 0.02)
        assert values(fit(nothing, prior=known)) == pytest.approx(TRUTH)


class TestPrediction:
    """Intervals hold what was left out, and what was never seen, as often as they say."""

    def test_of_a_new_network(self) -> None:
        fitted = fit(measured(3, 24), FOUR)
        new = amounts(99, 5)
        predicted = [
            fitted.predict({name: float(column[i]) for name, column in full(new).items()}).latency_s for i in range(5)
        ]
        assert predicted == pytest.approx(times(new).tolist(), rel=0.02)

    @pytest.mark.parametrize("normal", [True, False])
    def test_intervals_cover_new_networks(self, normal: bool) -> None:
        covered = []
        for seed in range(30):
            rng = np.random.default_rng(seed)
            columns = amounts(seed, 40)
            errors = 0.05 * (rng.normal(size=40) if normal else rng.standard_t(2, size=40))
            everything = table(times(columns) * np.exp(errors), columns)
            fitted = fit(everything.take(index < 20 for index in range(40)), FOUR)
            for index in range(20, 40):
                _, low_s, high_s = fitted.predict({name: float(c[index]) for name, c in everything.amounts.items()})
                assert low_s is not None
                assert high_s is not None
                covered.append(low_s <= everything.latencies_s[index] <= high_s)
        assert 0.87 <= np.mean(covered) <= 0.96

    def test_interval_is_wider_for_an_unlike_network(self) -> None:
        fitted = fit(measured(3, 24, noise=0.05))
        usual = {name: float(np.mean(column)) for name, column in fitted.table.amounts.items()}
        unlike = usual | {"kernels": 1e6}
        assert ratio(fitted, unlike) > 1.05 * ratio(fitted, usual)

    def test_eight_networks_are_too_few_for_an_interval(self) -> None:
        assert fit(measured(3, 9)).quantile is not None
        prediction = fit(measured(3, 8)).predict(dict.fromkeys(measured(3, 8).amounts, 1.0))
        assert (prediction.low_s, prediction.high_s) == (None, None)

    def test_interval_of_a_chosen_probability(self) -> None:
        narrow, wide = fit(measured(3, 24, noise=0.05), interval=0.5), fit(measured(3, 24, noise=0.05), interval=0.9)
        assert narrow.quantile is not None
        assert wide.quantile is not None
        assert narrow.quantile < wide.quantile

    def test_left_out_network_does_not_see_itself(self) -> None:
        whole = measured(3, 12, noise=0.05)
        changed = table(np.where(np.arange(12) == 5, 3 * whole.latencies_s, whole.latencies_s), amounts(3, 12))
        assert fit(changed).left_out_s[5] == pytest.approx(fit(whole).left_out_s[5], rel=1e-3)

    def test_residuals_are_of_logarithms(self) -> None:
        fitted = fit(measured(3, 24, noise=0.05))
        assert np.allclose(fitted.fitted_s * np.exp(fitted.residuals), fitted.table.latencies_s)


class TestRefusals:
    """What the measurements do not determine is refused, or left out and named."""

    def test_one_network(self) -> None:
        one = measured(1, 1)
        twice = Table(
            one.rows * 2,
            one.families * 2,
            np.tile(one.latencies_s, 2),
            {k: np.tile(v, 2) for k, v in one.amounts.items()},
        )
        for few in (one, twice):
            with pytest.raises(CalibrationError, match=r"measured times of at least 2 different networks \(got 1\)"):
                fit(few)

    def test_network_without_any_of_the_terms_tells_nothing(self) -> None:
        columns = amounts(1, 4) | {"macs": np.array([1e8, 2e8, 0.0, 3e8])}
        fitted = fit(table(np.array([0.01, 0.02, 7.0, 0.03]), columns), [term("macs")])
        assert values(fitted) == pytest.approx({"macs": 1e-10}, rel=1e-3)
        assert fitted.left_out_s[2] == 0

    @pytest.mark.parametrize("interval", [0.0, 1.0, -1.0, float("nan")])
    def test_interval_that_is_no_probability(self, interval: float) -> None:
        with pytest.raises(CalibrationError, match="'interval' must lie between 0 and 1"):
            fit(measured(1, 9), interval=interval)


class TestConformalQuantile:
    """The rank with the correction for a finite sample."""

    @pytest.mark.parametrize(("count", "rank"), [(9, 9), (19, 18), (22, 21), (99, 90)])
    def test_rank(self, count: int, rank: int) -> None:
        assert conformal_quantile(np.arange(1.0, count + 1), 0.9) == rank

    def test_too_few_or_infinite_scores_give_none(self) -> None:
        assert conformal_quantile(np.arange(8.0), 0.9) is None
        assert conformal_quantile(np.full(9, np.inf), 0.9) is None


class TestReach:
    """Intervals from what other devices have shown, scaled by the device's own scores."""

    TAIL = Tail(scale=0.1, networks=8.0, interval=0.9, quantiles=((0.0, 1.7), (18.0, 1.7)))

    def test_without_own_scores_is_the_usual_one(self) -> None:
        assert reach(np.array([]), self.TAIL, 0.9, 0.01) == pytest.approx(0.17)

    def test_of_a_noisy_device_is_wider(self) -> None:
        """sqrt((8 x 0.1^2 + 8 x 0.2^2) / 16)."""
        assert own_scale(np.full(8, 0.2), 0.1, 8.0) == pytest.approx(0.025**0.5)
        assert reach(np.full(8, 0.2), self.TAIL, 0.9, 0.01) == pytest.approx(1.7 * 0.025**0.5)

    def test_is_not_ruled_by_an_outlier(self) -> None:
        assert own_scale(np.array([np.inf]), 0.1, 8.0) == pytest.approx(own_scale(np.array([0.3]), 0.1, 8.0))

    def test_is_at_least_that_of_the_noise(self) -> None:
        assert reach(np.zeros(20), None, 0.9, 0.02) == pytest.approx(0.02 * 1.6449, rel=1e-4)
        assert reach(np.zeros(5), None, 0.9, 0.02) is None

    def test_of_another_probability_is_the_device_s_own(self) -> None:
        assert reach(np.arange(1.0, 20.0), self.TAIL, 0.5, 0.01) == 10.0


def test_many_networks_are_left_out_in_groups() -> None:
    fitted = fit(measured(3, 100, noise=0.02), FOUR)
    assert len(fitted.scores) == 100
    assert np.median(np.abs(np.log(fitted.left_out_s / fitted.table.latencies_s))) < 0.03


def test_rows_of_one_network_are_left_out_together() -> None:
    once = measured(3, 12)
    rows = tuple(
        Row(row.line, row.setup, once.rows[index // 2].key, row.latency_s, {}) for index, row in enumerate(once.rows)
    )
    pairs = Table(rows, once.families, once.latencies_s, once.amounts)
    assert len(fit(pairs).scores) == 6


def full(
    columns: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]],
) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """The amounts of every term, as `features` gives them."""
    count = len(columns["macs"])
    return dict(table(np.ones(count), columns).amounts)


def ratio(fitted: Fit, network: dict[str, float]) -> float:
    """The upper end of the interval over the prediction."""
    latency_s, _, high_s = fitted.predict(network)
    assert high_s is not None
    return high_s / latency_s
