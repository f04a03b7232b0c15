"""Programs: what `costmodel.algebra.plan` makes of expressions, and NumPy runs without SymPy."""

from __future__ import annotations

from dataclasses import dataclass

Operand = int | float
"""A register by its number (int), or a constant (float)."""


@dataclass(frozen=True)
class Operation:
    """One array operation: a function's name, what it reads, and the register that it writes."""

    function: str
    operands: tuple[Operand, ...]
    register: int


@dataclass(frozen=True)
class Program:
    """The operations that compute expressions of the same symbols; registers 0, 1, ... are the symbols, in order."""

    symbols: tuple[str, ...]
    operations: tuple[Operation, ...]
    results: tuple[Operand, ...]
    """What holds each expression when all operations are done."""
