"""Compiled spaces: what NumPy needs to evaluate any rows of a space, in any process, without SymPy."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from math import prod
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from costmodel.algebra.arrays import Array
from costmodel.algebra.blocks import BLOCK, Blocks
from costmodel.algebra.program import Program
from costmodel.errors import SizingError
from costmodel.sizing.spaces.axes import Axis, Indices

NARROW: Final = 64
"""Columns of a table below which a row is not worth one: the next axis joins the columns."""


@dataclass(frozen=True)
class Part:
    """The networks of one kind: where they are and can be built (all guards at least 1), and their costs there."""

    guards: Program
    costs: Program

    @cached_property
    def run_guards(self) -> Blocks:
        """The guards as a function of columns."""
        return Blocks(self.guards)

    @cached_property
    def run_costs(self) -> Blocks:
        """The costs as a function of columns."""
        return Blocks(self.costs)

    def __getstate__(self) -> dict[str, Program]:
        return {"guards": self.guards, "costs": self.costs}


class _Held(NamedTuple):
    """Where a part of a table is: some of its rows and columns, of these all or those of a mask."""

    rows: slice | NDArray[np.int64]
    columns: slice | NDArray[np.int64]
    mask: NDArray[np.bool_] | None
    is_everywhere: bool

    @classmethod
    def of(cls, guards: Blocks, values: Sequence[Array], table: tuple[int, int]) -> _Held:
        """Where all guards are at least 1."""
        rows, columns = np.ones((table[0], 1), dtype=bool), np.ones((1, table[1]), dtype=bool)
        mask: NDArray[np.bool_] | None = None
        for guard in guards(values):
            holds = guard >= 1
            if holds.shape == table and 1 not in table:
                mask = holds if mask is None else mask & holds
            elif holds.shape == rows.shape:
                rows &= holds
            else:
                columns &= holds
        is_everywhere = mask is None and bool(rows.all() and columns.all())
        chosen, across = _places(rows[:, 0]), _places(columns[0])
        return cls(chosen, across, None if mask is None else mask[chosen][:, across], is_everywhere)

    def write(self, costs: Sequence[Array], blocks: Blocks, values: Sequence[Array]) -> None:
        """Evaluate the costs where the part is, and put its results into tables."""
        mine = [
            each if each.shape == (1, 1) else each[self.rows] if each.shape[1] == 1 else each[:, self.columns]
            for each in values
        ]
        if self.mask is None and isinstance(self.rows, slice) and isinstance(self.columns, slice):
            blocks(mine, out=[cost[self.rows, self.columns] for cost in costs])
            return
        where = np.ix_(_indices(self.rows), _indices(self.columns))
        for cost, found in zip(costs, blocks(mine), strict=True):
            cost[where] = found if self.mask is None else np.where(self.mask, found, cost[where])


def _indices(places: slice | NDArray[np.int64]) -> NDArray[np.int64]:
    return np.arange(places.start, places.stop) if isinstance(places, slice) else places


def _places(where: NDArray[np.bool_]) -> slice | NDArray[np.int64]:
    """The places that are true: a slice where they follow each other."""
    found = np.flatnonzero(where)
    if found.size and found[-1] - found[0] + 1 == found.size:
        return slice(int(found[0]), int(found[-1]) + 1)
    return found


@dataclass(frozen=True)
class Compiled:
    """The costs of a space's configurations as programs: for each combination of its structural axes, by parts."""

    name: str
    axes: tuple[Axis, ...]
    structural: int
    costs: tuple[str, ...]
    parts: tuple[tuple[Part, ...], ...]
    fingerprint: str
    """A hash of all that decides the rows."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the axes."""
        return tuple(each.name for each in self.axes)

    @cached_property
    def size(self) -> int:
        """How many rows."""
        return prod(each.size for each in self.axes)

    def evaluate(self, start: int, stop: int) -> Array:
        """The costs (rows of the result) of configurations start to stop; NaN in each of what cannot be built.

        A score that divides by zero is infinite there, or NaN; raises `SizingError` for one beyond 1e308.
        """
        try:
            with np.errstate(divide="ignore", invalid="ignore", over="raise"):
                return self._evaluated(start, stop)
        except FloatingPointError:
            raise SizingError(f"{self.name}: a score must stay below 1e308 (take a smaller power)") from None

    def _evaluated(self, start: int, stop: int) -> Array:
        found = np.empty((len(self.costs), stop - start))
        cells = self.size // len(self.parts)
        for structure in range(start // cells, -(-stop // cells)):
            first = structure * cells
            low, high = max(start, first), min(stop, first + cells)
            for left, right in self._pieces(low - first, high - first):
                target = found[:, first + left - start : first + right - start]
                self._table(self.parts[structure], left, right, target)
        return found

    def at(self, rows: Indices) -> Array:
        """The costs of these configurations, wherever they are; NaN as in `evaluate`, which is faster for all in a row.

        >>> from costmodel.sizing import compile_space
        >>> table = compile_space("mobilenet_v1", {"width": "0.25:1:0.25", "resolution": "128:224:32"}, ["macs"])
        >>> table.at(np.array([15, 0])).tolist()
        [[568740352.0, 13570048.0]]
        """
        found = np.empty((len(self.costs), len(rows)))
        cells = self.size // len(self.parts)
        structures = rows // cells
        for structure in np.unique(structures).tolist():
            where = np.flatnonzero(structures == structure)
            symbols = numerators(self.axes[self.structural :], rows[where] - structure * cells)
            values = [each.reshape(1, -1) for each in symbols]
            target = np.empty((len(self.costs), len(where)))
            _fill(self.parts[structure], values, (1, len(where)), target)
            found[:, where] = target
        return found

    def settings(self, rows: Indices) -> dict[str, NDArray[Any]]:
        """The parameters of these rows: float64, or objects for choices."""
        places = np.unravel_index(rows, tuple(each.size for each in self.axes)) if self.axes else ()
        return {each.name: each.settings(np.asarray(place)) for each, place in zip(self.axes, places, strict=True)}

    def _pieces(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """The rows of a structure as parts of one line of a table, or as whole lines."""
        width = self._width
        while start < stop:
            line_end = (start // width + 1) * width
            whole = stop // width * width
            end = whole if start % width == 0 and whole > start else min(line_end, stop)
            yield start, end
            start = end

    def _table(self, parts: tuple[Part, ...], start: int, stop: int, target: Array) -> None:
        """The costs of one piece: its lines are the rows of a table, or it is a part of one."""
        lines = np.arange(start // self._width, -(-stop // self._width))
        places = np.arange(start % self._width, start % self._width + (stop - start) // len(lines))
        values = [
            *(each.reshape(-1, 1) for each in numerators(self._outer, lines)),
            *(each.reshape(1, -1) for each in numerators(self._inner, places)),
        ]
        _fill(parts, values, (len(lines), len(places)), target)

    @cached_property
    def _inner(self) -> tuple[Axis, ...]:
        """The axes that run along a line: as many of the last as fit a block, or as make a line worth its while."""
        return inner_axes(self.axes[self.structural :])

    @cached_property
    def _outer(self) -> tuple[Axis, ...]:
        symbols = self.axes[self.structural :]
        return symbols[: len(symbols) - len(self._inner)]

    @cached_property
    def _width(self) -> int:
        return prod(each.size for each in self._inner)

    def __getstate__(self) -> dict[str, Any]:
        fields = ("name", "axes", "structural", "costs", "parts", "fingerprint")
        return {name: self.__dict__[name] for name in fields}


def _fill(parts: tuple[Part, ...], values: Sequence[Array], table: tuple[int, int], target: Array) -> None:
    """The costs over a table, each in a row of the target; NaN where no part is."""
    costs = [cost.reshape(table) for cost in target]
    is_left = True
    for part in parts:
        held = _Held.of(part.run_guards, values, table)
        if is_left and not held.is_everywhere:
            target[...] = np.nan
        is_left = False
        held.write(costs, part.run_costs, values)
        if held.is_everywhere:
            return


def inner_axes(axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """Of these axes the last that make a line of a table."""
    width, count = 1, 0
    for each in reversed(axes):
        if count and width >= NARROW and width * each.size > BLOCK:
            break
        width, count = width * each.size, count + 1
    return axes[len(axes) - count :]


def fingerprint(*parts: object) -> str:
    """A hash of texts, numbers and lists of these."""
    return sha256(json.dumps(parts, default=str, sort_keys=True).encode()).hexdigest()


def numerators(axes: tuple[Axis, ...], indices: Indices) -> list[Array]:
    """The values of axes at places of a table, the last running fastest."""
    if not axes:
        return []
    places = np.unravel_index(indices, tuple(each.size for each in axes))
    return [each.numerators(np.asarray(place)) for each, place in zip(axes, places, strict=True)]
