"""Sizing: spaces of configurations, the largest that keeps budgets, sweeps, Pareto fronts and search.

What evaluates rows (`compiled`) loads NumPy alone, so that the processes of a sweep start quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costmodel.sizing.accuracy import Accuracies, Rated, join_accuracy
    from costmodel.sizing.compile import compile_space
    from costmodel.sizing.compiled import Compiled
    from costmodel.sizing.front import Front
    from costmodel.sizing.pareto import pareto_front
    from costmodel.sizing.searching import Searched, search
    from costmodel.sizing.sized import Candidate, Sized
    from costmodel.sizing.solve import size

__all__ = [
    "Accuracies",
    "Candidate",
    "Compiled",
    "Front",
    "Rated",
    "Searched",
    "Sized",
    "compile_space",
    "join_accuracy",
    "pareto_front",
    "search",
    "size",
]

_LOADED_WHEN_USED = {
    "Accuracies": "costmodel.sizing.accuracy",
    "Candidate": "costmodel.sizing.sized",
    "Compiled": "costmodel.sizing.compiled",
    "Front": "costmodel.sizing.front",
    "Rated": "costmodel.sizing.accuracy",
    "Searched": "costmodel.sizing.searching",
    "Sized": "costmodel.sizing.sized",
    "compile_space": "costmodel.sizing.compile",
    "join_accuracy": "costmodel.sizing.accuracy",
    "pareto_front": "costmodel.sizing.pareto",
    "search": "costmodel.sizing.searching",
    "size": "costmodel.sizing.solve",
}


def __getattr__(name: str) -> Any:
    if name not in _LOADED_WHEN_USED:
        raise AttributeError(f"module 'costmodel.sizing' has no attribute {name!r}")
    return getattr(import_module(_LOADED_WHEN_USED[name]), name)
