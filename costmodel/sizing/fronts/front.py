"""The Pareto front of points that stream by in blocks, in the memory of the front alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from costmodel.errors import SizingError
from costmodel.sizing.fronts.lookup import Lookup
from costmodel.sizing.fronts.pareto import Indices, Points, signs, undominated

CHUNK: Final = 1 << 14
"""Points that are looked at together: their buffers stay in the processor's cache."""
STRIDE: Final = 64
"""One point of so many is taken first, so that the front is nearly right when the others are looked at."""
WAITING: Final = 1 << 14
"""How many points that may be of the front wait at least until the front is made anew."""


class Front:
    """The points, of all that were added, that no other one dominates (see `pareto_front`).

    Points have a row number, which identifies them, and `costs` costs; `maximize` is as in `pareto_front`. The result
    depends neither on the blocks nor on their order, and a block that is added twice changes nothing. Fronts can be
    pickled, and merged between processes. The memory is that of the front alone, in which equal points are all kept.

    With two costs, a point takes a few nanoseconds once the front is nearly known (see `Lookup`). Blocks that come in a
    mixed order get there sooner than blocks of which each is better than all before it.

    >>> front = Front(2, maximize=[False, True])
    >>> front.add(0, [[300e6, 41e6], [71.9, 60.6]])
    >>> front.add(2, [[149e6, 569e6], [69.4, 70.6]])
    >>> front.rows.tolist()
    [0, 1, 2]
    """

    def __init__(self, costs: int, maximize: Sequence[bool] = ()) -> None:
        self._signs = signs(costs, maximize)[:, None]
        self._rows: Indices = np.empty(0, np.int64)
        self._points: Points = np.empty((costs, 0))
        self._begin()

    def _begin(self) -> None:
        """What is not the front itself, and made anew from it."""
        self._lookup = Lookup(self._points)
        self._buffer: Points = np.empty((len(self._signs), CHUNK))
        self._waiting: list[tuple[Indices, Points]] = []
        self._waiting_size = 0

    @property
    def maximize(self) -> tuple[bool, ...]:
        """For each cost whether it is to be large."""
        return tuple(bool(sign < 0) for sign in self._signs[:, 0])

    @property
    def rows(self) -> Indices:
        """The row numbers of the front's points, in order."""
        self._settle()
        return self._rows.copy()

    @property
    def costs(self) -> Points:
        """The costs of the front's points, in the order of `rows`: a row for each cost."""
        self._settle()
        return self._points * self._signs + 0.0

    def __len__(self) -> int:
        self._settle()
        return self._rows.size

    def add(self, rows: int | ArrayLike, costs: ArrayLike | Sequence[ArrayLike]) -> None:
        """Take a block of points into account: the number of its first row, or of each row, and a row for each cost.

        Raises `SizingError` for shapes that do not fit.
        """
        values = np.asarray(costs, dtype=np.float64)
        if values.ndim != 2 or len(values) != len(self._signs):
            raise SizingError(f"'costs' must have {len(self._signs)} rows (got an array of shape {values.shape})")
        count = values.shape[1]
        numbers = np.asarray(rows, dtype=np.int64)
        if numbers.shape not in {(), (count,)}:
            raise SizingError(f"'rows' must number {count} points (got an array of shape {numbers.shape})")
        for step in (STRIDE, 1) if count > CHUNK else (1,):
            for start in range(0, count, step * CHUNK):
                places, points = self._candidates(values, start, step)
                self._wait(numbers[places] if numbers.ndim else numbers + places, points)

    def merge(self, other: Front) -> None:
        """Take all points of another front into account; raises `SizingError` where its costs are others."""
        if other.maximize != self.maximize:
            raise SizingError("fronts can be merged where they have as many costs, and maximize the same ones")
        other._settle()
        self._wait(other._rows, other._points)

    def _candidates(self, values: Points, start: int, step: int) -> tuple[Indices, Points]:
        """Which of a chunk of a block, every `step`-th point from `start` on, may be of the front."""
        chunk = values[:, start : start + step * CHUNK : step]
        points = np.multiply(chunk, self._signs, out=self._buffer[:, : chunk.shape[1]])
        points += 0.0
        kept = self._lookup.candidates(points)
        return start + step * kept, points[:, kept]

    def _wait(self, rows: Indices, points: Points) -> None:
        """Let candidates wait until there are enough of them to make the front anew."""
        if rows.size:
            self._waiting.append((rows, points))
            self._waiting_size += rows.size
        if self._waiting_size > max(WAITING, self._rows.size // 2):
            self._settle()

    def _settle(self) -> None:
        """Make the front of what it was and what waits."""
        if not self._waiting:
            return
        rows = np.concatenate([self._rows, *(each for each, _ in self._waiting)])
        points = np.concatenate([self._points, *(each for _, each in self._waiting)], axis=1)
        rows, unique = np.unique(rows, return_index=True)
        points = points[:, unique]
        best = undominated(points)
        self._rows, self._points = rows[best], np.ascontiguousarray(points[:, best])
        self._begin()

    def __getstate__(self) -> dict[str, Any]:
        self._settle()
        return {"_signs": self._signs, "_rows": self._rows, "_points": self._points}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()
