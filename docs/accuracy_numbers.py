"""What docs/accuracy.md says of predictions: errors, their intervals over devices, and how often intervals hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import exp, lgamma, log
from typing import Final

import numpy as np
from accuracy_runs import Outcome

RESAMPLES: Final = 400
"""How often devices are drawn for an interval of an error."""


def by(outcomes: Iterable[Outcome], label: Callable[[Outcome], str | int | tuple[str, ...]]) -> list[list[Outcome]]:
    """The outcomes in groups of one label, in the order of the first of each."""
    found: dict[object, list[Outcome]] = {}
    for each in outcomes:
        found.setdefault(label(each), []).append(each)
    return list(found.values())


def mape(outcomes: Sequence[Outcome]) -> float:
    """The mean of |predicted - measured| / measured."""
    return float(np.mean([each.error for each in outcomes]))


def setup_error(outcomes: Iterable[Outcome]) -> float:
    """The median over setups of the setup's mean error."""
    return float(np.median([mape(each) for each in by(outcomes, lambda one: one.place)]))


def setup_error_interval(outcomes: Iterable[Outcome], seed: int = 0) -> tuple[float, float]:
    """The central 90 % of `setup_error` when the devices are drawn anew, with all of their setups."""
    devices = [
        np.array([mape(each) for each in by(rows, lambda one: one.place)])
        for rows in by(outcomes, lambda one: one.setup["device"])
    ]
    draw = np.random.default_rng(seed)
    medians = [
        np.median(np.concatenate([devices[index] for index in draw.integers(len(devices), size=len(devices))]))
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(medians, [0.05, 0.95])
    return float(low), float(high)


def held(outcomes: Iterable[Outcome]) -> list[bool]:
    """Whether each interval held its measured time; without those that had none."""
    return [
        each.low_s <= each.measured_s <= each.high_s
        for each in outcomes
        if each.low_s is not None and each.high_s is not None
    ]


def binomial_range(n: int, probability: float = 0.9, central: float = 0.95) -> tuple[float, float]:
    """The fractions of n independent trials between which the central part of the binomial distribution lies.

    >>> low, high = binomial_range(22)
    >>> round(22 * low), round(22 * high)
    (17, 22)
    """
    logs = [
        lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(probability) + (n - k) * log(1 - probability)
        for k in range(n + 1)
    ]
    below = np.cumsum([exp(each) for each in logs])
    tail = (1 - central) / 2
    low, high = np.searchsorted(below, [tail, 1 - tail])
    return float(low) / n, float(high) / n
