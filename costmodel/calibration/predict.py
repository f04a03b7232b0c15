"""Latency from a calibrated profile: the fitted coefficients times the features of a network."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from typing import Final, get_args

import numpy as np

from costmodel.algebra import Dim, total
from costmodel.algebra.assumed import stated, with_choices
from costmodel.calibration.outside import outside, unseen_sentence
from costmodel.calibration.solver import Matrix, Vector
from costmodel.calibration.terms import MODEL, TERMS, Term, Work, data_type, work
from costmodel.calibration.unknown import unknown_values
from costmodel.errors import HardwareError, UnknownNameError, shorten
from costmodel.hardware import Calibration, Profile, find_profile
from costmodel.latency import Bound, KernelLatency, Latency, Memory, bound_by, estimate, known_energy
from costmodel.network import Network

_RESOURCES: Final[tuple[Bound, ...]] = get_args(Bound)

_MOST: Final = 300.0
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
    runtime, terms = calibration.provenance.setup.get("runtime", ""), _terms(calibration)
    done, choices = with_choices(lambda: work(network, precision, runtime, terms))
    with np.errstate(over="ignore"):  # what is too large is refused below
        seconds = _seconds(done, calibration)
        kernels = _kernel_latencies(done, seconds, tuple(calibration.terms))
    latency_s = total([kernel.latency_s for kernel in kernels])
    if isinstance(latency_s, (int, float)) and not math.isfinite(latency_s):
        raise HardwareError(f"the coefficients of {profile.name} are so large that the time of a network is no number")
    shares = _shares(seconds[list(done.rows)], calibration, latency_s)
    low_s, high_s = _interval(shares, calibration, latency_s)
    first = next(iter(network.inputs.values()), ())
    batch = first[0] if first else 1
    return Latency(
        device=profile.name,
        latency_s=latency_s,
        kernels=kernels,
        batch=batch,
        low_s=low_s,
        high_s=high_s,
        interval=None if low_s is None else calibration.interval,
        energy=known_energy(done.kernels, profile, precision, [kernel.latency_s for kernel in kernels]),
        assumptions=(
            *_assumptions(done, calibration, batch),
            *stated(choices),
            *(outside(latency_s, shares, calibration) if shares else ()),
        ),
        is_calibrated=True,
        memory=Memory(network, done.kernels, profile, precision, precision),
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


def _seconds(done: Work, calibration: Calibration) -> Matrix:
    """The seconds of each term (columns) in each row of amounts: numbers, or objects where some are expressions."""
    values = [coefficient.value for coefficient in calibration.terms.values()]
    is_known = all(isinstance(amount, int) for row in done.amounts for amount in row)
    amounts = np.array(done.amounts, dtype=np.float64 if is_known else object)
    seconds: Matrix = amounts.reshape(len(done.amounts), len(values)) * np.array(values)
    return seconds


def _kernel_latencies(done: Work, seconds: Matrix, names: Sequence[str]) -> tuple[KernelLatency, ...]:
    """Every kernel's part of the sum, by what it waits for."""
    compute_s, memory_s, overhead_s = (_sum_of(each, seconds, names) for each in _RESOURCES)
    times = zip(
        (compute_s + memory_s + overhead_s).tolist(),
        compute_s.tolist(), memory_s.tolist(), overhead_s.tolist(),
        strict=True,
    )  # fmt: skip
    parts = [(latency_s, bound_by(*each), *each) for latency_s, *each in times]
    return tuple([KernelLatency(kernel.name, *parts[row]) for kernel, row in zip(done.kernels, done.rows, strict=True)])


def _sum_of(resource: Bound, seconds: Matrix, names: Sequence[str]) -> Vector:
    """The seconds of each row that go to a resource, added in the order of `TERMS`."""
    mine = [names.index(term.name) for term in TERMS if term.resource == resource and term.name in names]
    if seconds.dtype == object:  # with expressions, one sum of all is faster than one after another
        rows = seconds[:, mine].tolist()
        return np.array([total([each for each in row if not _is_zero(each)]) for row in rows], dtype=object)
    columns = (seconds[:, place] for place in mine)
    summed: Vector = reduce(add, columns, np.zeros(len(seconds), dtype=np.int64))
    return summed


def _shares(seconds: Matrix, calibration: Calibration, latency_s: Dim) -> dict[str, float]:
    """What part of the time each term is; nothing where the time is an expression, or none."""
    if not isinstance(latency_s, (int, float)) or latency_s <= 0:
        return {}
    return dict(zip(calibration.terms, (seconds.sum(axis=0) / latency_s).tolist(), strict=True))


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


def _assumptions(done: Work, calibration: Calibration, batch: Dim) -> tuple[str, ...]:
    """What a prediction takes for granted, in sentences for a report."""
    where = calibration.provenance
    setup = ", ".join(f"{column} {shorten(value, 200)}" for column, value in where.setup.items() if value)
    of_setup = f" ({setup})" if setup else ""
    sentences = [f"fitted to {where.rows} measured times of {where.file}{of_setup}"]
    if not where.rows:
        sentences = [f"nothing was measured{of_setup}: estimated from the device's name by {where.file}", *where.notes]
    sentences += unknown_values(where.setup)
    measured = where.setup.get("batch", "")
    if measured and str(batch) != measured:
        sentences.append(f"measured with a batch of {measured}, and predicted for one of {batch}")
    places = {name: place for place, name in enumerate(calibration.terms)}
    for each in TERMS:
        if not where.rows or each.name not in calibration.unseen or each.name not in places:
            continue
        having = {row for row, amounts in enumerate(done.amounts) if not _is_zero(amounts[places[each.name]])}
        kernels = [kernel.name for kernel, row in zip(done.kernels, done.rows, strict=True) if row in having]
        if kernels:
            sentences.append(unseen_sentence(each.name, kernels, calibration))
    return tuple(sentences)


def _is_zero(amount: Dim) -> bool:
    """Whether there is none; an expression stands for some."""
    return isinstance(amount, (int, float)) and amount == 0
