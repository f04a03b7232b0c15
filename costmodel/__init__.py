"""Analytical cost models of neural networks: exact counts, closed forms, latency with its error.

>>> import costmodel as cm
>>> alpha, r = cm.symbols("alpha r")
>>> cm.zoo.mobilenet_v1(width=alpha, resolution=32 * r).cost().macs.expand()
11010048*alpha**2*r**2 + 576000*alpha*r**2 + 1024000*alpha
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from costmodel import zoo
from costmodel.algebra import parse, symbols
from costmodel.counting import Convention, Ledger, compare, convention, reconcile
from costmodel.errors import CostModelError
from costmodel.layers import Layer, kinds, parse_layer
from costmodel.network import Builder, Network, repeat, training_cost

if TYPE_CHECKING:
    from costmodel.algebra.smooth import smooth
    from costmodel.algebra.vectorize import vectorize
    from costmodel.interop import from_torch, read
    from costmodel.reasoning import break_even, elasticities, growth, ratio, savings
    from costmodel.sizing.fronts.pareto import pareto_front
    from costmodel.sizing.searches.searching import search
    from costmodel.sizing.solve import size
    from costmodel.sizing.spaces.compile import compile_space
    from costmodel.sizing.sweeps.sweep import sweep
    from costmodel.transform import rewrite

__version__ = "0.1.0"

__all__ = [
    "Builder",
    "Convention",
    "CostModelError",
    "Layer",
    "Ledger",
    "Network",
    "break_even",
    "compare",
    "compile_space",
    "convention",
    "elasticities",
    "from_torch",
    "growth",
    "kinds",
    "pareto_front",
    "parse",
    "parse_layer",
    "ratio",
    "read",
    "reconcile",
    "repeat",
    "rewrite",
    "savings",
    "search",
    "size",
    "smooth",
    "sweep",
    "symbols",
    "training_cost",
    "vectorize",
    "zoo",
]

_LOADED_WHEN_USED = {
    "break_even": "costmodel.reasoning",
    "compile_space": "costmodel.sizing.spaces.compile",
    "elasticities": "costmodel.reasoning",
    "from_torch": "costmodel.interop",
    "growth": "costmodel.reasoning",
    "pareto_front": "costmodel.sizing.fronts.pareto",
    "ratio": "costmodel.reasoning",
    "read": "costmodel.interop",
    "rewrite": "costmodel.transform",
    "savings": "costmodel.reasoning",
    "search": "costmodel.sizing.searches.searching",
    "size": "costmodel.sizing.solve",
    "smooth": "costmodel.algebra.smooth",
    "sweep": "costmodel.sizing.sweeps.sweep",
    "vectorize": "costmodel.algebra.vectorize",
}
"""Public names whose modules need SymPy or NumPy, which `import costmodel` does not load."""


def __getattr__(name: str) -> Any:
    if name not in _LOADED_WHEN_USED:
        raise AttributeError(f"module 'costmodel' has no attribute {name!r}")
    return getattr(import_module(_LOADED_WHEN_USED[name]), name)
