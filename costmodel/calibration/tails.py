"""How far predictions are off on devices that a population has not seen: what the width of its intervals comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from costmodel.calibration.intervals import own_scale
from costmodel.calibration.leaving import dealt
from costmodel.calibration.measurements import Setup
from costmodel.calibration.names import one_spelling
from costmodel.calibration.population import NOISE, Population, Sample, learn, sample
from costmodel.calibration.prior import Tail
from costmodel.calibration.solver import Matrix, Vector, fit_logs, inverse
from costmodel.calibration.table import Table
from costmodel.calibration.terms import Term

SHOTS: Final = (0, 1, 3, 8)
"""With so many networks measured, beside all of them, it is tried how far predictions of the others are off."""

_DEVICE_FOLDS: Final = {True: 4, False: 2}
_NETWORK_FOLDS: Final = 4
_LEFT_OUT: Final = 40
_WEIGHT: Final = 8.0


class _Trial(NamedTuple):
    """Of one setup: the scores of its measured networks, each left out, and those of networks not measured."""

    own: Vector
    others: Vector


def tail(
    parts: Mapping[Setup, Table],
    terms: Sequence[Term],
    interval: float,
    *,
    noise: float = NOISE,
    are_known: bool = True,
    start: Population | None = None,
) -> Tail | None:
    """How far predictions are off on devices that a population was not learned from, for networks that no fit saw.

    Folds of the devices are left out of the population, and folds of the networks too unless they `are_known` to it.
    What is predicted on the devices that are left out is measured on them with none, a few or all of the other
    networks; a score is |log(t / p)| / sqrt(1 + leverage). None where there are not two folds that measured something.
    """
    measured = sample(parts, terms)
    devices = one_spelling(measured.devices)
    folds = dealt([(first,) for first in devices.values()], _DEVICE_FOLDS[are_known])
    device_fold = dict(zip(devices, folds, strict=True))
    network_fold = np.array(dealt(measured.keys, 1 if are_known else _NETWORK_FOLDS))
    whole: dict[Setup, list[Vector]] = {}
    few: dict[int, list[_Trial]] = {shots: [] for shots in SHOTS}
    for at in sorted(set(device_fold.values())):
        inside = frozenset(device for device in devices if device_fold[device] == at)
        left, others = measured.without(frozenset(devices) - inside), measured.without(inside)
        for part in sorted(set(network_fold.tolist())):
            is_asked = network_fold == part
            unseen = frozenset(key for key, asked in zip(measured.keys, is_asked, strict=True) if asked)
            rest = others if are_known else others.without(frozenset(), unseen)
            if rest.is_empty:
                continue
            fits = _Fits(left, learn(rest, terms, noise, start))
            for setup, scores in zip(left.setups, fits.with_all(is_asked), strict=True):
                whole.setdefault(setup, []).append(scores)
            for shots, trials in few.items():
                trials.extend(fits.with_few(shots, is_asked))
    return _tail([np.concatenate(each) for each in whole.values()], few, interval)


class _Fits:
    """Fits to a sample of devices that a population has not seen."""

    def __init__(self, left: Sample, population: Population) -> None:
        self.left = left
        self.seen = (left.weights > 0) & left.amounts.any(axis=1)
        priors = [population.prior(setup) for setup in left.setups]
        self.noise = population.noise
        self.scale = np.where(left.amounts.any(axis=0), left.amounts.max(axis=0, initial=0.0), 1.0)
        self.means = np.array([prior.mean for prior in priors]) + np.log(self.scale)
        self.precision = inverse(np.array([prior.covariance for prior in priors]))

    def with_all(self, is_asked: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[Vector]:
        """Each setup's scores of the networks that are asked for, when all others are measured."""
        groups = dealt(self.left.keys, _LEFT_OUT)
        labels = sorted(set(groups))
        kept = np.array([[group != label for group in groups] for label in labels], dtype=float)
        rows = np.repeat(np.arange(len(self.seen)), len(labels))
        scores = self._scores(rows, self.seen[rows] * np.tile(kept, (len(self.seen), 1)))
        place = np.array([labels.index(group) for group in groups])
        found = scores.reshape(len(self.seen), len(labels), -1)[:, place, np.arange(len(groups))]
        return [each[seen & is_asked] for each, seen in zip(found, self.seen, strict=True)]

    def with_few(self, shots: int, is_asked: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[_Trial]:
        """Each setup's scores when a few of its networks, drawn at random, are measured; none of fewer than that."""
        rng = np.random.default_rng(shots)
        drawn = [rng.permutation(np.flatnonzero(seen))[:shots] for seen in self.seen]
        able = [row for row, seen in enumerate(self.seen) if seen.sum() > shots]
        if not able:
            return []
        rows = np.repeat(able, shots + 1)
        kept = np.zeros((len(rows), len(self.left.keys)))
        for place, row in enumerate(able):
            kept[place * (shots + 1) : (place + 1) * (shots + 1), drawn[row]] = 1.0
            kept[place * (shots + 1) + 1 + np.arange(shots), drawn[row]] = 0.0
        scores = self._scores(rows, kept).reshape(len(able), shots + 1, -1)
        found = []
        for each, row in zip(scores, able, strict=True):
            asked = self.seen[row] & is_asked
            asked[drawn[row]] = False
            found.append(_Trial(each[1 + np.arange(shots), drawn[row]], each[0, asked]))
        return found

    def _scores(self, rows: np.ndarray[tuple[int], np.dtype[np.int_]], kept: Matrix) -> Matrix:
        """The score of every network (B x N) under B fits, each to those of a setup's times that are kept."""
        amounts, log_times = self.left.amounts / self.scale, self.left.log_times[rows]
        timed = amounts.any(axis=1)
        precision = self.precision[rows]
        found = fit_logs(amounts[timed], log_times[:, timed], kept[:, timed], self.means[rows], precision, self.noise)
        spread = inverse(found.information + precision) / self.noise**2
        seconds = amounts[None] * np.exp(found.log_values)[:, None, :]
        totals = np.maximum(seconds.sum(axis=2), 1e-300)
        shares = seconds / totals[:, :, None]
        leverage = np.maximum(np.einsum("bnk,bkl,bnl->bn", shares, spread, shares, optimize=True), 0.0)
        scores: Matrix = np.abs(log_times - np.log(totals)) / np.sqrt(1 + leverage)
        return scores


def _tail(whole: Sequence[Vector], few: Mapping[int, Sequence[_Trial]], interval: float) -> Tail | None:
    """The usual size of the scores of a device, and their quantiles in units of their device's own size."""
    all_scores = [each for each in whole if len(each)]
    if not all_scores:
        return None
    usual = float(np.median([np.sqrt(np.mean(each**2)) for each in all_scores]))
    quantiles = []
    for shots, trials in few.items():
        ratios = [trial.others / own_scale(trial.own, usual, _WEIGHT) for trial in trials if len(trial.others)]
        if ratios:
            quantiles.append((float(shots), float(np.quantile(np.concatenate(ratios), interval))))
    own = [
        each[index] / own_scale(np.delete(each, index), usual, _WEIGHT)
        for each in all_scores
        for index in range(len(each))
    ]
    usually_measured = float(np.median([len(each) for each in all_scores])) - 1
    if not quantiles or usually_measured > quantiles[-1][0]:
        quantiles.append((usually_measured, float(np.quantile(own, interval))))
    return Tail(usual, _WEIGHT, interval, tuple(quantiles))
