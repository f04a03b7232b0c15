"""Errors on what was left out: their arithmetic, the ways to leave out, and the baselines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from costmodel import zoo
from costmodel.calibration import (
    Errors,
    Evaluation,
    FewShot,
    Point,
    Prediction,
    evaluate,
    learning_curve,
    parse_measurements,
)
from costmodel.calibration.leaving import groups
from costmodel.errors import CalibrationError, UnknownNameError
from tests.calibration.files import measurements
from tests.calibration.tables import measured, row, table


class TestErrors:
    """Five predictions of 10 s in two setups, computed by hand."""

    ERRORS = Errors(
        {
            (("device", "a"), ("threads", "4")): tuple(
                Point(row(0, 10.0), Prediction(seconds, 9.5, 10.5)) for seconds in (10.0, 10.5, 12.0)
            ),
            (("device", "b"), ("threads", "")): tuple(
                Point(row(0, 10.0), Prediction(seconds, low_s, high_s))
                for seconds, low_s, high_s in ((5.0, 4.0, 6.0), (11.0, None, None))
            ),
            (("device", "c"), ("threads", "")): (),
        }
    )

    def test_are_fractions(self) -> None:
        assert self.ERRORS.n == 5
        assert self.ERRORS.mape == pytest.approx((0 + 0.05 + 0.2 + 0.5 + 0.1) / 5)
        assert self.ERRORS.median_ape == pytest.approx(0.1)
        assert self.ERRORS.within_10pct == pytest.approx(3 / 5)
        assert self.ERRORS.median_setup_mape == pytest.approx((0.25 / 3 + 0.3) / 2)
        assert self.ERRORS.interval_coverage == pytest.approx(3 / 4)

    def test_of_setups_have_the_setups_columns(self) -> None:
        assert self.ERRORS.setups == [
            {"device": "a", "threads": 4, "n": 3, "mape": pytest.approx(0.25 / 3)},
            {"device": "b", "threads": "", "n": 2, "mape": pytest.approx(0.3)},
            {"device": "c", "threads": "", "n": 0, "mape": None},
        ]

    def test_have_no_coverage_without_intervals(self) -> None:
        assert Errors({(): (Point(row(0, 1.0), Prediction(1.0, None, None)),)}).interval_coverage is None


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluate(measurements(widths=("0.5", "1"), noise=0.02))


class TestEvaluate:
    """Times that follow the model are predicted; the baselines are not as good."""

    def test_predicts_what_it_has_not_seen(self, evaluation: Evaluation) -> None:
        assert evaluation.n == 24
        assert evaluation.mape < 0.05
        assert evaluation.interval_coverage is not None
        assert evaluation.interval_coverage >= 0.8

    def test_is_better_than_the_baselines(self, evaluation: Evaluation) -> None:
        assert evaluation.mape < evaluation.baselines["affine"].mape < evaluation.baselines["flops"].mape

    def test_names_its_setups_and_baselines(self, evaluation: Evaluation) -> None:
        assert list(evaluation.baselines) == ["flops", "affine"]
        for each in (evaluation, *evaluation.baselines.values()):
            assert each.setups == [
                {"device": "made-up phone", "precision": "fp32", "threads": 1, "n": 24, "mape": each.mape}
            ]

    def test_points_keep_the_order_of_the_rows(self, evaluation: Evaluation) -> None:
        (points,) = evaluation.points.values()
        assert [point.row.line for point in points] == list(range(2, 26))

    @pytest.mark.parametrize("leave_out", ["family", "fold:3", "column:width"])
    def test_leaves_out_in_other_ways(self, leave_out: str) -> None:
        evaluation = evaluate(measurements(widths=("0.5", "1")), leave_out=leave_out)
        assert (evaluation.n, evaluation.leave_out) == (24, leave_out)
        assert evaluation.mape < 0.25

    def test_fits_each_setup_by_itself(self) -> None:
        fast, slow = measurements(), measurements(device="half as fast")
        doubled = "\n".join(",".join([*[*row.cells.values()][:-1], f"{2000 * row.latency_s:.9g}"]) for row in slow.rows)
        head = ",".join(slow.rows[0].cells)
        both = "\n".join([head, *(",".join(row.cells.values()) for row in fast.rows), doubled])
        evaluation = evaluate(parse_measurements(both.encode()))
        errors = [each["mape"] for each in evaluation.setups]
        assert errors[0] == pytest.approx(errors[1], rel=1e-3)

    def test_setup_that_is_too_small_is_named_and_not_predicted(self) -> None:
        large, small = measurements(), measurements(["resnet18"], device="once")
        rows = [*large.rows, *small.rows]
        raw = "\n".join([",".join(rows[0].cells), *(",".join(row.cells.values()) for row in rows)])
        evaluation = evaluate(parse_measurements(raw.encode()))
        assert [(each["device"], each["n"]) for each in evaluation.setups] == [("made-up phone", 12), ("once", 0)]

    def test_nothing_to_predict_is_refused(self) -> None:
        with pytest.raises(CalibrationError, match=r"made_up\.csv has no setup in which at least 2 networks remain"):
            evaluate(measurements(["resnet18", "vgg16"]))

    def test_one_row_is_refused(self) -> None:
        with pytest.raises(CalibrationError, match="has no setup in which at least 2 networks remain when one network"):
            evaluate(measurements(["resnet18"]))

    @pytest.mark.parametrize("prior", ["none", "population"])
    @pytest.mark.parametrize(
        ("interval", "noise", "sentence"),
        [
            (1.5, 0.05, r"'interval' must lie between 0 and 1 \(got 1\.5\)"),
            (float("nan"), 0.05, r"'interval' must lie between 0 and 1 \(got nan\)"),
            (0.9, 0.0, r"'noise' must lie between 0\.0001 and 1 \(got 0\)"),
            (0.9, float("inf"), r"'noise' must lie between 0\.0001 and 1 \(got inf\)"),
        ],
    )
    def test_numbers_out_of_their_range_are_refused(
        self, interval: float, noise: float, sentence: str, prior: str
    ) -> None:
        with pytest.raises(CalibrationError, match=sentence):
            evaluate(measurements(), prior=prior, interval=interval, noise=noise)

    def test_symbols_are_refused(self) -> None:
        with pytest.raises(CalibrationError, match="line 2: resnet18 1 224 has dimensions that are symbols"):
            evaluate(measurements(["resnet18", "vgg16"]), lambda _: zoo.resnet18(batch="n"))


class TestPrior:
    """With a population: what other devices have shown, and few measurements of this one."""

    @pytest.mark.parametrize(("leave_out", "n"), [("network", 12), ("network,device", 5), ("device", 12)])
    def test_predicts_from_few_networks(self, leave_out: str, n: int) -> None:
        """The library's population knows seven of the twelve, three by other names, which it cannot be kept from."""
        evaluation = evaluate(measurements(), leave_out=leave_out, prior="population")
        assert (evaluation.n, evaluation.leave_out, evaluation.prior) == (n, leave_out, "population")
        assert evaluation.interval_coverage is not None

    def test_is_better_with_more_measured(self) -> None:
        errors = [
            evaluate(measurements(), prior="population", few_shot=FewShot(count, draws=2)).mape for count in (0, 3, 8)
        ]
        assert errors[0] > errors[1] > errors[2]

    def test_learning_curve_is_the_evaluation_of_each_number(self) -> None:
        few_shots = (FewShot(0, draws=1), FewShot(2, draws=2), None)
        found = learning_curve(measurements(), few_shots=few_shots, leave_out="network")
        for curve, few_shot in zip(found, few_shots, strict=True):
            alone = evaluate(measurements(), prior="population", few_shot=few_shot)
            assert (curve.n, curve.mape) == (alone.n, alone.mape)
            assert set(curve.baselines) == set(alone.baselines)

    def test_draws_are_the_same_every_time(self) -> None:
        once, again, other = (
            evaluate(measurements(), prior="population", few_shot=FewShot(2, draws=1, seed=seed)).mape
            for seed in (1, 1, 2)
        )
        assert once == again != other

    def test_draws_do_not_depend_on_the_order_of_rows(self) -> None:
        made = measurements()
        once, again = (
            evaluate(replace(made, rows=rows), few_shot=FewShot(4, draws=1)).mape
            for rows in (made.rows, made.rows[::-1])
        )
        assert once == pytest.approx(again)

    def test_suggested_networks_are_the_same_for_all_models_and_need_no_draws(self) -> None:
        found = evaluate(measurements(), prior="population", few_shot=FewShot(3, draws=20, choice="suggested"))
        assert found.n == 12
        assert {name: each.n for name, each in found.baselines.items()} == {"flops": 12, "affine": 12}

    def test_no_suggested_network_is_no_network(self) -> None:
        none = [FewShot(0, draws=1, choice=choice) for choice in ("random", "suggested")]
        drawn, suggested = learning_curve(measurements(), few_shots=none, leave_out="network")
        assert suggested.n == 12
        assert suggested.points == drawn.points

    def test_of_fewer_networks_than_are_asked_for_all_are_suggested(self) -> None:
        many = [FewShot(count, draws=1, choice="suggested") for count in (2, 11, 100)]
        two, eleven, hundred = learning_curve(measurements(), few_shots=many, leave_out="network")
        assert hundred.points == eleven.points != two.points

    def test_nothing_to_predict_beside_what_is_measured_is_refused(self) -> None:
        with pytest.raises(CalibrationError, match="and a network beyond the 12 that are measured first remain"):
            evaluate(measurements(), leave_out="device", prior="population", few_shot=FewShot(12))

    def test_nothing_is_suggested_without_a_prior(self) -> None:
        with pytest.raises(CalibrationError, match="suggested by the prior 'population'; choose 'random'"):
            evaluate(measurements(), few_shot=FewShot(3, choice="suggested"))

    @pytest.mark.parametrize(
        ("leave_out", "prior", "sentence"),
        [
            ("device", "none", "leaving a device out needs the prior 'population'"),
            ("network,device", "none", "leaving a device out needs the prior 'population'"),
            ("network,family,device", "population", "one thing can be left out beside the device"),
            ("network", "popular", "no prior named 'popular'"),
        ],
    )
    def test_other_ways_are_refused(self, leave_out: str, prior: str, sentence: str) -> None:
        with pytest.raises((CalibrationError, UnknownNameError), match=sentence):
            evaluate(measurements(), leave_out=leave_out, prior=prior)

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ((-1, 1, 0), "'measured' must be at least 0"),
            ((1, 0, 0), "'draws' must be at least 1"),
            ((1, 1001, 0), "'draws' must be at most 1000"),
            ((1, 1, -1), "'seed' must be at least 0"),
        ],
    )
    def test_no_draw_is_refused(self, fields: tuple[int, int, int], sentence: str) -> None:
        with pytest.raises(CalibrationError, match=sentence):
            FewShot(*fields)

    def test_unknown_choice_is_refused(self) -> None:
        with pytest.raises(UnknownNameError, match="no choice of networks named 'best'"):
            FewShot(1, choice="best")


class TestGroups:
    """What is left out together."""

    def test_networks(self) -> None:
        assert len(set(groups(measured(1, 9), "network"))) == 9

    def test_families(self) -> None:
        assert groups(table(np.ones(4), {}, families="abab"), "family") == ("a", "b", "a", "b")

    def test_folds_are_as_large_as_can_be_and_the_same_every_time(self) -> None:
        folds = groups(measured(1, 11), "fold:5")
        assert sorted(np.unique(np.array(folds), return_counts=True)[1].tolist()) == [2, 2, 2, 2, 3]
        assert folds == groups(measured(2, 11), "fold:5")

    def test_values_of_a_column(self) -> None:
        rows = measurements(widths=("0.5", "1")).rows
        made = measured(1, 24)
        named = type(made)(rows, made.families, made.latencies_s, made.amounts)
        assert groups(named, "column:width") == ("0.5", "1") * 12

    @pytest.mark.parametrize(
        ("leave_out", "sentence"),
        [
            ("netwrok", "no way of leaving out named 'netwrok'; the nearest are network"),
            ("device", "no way of leaving out named 'device'"),
            ("fold:1", r"'fold' must have at least 2 folds \(got 1\)"),
            ("fold:x", "no way of leaving out named 'fold:x'"),
            ("column:colour", "no column to leave out by named 'colour'"),
        ],
    )
    def test_other_ways_are_refused(self, leave_out: str, sentence: str) -> None:
        with pytest.raises((UnknownNameError, CalibrationError), match=sentence):
            groups(measured(1, 9), leave_out)

    def test_empty_cell_is_refused(self) -> None:
        made = measured(1, 2)
        empty = type(made)(
            (row(0, 1.0, width=""), row(1, 1.0, width="1")), made.families, made.latencies_s, made.amounts
        )
        with pytest.raises(CalibrationError, match="line 2: 'width' is empty, and is what is left out by"):
            groups(empty, "column:width")
