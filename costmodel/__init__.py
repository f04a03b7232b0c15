"""Analytical cost models of neural networks: exact counts, closed forms, latency with its error.

>>> import costmodel as cm
>>> alpha, r = cm.symbols("alpha r")
>>> cm.zoo.mobilenet_v1(width=alpha, resolution=32 * r).cost().macs.expand()
11010048*alpha**2*r**2 + 576000*alpha*r**2 + 1024000*alpha
"""

from __future__ import annotations

from costmodel import zoo
from costmodel.algebra import parse, symbols
from costmodel.counting import Convention, Ledger, convention
from costmodel.errors import CostModelError
from costmodel.layers import Layer, kinds, parse_layer
from costmodel.network import Builder, Network, repeat, training_cost

__version__ = "0.1.0"

__all__ = [
    "Builder",
    "Convention",
    "CostModelError",
    "Layer",
    "Ledger",
    "Network",
    "convention",
    "kinds",
    "parse",
    "parse_layer",
    "repeat",
    "symbols",
    "training_cost",
    "zoo",
]
