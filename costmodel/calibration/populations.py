"""The populations that stand behind the setups of a measurement file, each learned without the device in question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np

from costmodel.calibration.covariates import group
from costmodel.calibration.fit import INTERVAL, fit
from costmodel.calibration.intervals import own_scale
from costmodel.calibration.leaving import dealt
from costmodel.calibration.measurements import Key, Measurements, Setup, same_device, same_network
from costmodel.calibration.population import NOISE, Population, learn, sample
from costmodel.calibration.population_file import shipped, shipped_groups
from costmodel.calibration.prior import Prior, Tail
from costmodel.calibration.table import Table, tabulate
from costmodel.calibration.targets import Finder
from costmodel.calibration.terms import TERMS, Term, terms_of
from costmodel.errors import CalibrationError

FEWEST_DEVICES: Final = 8
"""From fewer other devices nothing is learned: one that nothing is known of differs by more than they tell."""

FOLDS: Final = 8
"""The devices of a file are dealt into so many folds; a population is learned without all of a fold."""

_DEVICE_FOLDS: Final = {True: 4, False: 2}
_NETWORK_FOLDS: Final = 4
_WEIGHT_OF_TAIL: Final = 8.0


@dataclass(eq=False)
class Populations:
    """The priors of the setups of a file, from the others' devices."""

    parts: Mapping[Setup, Table]
    terms: Sequence[Term]
    interval: float
    noise: float = NOISE
    _learned: dict[tuple[str, int, frozenset[Key]], Population] = field(default_factory=dict)
    _tails: dict[tuple[str, int, bool], Tail | None] = field(default_factory=dict)

    def prior(self, setup: Setup, unseen: frozenset[Key] = frozenset()) -> Prior | None:
        """What the other devices of the file say of a setup, without what was measured under the `unseen` keys.

        It starts from the population that comes with the library, if that knows no device of the file and no network
        that is unseen. Without such a start, None for fewer than `FEWEST_DEVICES` other devices.
        """
        device, family = dict(setup)["device"], group(setup)
        fold = self._fold(device)
        unseen = unseen.union(*(self._namesakes[key] for key in unseen))
        start = self._start(family, unseen)
        others = {dict(each)["device"] for each in self._group(family)} - self._in(fold)
        if len(others) < FEWEST_DEVICES:
            return start.prior(setup) if start else None
        place = (family, fold, unseen)
        if place not in self._learned:
            self._learned[place] = self._learn(family, fold, unseen, start)
        return self._learned[place].prior(setup, is_known=not unseen)

    def _start(self, family: str, unseen: frozenset[Key]) -> Population | None:
        """The library's population of a group, where it may be known."""
        terms = terms_of(self.terms, family.partition("-")[0])
        found = shipped(family) if family in shipped_groups() else None
        if found is None or found.terms != terms:
            return None
        if {same_device(device) for device in found.devices} & {same_device(device) for device in self._devices}:
            return None
        known = set(map(same_network, found.networks))
        return None if known & {same_network(key[0]) for key in unseen} else found

    def _learn(self, family: str, fold: int, unseen: frozenset[Key], start: Population | None) -> Population:
        left = self._in(fold)
        parts = {setup: table for setup, table in self._group(family).items() if dict(setup)["device"] not in left}
        terms = terms_of(self.terms, family.partition("-")[0])
        measured = sample(parts, terms).without(frozenset(), unseen)
        place = (family, fold, not unseen)
        if place not in self._tails:
            # The same for whatever is unseen: it is the usual distance that matters, not that of one network.
            self._tails[place] = tail(parts, terms, self.interval, noise=self.noise, are_known=not unseen, start=start)
        found = learn(measured, terms, self.noise, start)
        return replace(found, known=self._tails[place], unknown=self._tails[place])

    @cached_property
    def _devices(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(dict(setup)["device"] for setup in self.parts))

    @cached_property
    def _folds(self) -> dict[str, int]:
        """The fold of each device; one that is spelled in several ways is in the fold of the first of them."""
        first = {same_device(device): device for device in sorted(self._devices, reverse=True)}
        spelled = [(first[same_device(device)],) for device in self._devices]
        return dict(zip(self._devices, dealt(spelled, FOLDS), strict=True))

    @cached_property
    def _namesakes(self) -> dict[Key, frozenset[Key]]:
        """What has the same amounts as what each key names: one network under two names."""
        named: dict[tuple[float, ...], set[Key]] = {}
        for table in self.parts.values():
            for key, amounts in zip(table.keys, table.matrix(self.terms).tolist(), strict=True):
                named.setdefault(tuple(amounts), set()).add(key)
        found: dict[Key, frozenset[Key]] = {}
        for keys in named.values():
            for key in keys:
                found[key] = found.get(key, frozenset()) | keys
        return found

    def _fold(self, device: str) -> int:
        return self._folds[device]

    def _in(self, fold: int) -> frozenset[str]:
        return frozenset(device for device in self._devices if self._fold(device) == fold)

    def _group(self, family: str) -> dict[Setup, Table]:
        return {setup: table for setup, table in self.parts.items() if group(setup) == family}


def tail(
    parts: Mapping[Setup, Table],
    terms: Sequence[Term],
    interval: float,
    *,
    noise: float = NOISE,
    are_known: bool = True,
    start: Population | None = None,
) -> Tail | None:
    """How far predictions are off on devices that a population was not learned from, each network left out of its fit.

    The networks are known to the population, or folds of them are left out of it too.
    """
    measured = sample(parts, terms)
    devices, networks = tuple(dict.fromkeys(measured.devices)), measured.keys
    device_fold = dict(zip(devices, dealt([(device,) for device in devices], _DEVICE_FOLDS[are_known]), strict=True))
    network_fold = dict(zip(networks, dealt(networks, 1 if are_known else _NETWORK_FOLDS), strict=True))
    scores: dict[Setup, list[float]] = {}
    for at in sorted(set(device_fold.values())):
        left = {setup: table for setup, table in parts.items() if device_fold[dict(setup)["device"]] == at}
        others = measured.without(frozenset(device for device in devices if device_fold[device] == at))
        for part in sorted(set(network_fold.values())):
            unseen = frozenset(key for key in networks if network_fold[key] == part)
            rest = others if are_known else others.without(frozenset(), unseen)
            if not rest.setups or not rest.keys:
                continue
            population = learn(rest, terms, noise, start)
            for setup, table in left.items():
                fitted = fit(table, terms, prior=population.prior(setup), interval=interval)
                pairs = zip(dict.fromkeys(table.keys), fitted.scores.tolist(), strict=True)
                scores.setdefault(setup, []).extend(score for key, score in pairs if key in unseen)
    return _tail([np.array(each) for each in scores.values()], interval)


def learn_populations(measurements: Measurements, find: Finder) -> dict[str, Population]:
    """The population of each group of setups in a measurement file that has enough devices.

    Raises `CalibrationError` where none has.
    """
    table = tabulate(measurements.rows, find)
    found: dict[str, dict[Setup, Table]] = {}
    for setup in measurements.setups():
        found.setdefault(group(setup), {})[setup] = table.take(row.setup == setup for row in table.rows)
    enough = {
        name: parts
        for name, parts in found.items()
        if len({dict(setup)["device"] for setup in parts}) >= FEWEST_DEVICES
    }
    if not enough:
        raise CalibrationError(
            f"a population needs measured times of at least {FEWEST_DEVICES} devices of one kind, and "
            f"{measurements.name} has fewer"
        )
    return {name: _with_tails(parts, terms_of(TERMS, name.partition("-")[0])) for name, parts in enough.items()}


def _with_tails(parts: Mapping[Setup, Table], terms: Sequence[Term]) -> Population:
    """The population of these setups, and how far it is off on what it has not seen."""
    return replace(
        learn(sample(parts, terms), terms),
        known=tail(parts, terms, INTERVAL),
        unknown=tail(parts, terms, INTERVAL, are_known=False),
    )


def _tail(scores: Sequence[np.ndarray[tuple[int], np.dtype[np.float64]]], interval: float) -> Tail | None:
    """The usual size of the scores of a device, and their quantile in units of their device's own size."""
    if not scores:
        return None
    usual = float(np.median([np.sqrt(np.mean(each**2)) for each in scores]))
    own = [
        each[index] / own_scale(np.delete(each, index), usual, _WEIGHT_OF_TAIL)
        for each in scores
        for index in range(len(each))
    ]
    return Tail(usual, _WEIGHT_OF_TAIL, interval, float(np.quantile(own, interval)))


def library_prior(setup: Setup) -> Prior:
    """What the devices that the library was built with say of a setup, which must not be of one of them."""
    found, device = shipped(group(setup)), dict(setup)["device"]
    if same_device(device) in map(same_device, found.devices):
        raise CalibrationError(
            f"the population that comes with the library knows {device!r} already; measure more devices, or use the "
            "prior 'none'"
        )
    return found.prior(setup)
