"""The one alias for what a formula works on."""

from __future__ import annotations

from typing import Any, TypeAlias

Dim: TypeAlias = Any
"""An exact integer, a float64 NumPy array, or a SymPy expression.

Formulas use only the arithmetic that the three share (and the functions of `costmodel.algebra`), so
one definition serves all of them. SymPy carries no type information, hence the alias for Any: it is
the only place where the library gives up static types, and it says so by this name.
"""
