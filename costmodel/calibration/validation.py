"""The errors of a calibration on networks and devices that it has not seen, beside those of two simpler models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from costmodel.calibration.covariates import processor
from costmodel.calibration.errors import Errors, Evaluation, Point
from costmodel.calibration.few_shot import FewShot, Suggested, drawn
from costmodel.calibration.fit import INTERVAL, check_interval, fit
from costmodel.calibration.leaving import groups
from costmodel.calibration.measurements import Key, Measurements, Setup
from costmodel.calibration.population import NOISE
from costmodel.calibration.populations import FEWEST_DEVICES, Populations
from costmodel.calibration.prior import Prior
from costmodel.calibration.table import Table, tabulate
from costmodel.calibration.targets import Finder, finder
from costmodel.calibration.terms import NETWORK, TERMS, Term, term, terms_of
from costmodel.errors import CalibrationError, UnknownNameError

BASELINES: Final[Mapping[str, tuple[Term, ...]]] = MappingProxyType(
    {"flops": (term("macs"),), "affine": (NETWORK, term("macs"))}
)
"""The two models to beat, fitted in the same way: b MACs, and a + b MACs."""

SMALLEST_NOISE: Final = 1e-4
LARGEST_NOISE: Final = 1.0
"""Between what the noise of a model must lie: a clock is not better, nor a model worth having that is worse."""

FEWEST_NETWORKS: Final = 2
"""So many networks a fit needs that knows nothing else of a device."""

PRIORS: Final = ("none", "population")
"""What a fit may know before it sees the device: nothing, or what other devices have shown."""


@dataclass(frozen=True)
class _Protocol:
    """What is left out of fits, and what of priors."""

    way: str | None
    """What is left out of a setup's fit at a time; None where all of the setup is."""
    is_network_unseen: bool
    """Whether the prior is learned without it too."""
    few_shot: FewShot | None


def evaluate(
    measurements: Measurements,
    find: Finder | None = None,
    *,
    leave_out: str = "network",
    prior: str = "none",
    few_shot: FewShot | None = None,
    interval: float = INTERVAL,
    noise: float = NOISE,
) -> Evaluation:
    """Fit every setup without what is left out, predict that, and collect the errors.

    `leave_out` is `network` (one network, width and resolution at a time), `family`, `fold:5` or `column:NAME`. The
    prior `population` is learned from the other devices of the file (`Populations`), never from the setup's own.
    `network,device` leaves the network out of that too, and `device` leaves out all of the setup, so that its columns
    are all that is known of it. What cannot be kept from the prior is not predicted. `few_shot` fits to a few networks
    of those that are not left out, and not to all. `interval` is the probability of the intervals; `noise` is that of
    the model, relative, with which populations are learned. Raises `CalibrationError` where nothing can be predicted; a
    baseline that can predict nothing is left out.
    """
    return _evaluations(measurements, find, leave_out, prior, [few_shot], interval, noise)[0]


def learning_curve(
    measurements: Measurements,
    find: Finder | None = None,
    *,
    few_shots: Sequence[FewShot | None],
    leave_out: str = "network,device",
    prior: str = "population",
    interval: float = INTERVAL,
) -> list[Evaluation]:
    """The evaluations with more and more measured networks, None for all that are not left out: `evaluate` for each.

    What other devices show is learned once for all of them, which is what takes the time.
    """
    return _evaluations(measurements, find, leave_out, prior, few_shots, interval, NOISE)


def _evaluations(
    measurements: Measurements,
    find: Finder | None,
    leave_out: str,
    prior: str,
    few_shots: Sequence[FewShot | None],
    interval: float,
    noise: float,
) -> list[Evaluation]:
    """The errors of the calibration and of the baselines, for each number of measured networks."""
    check_interval(interval)
    if not SMALLEST_NOISE <= noise <= LARGEST_NOISE:
        raise CalibrationError(f"'noise' must lie between {SMALLEST_NOISE:g} and {LARGEST_NOISE:g} (got {noise:g})")
    protocols = [_protocol(leave_out, prior, few_shot) for few_shot in few_shots]
    find, chosen = find or finder(), Suggested()

    def errors(terms: Sequence[Term]) -> list[dict[Setup, tuple[Point, ...]]]:
        table = tabulate(measurements.rows, find, terms)
        parts = {setup: table.take(row.setup == setup for row in table.rows) for setup in measurements.setups()}
        known = Populations(parts, terms, interval, noise) if prior == "population" else None
        return [
            {
                setup: tuple(_points(setup, part, protocol, terms_of(terms, processor(setup)), known, interval, chosen))
                for setup, part in parts.items()
            }
            for protocol in protocols
        ]

    found = errors(TERMS)
    for points, protocol in zip(found, protocols, strict=True):
        if not any(points.values()):
            least = _least(protocol, prior)
            raise CalibrationError(
                f"{measurements.name} has no setup in which {least} remain when one {leave_out} is left out"
            )
    baselines = {name: list(map(Errors, errors(terms))) for name, terms in BASELINES.items()}
    return [
        Evaluation(points, leave_out, prior, {name: each[at] for name, each in baselines.items() if each[at].n})
        for at, points in enumerate(found)
    ]


def _least(protocol: _Protocol, prior: str) -> str:
    """What must remain of a setup and of other devices for anything to be predicted."""
    least = f"at least {FEWEST_NETWORKS} networks"
    if prior == "population":
        least = f"at least {FEWEST_DEVICES} other devices, or what the library comes with,"
    if protocol.few_shot and protocol.way is None:
        least += f" and a network beyond the {protocol.few_shot.measured} that are measured first"
    return least


def _protocol(leave_out: str, prior: str, few_shot: FewShot | None) -> _Protocol:
    """What the words ask for."""
    if prior not in PRIORS:
        raise UnknownNameError("prior", prior, PRIORS)
    ways = [word.strip() for word in leave_out.split(",")]
    if prior == "none" and few_shot and few_shot.choice == "suggested":
        raise CalibrationError("what to measure is suggested by the prior 'population'; choose 'random' without it")
    if "device" in ways and prior == "none":
        raise CalibrationError("leaving a device out needs the prior 'population', which other devices have shown")
    others = list(dict.fromkeys(way for way in ways if way != "device"))
    if len(others) > 1:
        raise CalibrationError(f"one thing can be left out beside the device (got {' and '.join(others)})")
    return _Protocol(others[0] if others else None, bool(others) and "device" in ways, few_shot)


def _points(
    setup: Setup, table: Table, protocol: _Protocol, terms: Sequence[Term], known: Populations | None, interval: float,
    chosen: Suggested,
) -> Iterator[Point]:  # fmt: skip
    """Every row of a setup that a fit to the others can predict, in the order of the rows."""
    labels = groups(table, protocol.way) if protocol.way else ("device",) * len(table)
    found: dict[int, list[Point]] = {}
    for label in dict.fromkeys(labels):
        left = frozenset(key for key, each in zip(table.keys, labels, strict=True) if each == label)
        prior = known.prior(setup, left if protocol.is_network_unseen else frozenset()) if known else None
        if known and prior is None and not _is_baseline(terms):
            continue
        for measured in _measured(setup, table, left, protocol, prior, chosen):
            rest = table.take(key in measured for key in table.keys)
            if prior is None and len(set(rest.keys)) < FEWEST_NETWORKS:
                continue
            fitted = fit(rest, terms, prior=prior, interval=interval)
            for index, key in enumerate(table.keys):
                if labels[index] == label and key not in measured:
                    amounts = {name: float(column[index]) for name, column in table.amounts.items()}
                    found.setdefault(index, []).append(Point(table.rows[index], fitted.predict(amounts)))
    for index in sorted(found):
        yield from found[index]


def _is_baseline(terms: Sequence[Term]) -> bool:
    """Whether these are the terms of a model to beat, which is fitted without a prior where there is none."""
    return tuple(terms) in BASELINES.values()


def _measured(
    setup: Setup, table: Table, left: frozenset[Key], protocol: _Protocol, prior: Prior | None, chosen: Suggested
) -> Iterable[frozenset[Key]]:
    """What a fit sees of a setup: all that is not left out, or a few networks of it."""
    shots = protocol.few_shot
    others = frozenset(key for key in table.keys if key not in left or protocol.way is None)
    if shots is None:
        return [others if protocol.way else frozenset()]
    if shots.choice == "random":
        return drawn(shots, others, (setup, left))
    return chosen.networks(shots.measured, table.take(key in others for key in table.keys), (setup, left), prior)
