"""A fitted model: its coefficients, what they predict, and how far a network lies from those that were measured."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from costmodel.calibration.prior import Prior
from costmodel.calibration.solver import Estimates, Matrix, Vector, fit_logs, inverse
from costmodel.calibration.table import Table
from costmodel.calibration.terms import Term


class Coefficient(NamedTuple):
    """A fitted coefficient, in seconds for one unit of its term, and its interval."""

    term: Term
    value: float
    low: float
    high: float


class Prediction(NamedTuple):
    """Seconds, and between which the measured time lies with the fit's `interval`; None where too few were measured."""

    latency_s: float
    low_s: float | None
    high_s: float | None


class Model(NamedTuple):
    """Log coefficients (K), and their covariance (K x K) in units of the squared noise of a measured time."""

    terms: tuple[Term, ...]
    log_values: Vector
    spread: Matrix

    def predict(self, amounts: Mapping[str, float]) -> tuple[float, float]:
        """Seconds, and the leverage: how little the fit knows of this mix of terms beside one measurement.

        p = sum_k b_k x_k, and the leverage is u' S u with the shares u_k = b_k x_k / p and the spread S.
        """
        seconds, leverages = self.predict_all(np.array([[amounts[term.name] for term in self.terms]]))
        return float(seconds[0]), float(leverages[0])

    def predict_all(self, amounts: Matrix) -> tuple[Vector, Vector]:
        """The same for many mixes at once: a row of amounts for each, in the order of the terms."""
        seconds = amounts * np.exp(self.log_values)
        totals = seconds.sum(axis=1)
        shares = seconds / np.where(totals > 0, totals, 1.0)[:, None]
        return totals, np.maximum(0.0, ((shares @ self.spread) * shares).sum(axis=1))


def fit_models(table: Table, prior: Prior, weights: Matrix) -> list[Model]:
    """A model for each row of weights (B x N), which say how much each of the table's N times counts, 0 for not at all.

    A time of which no term has any tells nothing. All start from the fit to every time that counts in one of them.
    """
    amounts = table.matrix(prior.terms)
    scale = np.where(amounts.any(axis=0), amounts.max(axis=0, initial=0.0), 1.0)
    timed = amounts.any(axis=1)
    x, log_times, counted = amounts[timed] / scale, np.log(table.latencies_s[timed]), weights[:, timed]
    mean = prior.mean + np.log(scale)

    def fitted(counted: Matrix, start: Matrix | None = None) -> Estimates:
        each = len(counted)
        times, means = (np.broadcast_to(known, (each, len(known))) for known in (log_times, mean))
        precision = np.broadcast_to(prior.precision, (each, *prior.covariance.shape))
        return fit_logs(x, times, counted, means, precision, prior.noise, start)

    whole = fitted(counted.max(axis=0, keepdims=True))
    found = fitted(counted, np.repeat(whole.log_values, len(counted), axis=0))
    spreads = inverse(found.information + prior.precision) / prior.noise**2
    return [
        Model(prior.terms, log_values - np.log(scale), spread)
        for log_values, spread in zip(found.log_values, spreads, strict=True)
    ]


def coefficients(model: Model, noise: float, reach: float) -> tuple[Coefficient, ...]:
    """b_k exp(+- z noise sqrt(S_kk)), z (`reach`) the quantile of the normal distribution."""
    found = []
    for term, log_value, variance in zip(model.terms, model.log_values, np.diag(model.spread), strict=True):
        factor = math.exp(min(reach * noise * math.sqrt(max(variance, 0.0)), 300.0))
        value = math.exp(log_value)
        found.append(Coefficient(term, value, value / factor, value * factor))
    return tuple(found)
