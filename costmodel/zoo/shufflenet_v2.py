"""ShuffleNetV2: half of the channels pass by, the others are convolved, and a shuffle mixes both."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Literal

from costmodel.algebra import divides, equal, exact_div, floor, maximum, minimum
from costmodel.algebra.types import Dim
from costmodel.errors import SpecError
from costmodel.layers import (
    BatchNorm,
    ChannelShuffle,
    Concat,
    Conv2d,
    DepthwiseConv2d,
    Dropout,
    GlobalAvgPool,
    Linear,
    MaxPool2d,
    PointwiseConv2d,
    ReLU,
    Split,
)
from costmodel.network import Builder, Network, Tensor
from costmodel.zoo.channels import rounds, scaled
from costmodel.zoo.family import Batch, Choice, Classes, Resolution, Rounding, Width, family

STEM = 24
STAGE2 = ((0, 0), (Fraction(1, 2), 48), (1, 116), (Fraction(3, 2), 176), (2, 244))
"""(width, output channels of stage 2) as published; each later stage doubles them."""
LAST = ((0, 1024), (Fraction(3, 2), 1024), (2, 2048))
"""(width, channels of the last convolution) as published."""
UNITS = (4, 8, 4)
"""Units in stages 2, 3 and 4; the first of each halves the size."""

Implementation = Annotated[
    Literal["torchvision", "authors"],
    Choice(
        "whose: the authors' first unit keeps its input channels in the shortcut, where torchvision's has half of the"
        " output's, and their classifier has no bias"
    ),
]


def through(points: tuple[tuple[Dim, int], ...], width: Dim) -> Dim:
    """The height at a width of straight lines from point to point, and from the last on in proportion to the width."""
    height: Dim = points[0][1]
    for (start, low), (end, high) in pairwise(points):
        height = height + Fraction(high - low) / (end - start) * minimum(maximum(width - start, 0), end - start)
    end, high = points[-1]
    return height + Fraction(high) / end * maximum(width - end, 0)


def stage2_channels(width: Dim, rounding: str) -> Dim:
    """Output channels of stage 2, an even number: as published; between those, on straight lines."""
    if rounds(width, rounding):
        return 2 * maximum(floor((through(STAGE2, width) + 1) * Fraction(1, 2)), 1)
    channels = scaled(116, width, floor, rounding)
    if not divides(2, channels):
        raise SpecError(f"the channels of stage 2 (={channels}) must be a multiple of 2")
    return channels


def last_channels(width: Dim, rounding: str) -> Dim:
    """Channels of the last convolution: 1024, and more beyond the published width of 1.5."""
    return floor(through(LAST, width)) if rounds(width, rounding) else scaled(1024, maximum(width, 1), floor, rounding)


def main_branch(x: Tensor, inner: Dim, channels: Dim, stride: int) -> Tensor:
    """1x1, 3x3 depthwise, 1x1."""
    x = x.then(PointwiseConv2d(out_channels=inner, bias=False), BatchNorm(), ReLU(), name="conv1")
    depthwise = DepthwiseConv2d(kernel=3, stride=stride, padding=1, bias=False)
    x = x.then(depthwise, BatchNorm(), name="depthwise")
    return x.then(PointwiseConv2d(out_channels=channels, bias=False), BatchNorm(), ReLU(), name="conv2")


def striding_unit(x: Tensor, channels: Dim, implementation: str) -> Tensor:
    """The main branch on all channels, beside a shortcut of a depthwise and a 1x1 convolution."""
    half = exact_div(channels, 2)
    kept = half if implementation == "torchvision" else x.channels
    with x.builder.scope("shortcut"):
        y = x.then(DepthwiseConv2d(kernel=3, stride=2, padding=1, bias=False), BatchNorm(), name="depthwise")
        y = y.then(PointwiseConv2d(out_channels=kept, bias=False), BatchNorm(), ReLU(), name="conv")
    return x.builder.add(Concat(), y, main_branch(x, half, channels - kept, 2), name="concat")


def unit(x: Tensor) -> Tensor:
    """The main branch on one half of the channels, the other half as it is."""
    half = exact_div(x.channels, 2)
    kept, convolved = x.builder.add_many(Split(sections=2), x, name="split")
    return x.builder.add(Concat(), kept, main_branch(convolved, half, half, 1), name="concat")


@family(
    source="Ma et al., ShuffleNet V2, arXiv 1807.11164, table 5; the authors' repository; torchvision",
    width_rule="stages: as published at 0.5, 1, 1.5 and 2, on straight lines between those, to an even number; the"
    " first convolution keeps 24 channels, the last 1024 up to width 1.5; unrounded, 116 channels times the width",
)
def shufflenet_v2(
    *,
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
    implementation: Implementation = "torchvision",
) -> Network:
    """ShuffleNetV2.

    Without rounding, so for a symbolic width, stage 2 has 116 times the width, and the last convolution 1024 times
    the width where that is above 1.

    >>> cost = shufflenet_v2().cost()
    >>> cost.macs, cost.params
    (144907992, 2278604)
    >>> shufflenet_v2(implementation="authors").cost().macs
    145814296
    """
    is_authors = implementation == "authors"
    stage2 = stage2_channels(width, rounding)
    if is_authors and isinstance(stage2, int) and stage2 <= STEM:
        raise SpecError(f"the channels of stage 2 (={stage2}) must be above the first convolution's (={STEM})")
    b = Builder("shufflenet_v2")
    x = b.input("image", (batch, 3, resolution, resolution))
    stem = Conv2d(out_channels=STEM, kernel=3, stride=2, padding=1, bias=False)
    x = x.then(stem, BatchNorm(), ReLU(), name="conv1").then(MaxPool2d(kernel=3, stride=2, padding=1), name="maxpool")
    for stage, units in enumerate(UNITS):
        for index in range(units):
            with b.scope(f"stage{stage + 2}.{index}"):
                if is_authors and index > 0:
                    x = x.then(ChannelShuffle(groups=2), name="shuffle")
                x = unit(x) if index > 0 else striding_unit(x, 2**stage * stage2, implementation)
                if not is_authors:
                    x = x.then(ChannelShuffle(groups=2), name="shuffle")
    last = PointwiseConv2d(out_channels=last_channels(width, rounding), bias=False)
    x = x.then(last, BatchNorm(), ReLU(), name="conv5").then(GlobalAvgPool(keepdims=False), name="pool")
    if is_authors and equal(width, 2):
        x = x.then(Dropout(rate=0.2), name="dropout")
    return b.build(x.then(Linear(out_features=classes, bias=not is_authors), name="fc"))


shufflenet_v2_x0_5 = shufflenet_v2.variant("shufflenet_v2_x0_5", width=Fraction(1, 2))
shufflenet_v2_x1_0 = shufflenet_v2.variant("shufflenet_v2_x1_0", width=1)
shufflenet_v2_x1_5 = shufflenet_v2.variant("shufflenet_v2_x1_5", width=Fraction(3, 2))
shufflenet_v2_x2_0 = shufflenet_v2.variant("shufflenet_v2_x2_0", width=2)
