"""A population of devices: how coefficients vary from one to the next, learned from measurements of many."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from costmodel.calibration.covariates import covariates
from costmodel.calibration.measurements import Key, Setup
from costmodel.calibration.names import one_spelling
from costmodel.calibration.prior import Prior, Tail, log_worths, unknown_covariance
from costmodel.calibration.solver import Array, Matrix, Vector, fit_logs, inverse, log_predicted
from costmodel.calibration.table import Table
from costmodel.calibration.terms import TERMS, Term

NOISE: Final = 0.035
"""How far, relative, the model itself is off: more than times vary."""

WEIGHT_OF_START: Final = 10.0
"""How many setups count as much as a population from which another starts."""

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

    A covariate that is not known of a setup has the `centre` (Q) of the population's, and as much doubt as it varies
    there (`variances`, Q): var(z_q) effects_q effects_q' is added to the covariance. `devices` and `networks` are those
    that it was learned from.
    """

    terms: tuple[Term, ...]
    effects: Matrix
    covariance: Matrix
    centre: Vector
    variances: Vector
    noise: float
    devices: frozenset[str]
    networks: frozenset[str]
    known: Tail | None = None
    """How far predictions are off for networks that it was learned from."""
    unknown: Tail | None = None
    """How far they are off for other networks."""

    def prior(self, setup: Setup, *, is_known: bool = False) -> Prior:
        """What is known of a setup before anything is measured on it; `is_known` says it of what will be predicted."""
        z = np.array(covariates(setup))
        is_told = ~np.isnan(z)
        mean: Vector = np.where(is_told, z, self.centre) @ self.effects
        covariance = self.covariance
        if not is_told.all():
            untold = self.effects[~is_told]
            covariance = covariance + (untold.T * self.variances[~is_told]) @ untold
        return Prior(self.terms, mean, covariance, self.noise, self.known if is_known else self.unknown)


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

    @property
    def is_empty(self) -> bool:
        """Whether no time is in it that says anything of a term."""
        return not self.weights[:, self.amounts.any(axis=1)].any()

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


def learn(
    measured: Sample, terms: Sequence[Term] = TERMS, noise: float = NOISE, start: Population | None = None
) -> Population:
    """The population that explains the sample best: expectation and maximization over the setups' coefficients.

    In turn, every setup is fitted under the population, and the population's effects and covariance are those of the
    fits and of their doubt. Effects stay near the worths of the terms where the sample says nothing of a term, and the
    covariance near a small one; or both near another population from which it starts, which counts as
    `WEIGHT_OF_START` setups. Setups of one device count less, by the square root of their number. `noise` is how far,
    relative, the model itself is taken to be off.
    """
    timed = measured.amounts.any(axis=1)
    scale = np.where(measured.amounts.any(axis=0), measured.amounts.max(axis=0, initial=0.0), 1.0)
    amounts, log_times, seen = measured.amounts[timed] / scale, measured.log_times[:, timed], measured.weights[:, timed]
    said = np.array([covariates(setup) for setup in measured.setups])
    z, centre, variances = _told(said)
    spelled = one_spelling(measured.devices)
    counts = Counter(spelled[device] for device in measured.devices)
    weights = np.array([counts[spelled[device]] ** -0.5 for device in measured.devices])
    belief = _Belief.of_worths(amounts, log_times, seen, log_worths(terms) + np.log(scale), z.shape[1])
    if start is not None:
        belief = _Belief.of_population(start, np.log(scale))
    effects, covariance = belief.effects, belief.covariance
    fitted: Matrix | None = None
    for _ in range(_ROUNDS):
        mean, precision = z @ effects, inverse(covariance)
        stacked = np.broadcast_to(precision, (len(z), *precision.shape))
        fitted, information = fit_logs(
            amounts, log_times, seen, mean, stacked, noise, fitted, 20 if fitted is None else _STEPS
        )
        z = _guessed(said, centre, variances, fitted, effects, precision)
        effects = _effects(z, fitted, weights, belief, effects[0])
        covariance = _covariance(fitted - z @ effects, inverse(information + precision), weights, belief)
    effects = effects - np.log(scale) * (np.arange(len(effects)) == 0)[:, None]
    seen_before = (start.devices, start.networks) if start else (frozenset[str](), frozenset[str]())
    return Population(
        terms=tuple(terms),
        effects=effects,
        covariance=covariance,
        centre=centre,
        variances=variances,
        noise=noise,
        devices=seen_before[0] | frozenset(measured.devices),
        networks=seen_before[1] | frozenset(key[0] for key in measured.keys),
    )


def _told(z: Matrix) -> tuple[Matrix, Vector, Vector]:
    """Covariates with the mean of those that are known where they are not, that mean, and their variance."""
    is_told = ~np.isnan(z)
    counts = np.maximum(is_told.sum(axis=0), 1)
    centre: Vector = np.where(is_told, z, 0.0).sum(axis=0) / counts
    variances: Vector = np.where(is_told, (z - centre) ** 2, 0.0).sum(axis=0) / counts
    return np.where(is_told, z, centre), centre, variances


def _guessed(
    said: Matrix, centre: Vector, variances: Vector, fitted: Matrix, effects: Matrix, precision: Matrix
) -> Matrix:
    """Covariates with the most probable values of those that are not known, as the fitted coefficients tell."""
    z = np.where(np.isnan(said), centre, said)
    for row in np.flatnonzero(np.isnan(said).any(axis=1)).tolist():
        untold = np.flatnonzero(np.isnan(said[row]) & (variances > 0))
        away = fitted[row] - z[row] @ effects
        pull = effects[untold] @ precision
        z[row, untold] += np.linalg.solve(np.diag(1 / variances[untold]) + pull @ effects[untold].T, pull @ away)
    return z


class _Belief(NamedTuple):
    """What a population is taken for before anything is measured, and how many setups that counts for.

    `is_open` says that its speed is not known: the first row of its effects may be shifted as a whole.
    """

    effects: Matrix
    covariance: Matrix
    weights: Vector
    weight_of_spread: float
    is_open: bool

    @classmethod
    def of_worths(cls, amounts: Matrix, log_times: Matrix, seen: Matrix, worths: Vector, rows: int) -> _Belief:
        """The worths of the terms at the median speed, and devices that hardly differ beside their speed."""
        effects = np.zeros((rows, len(worths)))
        effects[0] = worths + np.median((log_times - log_predicted(amounts, worths[None]))[seen > 0])
        weights = np.array([_WEIGHT_OF_WORTHS, *[1.0] * (rows - 1)])
        return cls(effects, unknown_covariance(len(worths), _SPREAD, _SPEED), weights, 0.0, is_open=True)

    @classmethod
    def of_population(cls, start: Population, log_scale: Vector) -> _Belief:
        """What other devices have shown before."""
        effects = start.effects.copy()
        effects[0] += log_scale
        weights = np.full(len(effects), WEIGHT_OF_START)
        return cls(effects, start.covariance, weights, WEIGHT_OF_START, is_open=False)


def _effects(z: Matrix, fitted: Matrix, weights: Vector, belief: _Belief, before: Vector) -> Matrix:
    """argmin over E of sum_s w_s |theta_s - z_s E|^2 + sum_q a_q |E_q - believed E_q|^2."""
    weighted = z * weights[:, None]
    believed = belief.effects.copy()
    if belief.is_open:
        believed[0] += float(np.mean(before - believed[0]))
    aim = weighted.T @ fitted + belief.weights[:, None] * believed
    return np.asarray(np.linalg.solve(z.T @ weighted + np.diag(belief.weights), aim), dtype=np.float64)


def _covariance(away: Matrix, doubt: Array, weights: Vector, belief: _Belief) -> Matrix:
    """The mean of away away' + doubt over the setups and of what was believed, or of a few that hardly vary."""
    found = np.einsum("s,sk,sl->kl", weights, away, away) + np.einsum("s,skl->kl", weights, doubt)
    if belief.is_open:
        found[np.diag_indices_from(found)] += _WEIGHT_OF_SPREAD * _SMALLEST_SPREAD**2
    found += belief.weight_of_spread * belief.covariance
    count = weights.sum() + (_WEIGHT_OF_SPREAD if belief.is_open else belief.weight_of_spread)
    covariance: Matrix = (found + found.T) / 2 / count
    return covariance
