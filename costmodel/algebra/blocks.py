"""Programs run over tables of configurations, in blocks that stay in the processor's cache.

A table has rows and columns; a symbol has one value for all, one for each row, one for each column, or one for each
place. What depends on rows alone, or on columns alone, is computed for those alone: of a sum over stages of a
polynomial in the width times the area at a resolution, only the products and the sums are left for each place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from costmodel.algebra import arrays
from costmodel.algebra.arrays import Array
from costmodel.algebra.program import Operand, Operation, Program

BLOCK: Final = 8192
"""Places in a block: a few registers of 64 KiB stay in the second-level cache."""

UFUNCS: Final[dict[str, Callable[..., Any]]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "floor": np.floor,
    "ceiling": np.ceil,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "less": np.less,
}
"""The operations that write into an array; `less` writes 1 or 0."""
FUNCTIONS: Final[dict[str, Callable[..., Array]]] = {"round_to_multiple": arrays.round_to_multiple, "gcd": arrays.gcd}

STRIP: Final = 256
"""Rows for which what depends on rows alone is computed at a time."""

ROWS, COLUMNS = 1, 2
"""What a register differs along: neither (0), rows, columns, or both (3)."""


@dataclass(frozen=True)
class _Stage:
    """The operations that are done together, and the buffer that each writes."""

    operations: tuple[Operation, ...]
    buffers: dict[int, int]
    count: int
    read: tuple[int, ...]
    """What it reads of each row: registers of other stages, and symbols."""

    def results(self, wanted: Sequence[Operand], targets: Sequence[Array]) -> Iterator[tuple[int, Array]]:
        """The registers of results that the stage computes, with where they go; none where no targets are given."""
        for register, target in zip(wanted, targets, strict=False):
            if isinstance(register, int) and register in self.buffers:
                yield register, target


class Blocks:
    """A program as a function of columns; the arrays that it needs in between are kept from block to block."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._schedules: dict[tuple[int, ...], _Schedule] = {}

    def __call__(self, columns: Sequence[Array], out: Sequence[Array] | None = None) -> Sequence[Array]:
        """The value of each result: of shape (1 or rows, 1 or columns), whatever it depends on.

        Each column has one of the shapes (1, 1), (rows, 1), (1, columns) and (rows, columns). Where `out` has an array
        of (rows, columns) for each result, these receive them, in full.
        """
        rows, places = np.broadcast_shapes((1, 1), *(column.shape for column in columns))
        if rows * places == 0:
            return [np.empty((rows, places)) for _ in self.program.results] if out is None else out
        varies = tuple(_varies(column, rows, places) for column in columns)
        if varies not in self._schedules:
            self._schedules[varies] = _Schedule(self.program, varies)
        schedule = self._schedules[varies]
        if out is None:
            out = [np.empty(_shape(schedule.varies_of(each), rows, places)) for each in self.program.results]
        schedule.fill(columns, out, rows, places)
        return out


class _Schedule:
    """For columns that vary along the same: which register varies along what, and where it lies."""

    def __init__(self, program: Program, varies: Sequence[int]) -> None:
        self.program = program
        self._varies = list(varies)
        for operation in program.operations:
            mine = 0
            for operand in operation.operands:
                mine |= self.varies_of(operand)
            self._varies.append(mine)
        self._stages = {kind: self._stage(kind) for kind in (0, COLUMNS, ROWS, ROWS | COLUMNS)}

    def varies_of(self, operand: Operand) -> int:
        """What an operand varies along; a constant along nothing."""
        return self._varies[operand] if isinstance(operand, int) else 0

    def fill(self, columns: Sequence[Array], results: Sequence[Array], rows: int, places: int) -> None:
        """Compute every result: a chunk of columns at a time, of that a strip of rows, of that a block."""
        width, strip = min(places, BLOCK), min(rows, STRIP)
        height = max(1, BLOCK // max(width, 1))
        sizes = {0: (1, 1), COLUMNS: (1, width), ROWS: (strip, 1), ROWS | COLUMNS: (height, width)}
        scratch = {kind: np.empty((stage.count, *sizes[kind])) for kind, stage in self._stages.items()}
        for across in _slices(places, width):
            for down in _slices(rows, strip):
                registers = [_part(column, down, across) for column in columns]
                registers += self._views(scratch, down.stop - down.start, across.stop - across.start)
                targets = [_part(each, down, across) for each in results]
                if down.start == 0:
                    self._do(0, registers)
                    self._do(COLUMNS, registers, targets if rows == 1 else ())
                self._do(ROWS, registers)
                for block in _slices(down.stop - down.start, height):
                    cut = [_part(each, block) for each in targets]
                    self._do(ROWS | COLUMNS, self._cut(registers, block), cut)
                self._copy(registers, targets)

    def _copy(self, registers: list[Array], targets: Sequence[Array]) -> None:
        """Write the results that lie elsewhere."""
        for result, target in zip(self.program.results, targets, strict=True):
            value = registers[result] if isinstance(result, int) else result
            is_written = value is target or (self._is_computed(result) and self.varies_of(result) == ROWS | COLUMNS)
            if not is_written:
                target[...] = value

    def _is_computed(self, result: Operand) -> bool:
        """Whether an operation makes it, and it is neither a symbol nor a constant."""
        return isinstance(result, int) and result >= len(self.program.symbols)

    def _views(self, scratch: dict[int, Array], height: int, width: int) -> list[Array]:
        """Every register that an operation writes, as large as a strip needs; a block's are as many rows as it has."""
        views = []
        for operation in self.program.operations:
            kind = self._varies[operation.register]
            buffer = scratch[kind][self._stages[kind].buffers[operation.register]]
            views.append(buffer[: height if kind & ROWS else 1, : width if kind & COLUMNS else 1])
        return views

    def _cut(self, registers: list[Array], block: slice) -> list[Array]:
        """The registers of a strip as a block needs them."""
        cut = list(registers)
        for register in self._stages[ROWS | COLUMNS].read:
            cut[register] = _part(registers[register], block)
        for operation in self._stages[ROWS | COLUMNS].operations:
            cut[operation.register] = registers[operation.register][: block.stop - block.start]
        return cut

    def _do(self, kind: int, registers: list[Array], targets: Sequence[Array] = ()) -> None:
        """Do the operations of a kind; what is a result is written to its target at once."""
        stage = self._stages[kind]
        mine = list(stage.results(self.program.results, targets))
        for result, target in mine:
            registers[result] = target
        for operation in stage.operations:
            values = [registers[each] if isinstance(each, int) else each for each in operation.operands]
            target = registers[operation.register]
            if operation.function in FUNCTIONS:
                target[...] = FUNCTIONS[operation.function](*values)
            else:
                UFUNCS[operation.function](*values, out=target)
        for result, target in mine:
            if registers[result] is not target:  # two results are the same
                target[...] = registers[result]

    def _stage(self, kind: int) -> _Stage:
        """The operations that vary along the same, and a buffer for each, used again once nothing reads it any more."""
        operations = [each for each in self.program.operations if self._varies[each.register] == kind]
        mine: set[Operand] = {each.register for each in operations}
        last: dict[Operand, int] = dict.fromkeys(self.program.results, len(operations))
        for operation in self.program.operations:
            if operation.register not in mine:
                last.update(dict.fromkeys((each for each in operation.operands if each in mine), len(operations)))
        for index, operation in enumerate(operations):
            for operand in operation.operands:
                if isinstance(operand, int):
                    last[operand] = max(index, last.get(operand, 0))
        free: list[int] = []
        assigned: dict[int, int] = {}
        count = 0
        for index, operation in enumerate(operations):
            read = {each for each in operation.operands if isinstance(each, int) and each in assigned}
            free.extend(assigned[each] for each in read if last[each] == index)
            if not free:
                free.append(count)
                count += 1
            assigned[operation.register] = free.pop()
        used = {each for operation in operations for each in operation.operands if isinstance(each, int)}
        read_elsewhere = tuple(each for each in used if each not in mine and self._varies[each] & ROWS)
        return _Stage(tuple(operations), assigned, count, read_elsewhere)


def _varies(column: Array, rows: int, places: int) -> int:
    return (ROWS if column.shape[0] == rows > 1 else 0) | (COLUMNS if column.shape[1] == places > 1 else 0)


def _shape(kind: int, rows: int, places: int) -> tuple[int, int]:
    return rows if kind & ROWS else 1, places if kind & COLUMNS else 1


def _part(values: Array, down: slice, across: slice | None = None) -> Array:
    """The part of an array that a block needs; of one row, or of one column, that."""
    if across is not None and values.shape[1] > 1:
        values = values[:, across]
    return values[down] if values.shape[0] > 1 else values


def _slices(size: int, step: int) -> Iterator[slice]:
    """Parts of a range, all but the last of `step`."""
    for start in range(0, size, step or 1):
        yield slice(start, min(start + step, size))
