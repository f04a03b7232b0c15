"""The fit of one setup: coefficients with their doubt, and predictions with intervals from what was left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from costmodel.calibration.features import Term
from costmodel.calibration.intervals import conformal_quantile, jackknife
from costmodel.calibration.measurements import Key
from costmodel.calibration.model import Coefficient, Model, Prediction, fit_model
from costmodel.calibration.selection import Choice, Dropped, choose_terms
from costmodel.calibration.solver import Vector
from costmodel.calibration.table import Table
from costmodel.errors import CalibrationError

INTERVAL: Final = 0.9
"""The probability with which an interval shall hold a measured time."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A latency model of one setup: latency = sum over terms of coefficient x feature.

    `left_out_s` are predictions of each row by fits without the network that it measured; `scores` say, for each
    network, by what its time missed that prediction: |log(t / p)| / sqrt(1 + leverage). `quantile` is the score that
    a further network stays below with probability `interval`, None where too few networks were measured.
    """

    coefficients: tuple[Coefficient, ...]
    dropped: tuple[Dropped, ...]
    model: Model
    table: Table
    left_out_s: Vector
    scores: Vector
    interval: float
    quantile: float | None

    @property
    def fitted_s(self) -> Vector:
        """The seconds that the model gives each row."""
        fitted: Vector = self.table.matrix(list(self.model.values)) @ list(self.model.values.values())
        return fitted

    @property
    def residuals(self) -> Vector:
        """log(measured / fitted) of each row."""
        residuals: Vector = np.log(self.table.latencies_s / self.fitted_s)
        return residuals

    def predict(self, amounts: Mapping[str, float]) -> Prediction:
        """The latency of a network with these amounts (see `features`), and its interval.

        p exp(+- q sqrt(1 + leverage)), q the fit's `quantile`.
        """
        latency_s, leverage = self.model.predict(amounts)
        if self.quantile is None:
            return Prediction(latency_s, None, None)
        factor = math.exp(min(self.quantile * math.sqrt(1 + leverage), 700.0))
        return Prediction(latency_s, latency_s / factor, latency_s * factor)


def fit(table: Table, terms: Sequence[Term] | None = None, *, interval: float = INTERVAL) -> Fit:
    """Fit the terms to a table of measured times.

    Without `terms`, those of `TERMS` that the table determines are chosen (`choose_terms`). Coefficients are not
    negative; one that comes out 0 is dropped, and its amount goes to the term that it is part of. Both kinds of
    interval come from fits that leave one network out: of coefficients by the jackknife, of predictions conformally,
    with the correction for a finite sample. Raises `CalibrationError` where there are fewer networks than terms.
    """
    if not 0 < interval < 1:
        raise CalibrationError(f"'interval' must lie between 0 and 1 (got {interval})")
    count = len(set(table.keys))
    if count < 2:
        raise CalibrationError(f"a fit needs measured times of at least 2 different networks (got {count})")
    choice = choose_terms(table) if terms is None else Choice(tuple(each.name for each in terms), ())
    if len(choice.names) > count:
        surplus = ", ".join(choice.names[count:])
        raise CalibrationError(
            f"{count} networks cannot determine {len(choice.names)} coefficients; leave out {surplus}"
        )
    idle = [row for row, amounts in zip(table.rows, table.matrix(choice.names), strict=True) if not amounts.any()]
    if idle:
        raise CalibrationError(
            f"line {idle[0].line}: {idle[0].label} has none of {', '.join(choice.names)} to take time"
        )
    model, start = fit_model(table, choice.names)
    without = {key: _without(table, key, choice.names, start) for key in dict.fromkeys(table.keys)}
    left_out_s, scores = _left_out(table, without)
    unused = [Dropped(name, "the measured times leave none to it") for name in choice.names if name not in model.values]
    return Fit(
        coefficients=jackknife(model, list(without.values()), interval),
        dropped=(*choice.dropped, *unused),
        model=model,
        table=table,
        left_out_s=left_out_s,
        scores=scores,
        interval=interval,
        quantile=conformal_quantile(scores, interval),
    )


def _without(table: Table, key: Key, names: Sequence[str], start: Vector) -> Model:
    """The model fitted to everything but one network."""
    return fit_model(table.take(each != key for each in table.keys), names, start)[0]


def _left_out(table: Table, without: Mapping[Key, Model]) -> tuple[Vector, Vector]:
    """Each row as predicted without its network, and the worst score of each network."""
    predicted = np.empty(len(table))
    scores = dict.fromkeys(without, 0.0)
    for index, key in enumerate(table.keys):
        amounts = {name: float(column[index]) for name, column in table.amounts.items()}
        predicted[index], leverage = without[key].predict(amounts)
        miss = abs(math.log(table.latencies_s[index] / predicted[index])) if predicted[index] > 0 else math.inf
        scores[key] = max(scores[key], miss / math.sqrt(1 + leverage))
    return predicted, np.array(list(scores.values()))
