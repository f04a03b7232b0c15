"""The populations that stand behind the setups of a measurement file, each learned without the device in question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from costmodel.calibration.covariates import group
from costmodel.calibration.fit import INTERVAL
from costmodel.calibration.leaving import dealt
from costmodel.calibration.measurements import Key, Measurements, Setup
from costmodel.calibration.names import one_spelling, same_device, same_network
from costmodel.calibration.population import NOISE, Population, learn, sample
from costmodel.calibration.population_file import shipped, shipped_groups
from costmodel.calibration.prior import Prior, Tail
from costmodel.calibration.table import Table, tabulate
from costmodel.calibration.tails import tail
from costmodel.calibration.targets import Finder
from costmodel.calibration.terms import TERMS, Term, terms_of
from costmodel.errors import CalibrationError

FEWEST_DEVICES: Final = 8
"""From fewer other devices nothing is learned: one that nothing is known of differs by more than they tell."""

FOLDS: Final = 8
"""The devices of a file are dealt into so many folds; a population is learned without all of a fold."""

MOST_BY_THEMSELVES: Final = 24
"""So many devices of a kind, or fewer, are a fold each: a population of few devices needs all but one."""


@dataclass(eq=False)
class Populations:
    """The priors of the setups of a file, from the others' devices."""

    parts: Mapping[Setup, Table]
    terms: Sequence[Term]
    interval: float
    noise: float = NOISE
    _learned: dict[tuple[str, int, frozenset[Key]], Population | None] = field(default_factory=dict)
    _tails: dict[tuple[str, int, bool], Tail | None] = field(default_factory=dict)

    def prior(self, setup: Setup, unseen: frozenset[Key] = frozenset()) -> Prior | None:
        """What the other devices of the file say of a setup, without what was measured under the `unseen` keys.

        It starts from the population that comes with the library, if that knows no device of the file and no network
        that is unseen. Without such a start, None for fewer than `FEWEST_DEVICES` other devices, and where nothing but
        the unseen was measured on them.
        """
        device, family = dict(setup)["device"], group(setup)
        fold = self._folds[family][device]
        unseen = unseen.union(*(self._namesakes[key] for key in unseen))
        start = self._start(family, unseen)
        others = {dict(each)["device"] for each in self._group(family)} - self._in(family, fold)
        count = len(set(one_spelling(others).values()))
        place = (family, fold, unseen)
        if count >= FEWEST_DEVICES and place not in self._learned:
            self._learned[place] = self._learn(family, fold, unseen, start)
        if learned := self._learned.get(place):
            return learned.prior(setup, is_known=not unseen)
        return start.prior(setup) if start else None

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

    def _learn(self, family: str, fold: int, unseen: frozenset[Key], start: Population | None) -> Population | None:
        """The population of a group without a fold of its devices; None where the others measured the unseen only."""
        left = self._in(family, fold)
        parts = {setup: table for setup, table in self._group(family).items() if dict(setup)["device"] not in left}
        terms = terms_of(self.terms, family.partition("-")[0])
        measured = sample(parts, terms).without(frozenset(), unseen)
        if measured.is_empty:
            return None
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
    def _folds(self) -> dict[str, dict[str, int]]:
        """The fold of each device in each group; one that is spelled in several ways is in the fold of the first."""
        first = one_spelling(self._devices)
        found = {}
        for family in dict.fromkeys(map(group, self.parts)):
            devices = list(dict.fromkeys(dict(setup)["device"] for setup in self._group(family)))
            spelled = [(first[device],) for device in devices]
            count = len(devices) if len(devices) <= MOST_BY_THEMSELVES else FOLDS
            found[family] = dict(zip(devices, dealt(spelled, count), strict=True))
        return found

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

    def _in(self, family: str, fold: int) -> frozenset[str]:
        return frozenset(device for device, its in self._folds[family].items() if its == fold)

    def _group(self, family: str) -> dict[Setup, Table]:
        return {setup: table for setup, table in self.parts.items() if group(setup) == family}


def learn_populations(measurements: Measurements, find: Finder) -> dict[str, Population]:
    """The population of each group of setups in a measurement file that has enough devices.

    Raises `CalibrationError` where none has.
    """
    table = tabulate(measurements.rows, find)
    found: dict[str, dict[Setup, Table]] = {}
    for setup in measurements.setups():
        part = table.take(row.setup == setup for row in table.rows)
        if part.matrix(TERMS).any():
            found.setdefault(group(setup), {})[setup] = part
    enough = {
        name: parts
        for name, parts in found.items()
        if len(set(one_spelling(dict(setup)["device"] for setup in parts).values())) >= FEWEST_DEVICES
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


def library_prior(setup: Setup) -> Prior:
    """What the devices that the library was built with say of a setup, which must not be of one of them."""
    if library_knows(setup):
        raise CalibrationError(
            f"the population that comes with the library knows {dict(setup)['device']!r} already; measure more "
            "devices, or use the prior 'none'"
        )
    return shipped(group(setup)).prior(setup)


def library_knows(setup: Setup) -> bool:
    """Whether the setup's device is one of those that the library's population was learned from."""
    return same_device(dict(setup)["device"]) in map(same_device, shipped(group(setup)).devices)
