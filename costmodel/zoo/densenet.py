"""DenseNet: every layer of a block reads the outputs of all layers before it."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal

from costmodel.algebra.types import Dim
from costmodel.layers import AvgPool2d, BatchNorm, Concat, Conv2d, GlobalAvgPool, Linear, MaxPool2d, ReLU
from costmodel.network import Builder, Network, Tensor
from costmodel.zoo.channels import floor_at_least_1, scaled
from costmodel.zoo.family import Batch, Choice, Classes, Number, Resolution, Rounding, Width, family

BLOCKS = {
    121: (6, 12, 24, 16),
    161: (6, 12, 36, 24),
    169: (6, 12, 32, 32),
    201: (6, 12, 48, 32),
}
"""Layers in each of the four dense blocks, by depth."""
COMPRESSION = Fraction(1, 2)
"""What a transition leaves of the channels."""

Depth = Annotated[Literal[121, 161, 169, 201], Choice("convolutions and the classifier, counted together")]
Growth = Annotated[Dim, Number("channels that each layer adds (k); the first convolution has twice as many")]


def dense_layer(features: list[Tensor], growth: Dim) -> Tensor:
    """1x1 to four times the growth, 3x3 to the growth, on all features; each after batch-norm and ReLU."""
    x = joined(features, "concat")
    inner = Conv2d(out_channels=4 * growth, kernel=1, bias=False)
    x = x.then(BatchNorm(), ReLU(), name="norm1").then(inner, name="conv1")
    outer = Conv2d(out_channels=growth, kernel=3, padding=1, bias=False)
    return x.then(BatchNorm(), ReLU(), name="norm2").then(outer, name="conv2")


def joined(features: list[Tensor], name: str) -> Tensor:
    """The features one after another; one alone is itself."""
    first, *others = features
    return first.builder.add(Concat(), first, *others, name=name) if others else first


def transition(x: Tensor, rounding: str) -> Tensor:
    """1x1 to half of the channels, and pooling to half of the size."""
    half = Conv2d(out_channels=scaled(x.channels, COMPRESSION, floor_at_least_1, rounding), kernel=1, bias=False)
    x = x.then(BatchNorm(), ReLU(), name="norm").then(half, name="conv")
    return x.then(AvgPool2d(kernel=2, stride=2), name="pool")


@family(
    source="Huang et al., Densely connected convolutional networks, arXiv 1608.06993, table 1 (DenseNet-BC)",
    width_rule="the growth and the channels of the first convolution times the width, rounded down",
)
def densenet(
    *,
    depth: Depth = 121,
    growth: Growth = 32,
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
) -> Network:
    """DenseNet with bottlenecks and a compression of one half.

    >>> densenet(depth=121).cost().macs, densenet(depth=161, growth=48).cost().params
    (2834161664, 28681000)
    """
    added = scaled(growth, width, floor_at_least_1, rounding)
    stem = Conv2d(
        out_channels=scaled(2 * growth, width, floor_at_least_1, rounding), kernel=7, stride=2, padding=3, bias=False
    )

    b = Builder("densenet")
    x = b.input("image", (batch, 3, resolution, resolution))
    x = x.then(stem, BatchNorm(), ReLU(), name="conv1").then(MaxPool2d(kernel=3, stride=2, padding=1), name="pool1")
    for block, layers in enumerate(BLOCKS[depth], start=1):
        if block > 1:
            with b.scope(f"transition{block - 1}"):
                x = transition(x, rounding)
        features = [x]
        for index in range(layers):
            with b.scope(f"block{block}.{index}"):
                features.append(dense_layer(features, added))
        x = joined(features, f"block{block}.concat")
    x = x.then(BatchNorm(), ReLU(), name="norm").then(GlobalAvgPool(keepdims=False), name="avgpool")
    return b.build(x.then(Linear(out_features=classes), name="fc"))


densenet121 = densenet.variant("densenet121", depth=121)
densenet161 = densenet.variant("densenet161", depth=161, growth=48)
densenet169 = densenet.variant("densenet169", depth=169)
densenet201 = densenet.variant("densenet201", depth=201)
