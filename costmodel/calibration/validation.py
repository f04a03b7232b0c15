"""The errors of a calibration on networks that it has not seen, beside those of two simpler models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from costmodel.calibration.features import NETWORK, Term, term
from costmodel.calibration.fit import INTERVAL, fit
from costmodel.calibration.leaving import groups
from costmodel.calibration.measurements import Measurements, Row, Setup
from costmodel.calibration.model import Prediction
from costmodel.calibration.table import Table, tabulate
from costmodel.calibration.targets import Finder, finder
from costmodel.errors import CalibrationError

BASELINES: Final[Mapping[str, tuple[Term, ...]]] = MappingProxyType(
    {"flops": (term("macs"),), "affine": (NETWORK, term("macs"))}
)
"""The two models to beat, fitted in the same way: b MACs, and a + b MACs."""


@dataclass(frozen=True)
class Point:
    """A measured time and its prediction by a fit that has not seen what was measured."""

    row: Row
    prediction: Prediction

    @property
    def error(self) -> float:
        """|predicted - measured| / measured."""
        return abs(self.prediction.latency_s / self.row.latency_s - 1)

    @property
    def covered(self) -> bool | None:
        """Whether the interval holds the measured time; None where there is none."""
        _, low_s, high_s = self.prediction
        return None if low_s is None or high_s is None else low_s <= self.row.latency_s <= high_s


@dataclass(frozen=True)
class Errors:
    """The errors of a model over all points of all setups; fractions, not percent.

    `mape` is the mean absolute error relative to the measured time, `median_ape` the median, `within_10pct` the
    fraction of points with an error of at most a tenth, `median_setup_mape` the median over setups of the setup's
    mean, `interval_coverage` the fraction of measured times inside their intervals (None without intervals).
    """

    points: Mapping[Setup, tuple[Point, ...]]

    @property
    def n(self) -> int:
        """How many times were predicted."""
        return len(self._errors())

    @property
    def mape(self) -> float:
        return float(np.mean(self._errors()))

    @property
    def median_ape(self) -> float:
        return float(np.median(self._errors()))

    @property
    def within_10pct(self) -> float:
        return float(np.mean([error <= 0.1 + 1e-12 for error in self._errors()]))

    @property
    def median_setup_mape(self) -> float:
        return float(np.median([np.mean([p.error for p in points]) for points in self.points.values() if points]))

    @property
    def interval_coverage(self) -> float | None:
        covered = [p.covered for points in self.points.values() for p in points if p.covered is not None]
        return float(np.mean(covered)) if covered else None

    @property
    def setups(self) -> list[dict[str, str | int | float | None]]:
        """Every setup with its columns, its number of points and its mean error; None where nothing was predicted."""
        return [
            {**_columns(setup), "n": len(points), "mape": float(np.mean([p.error for p in points])) if points else None}
            for setup, points in self.points.items()
        ]

    def _errors(self) -> list[float]:
        return [point.error for points in self.points.values() for point in points]


@dataclass(frozen=True)
class Evaluation(Errors):
    """The errors of the calibration, and those of the `BASELINES`."""

    leave_out: str
    baselines: Mapping[str, Errors]


def evaluate(
    measurements: Measurements, find: Finder | None = None, *, leave_out: str = "network", interval: float = INTERVAL
) -> Evaluation:
    """Fit every setup without what is left out, predict that, and collect the errors.

    `leave_out` is `network` (one network, width and resolution at a time), `family`, `fold:5` or `column:NAME`; the
    terms are chosen, and the intervals made, without what is left out. Raises `CalibrationError` where nothing can
    be predicted.
    """
    table = tabulate(measurements.rows, find or finder())
    parts = {setup: table.take(row.setup == setup for row in table.rows) for setup in measurements.setups()}

    def errors(terms: Sequence[Term] | None) -> dict[Setup, tuple[Point, ...]]:
        return {setup: tuple(_points(part, leave_out, terms, interval)) for setup, part in parts.items()}

    points = errors(None)
    if not any(points.values()):
        raise CalibrationError(
            f"{measurements.name} has no setup in which at least 2 networks remain when one {leave_out} is left out"
        )
    baselines = {name: Errors(errors(terms)) for name, terms in BASELINES.items()}
    return Evaluation(points, leave_out, baselines)


def _points(table: Table, leave_out: str, terms: Sequence[Term] | None, interval: float) -> Iterable[Point]:
    """Every row of a setup that a fit to the others can predict, in the order of the rows."""
    labels = groups(table, leave_out)
    found: dict[int, Point] = {}
    for label in dict.fromkeys(labels):
        rest = table.take(each != label for each in labels)
        if len(set(rest.keys)) < max(2, len(terms or ())):
            continue
        fitted = fit(rest, terms, interval=interval)
        for index, each in enumerate(labels):
            if each == label:
                amounts = {name: float(column[index]) for name, column in table.amounts.items()}
                found[index] = Point(table.rows[index], fitted.predict(amounts))
    return [found[index] for index in sorted(found)]


def _columns(setup: Setup) -> dict[str, str | int]:
    """The columns of a setup; whole numbers as such."""
    return {
        column: int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else value
        for column, value in setup
    }
