"""Expressions evaluated over many configurations at once, in blocks that stay in the processor's cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from costmodel.algebra import arrays
from costmodel.algebra.arrays import Array
from costmodel.algebra.parser import parse
from costmodel.algebra.plan import Operand, Plan, plan
from costmodel.algebra.types import Dim
from costmodel.errors import ShapeError, SpecError

BLOCK = 8192
"""Configurations in a block: a few registers of 64 KiB stay in the second-level cache."""

_UFUNCS: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "multiply": np.multiply,
    "divide": np.divide,
    "floor": np.floor,
    "ceiling": np.ceil,
    "maximum": np.maximum,
    "minimum": np.minimum,
}
_SLOW: dict[str, Callable[..., Array]] = {"round_to_multiple": arrays.round_to_multiple, "gcd": arrays.gcd}


class Vectorized:
    """An expression as a function of arrays; made by `vectorize`."""

    def __init__(self, steps: Plan) -> None:
        self.symbols = steps.symbols
        self._plan = steps
        self._steps = [(step.function, step.operands, step.register) for step in steps.operations]
        self._buffers, self._count = _assign_buffers(steps)

    def __call__(self, *values: ArrayLike, out: Array | None = None) -> Array:
        """The expression for each configuration: one array (or number) for each symbol, broadcast together.

        `out` receives the result where it is given. Integers above 2**53 are rounded to 16 digits.
        """
        if len(values) != len(self.symbols):
            named = ", ".join(self.symbols) or "no symbol"
            raise SpecError(f"one array for each of {named} is needed (got {len(values)})")
        columns = [np.asarray(value, dtype=np.float64) for value in values]
        try:
            shape = np.broadcast_shapes(*(column.shape for column in columns))
        except ValueError:
            shapes = " and ".join(str(column.shape) for column in columns)
            names = ", ".join(self.symbols)
            raise ShapeError(f"the arrays of {names} must broadcast together (got {shapes})") from None
        result = np.empty(shape) if out is None else out
        if result.shape != shape or result.dtype != np.float64 or not result.flags.c_contiguous:
            raise SpecError(
                f"'out' must be a contiguous float64 array of shape {shape} (got {result.dtype} {result.shape})"
            )
        flat = [column if column.ndim == 0 else np.broadcast_to(column, shape).reshape(-1) for column in columns]
        self._run(flat, result.reshape(-1))
        return result

    def _run(self, columns: list[Array], result: Array) -> None:
        scratch = np.empty((self._count, min(BLOCK, max(result.size, 1))))
        for start in range(0, result.size, BLOCK):
            stop = min(start + BLOCK, result.size)
            registers: list[Any] = [column if column.ndim == 0 else column[start:stop] for column in columns]
            registers += [scratch[buffer, : stop - start] for buffer in self._buffers]
            self._block(registers, result[start:stop])

    def _block(self, registers: list[Any], target: Array) -> None:
        last = self._plan.result
        if isinstance(last, int) and last >= len(self.symbols):
            registers[last] = target
        for function, operands, register in self._steps:
            destination = registers[register]
            values = [registers[item] if isinstance(item, int) else item for item in operands]
            if function in _SLOW:
                destination[...] = _SLOW[function](*values)
            else:
                _UFUNCS[function](*values, out=destination)
        if not (isinstance(last, int) and last >= len(self.symbols)):
            target[...] = registers[last] if isinstance(last, int) else last


def vectorize(expression: Dim, symbols: Sequence[str] | str) -> Vectorized:
    """The expression as a function of arrays, one for each symbol in this order.

    >>> from costmodel.algebra import parse
    >>> area = vectorize(parse("12*alpha*r**2 + 3*alpha"), "alpha r")
    >>> area([1, 0.5], [2, 4])
    array([51. , 97.5])
    """
    names = symbols.replace(",", " ").split() if isinstance(symbols, str) else list(symbols)
    return Vectorized(plan(parse(expression) if isinstance(expression, str) else expression, names))


def _assign_buffers(steps: Plan) -> tuple[list[int], int]:
    """A scratch buffer for each operation's register, reused once nothing reads the register any more."""
    last: dict[Operand, int] = {}
    for index, operation in enumerate(steps.operations):
        last.update(dict.fromkeys((item for item in operation.operands if isinstance(item, int)), index))
    if isinstance(steps.result, int):
        last[steps.result] = len(steps.operations)
    inputs = len(steps.symbols)
    free: list[int] = []
    assigned: dict[int, int] = {}
    count = 0
    for index, operation in enumerate(steps.operations):
        read = {item for item in operation.operands if isinstance(item, int) and item >= inputs}
        free.extend(assigned[item] for item in read if last[item] == index)
        if free:
            assigned[operation.register] = free.pop()
        else:
            assigned[operation.register] = count
            count += 1
    return [assigned[operation.register] for operation in steps.operations], count
