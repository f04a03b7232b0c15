"""Sizing: spaces of configurations, the largest that keeps budgets, sweeps, Pareto fronts and search.

What evaluates rows (`spaces.compiled`) loads NumPy alone, so that the processes of a sweep start quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from costmodel.sizing.fronts.accuracy import Accuracies, Rated, join_accuracy
    from costmodel.sizing.fronts.front import Front
    from costmodel.sizing.fronts.pareto import pareto_front
    from costmodel.sizing.searches.searching import Searched, search
    from costmodel.sizing.sized import Candidate, Sized
    from costmodel.sizing.solve import size
    from costmodel.sizing.spaces.compile import compile_space
    from costmodel.sizing.spaces.compiled import Compiled
    from costmodel.sizing.sweeps.sweep import sweep
    from costmodel.sizing.sweeps.sweeping import Sweep, run_sweep

__all__ = [
    "Accuracies",
    "Candidate",
    "Compiled",
    "Front",
    "Rated",
    "Searched",
    "Sized",
    "Sweep",
    "compile_space",
    "join_accuracy",
    "pareto_front",
    "run_sweep",
    "search",
    "size",
    "sweep",
]

_LOADED_WHEN_USED = {
    "Accuracies": "costmodel.sizing.fronts.accuracy",
    "Candidate": "costmodel.sizing.sized",
    "Compiled": "costmodel.sizing.spaces.compiled",
    "Front": "costmodel.sizing.fronts.front",
    "Rated": "costmodel.sizing.fronts.accuracy",
    "Searched": "costmodel.sizing.searches.searching",
    "Sized": "costmodel.sizing.sized",
    "Sweep": "costmodel.sizing.sweeps.sweeping",
    "compile_space": "costmodel.sizing.spaces.compile",
    "join_accuracy": "costmodel.sizing.fronts.accuracy",
    "pareto_front": "costmodel.sizing.fronts.pareto",
    "run_sweep": "costmodel.sizing.sweeps.sweeping",
    "search": "costmodel.sizing.searches.searching",
    "size": "costmodel.sizing.solve",
    "sweep": "costmodel.sizing.sweeps.sweep",
}


def __getattr__(name: str) -> Any:
    if name not in _LOADED_WHEN_USED:
        raise AttributeError(f"module 'costmodel.sizing' has no attribute {name!r}")
    return getattr(import_module(_LOADED_WHEN_USED[name]), name)
