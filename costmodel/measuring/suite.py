"""The operator suite: a few hundred small networks that hold one operator each, over all that its time depends on.

For each operator there are scans, in which one size changes and the others stay (channels around multiples of 4, 8 and
16, maps from one element up), and points of a low-discrepancy sequence, in which all sizes change at once. Operators
that are quickly done also come as chains of equal layers: the difference tells what a layer costs from what the ends
of a network cost, where runtimes turn their inputs and outputs into a layout of their own.
"""

from __future__ import annotations

from functools import cache
from math import prod
from typing import Final

from costmodel.layers import parse_layer
from costmodel.measuring.cases import Case
from costmodel.measuring.convolution_cases import convolutions, depthwise, large_convolutions, other_convolutions
from costmodel.measuring.operator_cases import elementwise, movement, norms, pools, products

LARGEST: Final = 8_000_000
"""Elements of the largest tensor, 32 MB: its layers still run in milliseconds."""

MOST_MACS: Final = 500_000_000
"""A twentieth of a second at 10 GMAC/s."""

FAMILIES: Final = (
    convolutions, large_convolutions, other_convolutions, depthwise, products, pools, elementwise, movement, norms,
)  # fmt: skip
"""What the suite consists of."""


@cache
def operator_suite() -> tuple[Case, ...]:
    """All cases, each once, in an order that mixes sizes but not operators.

    >>> len(operator_suite()) > 300
    True
    """
    cases: dict[str, Case] = {}
    for family in FAMILIES:
        for case in family():
            if _is_in_bounds(case):
                cases.setdefault(repr(case), case)
    return tuple(cases.values())


def _is_in_bounds(case: Case) -> bool:
    """Whether no tensor is too large, nor the whole too slow."""
    shapes, macs = list(case.inputs), 0
    x = case.inputs
    for spec in case.layers:
        layer = parse_layer(spec)
        cost = layer.cost(*(x if layer.inputs != 1 else x[:1]))
        shapes += cost.output_shapes
        x = (cost.output_shapes[0], *case.inputs[1:])
        macs += cost.macs
    return max(map(prod, shapes)) <= LARGEST and macs <= MOST_MACS
