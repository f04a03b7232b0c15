"""ShuffleNet v1: grouped 1x1 convolutions, with a channel shuffle so that the groups mix."""

from __future__ import annotations

from typing import Annotated, Literal

from costmodel.algebra import divides, exact_div, floor, floor_div, maximum, minimum, round_to_multiple
from costmodel.algebra.types import Dim
from costmodel.errors import SpecError
from costmodel.layers import (
    Add,
    AvgPool2d,
    BatchNorm,
    ChannelShuffle,
    Concat,
    Conv2d,
    DepthwiseConv2d,
    GlobalAvgPool,
    Linear,
    MaxPool2d,
    PointwiseConv2d,
    ReLU,
)
from costmodel.network import Builder, Network, Tensor
from costmodel.zoo.channels import scaled
from costmodel.zoo.family import Batch, Choice, Classes, Resolution, Rounding, Width, family

CHANNELS = {1: 144, 2: 200, 3: 240, 4: 272, 8: 384}
"""Output channels of stage 2, by groups; each later stage doubles them."""
UNITS = (4, 8, 4)
"""Units in stages 2, 3 and 4; the first of each halves the size."""

Groups = Annotated[Literal[1, 2, 3, 4, 8], Choice("groups of the 1x1 convolutions")]
Shallow = Annotated[bool, Choice("whether to leave out half of the units of each stage (the paper's table 5)")]


def stem_channels(width: Dim, groups: int, stage2: Dim, rounding: str) -> Dim:
    """Channels of the first convolution: 24 times the width, rounded to what the authors' code has.

    That is 12 or 16 at width 0.5, 24 at 1 and 1.5, 48 at 2: whole multiples of 24 from 1 on, and more channels
    where those that the first unit adds would not divide into groups.
    """

    def rule(channels: Dim) -> Dim:
        least = maximum(24 * floor_div(channels, 24), minimum(24, maximum(floor(channels), 1)))
        added = stage2 - least
        return least + added - groups * floor_div(added, groups)

    return scaled(24, width, rule, rounding)


def unit(x: Tensor, channels: Dim, groups: int, *, stride: int, first: bool) -> Tensor:
    """1x1 to a quarter of the channels, shuffle, 3x3 depthwise, 1x1, beside a shortcut.

    With a stride the shortcut is pooled, and joined by concatenation instead of addition.
    """
    inner = exact_div(channels, 4)
    outer = channels - x.channels if stride == 2 else channels
    squeeze = PointwiseConv2d(out_channels=inner, groups=1 if first else groups, bias=False)
    y = x.then(squeeze, BatchNorm(), ReLU(), name="squeeze")
    if groups > 1:
        y = y.then(ChannelShuffle(groups=groups), name="shuffle")
    y = y.then(DepthwiseConv2d(kernel=3, stride=stride, padding=1, bias=False), BatchNorm(), name="depthwise")
    y = y.then(PointwiseConv2d(out_channels=outer, groups=groups, bias=False), BatchNorm(), name="expand")
    if stride == 1:
        return y.builder.add(Add(), x, y, name="add").then(ReLU(), name="relu")
    pooled = x.then(AvgPool2d(kernel=3, stride=2, padding=1), name="shortcut")
    return y.builder.add(Concat(), pooled, y.then(ReLU(), name="relu"), name="concat")


@family(
    source="Zhang et al., ShuffleNet, arXiv 1707.01083, table 1; the authors' repository",
    width_rule="stages: to the nearest multiple of 4 groups, never below 90 %; the first convolution: whole multiples"
    " of 24 channels from width 1 on",
)
def shufflenet_v1(
    *,
    groups: Groups = 3,
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
    shallow: Shallow = False,
) -> Network:
    """ShuffleNet v1; the first 1x1 convolution is not grouped, and the classifier has no bias.

    >>> shufflenet_v1(groups=3).cost().macs, shufflenet_v1(groups=8, width=2).cost().macs
    (137460672, 521942016)
    """

    def stage_rule(channels: Dim) -> Dim:
        return round_to_multiple(channels, 4 * groups)

    stage2 = scaled(CHANNELS[groups], width, stage_rule, rounding)
    if not divides(4 * groups, stage2):
        raise SpecError(f"the channels of stage 2 (={stage2}) must be a multiple of 4 x 'groups' (={4 * groups})")
    b = Builder("shufflenet_v1")
    x = b.input("image", (batch, 3, resolution, resolution))
    channels = stem_channels(width, groups, stage2, rounding)
    stem = Conv2d(out_channels=channels, kernel=3, stride=2, padding=1, bias=False)
    x = x.then(stem, BatchNorm(), ReLU(), name="conv1").then(MaxPool2d(kernel=3, stride=2, padding=1), name="maxpool")
    for stage, units in enumerate(UNITS):
        for index in range(units // 2 if shallow else units):
            first = stage == index == 0
            with b.scope(f"stage{stage + 2}.{index}"):
                x = unit(x, 2**stage * stage2, groups, stride=2 if index == 0 else 1, first=first)
    x = x.then(GlobalAvgPool(keepdims=False), name="pool")
    return b.build(x.then(Linear(out_features=classes, bias=False), name="fc"))


shufflenet_v1_g1 = shufflenet_v1.variant("shufflenet_v1_g1", groups=1)
shufflenet_v1_g2 = shufflenet_v1.variant("shufflenet_v1_g2", groups=2)
shufflenet_v1_g3 = shufflenet_v1.variant("shufflenet_v1_g3", groups=3)
shufflenet_v1_g4 = shufflenet_v1.variant("shufflenet_v1_g4", groups=4)
shufflenet_v1_g8 = shufflenet_v1.variant("shufflenet_v1_g8", groups=8)
