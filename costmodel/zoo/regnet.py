"""RegNet X and Y: bottlenecks of grouped convolutions, whose widths follow a quantized line over the depth."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby
from math import log
from typing import Annotated

from costmodel.algebra import equal, exact_div, round_to_multiple
from costmodel.algebra.types import Dim
from costmodel.errors import SpecError
from costmodel.layers import Add, BatchNorm, Conv2d, GlobalAvgPool, Linear, ReLU, Sigmoid
from costmodel.network import Builder, Network, Tensor
from costmodel.zoo.blocks import squeeze_excite
from costmodel.zoo.channels import floor_at_least_1, floor_in_groups, scaled, to_even_at_least_1
from costmodel.zoo.family import Batch, Choice, Classes, Number, Resolution, Rounding, Width, family

STEM = 32
"""Channels of the first convolution."""
REDUCTION = Fraction(1, 4)
"""Channels to which a block squeezes, for each channel that it reads."""

Depth = Annotated[int, Number("blocks (the paper's d)", symbolic=False, most=1000)]
FirstWidth = Annotated[int, Number("channels at the beginning of the line, a multiple of 8 (w_0)", symbolic=False)]
Slope = Annotated[Dim, Number("channels that each block adds to the line (w_a)", real=True, symbolic=False)]
Step = Annotated[Dim, Number("factor from the channels of a stage to the next (w_m)", real=True, symbolic=False)]
GroupWidth = Annotated[int, Number("channels of each group of the 3x3 convolutions (g)", symbolic=False)]
SqueezeExcitation = Annotated[bool, Choice("whether blocks have squeeze-and-excitation: RegNet Y")]


def stages(depth: int, w_0: int, w_a: Dim, w_m: Dim, group_width: int) -> Iterator[tuple[int, int, int]]:
    """(blocks, channels, channels of a group) of each stage, by the paper's equations 2 to 4.

    Block j has u_j = w_0 + w_a j channels on the line; of w_0 w_m^s it takes the one with s = log(u_j / w_0) / log(w_m)
    rounded, to a multiple of 8, and then of the group width.

    >>> list(stages(22, 24, 24.48, 2.54, 16))
    [(1, 32, 16), (2, 64, 16), (7, 160, 16), (12, 400, 16)]
    """
    first, slope, step = float(w_0), float(w_a), float(w_m)
    exponents = (round(log((first + slope * block) / first) / log(step)) for block in range(depth))
    widths = (8 * round(first * step**exponent / 8) for exponent in exponents)
    for channels, blocks in groupby(widths):
        group = min(group_width, channels)
        yield len(list(blocks)), round_to_multiple(channels, group), group


def convolved(x: Tensor, channels: Dim, kernel: int, *, name: str, stride: int = 1, groups: Dim = 1) -> Tensor:
    """A convolution that keeps the size (up to its stride), and batch-norm."""
    convolution = Conv2d(
        out_channels=channels, kernel=kernel, stride=stride, padding=kernel // 2, groups=groups, bias=False
    )
    return x.then(convolution, BatchNorm(), name=name)


def block(x: Tensor, channels: Dim, group: int, stride: int, *, squeeze: bool, rounding: str) -> Tensor:
    """1x1, 3x3 in groups of `group` channels, 1x1, beside a shortcut; all have as many channels."""
    y = convolved(x, channels, 1, name="conv1").then(ReLU(), name="relu1")
    y = convolved(y, channels, 3, name="conv2", stride=stride, groups=exact_div(channels, group))
    y = y.then(ReLU(), name="relu2")
    if squeeze:
        squeezed = scaled(x.channels, REDUCTION, to_even_at_least_1, rounding)
        y = squeeze_excite(y, squeezed, activation=ReLU(), gate=Sigmoid())
    y = convolved(y, channels, 1, name="conv3")
    same = stride == 1 and equal(x.channels, channels)
    shortcut = x if same else convolved(x, channels, 1, name="downsample", stride=stride)
    return y.builder.add(Add(), shortcut, y, name="add").then(ReLU(), name="relu")


@family(
    source="Radosavovic et al., Designing network design spaces, arXiv 2003.13678, equations 2 to 4, as in torchvision",
    width_rule="the channels of each stage times the width, rounded down to a multiple of the group width",
)
def regnet(
    *,
    depth: Depth = 22,
    w_0: FirstWidth = 24,
    w_a: Slope = Fraction("24.48"),
    w_m: Step = Fraction("2.54"),
    group_width: GroupWidth = 16,
    squeeze_excitation: SqueezeExcitation = False,
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
) -> Network:
    """RegNet; every stage halves the size, and no block is narrower inside.

    >>> regnet(depth=22, w_0=24, w_a=24.48, w_m=2.54, group_width=16).cost().macs
    413812608
    """
    if w_0 % 8:
        raise SpecError(f"'w_0' must be a multiple of 8 (got {w_0})")
    if not w_m > 1:
        raise SpecError(f"'w_m' must be above 1 (got {w_m})")
    b = Builder("regnet")
    x = b.input("image", (batch, 3, resolution, resolution))
    x = convolved(x, scaled(STEM, width, floor_at_least_1, rounding), 3, name="conv1", stride=2).then(
        ReLU(), name="relu"
    )
    for stage, (blocks, channels, group) in enumerate(stages(depth, w_0, w_a, w_m, group_width), start=1):
        wide = scaled(channels, width, floor_in_groups(group), rounding)
        for index in range(blocks):
            with b.scope(f"stage{stage}.{index}"):
                x = block(x, wide, group, 2 if index == 0 else 1, squeeze=squeeze_excitation, rounding=rounding)
    x = x.then(GlobalAvgPool(keepdims=False), name="avgpool")
    return b.build(x.then(Linear(out_features=classes), name="fc"))


Y = {"squeeze_excitation": True}

regnet_x_400mf = regnet.variant("regnet_x_400mf", depth=22, w_0=24, w_a=24.48, w_m=2.54, group_width=16)
regnet_x_800mf = regnet.variant("regnet_x_800mf", depth=16, w_0=56, w_a=35.73, w_m=2.28, group_width=16)
regnet_x_1_6gf = regnet.variant("regnet_x_1_6gf", depth=18, w_0=80, w_a=34.01, w_m=2.25, group_width=24)
regnet_x_3_2gf = regnet.variant("regnet_x_3_2gf", depth=25, w_0=88, w_a=26.31, w_m=2.25, group_width=48)
regnet_x_8gf = regnet.variant("regnet_x_8gf", depth=23, w_0=80, w_a=49.56, w_m=2.88, group_width=120)
regnet_x_16gf = regnet.variant("regnet_x_16gf", depth=22, w_0=216, w_a=55.59, w_m=2.1, group_width=128)
regnet_x_32gf = regnet.variant("regnet_x_32gf", depth=23, w_0=320, w_a=69.86, w_m=2.0, group_width=168)
regnet_y_400mf = regnet.variant("regnet_y_400mf", **Y, depth=16, w_0=48, w_a=27.89, w_m=2.09, group_width=8)
regnet_y_800mf = regnet.variant("regnet_y_800mf", **Y, depth=14, w_0=56, w_a=38.84, w_m=2.4, group_width=16)
regnet_y_1_6gf = regnet.variant("regnet_y_1_6gf", **Y, depth=27, w_0=48, w_a=20.71, w_m=2.65, group_width=24)
regnet_y_3_2gf = regnet.variant("regnet_y_3_2gf", **Y, depth=21, w_0=80, w_a=42.63, w_m=2.66, group_width=24)
regnet_y_8gf = regnet.variant("regnet_y_8gf", **Y, depth=17, w_0=192, w_a=76.82, w_m=2.19, group_width=56)
regnet_y_16gf = regnet.variant("regnet_y_16gf", **Y, depth=18, w_0=200, w_a=106.23, w_m=2.48, group_width=112)
regnet_y_32gf = regnet.variant("regnet_y_32gf", **Y, depth=20, w_0=232, w_a=115.89, w_m=2.53, group_width=232)
regnet_y_128gf = regnet.variant("regnet_y_128gf", **Y, depth=27, w_0=456, w_a=160.83, w_m=2.52, group_width=264)
