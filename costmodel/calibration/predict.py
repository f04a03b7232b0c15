"""Latency from a calibrated profile: the fitted coefficients times the features of a network."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping

from costmodel.algebra import Dim, total
from costmodel.calibration.outside import outside, unseen_sentence
from costmodel.calibration.terms import MODEL, TERMS, Term, WorkUnit, data_type, work
from costmodel.calibration.unknown import unknown_values
from costmodel.errors import HardwareError, UnknownNameError
from costmodel.hardware import Calibration, Profile, find_profile
from costmodel.latency import KernelLatency, Latency, Memory, bound_by, estimate, known_energy
from costmodel.network import Network

_MOST = 300.0
"""A log ratio beyond which a bound is only a very small or a very large number."""


def predict(network: Network, device: str | os.PathLike[str] | Profile) -> Latency:
    """The latency of a network on a device: calibrated where the profile is, else the roofline's bound."""
    profile = find_profile(device)
    return estimate(network, profile) if profile.calibration is None else calibrated_latency(network, profile)


def calibrated_latency(network: Network, device: str | os.PathLike[str] | Profile) -> Latency:
    """latency = sum over terms of coefficient x feature, and the interval that held on what was left out.

    [p exp(q_low s), p exp(q_high s)], s = sqrt(1 + leverage), with the quantiles of the profile's residuals. The time
    of a kernel is its part of the sum. A dimension that is a symbol makes the latency an expression, without interval.
    """
    profile = find_profile(device)
    calibration = profile.calibration
    if calibration is None:
        raise HardwareError(
            f"{profile.name} is not calibrated; fit it to measured times, or ask for the roofline's estimate"
        )
    if calibration.model != MODEL:
        raise HardwareError(
            f"{profile.name} was calibrated with the model {calibration.model!r}, and this costmodel knows {MODEL!r}; "
            "calibrate it again from its measurements"
        )
    precision = data_type(calibration.provenance.setup.get("precision", ""))
    units = work(network, precision, calibration.provenance.setup.get("runtime", ""), _terms(calibration))
    kernels = tuple(_kernel_latency(unit, calibration) for unit in units)
    latency_s = total(kernel.latency_s for kernel in kernels)
    if isinstance(latency_s, (int, float)) and not math.isfinite(latency_s):
        raise HardwareError(f"the coefficients of {profile.name} are so large that the time of a network is no number")
    shares = _shares(units, calibration, latency_s)
    low_s, high_s = _interval(shares, calibration, latency_s)
    first = next(iter(network.inputs.values()), ())
    batch = first[0] if first else 1
    counted = [unit.kernel for unit in units]
    return Latency(
        device=profile.name,
        latency_s=latency_s,
        kernels=kernels,
        batch=batch,
        low_s=low_s,
        high_s=high_s,
        interval=None if low_s is None else calibration.interval,
        energy=known_energy(counted, profile, precision, [kernel.latency_s for kernel in kernels]),
        assumptions=(
            *_assumptions(units, calibration, batch),
            *(outside(latency_s, shares, calibration) if shares else ()),
        ),
        is_calibrated=True,
        memory=Memory(network, counted, profile, precision, precision),
    )


def _terms(calibration: Calibration) -> tuple[Term, ...]:
    """The terms that were fitted, which this library must know in these units."""
    known = {term.name: term for term in TERMS}
    for name, coefficient in calibration.terms.items():
        if name not in known:
            raise UnknownNameError(f"term in the model {MODEL}", name, known)
        if coefficient.unit != known[name].unit:
            raise HardwareError(f"the unit of the term {name} must be {known[name].unit} (got {coefficient.unit!r})")
    return tuple(known[name] for name in calibration.terms)


def _times(amounts: Mapping[str, Dim], calibration: Calibration) -> dict[str, Dim]:
    """The seconds of each term."""
    return {name: coefficient.value * amounts[name] for name, coefficient in calibration.terms.items()}


def _kernel_latency(unit: WorkUnit, calibration: Calibration) -> KernelLatency:
    """A kernel's part of the sum, by what it waits for."""
    times = _times(unit.amounts, calibration)
    compute_s, memory_s, overhead_s = (
        total(times[term.name] for term in TERMS if term.resource == resource and term.name in times)
        for resource in ("compute", "memory", "overhead")
    )
    return KernelLatency(
        name=unit.kernel.name,
        latency_s=compute_s + memory_s + overhead_s,
        bound_by=bound_by(compute_s, memory_s, overhead_s),
        compute_s=compute_s,
        memory_s=memory_s,
        overhead_s=overhead_s,
    )


def _shares(units: tuple[WorkUnit, ...], calibration: Calibration, latency_s: Dim) -> dict[str, float]:
    """What part of the time each term is; nothing where the time is an expression, or none."""
    if not isinstance(latency_s, (int, float)) or latency_s <= 0:
        return {}
    kernels = [_times(unit.amounts, calibration) for unit in units]
    return {name: sum(times[name] for times in kernels) / latency_s for name in calibration.terms}


def _interval(shares: Mapping[str, float], calibration: Calibration, latency_s: Dim) -> tuple[Dim, Dim]:
    """Between which seconds a measured time lies; None where the calibration or an expression does not tell."""
    if calibration.interval is None or not shares:
        return None, None
    tail = round((1 - calibration.interval) / 2, 12)
    low, high = calibration.log_ratio(tail), calibration.log_ratio(round(1 - tail, 12))
    if low is None or high is None:
        return None, None
    widening = math.sqrt(1 + calibration.leverage(list(shares.values())))
    return latency_s * math.exp(max(low * widening, -_MOST)), latency_s * math.exp(min(high * widening, _MOST))


def _assumptions(units: tuple[WorkUnit, ...], calibration: Calibration, batch: Dim) -> tuple[str, ...]:
    """What a prediction takes for granted, in sentences for a report."""
    where = calibration.provenance
    setup = ", ".join(f"{column} {value}" for column, value in where.setup.items() if value)
    sentences = [
        f"fitted to {where.rows} measured times of {where.file} ({setup})"
        if setup
        else f"fitted to {where.rows} measured times of {where.file}"
    ]
    sentences += unknown_values(where.setup)
    measured = where.setup.get("batch", "")
    if measured and str(batch) != measured:
        sentences.append(f"measured with a batch of {measured}, and predicted for one of {batch}")
    for each in TERMS:
        if each.name not in calibration.unseen:
            continue
        kernels = [unit.kernel.name for unit in units if not _is_zero(unit.amounts[each.name])]
        if kernels:
            sentences.append(unseen_sentence(each.name, kernels, calibration))
    return tuple(sentences)


def _is_zero(amount: Dim) -> bool:
    """Whether there is none; an expression stands for some."""
    return isinstance(amount, int) and amount == 0
