"""Random sets of points, and their Pareto fronts by the definition."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.float64]


def by_definition(costs: Costs, maximize: list[bool]) -> list[int]:
    """The points for which there is none that is at least as good in all costs and better in one; NaN is no point."""
    small = np.where(np.array(maximize)[:, None], -costs, costs)
    is_point = np.asarray(~np.isnan(small).any(axis=0))
    return [
        index
        for index, point in enumerate(small.T)
        if is_point[index] and not ((point >= small.T).all(axis=1) & (point > small.T).any(axis=1)).any()
    ]


def random_set(seed: int) -> tuple[Costs, list[bool]]:
    """Costs of one to five objectives: smooth, or integers with ties and duplicates, some with NaN and infinities."""
    generator = np.random.default_rng(seed)
    objectives, count = int(generator.integers(1, 6)), int(generator.choice([1, 2, 5, 40, 300]))
    if seed % 5 == 0:
        costs = np.full((objectives, count), float(generator.integers(-2, 3)))
    elif seed % 2:
        costs = generator.integers(-3, int(generator.integers(1, 30)), (objectives, count)).astype(np.float64)
    else:
        costs = generator.normal(size=(objectives, count)) * 10.0 ** generator.integers(-8, 12)
    if seed % 3 == 0:
        for special in (np.nan, np.inf, -np.inf, -0.0):
            costs[generator.random(costs.shape) < 0.04] = special
    return costs, [bool(flag) for flag in generator.random(objectives) < 0.5]
