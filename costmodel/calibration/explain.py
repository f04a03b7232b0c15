"""A prediction attributed to the terms of the model: how much of each a network has, and what that takes."""

from __future__ import annotations

import os
from dataclasses import dataclass

from costmodel.algebra import Dim
from costmodel.calibration.predict import calibrated_latency
from costmodel.calibration.terms import Term, data_type, features, term
from costmodel.hardware import Calibration, Coefficient, Profile, find_profile
from costmodel.latency import Latency
from costmodel.network import Network


@dataclass(frozen=True)
class Part:
    """A term's part of a prediction: `latency_s` = coefficient x `amount`.

    `share` is its fraction of the time (None where that is an expression), `most_share` the largest fraction that it
    was of any measured time (None where the profile does not say), `is_seen` whether what was measured had any of it.
    """

    term: Term
    coefficient: Coefficient
    amount: Dim
    latency_s: Dim
    share: float | None
    most_share: float | None
    is_seen: bool


@dataclass(frozen=True)
class Explanation:
    """A prediction and the parts that make it, the largest first; terms of which a network has nothing are left out."""

    latency: Latency
    parts: tuple[Part, ...]


def explain(network: Network, device: str | os.PathLike[str] | Profile) -> Explanation:
    """What takes the time of a network on a calibrated device, term by term.

    latency = sum over terms of coefficient x amount. Raises `HardwareError` for a device that is not calibrated: the
    roofline has no such terms.

    >>> from costmodel import zoo
    >>> parts = explain(zoo.mobilenet_v1(), "pixel-1").parts
    >>> [(part.term.name, round(part.share, 2)) for part in parts][:2]
    [('macs', 0.88), ('product_bytes', 0.07)]
    """
    profile = find_profile(device)
    latency = calibrated_latency(network, profile)
    parts = _parts(network, profile.calibration, latency.latency_s) if profile.calibration else []
    return Explanation(latency, tuple(sorted(parts, key=lambda part: -(part.share or 0.0))))


def _parts(network: Network, calibration: Calibration, whole: Dim) -> list[Part]:
    """The parts of a time, in the order of the terms, those of which the network has any."""
    setup = calibration.provenance.setup
    terms = tuple(map(term, calibration.terms))
    amounts = features(network, data_type(setup.get("precision", "")), setup.get("runtime", ""), terms)
    parts = []
    for each in terms:
        amount, coefficient = amounts[each.name], calibration.terms[each.name]
        if isinstance(amount, int) and amount == 0:
            continue
        latency_s = coefficient.value * amount
        is_number = isinstance(latency_s, (int, float)) and isinstance(whole, (int, float)) and whole > 0
        part = Part(
            term=each,
            coefficient=coefficient,
            amount=amount,
            latency_s=latency_s,
            share=latency_s / whole if is_number else None,
            most_share=calibration.range.shares.get(each.name, 0.0) if calibration.range else None,
            is_seen=each.name not in calibration.unseen,
        )
        parts.append(part)
    return parts
