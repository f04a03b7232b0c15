"""What a search has evaluated."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from costmodel.algebra.arrays import Array

Places: TypeAlias = NDArray[np.int64]
"""Configurations, one a row: for each axis of the space the place of its value."""
Key: TypeAlias = tuple[float, float]
"""How good a configuration is: the smaller the better."""


class History(NamedTuple):
    """Configurations, their objective, and each cost beside its limit (above 1: over budget); NaN: cannot be built."""

    places: Places
    objective: Array
    ratios: Array

    @classmethod
    def empty(cls, axes: int, budgets: int) -> History:
        """Nothing yet."""
        return cls(np.empty((0, axes), np.int64), np.empty(0), np.empty((0, budgets)))

    @property
    def excess(self) -> Array:
        """By what part the worst cost is over budget; 0 within all, infinite where the network cannot be built."""
        over = np.maximum(self.ratios - 1, 0).max(axis=1, initial=0.0)
        excess: Array = np.where(np.isnan(over) | np.isnan(self.objective), np.inf, over)
        return excess

    def best_first(self, start: int = 0) -> NDArray[np.intp]:
        """The rows from `start` on: within budget the largest objective first, then the nearest to the budget."""
        excess = self.excess[start:]
        order: NDArray[np.intp] = start + np.lexsort((np.where(excess > 0, 0.0, -self.objective[start:]), excess))
        return order

    def key(self, row: int) -> Key:
        """How good a row is."""
        excess = float(self.excess[row])
        return excess, 0.0 if excess > 0 else -float(self.objective[row])

    def targets(self) -> Array:
        """The objective and the logarithm of each ratio; what cannot be built is worse than the worst that can."""
        is_built = np.isfinite(self.objective)
        objective = np.where(is_built, self.objective, self.objective[is_built].min(initial=np.inf))
        worst = self.ratios[is_built].max(axis=0, initial=1.0)
        ratios = np.where(is_built[:, None], self.ratios, 2 * worst)
        return np.column_stack([np.nan_to_num(objective, posinf=0.0), np.log(np.maximum(ratios, 1e-9))])


def joined(first: History, second: History) -> History:
    """One after the other."""
    return History(*(np.concatenate(pair) for pair in zip(first, second, strict=True)))
