"""What is done with a block of a sweep, wherever it is done: its rows evaluated and encoded, and their Pareto front."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from costmodel.errors import SizingError, UnknownNameError
from costmodel.sizing.fronts.front import Front

Costs = NDArray[np.float64]
"""A row for each cost, a column for each configuration."""
Column = NDArray[Any]
"""The values of a column: float64, or objects (texts, bools) for choices."""

CHUNK: Final = 1 << 18
"""Configurations that are evaluated together: what a worker holds of a block whose rows nobody keeps."""
FEW: Final = 1 << 11
"""Configurations from anywhere that are evaluated together: what large networks need in between stays in the cache."""
SAMPLES: Final = 1 << 11
"""Configurations, here and there, that give a first idea of the front."""
MANY: Final = 1 << 22
"""Configurations of which such an idea is worth its time."""


class Swept(Protocol):
    """What a sweep needs of a compiled space: numbered configurations, in any process."""

    @property
    def size(self) -> int:
        """How many configurations there are; they are numbered from 0."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """What varies."""

    @property
    def costs(self) -> tuple[str, ...]:
        """What is evaluated."""

    @property
    def fingerprint(self) -> str:
        """A digest of all that decides the rows."""

    def evaluate(self, start: int, stop: int) -> Costs:
        """The costs of configurations start to stop - 1: NaN in each of one that cannot be built."""

    def at(self, rows: NDArray[np.int64]) -> Costs:
        """The costs of these configurations."""

    def settings(self, rows: NDArray[np.int64]) -> Mapping[str, Column]:
        """The values of the parameters in these configurations."""


class Encoded(NamedTuple):
    """Rows as they are written, or kept."""

    data: bytes = b""
    types: tuple[str, ...] = ()
    """Of Parquet: those of the columns."""
    columns: tuple[Column, ...] = ()
    """Of rows that are kept in memory."""


Encode = Callable[[Sequence[str], Sequence[Column]], Encoded]
"""Rows as bytes, from the names and values of the columns."""


def kept(_names: Sequence[str], columns: Sequence[Column]) -> Encoded:
    """The rows as they are."""
    return Encoded(columns=tuple(columns))


class Block(NamedTuple):
    """The configurations start to stop - 1."""

    start: int
    stop: int


class Answer(NamedTuple):
    """What came of a block."""

    block: Block
    rows: int
    """Rows that are written or kept: configurations that can be built."""
    left_out: int
    """Configurations that cannot be built."""
    first_left_out: int | None = None
    encoded: Encoded | None = None
    front: Front | None = None


class Objectives(NamedTuple):
    """Costs that span a Pareto front, by their number, and whether each is to be large; without any there is none."""

    costs: tuple[int, ...] = ()
    maximize: tuple[bool, ...] = ()

    def front(self) -> Front | None:
        """An empty front of these costs."""
        return Front(len(self.costs), self.maximize) if self.costs else None


NO_OBJECTIVES: Final = Objectives()


@dataclass(frozen=True)
class Job:
    """The work on each block; it is sent to the workers, and called there."""

    compiled: Swept
    encode: Encode | None = None
    objectives: Objectives = NO_OBJECTIVES

    def __call__(self, block: Block, known: Front | None = None) -> Answer:
        """What comes of a block.

        `known` is a front of other configurations, and takes these into account: what it dominates of them is not in
        the answer. That leaves out no point of the front of all, as nothing dominates one.
        """
        front = self.objectives.front() if known is None else known
        left_out, first, parts = 0, None, []
        for start in range(block.start, block.stop, CHUNK):
            costs = evaluated(self.compiled, start, min(start + CHUNK, block.stop))
            missing = unbuildable(costs)
            left_out += missing.size
            if first is None and missing.size:
                first = start + int(missing[0])
            if front is not None:
                front.add(start, _chosen(costs, self.objectives.costs))
            if self.encode is not None:
                rows = np.delete(np.arange(costs.shape[1]), missing)
                parts.append(columns(self.compiled, start + rows, costs[:, rows] if missing.size else costs))
        encoded = None
        if self.encode is not None:
            names = (*self.compiled.parameters, *self.compiled.costs)
            encoded = self.encode(names, [np.concatenate(each) for each in zip(*parts, strict=True)])
        mine = front if known is None else self._of(known, block)
        return Answer(block, block.stop - block.start - left_out, left_out, first, encoded, mine)

    def known(self) -> Front | None:
        """The front of configurations here and there, if there is one to be made: most others are dominated by it."""
        front = self.objectives.front()
        if front is not None and self.compiled.size > MANY:
            rows = np.unique(np.linspace(0, self.compiled.size - 1, SAMPLES).astype(np.int64))
            front.add(rows, _chosen(costs_at(self.compiled, rows), self.objectives.costs))
        return front

    def _of(self, known: Front, block: Block) -> Front | None:
        """The points of a front that are of a block."""
        rows, mine = known.rows, self.objectives.front()
        first, last = np.searchsorted(rows, block)
        if mine is not None and first < last:
            mine.add(rows[first:last], known.costs[:, first:last])
        return mine


def evaluated(compiled: Swept, start: int, stop: int) -> Costs:
    """The costs of configurations start to stop - 1; a score that divides by zero is infinite there, or no number."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return compiled.evaluate(start, stop)


def costs_at(compiled: Swept, rows: NDArray[np.int64]) -> Costs:
    """The costs of configurations that lie anywhere."""
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [compiled.at(rows[start : start + FEW]) for start in range(0, max(1, len(rows)), FEW)]
    return np.concatenate(parts, axis=1)


def unbuildable(costs: Costs) -> NDArray[np.int64]:
    """The places of the configurations that cannot be built: NaN in each of their costs."""
    without = np.flatnonzero(np.isnan(costs[0]))
    return without[np.isnan(costs[:, without]).all(axis=0)]


def columns(compiled: Swept, rows: NDArray[np.int64], costs: Costs) -> list[Column]:
    """The parameters and costs of these configurations, in the order of a sweep's columns."""
    settings = compiled.settings(rows)
    return [*(settings[name] for name in compiled.parameters), *costs]


def blocks(start: int, stop: int, size: int) -> Iterator[Block]:
    """The configurations start to stop - 1 in blocks of a size.

    >>> [tuple(block) for block in blocks(0, 5, 2)]
    [(0, 2), (2, 4), (4, 5)]
    """
    for first in range(start, stop, size):
        yield Block(first, min(first + size, stop))


def objectives(costs: Sequence[str], pareto: Sequence[str]) -> Objectives:
    """Which costs span the front: a name is to be small, a name after a minus to be large.

    >>> objectives(["macs", "params", "score"], ["macs", "-score"])
    Objectives(costs=(0, 2), maximize=(False, True))
    """
    names = [name.strip().removeprefix("-") for name in pareto]
    for name in names:
        if name not in costs:
            raise UnknownNameError("cost of this sweep", name, costs)
    if len(set(names)) < len(names):
        raise SizingError(f"'pareto' must name each cost once (got {', '.join(pareto)})")
    large = (name.strip().startswith("-") for name in pareto)
    return Objectives(tuple(costs.index(name) for name in names), tuple(large))


def _chosen(costs: Costs, numbers: tuple[int, ...]) -> Costs:
    """The rows of these numbers, without a copy where they are all."""
    return costs if numbers == tuple(range(len(costs))) else costs[list(numbers)]
