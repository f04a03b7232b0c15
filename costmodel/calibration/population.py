"""A population of devices: how coefficients vary from one to the next, learned from measurements of many."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from costmodel.calibration.covariates import covariates
from costmodel.calibration.measurements import Key, Setup
from costmodel.calibration.prior import Prior, Tail, log_worths, unknown_covariance
from costmodel.calibration.solver import Array, Matrix, Vector, fit_logs, inverse, log_predicted
from costmodel.calibration.table import Table
from costmodel.calibration.terms import TERMS, Term

NOISE: Final = 0.045
"""How far, relative, the model itself is off: more than times vary."""

_SPREAD: Final = 0.7
_SPEED: Final = 1.0
_WEIGHT_OF_WORTHS: Final = 2.0
_WEIGHT_OF_SPREAD: Final = 4.0
_SMALLEST_SPREAD: Final = 0.2
_ROUNDS: Final = 15
_STEPS: Final = 5


@dataclass(frozen=True, eq=False)
class Population:
    """Log coefficients of a setup with covariates z (Q) are normal: mean z' effects (Q x K), one covariance (K x K).

    `devices` are those that it was learned from.
    """

    terms: tuple[Term, ...]
    effects: Matrix
    covariance: Matrix
    noise: float
    devices: frozenset[str]
    known: Tail | None = None
    """How far predictions are off for networks that it was learned from."""
    unknown: Tail | None = None
    """How far they are off for other networks."""

    def prior(self, setup: Setup, *, is_known: bool = False) -> Prior:
        """What is known of a setup before anything is measured on it; `is_known` says it of what will be predicted."""
        mean: Vector = np.array(covariates(setup)) @ self.effects
        return Prior(self.terms, mean, self.covariance, self.noise, self.known if is_known else self.unknown)


@dataclass(frozen=True, eq=False)
class Sample:
    """Measured times of many setups in one array: N things that were measured, S setups; weight 0 where one was not."""

    setups: tuple[Setup, ...]
    keys: tuple[Key, ...]
    amounts: Matrix
    log_times: Matrix
    weights: Matrix

    @property
    def devices(self) -> tuple[str, ...]:
        """The device of each setup."""
        return tuple(dict(setup)["device"] for setup in self.setups)

    def without(self, devices: frozenset[str], keys: frozenset[Key] = frozenset()) -> Sample:
        """The sample without these devices, and without what was measured under these keys."""
        rows = [index for index, device in enumerate(self.devices) if device not in devices]
        columns = [index for index, key in enumerate(self.keys) if key not in keys]
        return Sample(
            tuple(self.setups[row] for row in rows),
            tuple(self.keys[column] for column in columns),
            self.amounts[columns],
            self.log_times[np.ix_(rows, columns)],
            self.weights[np.ix_(rows, columns)],
        )


def sample(parts: Mapping[Setup, Table], terms: Sequence[Term] = TERMS) -> Sample:
    """The tables of several setups as one array; of a network measured twice the logarithms are averaged.

    What has the same key and other amounts, as with another batch, precision or runtime, is something of its own.
    """
    things = {
        setup: list(zip(table.keys, map(tuple, table.matrix(terms).tolist()), strict=True))
        for setup, table in parts.items()
    }
    place: dict[tuple[Key, tuple[float, ...]], int] = {}
    for thing in itertools.chain.from_iterable(things.values()):
        place.setdefault(thing, len(place))
    keys = tuple(key for key, _ in place)
    amounts = np.array([each for _, each in place]).reshape(len(place), len(terms))
    sums, counts = np.zeros((len(parts), len(keys))), np.zeros((len(parts), len(keys)))
    for row, (setup, table) in enumerate(parts.items()):
        columns = [place[thing] for thing in things[setup]]
        np.add.at(sums[row], columns, np.log(table.latencies_s))
        np.add.at(counts[row], columns, 1.0)
    known = counts > 0
    return Sample(
        tuple(parts), keys, amounts, np.where(known, sums / np.maximum(counts, 1.0), 0.0), known.astype(float)
    )


def learn(measured: Sample, terms: Sequence[Term] = TERMS, noise: float = NOISE) -> Population:
    """The population that explains the sample best: expectation and maximization over the setups' coefficients.

    In turn, every setup is fitted under the population, and the population's effects and covariance are those of the
    fits and of their doubt. Effects stay near the worths of the terms where the sample says nothing of a term, and the
    covariance near a small one. Setups of one device count less, by the square root of their number.
    `noise` is how far, relative, the model itself is taken to be off.
    """
    timed = measured.amounts.any(axis=1)
    scale = np.where(measured.amounts.any(axis=0), measured.amounts.max(axis=0, initial=0.0), 1.0)
    amounts, log_times, seen = measured.amounts[timed] / scale, measured.log_times[:, timed], measured.weights[:, timed]
    z = np.array([covariates(setup) for setup in measured.setups])
    counts = Counter(measured.devices)
    weights = np.array([counts[device] ** -0.5 for device in measured.devices])
    worths = log_worths(terms) + np.log(scale)
    effects = np.zeros((z.shape[1], len(worths)))
    effects[0] = worths + _speed(amounts, log_times, seen, worths)
    covariance = unknown_covariance(len(worths), _SPREAD, _SPEED)
    fitted: Matrix | None = None
    for _ in range(_ROUNDS):
        mean, precision = z @ effects, inverse(covariance)
        stacked = np.broadcast_to(precision, (len(z), *precision.shape))
        fitted, information = fit_logs(
            amounts, log_times, seen, mean, stacked, noise, fitted, 20 if fitted is None else _STEPS
        )
        effects = _effects(z, fitted, weights, worths, effects[0])
        covariance = _covariance(fitted - z @ effects, inverse(information + precision), weights)
    effects[0] -= np.log(scale)
    return Population(tuple(terms), effects, covariance, noise, frozenset(measured.devices))


def _speed(amounts: Matrix, log_times: Matrix, seen: Matrix, worths: Vector) -> float:
    """The logarithm of the seconds that a unit of worth takes on the median of all measurements."""
    return float(np.median((log_times - log_predicted(amounts, worths[None]))[seen > 0]))


def _effects(z: Matrix, fitted: Matrix, weights: Vector, worths: Vector, before: Vector) -> Matrix:
    """argmin over E of sum_s w_s |theta_s - z_s E|^2 + a |E_0 - worths - speed|^2 + sum of the other |E_q|^2."""
    weighted = z * weights[:, None]
    ridge = np.diag([_WEIGHT_OF_WORTHS, *[1.0] * (z.shape[1] - 1)])
    aim = weighted.T @ fitted
    aim[0] += _WEIGHT_OF_WORTHS * (worths + float(np.mean(before - worths)))
    return np.asarray(np.linalg.solve(z.T @ weighted + ridge, aim), dtype=np.float64)


def _covariance(away: Matrix, doubt: Array, weights: Vector) -> Matrix:
    """The mean of away away' + doubt over the setups, with the weight of a few that hardly vary."""
    found = np.einsum("s,sk,sl->kl", weights, away, away) + np.einsum("s,skl->kl", weights, doubt)
    found[np.diag_indices_from(found)] += _WEIGHT_OF_SPREAD * _SMALLEST_SPREAD**2
    covariance: Matrix = (found + found.T) / 2 / (weights.sum() + _WEIGHT_OF_SPREAD)
    return covariance
