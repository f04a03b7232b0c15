"""Which network to measure next: the one that narrows the intervals of predictions most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from costmodel.calibration.design import narrowings
from costmodel.calibration.device import CalibratedDevice
from costmodel.calibration.fit import Fit
from costmodel.calibration.model import Model
from costmodel.calibration.solver import Matrix
from costmodel.calibration.terms import data_type, features
from costmodel.errors import CalibrationError, shorten
from costmodel.network import Network


class Suggestion(NamedTuple):
    """A network that could be measured next, and the fraction by which that narrows intervals: 0.1 by a tenth."""

    network: str
    narrowing: float


def next_to_measure(
    fit: Fit,
    candidates: Mapping[str, Mapping[str, float]],
    targets: Mapping[str, Mapping[str, float]] | None = None,
) -> tuple[Suggestion, ...]:
    r"""The candidates by how much measuring one would narrow the intervals of the targets, the most first.

    narrowing = 1 - sum_t sqrt(1 + l_t - (t' S u)^2 / (1 + u' S u)) / sum_t sqrt(1 + l_t)

    u and t (K) are the shares of the terms in the predicted times of the candidate and of a target, S (K x K) the
    spread of the fit's log coefficients in units of the squared noise, l_t = t' S t a target's leverage; the logarithm
    of an interval's width is in proportion to sqrt(1 + l_t) (`Fit.predict`). One more measurement takes
    S u u' S / (1 + u' S u) from S, whatever its time will be. Both are given by name with their amounts of the terms
    (`features`); the `targets` are by default the candidates. Candidates that narrow equally are in order of name.
    Raises `CalibrationError` where there is no candidate or target, or where one has nothing that takes time.
    Source: MacKay, Information-based objective functions for active data selection, Neural Computation 4, 1992
    (the gain in mean marginal information; here in mean width).

    >>> from costmodel import zoo
    >>> from costmodel.calibration import calibrate, features, parse_measurements
    >>> times = b"device,network,latency_ms\nmine,squeezenet,20\nmine,resnet18,61\n"
    >>> fitted = calibrate(parse_measurements(times), prior="population").fit
    >>> networks = {name: features(zoo.find(name)()) for name in ("resnet18", "vgg16", "mobilenet_v1")}
    >>> [each.network for each in next_to_measure(fitted, networks)]
    ['mobilenet_v1', 'vgg16', 'resnet18']
    """
    if not candidates:
        raise CalibrationError("'candidates' must name at least one network that could be measured next (got none)")
    wanted = _shares(fit.model, candidates if targets is None else targets)
    if not len(wanted):
        raise CalibrationError("'targets' must name at least one network whose time is to be predicted (got none)")
    found = map(Suggestion, candidates, narrowings(fit.model.spread, _shares(fit.model, candidates), wanted).tolist())
    return tuple(sorted(found, key=lambda each: (-each.narrowing, each.network)))


def suggestions(device: CalibratedDevice, networks: Mapping[str, Network]) -> tuple[Suggestion, ...]:
    """Which of the networks to measure next in the setup that was calibrated; see `next_to_measure`.

    Raises `CalibrationError` where a dimension of one is a symbol.
    """
    setup = dict(device.setup)
    found = {}
    for name, network in networks.items():
        amounts = features(network, data_type(setup.get("precision", "")), setup.get("runtime", ""))
        if not all(isinstance(amount, int) for amount in amounts.values()):
            raise CalibrationError(f"{shorten(repr(name))} has dimensions that are symbols; give them numbers")
        found[name] = {term: float(amount) for term, amount in amounts.items()}
    return next_to_measure(device.fit, found) if found else ()


def _shares(model: Model, networks: Mapping[str, Mapping[str, float]]) -> Matrix:
    """What part of each network's predicted time each term is (N x K)."""
    found = []
    for name, amounts in networks.items():
        seconds = np.exp(model.log_values) * np.array([float(amounts[term.name]) for term in model.terms])
        total = float(seconds.sum())
        if not total > 0:
            raise CalibrationError(f"{shorten(repr(name))} has nothing that takes time in the model; leave it out")
        found.append(seconds / total)
    return np.array(found)
