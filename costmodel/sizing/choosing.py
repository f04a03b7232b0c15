"""Choosing rows of a compiled space: the best that keeps all limits, the next better one, and the nearest."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from math import prod
from typing import Final

import numpy as np

from costmodel.algebra.arrays import Array
from costmodel.sizing.spaces.compiled import Compiled

CHUNK: Final = 2**21
"""Rows that are evaluated at a time."""
AT_ONCE: Final = 2**11
"""Rows from anywhere that are evaluated at a time."""
NEAR: Final = 1 + 1e-12
"""A cost so many times its limit may be the limit itself, in other sums: exact counting decides."""


class Solver:
    """A compiled space whose last cost is what is maximized, and whose others have limits."""

    def __init__(self, table: Compiled, limits: Array) -> None:
        self.table = table
        self._limits = limits.reshape(-1, 1)
        self.refused: set[int] = set()
        """Rows that exact counting has refused: a limit is met but for the last bits of a float."""

    def best(self) -> int | None:
        """The row with the largest objective of those that keep all limits, of equals the last; None if none does."""
        found: tuple[float, int] | None = None
        for start, excess, objective in self._chunks():
            kept = np.where(excess <= NEAR, objective, -np.inf)
            if (largest := kept.max(initial=-np.inf)) > -np.inf and (found is None or largest >= found[0]):
                found = largest, start + int(np.flatnonzero(kept == largest)[-1])
        return found and found[1]

    def next_better(self, value: float) -> int | None:
        """Of the rows with a larger objective, those with the least one; of these the nearest to keeping the limits."""
        found: tuple[float, float, int] | None = None
        for start, excess, objective in self._chunks():
            better = np.where((objective > value) & ~np.isnan(excess), objective, np.inf)
            if (least := better.min(initial=np.inf)) < np.inf:
                places = np.flatnonzero(better == least)
                nearest = places[np.argmin(excess[places])]
                tried = float(least), float(excess[nearest]), start + int(nearest)
                found = tried if found is None else min(found, tried)
        return found and found[2]

    def nearest(self) -> int | None:
        """The row that is the nearest to keeping all limits; None where none can be built."""
        found: tuple[float, int] | None = None
        for start, excess, _ in self._chunks():
            if not np.isnan(excess).all():
                place = int(np.nanargmin(excess))
                tried = float(excess[place]), start + place
                found = tried if found is None else min(found, tried)
        return found and found[1]

    def keeps_last(self, name: str) -> bool:
        """Whether a row with the last value of a parameter keeps all limits, or none with it can be built.

        Costs grow with a parameter, so that else nothing beyond its last value keeps them.
        """
        place = self.table.parameters.index(name)
        count = self.table.axes[place].size
        stride = prod(each.size for each in self.table.axes[place + 1 :])
        is_built = False
        for start in range(0, self.table.size // count, AT_ONCE):
            others = np.arange(start, min(start + AT_ONCE, self.table.size // count))
            rows = others // stride * stride * count + (count - 1) * stride + others % stride
            excess, _ = self._judged(self.table.at(rows))
            excess[np.isin(rows, list(self.refused))] = np.inf
            if (excess <= NEAR).any():
                return True
            is_built = is_built or not np.isnan(excess).all()
        return not is_built

    @cached_property
    def _only(self) -> Array | None:
        """The costs of all rows, where they are few."""
        return self.table.evaluate(0, self.table.size) if self.table.size <= CHUNK else None

    def _judged(self, costs: Array) -> tuple[Array, Array]:
        """(largest cost / limit, objective) of rows: the ratio is NaN of what cannot be built, or has no objective."""
        excess = (costs[:-1] / self._limits).max(axis=0)
        excess[~np.isfinite(costs[-1])] = np.nan
        return excess, costs[-1]

    def _chunks(self) -> Iterator[tuple[int, Array, Array]]:
        """(first row, largest cost / limit, objective) of the rows, chunk by chunk."""
        for start in range(0, self.table.size, CHUNK):
            stop = min(start + CHUNK, self.table.size)
            excess, objective = self._judged(self.table.evaluate(start, stop) if self._only is None else self._only)
            for row in self.refused & set(range(start, stop)) if self.refused else ():
                excess[row - start] = np.inf
            yield start, excess, objective
