"""EfficientNet: inverted bottlenecks with squeeze-and-excitation, scaled in width, depth and resolution together."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Annotated

from costmodel.algebra import ceiling
from costmodel.algebra.types import Dim
from costmodel.layers import BatchNorm, Conv2d, Dropout, GlobalAvgPool, Linear, PointwiseConv2d, ReLU6, Sigmoid, SiLU
from costmodel.network import Builder, Network
from costmodel.zoo.blocks import inverted_bottleneck, squeeze_excite
from costmodel.zoo.channels import floor_at_least_1, quarter, scaled, to_multiple_of_8
from costmodel.zoo.family import Batch, Classes, Depth, Number, Resolution, Rounding, Width, family

STEM = 32
STAGES = (
    (1, 16, 1, 3, 1),
    (6, 24, 2, 3, 2),
    (6, 40, 2, 5, 2),
    (6, 80, 3, 3, 2),
    (6, 112, 3, 5, 1),
    (6, 192, 4, 5, 2),
    (6, 320, 1, 3, 1),
)
"""(expansion, output channels, blocks, kernel, stride of the first block) of each stage."""
LAST = 1280

DropoutRate = Annotated[Dim, Number("rate of the dropout before the classifier", real=True, symbolic=False, most=1)]


def scaled_up(
    name: str,
    width: Dim,
    depth: Dim,
    resolution: Dim,
    batch: Dim,
    classes: Dim,
    rounding: Rounding,
    dropout: Dim,
    *,
    is_lite: bool = False,
) -> Network:
    """The stages scaled; the lite form has ReLU6, no squeeze-and-excitation, and ends that are not scaled."""
    b = Builder(name)
    activation = ReLU6() if is_lite else SiLU()
    first, last = (
        channels if is_lite else scaled(channels, width, to_multiple_of_8, rounding) for channels in (STEM, LAST)
    )
    x = b.input("image", (batch, 3, resolution, resolution))
    stem = Conv2d(out_channels=first, kernel=3, stride=2, padding=1, bias=False)
    x = x.then(stem, BatchNorm(), activation, name="conv1")
    index, nominal = 0, STEM
    for stage, (expansion, channels, blocks, kernel, first_stride) in enumerate(STAGES):
        keeps_depth = is_lite and stage in (0, len(STAGES) - 1)
        for position in range(blocks if keeps_depth else ceiling(blocks * depth)):
            index += 1
            gated = None
            if not is_lite:
                squeezed = quarter(x.channels, nominal, width, floor_at_least_1, rounding)
                gated = partial(squeeze_excite, channels=squeezed, activation=activation, gate=Sigmoid())
            with b.scope(f"block{index}"):
                x = inverted_bottleneck(
                    x,
                    expansion * x.channels,
                    scaled(channels, width, to_multiple_of_8, rounding),
                    kernel=kernel,
                    stride=first_stride if position == 0 else 1,
                    activation=activation,
                    gated=gated,
                )
            nominal = channels
    x = x.then(PointwiseConv2d(out_channels=last, bias=False), BatchNorm(), activation, name="conv_last")
    x = x.then(GlobalAvgPool(keepdims=False), name="pool").then(Dropout(rate=float(dropout)), name="dropout")
    return b.build(x.then(Linear(out_features=classes), name="fc"))


@family(
    source="Tan and Le, EfficientNet, arXiv 1905.11946, table 1; the authors' code",
    width_rule="to the nearest multiple of 8, never below 90 %; blocks times the depth, rounded up",
)
def efficientnet(
    *,
    width: Width = 1,
    depth: Depth = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
    dropout: DropoutRate = Fraction(1, 5),
) -> Network:
    """EfficientNet; squeeze-and-excitation reduces to a quarter of the block's input channels.

    Every convolution pads half of its kernel: the sizes are those of the authors' "same" padding, ceil(size / stride).
    Stochastic depth, which drops whole blocks in training only, has no node.

    >>> cost = efficientnet().cost()
    >>> cost.macs, cost.params
    (385814752, 5288548)
    """
    return scaled_up("efficientnet", width, depth, resolution, batch, classes, rounding, dropout)


efficientnet_b0 = efficientnet.variant("efficientnet_b0", width=1, depth=1, dropout=Fraction("0.2"))
efficientnet_b1 = efficientnet.variant(
    "efficientnet_b1", {"resolution": 240}, width=1, depth=Fraction("1.1"), dropout=Fraction("0.2")
)
efficientnet_b2 = efficientnet.variant(
    "efficientnet_b2", {"resolution": 260}, width=Fraction("1.1"), depth=Fraction("1.2"), dropout=Fraction("0.3")
)
efficientnet_b3 = efficientnet.variant(
    "efficientnet_b3", {"resolution": 300}, width=Fraction("1.2"), depth=Fraction("1.4"), dropout=Fraction("0.3")
)
efficientnet_b4 = efficientnet.variant(
    "efficientnet_b4", {"resolution": 380}, width=Fraction("1.4"), depth=Fraction("1.8"), dropout=Fraction("0.4")
)
efficientnet_b5 = efficientnet.variant(
    "efficientnet_b5", {"resolution": 456}, width=Fraction("1.6"), depth=Fraction("2.2"), dropout=Fraction("0.4")
)
efficientnet_b6 = efficientnet.variant(
    "efficientnet_b6", {"resolution": 528}, width=Fraction("1.8"), depth=Fraction("2.6"), dropout=Fraction("0.5")
)
efficientnet_b7 = efficientnet.variant(
    "efficientnet_b7", {"resolution": 600}, width=2, depth=Fraction("3.1"), dropout=Fraction("0.5")
)
