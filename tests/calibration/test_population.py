"""Populations: known ones are learned back, no device helps itself, and the shipped one is rebuilt."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from costmodel.calibration import (
    TERMS,
    Evaluation,
    Finder,
    Measurements,
    Population,
    Table,
    evaluate,
    finder,
    fit,
    learn_populations,
    parse_measurements,
    read_measurements,
    tabulate,
    write_populations,
)
from costmodel.calibration.covariates import COVARIATES, group
from costmodel.calibration.measurements import Setup
from costmodel.calibration.population import learn, sample
from costmodel.calibration.population_file import NAME, shipped
from costmodel.calibration.populations import FOLDS, Populations
from costmodel.calibration.tails import tail
from costmodel.errors import CalibrationError
from costmodel.interop.files import READERS, read
from tests.calibration.files import measurements
from tests.calibration.tables import FOUR, TRUTH, amounts, row, table, times

SPREAD = np.array([0.3, 0.5, 0.2, 0.4])
"""How far the made-up devices differ in each of four coefficients, beside their speed."""


def devices(count: int, networks: int = 25, noise: float = 0.02) -> dict[Setup, Table]:
    """Made-up devices of different speeds, whose coefficients vary around `TRUTH`."""
    rng = np.random.default_rng(5)
    columns = amounts(11, networks)
    found: dict[Setup, Table] = {}
    for device in range(count):
        factors = np.exp(rng.normal(0, SPREAD) + rng.normal(0, 1.0))
        truth = {name: value * factor for (name, value), factor in zip(TRUTH.items(), factors, strict=True)}
        seconds = times(columns, truth) * np.exp(rng.normal(0, noise, networks))
        found[("device", f"device {device}"),] = table(seconds, columns)
    return found


@pytest.fixture(scope="module")
def population() -> Population:
    return learn(sample(devices(60), FOUR), FOUR)


class TestLearn:
    """Expectation and maximization find the population that measurements were made of."""

    def test_mean(self, population: Population) -> None:
        """Of 60 devices whose speeds vary by a factor of e: within two standard errors and the pull of the worths."""
        means = np.exp(population.prior(next(iter(devices(1)))).mean) / np.array(list(TRUTH.values()))
        assert 0.5 < means.min() <= means.max() < 2.0
        assert means / means[0] == pytest.approx(np.ones(4), abs=0.35)

    def test_how_far_devices_differ(self, population: Population) -> None:
        beside_speed = [
            population.covariance[i, i] + population.covariance[0, 0] - 2 * population.covariance[0, i]
            for i in range(1, 4)
        ]
        expected = SPREAD[1:] ** 2 + SPREAD[0] ** 2
        assert np.sqrt(beside_speed) == pytest.approx(np.sqrt(expected), rel=0.35)

    def test_what_has_other_amounts_elsewhere_is_another_thing(self) -> None:
        """A batch of four on half of the devices: what is learned is the same whichever stands first."""
        parts = devices(20)
        batched = {
            setup: table(4 * made.latencies_s, {name: 4 * column for name, column in made.amounts.items()})
            for setup, made in list(parts.items())[10:]
        }
        mixed = parts | batched
        one, other = (learn(sample(each, FOUR), FOUR) for each in (mixed, dict(reversed(mixed.items()))))
        assert one.effects == pytest.approx(other.effects, abs=1e-6)
        assert one.effects[0] == pytest.approx(learn(sample(parts, FOUR), FOUR).effects[0], abs=1e-3)

    def test_makes_few_measurements_do(self, population: Population) -> None:
        new = devices(70)
        for setup, whole in list(new.items())[60:]:
            few = whole.take(index < 3 for index in range(len(whole)))
            fitted = fit(few, prior=population.prior(setup))
            predicted = whole.matrix(FOUR) @ np.exp(fitted.model.log_values)
            assert np.median(np.abs(predicted / whole.latencies_s - 1)) < 0.15

    def test_order_of_devices_does_not_matter(self, population: Population) -> None:
        turned = learn(sample(dict(reversed(devices(60).items())), FOUR), FOUR)
        assert turned.effects == pytest.approx(population.effects, rel=1e-6, abs=1e-9)
        assert turned.covariance == pytest.approx(population.covariance, rel=1e-6, abs=1e-9)


class TestTail:
    """How far predictions are off is learned on devices that the population has not seen."""

    def test_intervals_of_new_devices_hold_as_often_as_they_say(self) -> None:
        everything = devices(60, networks=15, noise=0.06)
        setups = list(everything)
        known = {setup: everything[setup] for setup in setups[:30]}
        population = learn(sample(known, FOUR), FOUR)
        spread = tail(known, FOUR, 0.9)
        held = []
        for setup in setups[30:]:
            whole = everything[setup]
            for index in range(15):
                rest = whole.take(each != index for each in range(15))
                prior = population.prior(setup)._replace(tail=spread)
                _, low_s, high_s = fit(rest, prior=prior).predict(
                    {n: float(c[index]) for n, c in whole.amounts.items()}
                )
                assert low_s is not None
                assert high_s is not None
                held.append(low_s <= whole.latencies_s[index] <= high_s)
        assert 0.85 <= np.mean(held) <= 0.95

    @pytest.mark.parametrize("shots", [0, 1, 2, 5])
    def test_intervals_hold_with_few_measured_networks_too(self, shots: int) -> None:
        everything = devices(90, networks=15, noise=0.06)
        setups = list(everything)
        known = {setup: everything[setup] for setup in setups[:45]}
        population = replace(learn(sample(known, FOUR), FOUR), unknown=tail(known, FOUR, 0.9))
        held = []
        for setup in setups[45:]:
            whole = everything[setup]
            fitted = fit(whole.take(index < shots for index in range(15)), prior=population.prior(setup))
            for index in range(shots, 15):
                found = fitted.predict({name: float(column[index]) for name, column in whole.amounts.items()})
                assert found.low_s is not None
                assert found.high_s is not None
                held.append(found.low_s <= whole.latencies_s[index] <= found.high_s)
        assert 0.84 <= np.mean(held) <= 0.96

    def test_is_not_of_what_takes_no_time(self) -> None:
        """A row that only views tensors has no prediction to be off from."""
        views = {name: np.append(column, 0.0) for name, column in amounts(11, 9).items()}
        parts: dict[Setup, Table] = {}
        for setup, made in devices(12, networks=9).items():
            parts[setup] = table(np.append(made.latencies_s, 1e-5), views)
        found, usual = tail(parts, FOUR, 0.9), tail(devices(12, networks=9), FOUR, 0.9)
        assert found is not None
        assert usual is not None
        assert found.scale == pytest.approx(usual.scale, rel=0.3)


class TestDataSheet:
    """What a device's name says of it comes before any measurement."""

    @staticmethod
    def clocked(count: int, networks: int = 15) -> dict[Setup, Table]:
        """Devices that differ in their clock, and by a tenth beside; every third does not tell it."""
        rng = np.random.default_rng(7)
        columns = amounts(11, networks)
        found: dict[Setup, Table] = {}
        for device in range(count):
            clock_ghz = float(rng.uniform(0.5, 4.0))
            said = f"Cortex-A72 {clock_ghz:.3f}GHz x 4" if device % 3 else "a board"
            seconds = times(columns, TRUTH) * 2 / clock_ghz * np.exp(rng.normal(0, 0.1) + rng.normal(0, 0.02, networks))
            found[("device", f"{said}, number {device}"),] = table(seconds, columns)
        return found

    def test_first_estimate_comes_from_the_clock(self) -> None:
        population = learn(sample(self.clocked(60), FOUR), FOUR)
        for clock_ghz in (1.0, 3.0):
            setup = (("device", f"Cortex-A72 {clock_ghz}GHz x 4"),)
            fitted = fit(table(np.empty(0), dict.fromkeys(TRUTH, np.empty(0))), FOUR, prior=population.prior(setup))
            latency_s = fitted.predict({name: float(column[0]) for name, column in amounts(11, 1).items()}).latency_s
            assert latency_s == pytest.approx(times(amounts(11, 1), TRUTH)[0] * 2 / clock_ghz, rel=0.15)

    def test_what_a_name_does_not_say_is_as_doubtful_as_devices_differ(self) -> None:
        population = learn(sample(self.clocked(60), FOUR), FOUR)
        told, untold = (
            population.prior((("device", name),)).covariance for name in ("Cortex-A72 2.0GHz x 4", "a board")
        )
        assert np.sqrt(np.diag(told)).max() < 0.35
        assert np.sqrt(np.diag(untold)).min() > 0.45


class TestOwnDevice:
    """What is predicted is never known to the prior."""

    def test_spellings_of_one_device_are_no_population(self) -> None:
        parts = list(devices(9).values())
        spelled: dict[Setup, Table] = {(("device", "a board" + " " * index),): part for index, part in enumerate(parts)}
        assert Populations(spelled, FOUR, 0.9).prior(next(iter(spelled))) is None

    def test_its_times_do_not_change_its_prior(self) -> None:
        parts = devices(20)
        setup = next(iter(parts))
        slow = parts | {setup: table(100 * parts[setup].latencies_s, dict(parts[setup].amounts))}
        one, other = (Populations(each, FOUR, 0.9).prior(setup) for each in (parts, slow))
        assert one is not None
        assert other is not None
        assert one.mean == pytest.approx(other.mean)

    def test_network_that_is_unseen_does_not_change_it_either(self) -> None:
        parts = devices(20)
        setup = next(iter(parts))
        key = parts[setup].keys[3]
        wrong = {
            each: table(np.where(np.arange(25) == 3, 50.0, 1.0) * made.latencies_s, dict(made.amounts))
            for each, made in parts.items()
        }
        one, other = (Populations(each, FOUR, 0.9).prior(setup, frozenset({key})) for each in (parts, wrong))
        assert one is not None
        assert other is not None
        assert one.mean == pytest.approx(other.mean)

    def test_network_that_is_unseen_is_so_under_its_other_names(self) -> None:
        parts = devices(20)
        setup = next(iter(parts))
        key = parts[setup].keys[3]
        renamed = {
            each: made if each == setup else replace(made, rows=(*made.rows[:3], row(90, 1.0), *made.rows[4:]))
            for each, made in parts.items()
        }
        one, other = (Populations(each, FOUR, 0.9).prior(setup, frozenset({key})) for each in (parts, renamed))
        assert one is not None
        assert other is not None
        assert one.mean == pytest.approx(other.mean)

    def test_device_is_the_same_however_it_is_spelled(self) -> None:
        parts = devices(20)
        setup = next(iter(parts))
        slow = parts[setup]
        again = {(("device", "device-0"),): table(100 * slow.latencies_s, dict(slow.amounts))}
        one, other = (Populations(each, FOUR, 0.9).prior(setup) for each in (parts, parts | again))
        assert one is not None
        assert other is not None
        assert one.mean == pytest.approx(other.mean)

    @pytest.mark.parametrize(("network", "is_known"), [("ResNet18.param", True), ("resnet34", False)])
    def test_library_does_not_know_an_unseen_network_by_another_spelling(self, network: str, is_known: bool) -> None:
        made = measurements(["resnet34", "vgg11"])
        rows = (replace(made.rows[0], key=(network, "", "")), made.rows[1])
        setup = made.rows[0].setup
        found = Populations({setup: tabulate(rows, finder())}, TERMS, 0.9).prior(setup, frozenset({rows[0].key}))
        assert (found is None) == is_known

    def test_few_other_devices_are_no_population(self) -> None:
        parts = devices(5)
        assert Populations(parts, FOUR, 0.9).prior(next(iter(parts))) is None
        assert FOLDS > 1

    def test_devices_that_measured_the_unseen_only_are_no_population(self) -> None:
        parts = devices(12, networks=1)
        first = next(iter(parts))
        populations = Populations(parts, FOUR, 0.9)
        assert populations.prior(first) is not None
        assert populations.prior(first, frozenset(parts[first].keys)) is None

    def test_times_of_what_takes_none_are_no_population(self) -> None:
        views: dict[Setup, Table] = {(("device", str(index)),): table([0.01, 0.02], {}) for index in range(12)}
        assert Populations(views, FOUR, 0.9).prior(next(iter(views))) is None
        assert tail(views, FOUR, 0.9) is None


class TestFile:
    """Fitted numbers, and no measurement among them."""

    def test_shipped_groups(self) -> None:
        assert len(shipped("cpu-float").devices) > 2 * len(shipped("gpu-float").devices) > 20
        assert shipped("cpu-float").effects.shape == (len(COVARIATES["cpu"]), len(shipped("cpu-float").terms))
        with pytest.raises(CalibrationError, match=r"no population of tpu-float devices comes with the library"):
            shipped("tpu-float")

    def test_covariances_are_positive_definite(self) -> None:
        for name in ("cpu-float", "cpu-integer", "gpu-float"):
            assert np.linalg.eigvalsh(shipped(name).covariance).min() > 0

    def test_few_devices_are_refused(self) -> None:
        with pytest.raises(CalibrationError, match=r"at least 8 devices of one kind, and made_up\.csv has fewer"):
            learn_populations(measurements(), finder())

    def test_devices_that_measured_nothing_that_takes_time_are_refused(self) -> None:
        lines = [f'{device},"{{""kind"": ""flatten""}}",1x8x2x2,{device + 1}' for device in range(12)]
        raw = "\n".join(["device,layer,input_shape,latency_ms", *lines]).encode()
        with pytest.raises(CalibrationError, match="at least 8 devices of one kind"):
            learn_populations(parse_measurements(raw), finder())


@pytest.fixture(scope="module")
def ncnn(shared: Path) -> Measurements:
    return read_measurements(shared / "data" / "ncnn" / "measurements.csv")


@pytest.fixture(scope="module")
def find(shared: Path) -> Finder:
    return finder(shared / "data" / "ncnn" / "params", dict.fromkeys(READERS, read))


@pytest.fixture(scope="module")
def left_out(ncnn: Measurements, find: Finder) -> Callable[[str], Evaluation]:
    """The errors on networks left out, in one group of setups."""

    def evaluated(name: str) -> Evaluation:
        rows = tuple(row for row in ncnn.rows if group(row.setup) == name)
        return evaluate(Measurements(ncnn.name, ncnn.sha256, rows), find, prior="population")

    return evaluated


class TestNcnn:
    """Published times of 46 devices: the population never sees a setup's device."""

    def test_shipped_population_is_learned_from_them(self, ncnn: Measurements, find: Finder, tmp_path: Path) -> None:
        write_populations(learn_populations(ncnn, find), ncnn, "the same", str(tmp_path / NAME))
        made = json.loads((tmp_path / NAME).read_text(encoding="utf-8"))
        for name, found in made["groups"].items():
            assert np.array(found["effects"]) == pytest.approx(shipped(name).effects, rel=1e-3, abs=1e-3)
            assert np.array(found["covariance"]) == pytest.approx(shipped(name).covariance, rel=1e-2, abs=1e-3)

    @pytest.mark.parametrize(
        ("name", "limit", "holds"),
        [("cpu-float", 0.10, (0.87, 0.93)), ("cpu-integer", 0.095, (0.87, 0.93)), ("gpu-float", 0.18, (0.86, 0.94))],
    )
    def test_error_on_networks_left_out(
        self, left_out: Callable[[str], Evaluation], name: str, limit: float, holds: tuple[float, float]
    ) -> None:
        found = left_out(name)
        assert found.median_setup_mape <= limit
        assert found.interval_coverage is not None
        assert holds[0] <= found.interval_coverage <= holds[1]
        assert found.median_setup_mape < 0.6 * found.baselines["affine"].median_setup_mape
        if name == "cpu-float":
            few = {most: _median_mape(found, most) for most in (1, 4)}
            assert few[1] <= 0.075
            assert few[4] <= 0.09


def _median_mape(evaluation: Evaluation, most_threads: int) -> float:
    """The median over setups of at most so many threads of the setup's mean error."""
    chosen = [points for setup, points in evaluation.points.items() if int(dict(setup)["threads"]) <= most_threads]
    return float(np.median([np.mean([point.error for point in points]) for points in chosen]))
