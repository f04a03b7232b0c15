"""What is doubtful in measured times: units that are mixed up, rows that contradict one another, a busy machine."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from costmodel.calibration.busy import busy
from costmodel.calibration.covariates import group
from costmodel.calibration.errors import Evaluation
from costmodel.calibration.measurements import Key, Measurements, Setup
from costmodel.calibration.population_file import shipped
from costmodel.calibration.solver import Vector
from costmodel.calibration.table import Table, tabulate
from costmodel.calibration.targets import Finder, finder
from costmodel.calibration.unknown import unknown_values
from costmodel.errors import CalibrationError, shorten

DISAGREEMENT: Final = 1.5
"""Times of one thing in one setup that differ by more than this factor disagree."""

FARTHEST_SETUP: Final = 3.0
"""So many standard deviations of the population a setup's times may lie from its mean: of 46 devices, one is slower."""

FARTHEST: Final = 100.0
"""By so many times a setup may differ from what the population predicts, and a row from the others of its setup."""

THOUSAND_WITHIN: Final = 3.0
"""A row that is off by a thousand within this factor looks like another unit."""

_MOST_NAMED: Final = 5


def doubts(measurements: Measurements, find: Finder | None = None) -> tuple[str, ...]:
    r"""Sentences on what is probably wrong in measurements, setup by setup.

    Values of columns that nobody knows, each once (`unknown_values`). Times of one thing that differ by more than a
    factor of 1.5; a setup that lies more than three standard deviations and a factor of 100 from what such devices
    take, and a row more than a factor of 100 from the rest of its setup, both by the population that comes with the
    library: microseconds or seconds that were written as milliseconds look like this. Rows that were measured on a busy
    machine (`busy`).

    >>> from costmodel.calibration import parse_measurements
    >>> rows = b"device,network,latency_ms\nmine,resnet18,30\nmine,resnet18,90\n"
    >>> doubts(parse_measurements(rows))
    ('lines 2 and 3 disagree on resnet18: 30 and 90 ms in one setup',)
    """
    table = tabulate(measurements.rows, find or finder())
    found = list(dict.fromkeys(said for setup in measurements.setups() for said in unknown_values(dict(setup))))
    for setup in measurements.setups():
        part = table.take(row.setup == setup for row in table.rows)
        found += [*_shortened(list(_disagreements(part))), *_units(setup, part), *busy(part.rows)]
    return tuple(found)


def unpredicted(measurements: Measurements, evaluation: Evaluation) -> tuple[str, ...]:
    """A sentence on the measured times that an evaluation could not predict; none where it predicted all of them."""
    predicted = {point.row.line for points in evaluation.points.values() for point in points}
    left = [row for row in measurements.rows if row.line not in predicted]
    if not left:
        return ()
    named = shorten(", ".join(dict.fromkeys(row.label for row in left)), 120)
    why = "too little remains where they are left out"
    if evaluation.prior == "population":
        why += ", or the library's population knows their network already, if under another name"
    return (f"{len(left)} of {len(measurements.rows)} measured times are in no error here ({named}): {why}",)


def _disagreements(table: Table) -> Iterator[str]:
    """The fastest and the slowest row of each thing whose times differ by too much."""
    rows: dict[Key, list[int]] = {}
    for index, key in enumerate(table.keys):
        rows.setdefault(key, []).append(index)
    for indices in rows.values():
        ends = {min(indices, key=table.latencies_s.__getitem__), max(indices, key=table.latencies_s.__getitem__)}
        one, *others = (table.rows[index] for index in sorted(ends))
        for other in others:
            if max(one.latency_s, other.latency_s) > DISAGREEMENT * min(one.latency_s, other.latency_s):
                yield (
                    f"lines {one.line} and {other.line} disagree on {one.label}: {1e3 * one.latency_s:.4g} and "
                    f"{1e3 * other.latency_s:.4g} ms in one setup"
                )


def _units(setup: Setup, table: Table) -> Iterator[str]:
    """What lies so far from the population's prediction that its unit is probably another."""
    try:
        prior = shipped(group(setup)).prior(setup)
    except CalibrationError:
        return
    seconds = table.matrix(prior.terms) * np.exp(prior.mean)
    timed = np.flatnonzero(seconds.any(axis=1))
    if not timed.size:
        return
    predicted = seconds[timed].sum(axis=1)
    away: Vector = np.log(table.latencies_s[timed] / predicted)
    shares = seconds[timed] / predicted[:, None]
    deviation = math.sqrt(float(np.median(np.einsum("nk,kl,nl->n", shares, prior.covariance, shares))))
    middle = float(np.median(away))
    if abs(middle) > max(FARTHEST_SETUP * deviation, math.log(FARTHEST)):
        yield (
            f"{shorten(dict(setup)['device'])} is {_times(middle)} than the devices that the library was built with: "
            f"its times must be milliseconds, and look like {_unit(middle)}"
        )
    rows = [table.rows[index] for index in timed.tolist()]
    yield from _shortened([
        f"line {row.line}: {row.label} is {_times(beside)} than the rest of its setup says: {_advice(beside)}"
        for row, beside in zip(rows, (away - middle).tolist(), strict=True)
        if abs(beside) > math.log(FARTHEST)
    ])  # fmt: skip


def _times(log_ratio: float) -> str:
    return f"{math.exp(abs(log_ratio)):,.0f} times {'slower' if log_ratio > 0 else 'faster'}"


def _advice(log_ratio: float) -> str:
    """A unit where the factor is near a thousand; what is farther from that may be anything."""
    if abs(abs(log_ratio) - math.log(1000)) > math.log(THOUSAND_WITHIN):
        return "measure it again, or take it out"
    return f"its time must be milliseconds, and looks like {_unit(log_ratio)}"


def _unit(log_ratio: float) -> str:
    return "microseconds" if log_ratio > 0 else "seconds"


def _shortened(sentences: list[str]) -> list[str]:
    """The first few, and how many more there are."""
    more = len(sentences) - _MOST_NAMED
    return [*sentences[:_MOST_NAMED], f"and {more} more like the last"] if more > 0 else sentences
