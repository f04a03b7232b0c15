"""What is known of a device's coefficients before anything is measured on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from costmodel.calibration.solver import Matrix, Vector, inverse, log_predicted
from costmodel.calibration.table import Table
from costmodel.calibration.terms import Term

SPREAD: Final = 2.0
"""How far, in the natural logarithm, a coefficient may lie from its worth on a device that nothing is known of."""

SPEED: Final = 10.0
"""How far the speed of all coefficients together may: nothing is assumed of it."""

ROUNDING: Final = 0.02
"""The noise of measured times, relative, where nothing is known of it: published times are rounded."""


class Tail(NamedTuple):
    """How far measured times lie from predictions, as other devices have shown.

    `scale` is the usual score of a device, |log(t / p)| / sqrt(1 + leverage), with the weight of `networks` many;
    `quantiles` are pairs of a number of measured networks and the score, in scales of its own device, that a further
    network then stays below with the probability `interval`.
    """

    scale: float
    networks: float
    interval: float
    quantiles: tuple[tuple[float, float], ...]

    def quantile(self, measured: int) -> float:
        """The score with so many measured networks, between those that were tried in proportion to their logarithms."""
        tried, scores = zip(*self.quantiles, strict=True)
        return float(np.interp(math.log1p(measured), np.log1p(tried), scores))


class Prior(NamedTuple):
    """A multivariate normal distribution of log coefficients, and the noise of measured times.

    `mean` (K) and `covariance` (K x K) are in the order of the `terms`. `tail` is None where no devices are known.
    """

    terms: tuple[Term, ...]
    mean: Vector
    covariance: Matrix
    noise: float
    tail: Tail | None = None

    @property
    def precision(self) -> Matrix:
        """The inverse of the covariance."""
        return inverse(self.covariance)


def weak_prior(table: Table, terms: Sequence[Term]) -> Prior:
    """A prior that knows only what the terms are worth beside one another, within a factor of exp(2).

    The mean is the logarithm of the worths, scaled to the median of the measured times; the speed of all coefficients
    together is left open.
    """
    worths = log_worths(terms)
    amounts = table.matrix(terms)
    timed = amounts.any(axis=1)
    predicted = log_predicted(amounts[timed], worths[None])[0]
    shift = float(np.median(np.log(table.latencies_s[timed]) - predicted)) if timed.any() else 0.0
    return Prior(tuple(terms), worths + shift, unknown_covariance(len(terms), SPREAD, SPEED), ROUNDING)


def log_worths(terms: Sequence[Term]) -> Vector:
    """The logarithm of what one unit of each term is worth in multiply-accumulates."""
    worths: Vector = np.log(np.array([term.worth for term in terms], dtype=np.float64))
    return worths


def unknown_covariance(count: int, spread: float, speed: float) -> Matrix:
    """Coefficients that are independent but for one speed: spread^2 I + speed^2."""
    covariance: Matrix = spread**2 * np.eye(count) + speed**2
    return covariance
