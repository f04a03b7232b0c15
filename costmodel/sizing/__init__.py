"""Sizing: spaces of configurations, the largest that keeps budgets, sweeps, Pareto fronts and search.

What evaluates rows (`compiled`) loads NumPy alone, so that the processes of a sweep start quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costmodel.sizing.compile import compile_space
    from costmodel.sizing.compiled import Compiled
    from costmodel.sizing.front import Front
    from costmodel.sizing.pareto import pareto_front

__all__ = ["Compiled", "Front", "compile_space", "pareto_front"]

_LOADED_WHEN_USED = {
    "Compiled": "costmodel.sizing.compiled",
    "Front": "costmodel.sizing.front",
    "compile_space": "costmodel.sizing.compile",
    "pareto_front": "costmodel.sizing.pareto",
}


def __getattr__(name: str) -> Any:
    if name not in _LOADED_WHEN_USED:
        raise AttributeError(f"module 'costmodel.sizing' has no attribute {name!r}")
    return getattr(import_module(_LOADED_WHEN_USED[name]), name)
