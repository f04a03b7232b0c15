"""What to measure next: the network that narrows intervals most, as fits with and without it say."""

from __future__ import annotations

import numpy as np
import pytest

from costmodel import zoo
from costmodel.calibration import Fit, Table, calibrate, fit, next_to_measure, suggestions
from costmodel.calibration.design import first_to_measure
from costmodel.calibration.prior import Prior
from costmodel.errors import CalibrationError
from tests.calibration.files import measurements
from tests.calibration.tables import FOUR, TRUTH, amounts, measured, table, times

NOISE = 0.02


def known() -> Prior:
    """A prior whose mean is the truth."""
    return Prior(FOUR, np.log(np.array(list(TRUTH.values()))), np.diag([0.3, 0.5, 0.4, 0.6]), NOISE)


def networks(columns: Table) -> dict[str, dict[str, float]]:
    """The amounts of each row, by name."""
    return {
        row.key[0]: {name: float(column[index]) for name, column in columns.amounts.items()}
        for index, row in enumerate(columns.rows)
    }


def test_narrowing_is_what_a_fit_with_the_measurement_finds() -> None:
    """The truth is measured without errors, so that a refit changes what is known and not what is predicted."""
    everything, targets = measured(3, 9), networks(measured(7, 12))
    few = fit(everything.take(index < 4 for index in range(9)), prior=known())
    found = {each.network: each.narrowing for each in next_to_measure(few, networks(everything), targets)}
    for more in range(4, 9):
        again = fit(everything.take(index < 4 or index == more for index in range(9)), prior=known())
        widths = [widened(each, targets) for each in (few, again)]
        assert found[f"network {more}"] == pytest.approx(1 - widths[1] / widths[0], rel=1e-3)


def test_network_measured_often_is_never_above_one_with_an_unseen_term() -> None:
    columns = {name: np.tile(column, 30) for name, column in amounts(1, 1).items()} | {"weight_bytes": np.zeros(30)}
    often = fit(table(times(columns), columns), prior=known())
    for seed in range(20):
        (unseen,) = networks(measured(seed, 1)).values()
        (old,) = networks(table([1.0], {name: column[:1] for name, column in columns.items()})).values()
        first, second = next_to_measure(often, {"measured": old, "unseen": unseen})
        assert (first.network, second.narrowing < first.narrowing) == ("unseen", True)


def test_narrowing_is_a_fraction_and_in_order() -> None:
    found = next_to_measure(fit(measured(3, 3), FOUR), networks(measured(5, 20)))
    fractions = [each.narrowing for each in found]
    assert all(0 < each < 1 for each in fractions)
    assert fractions == sorted(fractions, reverse=True)


def test_first_to_measure_are_those_that_fits_would_suggest_one_after_another() -> None:
    """Measured times that are what the prior expects leave its mean where it is, so that only doubt changes."""
    everything = measured(3, 9)
    columns = networks(everything)
    names = list(columns)
    chosen: list[str] = []
    for _ in range(4):
        few = fit(everything.take(name in chosen for name in names), FOUR, prior=known())
        left = {name: columns[name] for name in names if name not in chosen}
        chosen.append(next_to_measure(few, left, columns)[0].network)
    first = first_to_measure(known(), everything.matrix(FOUR), 4)
    assert [names[index] for index in first] == chosen
    assert len(first_to_measure(known(), everything.matrix(FOUR), 20)) == 9


def test_nothing_to_choose_from_or_to_predict_is_refused() -> None:
    fitted, some = fit(measured(3, 3), FOUR), networks(measured(5, 1))
    with pytest.raises(CalibrationError, match="'candidates' must name at least one network"):
        next_to_measure(fitted, {})
    with pytest.raises(CalibrationError, match="'targets' must name at least one network"):
        next_to_measure(fitted, some, {})
    with pytest.raises(CalibrationError, match="'empty' has nothing that takes time"):
        next_to_measure(fitted, {"empty": dict.fromkeys(TRUTH, 0.0)})


def test_networks_are_lowered_as_in_the_setup() -> None:
    device = calibrate(measurements(noise=0.03))
    found = suggestions(device, {"vit_b_16": zoo.vit_b_16(), "resnet18": zoo.resnet18()})
    assert [each.network for each in found] == ["vit_b_16", "resnet18"]
    assert suggestions(device, {}) == ()
    with pytest.raises(CalibrationError, match="'mine' has dimensions that are symbols"):
        suggestions(device, {"mine": zoo.resnet18(batch="n")})


def widened(fitted: Fit, targets: dict[str, dict[str, float]]) -> float:
    """The sum of sqrt(1 + leverage) over the targets."""
    return sum(float(np.sqrt(1 + fitted.model.predict(each)[1])) for each in targets.values())
