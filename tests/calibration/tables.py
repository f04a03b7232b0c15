"""Tables of made-up measurements, with features that are given and times that follow from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from costmodel.calibration import Row, Table
from costmodel.calibration.solver import Vector
from costmodel.calibration.terms import NETWORK, TERMS, Term, term

TRUTH = {"macs": 2e-10, "kernels": 1e-5, "activation_bytes": 5e-10, "weight_bytes": 3e-10}
"""Seconds for one unit of each of four terms: a phone's core."""

FOUR: tuple[Term, ...] = tuple(map(term, TRUTH))


def row(index: int, latency_s: float, **cells: str) -> Row:
    """A row that measures a network of its own."""
    return Row(index + 2, (("device", "made up"),), (f"network {index}", "", ""), latency_s, cells)


def table(
    latencies_s: Sequence[float] | Vector, amounts: Mapping[str, Sequence[float] | Vector], families: str = ""
) -> Table:
    """A table of these times and amounts; what is not given, nothing has. A letter of `families` is a row's family."""
    count = len(latencies_s)
    columns = {term.name: np.zeros(count) for term in TERMS} | {NETWORK.name: np.ones(count)}
    columns.update({name: np.array(column, dtype=np.float64) for name, column in amounts.items()})
    return Table(
        rows=tuple(row(index, float(seconds)) for index, seconds in enumerate(latencies_s)),
        families=tuple(families) or ("made up",) * count,
        latencies_s=np.array(latencies_s, dtype=np.float64),
        amounts=columns,
    )


def amounts(seed: int, count: int) -> dict[str, Vector]:
    """Features of networks of many sizes and mixes."""
    rng = np.random.default_rng(seed)
    size = 10 ** rng.uniform(7, 9, count)
    return {
        "macs": size,
        "kernels": np.round(rng.uniform(20, 150, count)),
        "activation_bytes": size * 10 ** rng.uniform(-2, -0.3, count),
        "weight_bytes": size * 10 ** rng.uniform(-2, -0.3, count),
    }


def times(columns: Mapping[str, Vector], truth: Mapping[str, float] = TRUTH) -> Vector:
    """The sum of coefficient x feature."""
    seconds: Vector = np.sum([truth[name] * columns[name] for name in truth], axis=0)
    return seconds


def measured(seed: int, count: int, noise: float = 0.0) -> Table:
    """Made-up measurements whose logarithms have normal errors of this size."""
    columns = amounts(seed, count)
    errors = np.random.default_rng(seed + 10_000).normal(0.0, noise, count) if noise else np.zeros(count)
    return table(times(columns) * np.exp(errors), columns)
