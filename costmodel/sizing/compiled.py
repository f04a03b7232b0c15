"""Compiled spaces: what NumPy needs to evaluate any rows of a space, in any process, without SymPy."""

from __future__ import annotations

import json
from collections.abc import Iterator
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
class Compiled:
    """The costs of a space's configurations as programs, one for each combination of its structural axes."""

    name: str
    axes: tuple[Axis, ...]
    structural: int
    costs: tuple[str, ...]
    programs: tuple[Program, ...]
    """For each structure: first the costs, then sizes that must all be at least 1 for a network to be buildable."""
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
        cells = self.size // len(self.programs)
        for structure in range(start // cells, -(-stop // cells)):
            first = structure * cells
            low, high = max(start, first), min(stop, first + cells)
            blocks = Blocks(self.programs[structure])
            for left, right in self._pieces(low - first, high - first):
                self._table(blocks, left, right, found[:, first + left - start : first + right - start])
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

    def _table(self, blocks: Blocks, start: int, stop: int, target: Array) -> None:
        """The costs of one piece: its lines are the rows of a table, or it is a part of one."""
        lines = np.arange(start // self._width, -(-stop // self._width))
        places = np.arange(start % self._width, start % self._width + (stop - start) // len(lines))
        values = [
            *(each.reshape(-1, 1) for each in _numerators(self._outer, lines)),
            *(each.reshape(1, -1) for each in _numerators(self._inner, places)),
        ]
        results = blocks(values or [np.zeros((len(lines), len(places)))])
        table = (len(lines), len(places))
        for cost, found in zip(target, results, strict=False):
            cost.reshape(table)[...] = found
        for check in results[len(self.costs) :]:
            if not (is_built := check >= 1).all():
                target.reshape(-1, *table)[:, ~np.broadcast_to(is_built, table)] = np.nan

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
        fields = ("name", "axes", "structural", "costs", "programs", "fingerprint")
        return {name: self.__dict__[name] for name in fields}


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


def _numerators(axes: tuple[Axis, ...], indices: Indices) -> list[Array]:
    """The values of axes at places of a table, the last running fastest."""
    if not axes:
        return []
    places = np.unravel_index(indices, tuple(each.size for each in axes))
    return [each.numerators(np.asarray(place)) for each, place in zip(axes, places, strict=True)]
