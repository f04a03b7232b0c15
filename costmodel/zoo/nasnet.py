"""NASNet-A: cells found by reinforcement learning, stacked."""

from __future__ import annotations

from typing import Annotated

from costmodel.algebra.types import Dim
from costmodel.network import Builder, Network
from costmodel.zoo import cells
from costmodel.zoo.cells import Cell, Stack, average, classified, largest, nothing, separable
from costmodel.zoo.family import Batch, Choice, Classes, Number, Resolution, Rounding, Width, family

NORMAL = Cell(
    (
        ((separable(5), 0), (separable(3), 1)),
        ((separable(5), 1), (separable(3), 1)),
        ((average, 0), (nothing, 1)),
        ((average, 1), (average, 1)),
        ((separable(3), 0), (nothing, 0)),
    ),
    (1, 2, 3, 4, 5, 6),
)
REDUCTION = Cell(
    (
        ((separable(5), 0), (separable(7), 1)),
        ((largest, 0), (separable(7), 1)),
        ((average, 0), (separable(5), 1)),
        ((nothing, 3), (average, 2)),
        ((separable(3), 2), (largest, 0)),
    ),
    (3, 4, 5, 6),
)

Repeats = Annotated[int, Number("normal cells in each of the three stages (N)", symbolic=False, most=100)]
Filters = Annotated[Dim, Number("channels of the convolutions in the first stage: a 24th of the paper's last number")]
Stem = Annotated[Dim, Number("channels of the first convolution")]
Skipping = Annotated[bool, Choice("whether the first cell of a stage reads the last but one of the stage before")]


@family(
    source="Zoph et al., Learning transferable architectures, arXiv 1707.07012, figure 4; the authors' code",
    width_rule="every channel count times the width, rounded down",
)
def nasnet_a(
    *,
    repeats: Repeats = 4,
    filters: Filters = 44,
    stem: Stem = 32,
    skip_reduction: Skipping = False,
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
) -> Network:
    """NASNet-A without its auxiliary classifier, which only training uses; N @ P has P = 24 x filters.

    >>> nasnet_a(repeats=4, filters=44).cost().params
    5289978
    """
    b = Builder("nasnet_a")
    x = b.input("image", (batch, 3, resolution, resolution))
    stack = Stack(NORMAL, REDUCTION, repeats, skipping=skip_reduction)
    return b.build(
        classified(x, stack, cells.Filters(stem, width, rounding), cells.Filters(filters, width, rounding), classes)
    )


nasnet_a_mobile = nasnet_a.variant("nasnet_a_mobile", repeats=4, filters=44, stem=32, skip_reduction=False)
nasnet_a_large = nasnet_a.variant(
    "nasnet_a_large", {"resolution": 331}, repeats=6, filters=168, stem=96, skip_reduction=True
)
