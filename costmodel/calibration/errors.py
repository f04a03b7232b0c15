"""The errors of predictions of measured times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from costmodel.calibration.measurements import Row, Setup
from costmodel.calibration.model import Prediction


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
    prior: str
    baselines: Mapping[str, Errors]


def _columns(setup: Setup) -> dict[str, str | int]:
    """The columns of a setup; whole numbers as such."""
    return {
        column: int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else value
        for column, value in setup
    }
