"""Expressions evaluated over many configurations at once, in blocks that stay in the processor's cache."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from costmodel.algebra.arrays import Array
from costmodel.algebra.blocks import Blocks
from costmodel.algebra.parser import parse
from costmodel.algebra.plan import plan
from costmodel.algebra.program import Program
from costmodel.algebra.types import Dim
from costmodel.errors import ShapeError, SpecError


class Vectorized:
    """An expression as a function of arrays; made by `vectorize`."""

    def __init__(self, program: Program) -> None:
        self.symbols = program.symbols
        self._blocks = Blocks(program)

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
        table = result.reshape(math.prod(shape[:-1]), shape[-1] if shape else 1)
        self._blocks([_table(column, shape[:-1]) for column in columns], out=[table])
        return result


def vectorize(expression: Dim, symbols: Sequence[str] | str) -> Vectorized:
    """The expression as a function of arrays, one for each symbol in this order.

    >>> from costmodel.algebra import parse
    >>> area = vectorize(parse("12*alpha*r**2 + 3*alpha"), "alpha r")
    >>> area([1, 0.5], [2, 4])
    array([51. , 97.5])
    """
    names = symbols.replace(",", " ").split() if isinstance(symbols, str) else list(symbols)
    wanted = parse(expression) if isinstance(expression, str) else expression
    return Vectorized(plan([wanted], names))


def _table(column: Array, leading: tuple[int, ...]) -> Array:
    """An array as a table whose rows run over all axes but the last: 1 row or column where it repeats itself."""
    last = column.shape[-1] if column.ndim else 1
    if all(size == 1 for size in column.shape[:-1]):
        return column.reshape(1, last)
    return np.broadcast_to(column, (*leading, last)).reshape(-1, last)
