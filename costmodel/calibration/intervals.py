"""Intervals from what fits that leave one network out say: of coefficients and of predictions."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from costmodel.calibration.features import term
from costmodel.calibration.model import Coefficient, Model
from costmodel.calibration.solver import Vector, student_t


def conformal_quantile(scores: Vector, interval: float) -> float | None:
    """The score that the next one stays at or below with probability `interval`, whatever their distribution.

    The ceil((m + 1) interval)-th smallest of m scores; None where there are too few for it, or it is infinite.
    Source: Lei et al., Distribution-free predictive inference for regression, JASA 113, 2018.

    >>> conformal_quantile(np.arange(1.0, 23.0), 0.9)
    21.0
    """
    rank = math.ceil((len(scores) + 1) * interval - 1e-9)
    score = float(np.sort(scores)[rank - 1]) if rank <= len(scores) else math.inf
    return score if score < math.inf else None


def jackknife(model: Model, without: Sequence[Model], interval: float) -> tuple[Coefficient, ...]:
    """The coefficients b_j +- t s_j, not below 0, s_j^2 = (m - 1) / m sum_i (b_j(i) - mean_i b_j(i))^2.

    b_j(i) is the coefficient fitted without network i of m, t Student's quantile for m - k degrees of freedom; no
    interval where none is left. It assumes neither equal nor normal errors, and no linear model of them.
    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 11.
    """
    m, degrees = len(without), len(without) - len(model.values)
    if degrees < 1:
        return tuple(Coefficient(term(name), value, None, None) for name, value in model.values.items())
    t = student_t((1 + interval) / 2, degrees)
    found = []
    for name, value in model.values.items():
        each = np.array([other.values.get(name, 0.0) for other in without])
        reach = t * math.sqrt((m - 1) / m * float(np.sum((each - each.mean()) ** 2)))
        found.append(Coefficient(term(name), value, max(0.0, value - reach), value + reach))
    return tuple(found)
