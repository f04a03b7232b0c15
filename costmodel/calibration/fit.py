"""The fit of one setup: coefficients with their doubt, and predictions with intervals from what was left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from costmodel.calibration.intervals import reach
from costmodel.calibration.leaving import dealt
from costmodel.calibration.model import Coefficient, Model, Prediction, coefficients, fit_models
from costmodel.calibration.prior import Prior, weak_prior
from costmodel.calibration.solver import Vector
from costmodel.calibration.table import Table
from costmodel.calibration.terms import TERMS, Term
from costmodel.errors import CalibrationError

INTERVAL: Final = 0.9
"""The probability with which an interval shall hold a measured time."""

MOST_LEFT_OUT: Final = 40
"""With more networks than this, so many groups of them are left out, and not every network by itself."""

_MOST: Final = 300.0

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Fit:
    """A latency model of one setup: latency = sum over terms of coefficient x amount.

    `left_out_s` are predictions of each row by fits without the network that it measured; `scores` say, for each
    network, by what its time missed that prediction: |log(t / p)| / sqrt(1 + leverage). `quantile` is the score that
    a further network stays below with probability `interval`, None where too few networks were measured.
    """

    coefficients: tuple[Coefficient, ...]
    prior: Prior
    model: Model
    table: Table
    left_out_s: Vector
    scores: Vector
    interval: float
    quantile: float | None

    @property
    def fitted_s(self) -> Vector:
        """The seconds that the model gives each row."""
        fitted: Vector = self.table.matrix(self.model.terms) @ np.exp(self.model.log_values)
        return fitted

    @property
    def residuals(self) -> Vector:
        """log(measured / fitted) of each row."""
        residuals: Vector = np.log(self.table.latencies_s / self.fitted_s)
        return residuals

    @property
    def unseen(self) -> tuple[Term, ...]:
        """The terms of which nothing that was measured has any."""
        return tuple(term for term in self.model.terms if not self.table.amounts[term.name].any())

    def predict(self, amounts: Mapping[str, float]) -> Prediction:
        """The latency of a network with these amounts (see `features`), and its interval.

        p exp(+- q sqrt(1 + leverage)), q the fit's `quantile`.
        """
        latency_s, leverage = self.model.predict(amounts)
        if self.quantile is None:
            return Prediction(latency_s, None, None)
        factor = math.exp(min(self.quantile * math.sqrt(1 + leverage), _MOST))
        return Prediction(latency_s, latency_s / factor, latency_s * factor)


def fit(table: Table, terms: Sequence[Term] = TERMS, *, prior: Prior | None = None, interval: float = INTERVAL) -> Fit:
    """Fit the terms to a table of measured times.

    Without a `prior` little more is assumed than that every term takes some time (`weak_prior`). Intervals come from
    fits that leave one network out. Raises `CalibrationError` for fewer than two networks without a prior.
    """
    check_interval(interval)
    count = len(set(table.keys))
    if prior is None and count < 2:
        raise CalibrationError(f"a fit needs measured times of at least 2 different networks (got {count})")
    prior = prior or weak_prior(table, terms)
    groups = np.array(dealt(table.keys, MOST_LEFT_OUT), dtype=np.int64)
    left_out = np.arange(groups.max(initial=-1) + 1)[:, None] == groups
    model, *without = fit_models(table, prior, np.vstack([np.ones(len(table)), ~left_out]))
    left_out_s, scores = _left_out(table, model.terms, left_out, without)
    return Fit(
        coefficients=coefficients(model, prior.noise, NormalDist().inv_cdf((1 + interval) / 2)),
        prior=prior,
        model=model,
        table=table,
        left_out_s=left_out_s,
        scores=scores,
        interval=interval,
        quantile=reach(scores, prior.tail, interval, prior.noise),
    )


def check_interval(interval: float) -> None:
    """Raise `CalibrationError` for what is no probability of an interval."""
    if not 0 < interval < 1:
        raise CalibrationError(f"'interval' must lie between 0 and 1 (got {interval:g})")


def _left_out(table: Table, terms: Sequence[Term], left_out: Flags, without: Sequence[Model]) -> tuple[Vector, Vector]:
    """Each row as predicted by the model without its network, and the worst score of each network."""
    predicted, leverages = np.zeros(len(table)), np.zeros(len(table))
    amounts = table.matrix(terms)
    for rows, model in zip(left_out, without, strict=True):
        predicted[rows], leverages[rows] = model.predict_all(amounts[rows])
    scores = dict.fromkeys(table.keys, 0.0)
    with np.errstate(divide="ignore"):
        found = np.abs(np.log(table.latencies_s / predicted)) / np.sqrt(1 + leverages)
    for key, score in zip(table.keys, found.tolist(), strict=True):
        scores[key] = max(scores[key], score)
    return predicted, np.array(list(scores.values()))
