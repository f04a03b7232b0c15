"""Compiled spaces: what NumPy needs to evaluate any rows of a space, in any process, without SymPy."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from costmodel.algebra.arrays import Array
from costmodel.algebra.blocks import BLOCK, Blocks
from costmodel.algebra.program import Program
from costmodel.sizing.axes import Axis, Indices

NARROW: Final = 64
"""Columns of a table below which a row is not worth one: the next axis joins the columns."""


@dataclass(frozen=True)
class Part:
    """The networks of one kind: where they are that can be built (at least 1), and their costs there."""

    guard: Program
    costs: Program


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
        """The costs (rows of the result) of configurations start to stop; NaN in each of what cannot be built."""
        found = np.empty((len(self.costs), stop - start))
        cells = self.size // len(self.parts)
        for structure in range(start // cells, -(-stop // cells)):
            first = structure * cells
            low, high = max(start, first), min(stop, first + cells)
            for left, right in self._pieces(low - first, high - first):
                target = found[:, first + left - start : first + right - start]
                self._table(self.parts[structure], left, right, target)
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
        table = (len(lines), len(places))
        costs = [cost.reshape(table) for cost in target]
        is_left = True
        for part in parts:
            (guard,) = Blocks(part.guard)(values)
            if (guard >= 1).all():
                _write(costs, Blocks(part.costs)(values))
                return
            if is_left:
                target[...] = np.nan
                is_left = False
            if (mask := guard >= 1).any():
                _write(costs, Blocks(part.costs)(values), np.broadcast_to(mask, table))

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


def _write(costs: Sequence[Array], found: Sequence[Array], where: NDArray[np.bool_] | None = None) -> None:
    """Put what was found into tables, everywhere or where a mask says."""
    for cost, each in zip(costs, found, strict=True):
        if where is None:
            cost[...] = each
        else:
            np.copyto(cost, each, where=where)


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
