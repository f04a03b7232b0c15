"""AmoebaNet-A: cells found by evolution, stacked."""

from __future__ import annotations

from costmodel.network import Builder, Network
from costmodel.zoo import cells
from costmodel.zoo.cells import Cell, Stack, average, classified, factorized, largest, nothing, separable
from costmodel.zoo.family import Batch, Classes, Resolution, Rounding, Width, family
from costmodel.zoo.nasnet import Filters, Repeats, Stem

NORMAL = Cell(
    (
        ((average, 0), (largest, 0)),
        ((separable(3), 1), (nothing, 1)),
        ((nothing, 0), (average, 1)),
        ((separable(3), 0), (separable(5), 2)),
        ((average, 5), (separable(3), 0)),
    ),
    (1, 3, 4, 6),
)
REDUCTION = Cell(
    (
        ((separable(3), 1), (average, 0)),
        ((largest, 0), (separable(7), 2)),
        ((largest, 1), (largest, 0)),
        ((separable(3), 4), (factorized, 0)),
        ((average, 1), (separable(7), 0)),
    ),
    (2, 3, 4, 5, 6),
)


@family(
    source="Real et al., Regularized evolution, arXiv 1802.01548, figure 5 and table 2; the authors' code",
    width_rule="every channel count times the width, rounded down",
)
def amoebanet_a(
    *,
    repeats: Repeats = 4,
    filters: Filters = 50,
    stem: Stem = 32,
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
) -> Network:
    """AmoebaNet-A without its auxiliary classifier, which only training uses; by default the paper's mobile network.

    An odd number of filters is halved into two that differ by one: 25, those of the second cell, into 12 and 13.

    >>> amoebanet_a(repeats=4, filters=50).cost().macs, amoebanet_a(repeats=4, filters=50).cost().params
    (554687204, 5086930)
    """
    b = Builder("amoebanet_a")
    x = b.input("image", (batch, 3, resolution, resolution))
    stack = Stack(NORMAL, REDUCTION, repeats)
    return b.build(
        classified(x, stack, cells.Filters(stem, width, rounding), cells.Filters(filters, width, rounding), classes)
    )


amoebanet_a_mobile = amoebanet_a.variant("amoebanet_a_mobile", repeats=4, filters=50, stem=32)
