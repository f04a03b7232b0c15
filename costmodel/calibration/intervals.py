"""Intervals of predictions, from what fits that leave one network out were off by."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

import numpy as np

from costmodel.calibration.prior import Tail
from costmodel.calibration.solver import Vector

_LARGEST_SCORE: Final = 3.0


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


def own_scale(scores: Vector, usual: float, networks: float) -> float:
    """The usual size of a device's scores: sqrt((networks usual^2 + sum score^2) / (networks + m)).

    Scores beyond three times the usual one count as three, so that one outlier does not widen every interval.
    """
    held = np.minimum(scores, _LARGEST_SCORE * usual)
    return math.sqrt((networks * usual**2 + float(held @ held)) / (networks + len(scores)))


def reach(scores: Vector, tail: Tail | None, interval: float, noise: float) -> float | None:
    """The score of the interval's ends: by what other devices have shown where they are known, else conformally.

    A device's own few scores say how large they are, and those of all devices how they are distributed. It is at least
    that of normal errors of the size of the noise, which times have that agree better by luck.
    """
    if tail is None or tail.interval != interval:
        found = conformal_quantile(scores, interval)
    else:
        found = tail.quantile(len(scores)) * own_scale(scores, tail.scale, tail.networks)
    return None if found is None else max(found, noise * NormalDist().inv_cdf((1 + interval) / 2))
