"""GoogLeNet: inception modules, in which convolutions of three sizes and a pooling layer stand side by side."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from costmodel.algebra.types import Dim
from costmodel.layers import (
    BatchNorm,
    Concat,
    Conv2d,
    Dropout,
    GlobalAvgPool,
    Linear,
    LocalResponseNorm,
    MaxPool2d,
    ReLU,
)
from costmodel.network import Builder, Network, Tensor
from costmodel.zoo.channels import floor_at_least_1, scaled
from costmodel.zoo.family import Batch, Choice, Classes, Resolution, Rounding, Width, family


class Module(NamedTuple):
    """Channels of an inception module: of its 1x1 convolutions, and what the larger ones make of the reduced."""

    one: Dim
    reduce3: Dim
    three: Dim
    reduce5: Dim
    five: Dim
    pooled: Dim


STAGES = (
    {"3a": Module(64, 96, 128, 16, 32, 32), "3b": Module(128, 128, 192, 32, 96, 64)},
    {
        "4a": Module(192, 96, 208, 16, 48, 64),
        "4b": Module(160, 112, 224, 24, 64, 64),
        "4c": Module(128, 128, 256, 24, 64, 64),
        "4d": Module(112, 144, 288, 32, 64, 64),
        "4e": Module(256, 160, 320, 32, 128, 128),
    },
    {"5a": Module(256, 160, 320, 32, 128, 128), "5b": Module(384, 192, 384, 48, 128, 128)},
)
"""The inception modules; a pooling layer stands before each stage."""

Implementation = Annotated[
    Literal["torchvision", "paper"],
    Choice(
        "torchvision has batch-norm, and 3x3 convolutions in place of the 5x5 ones; the paper has biases, 5x5"
        " convolutions and local response normalization"
    ),
]


def convolved(x: Tensor, channels: Dim, kernel: int, *, name: str, batch_norm: bool, stride: int = 1) -> Tensor:
    """A convolution that keeps the size (up to its stride), batch-norm or biases, and ReLU."""
    convolution = Conv2d(out_channels=channels, kernel=kernel, stride=stride, padding=kernel // 2, bias=not batch_norm)
    return x.then(convolution, *([BatchNorm()] if batch_norm else []), ReLU(), name=name)


def inception(x: Tensor, module: Module, *, batch_norm: bool, large: int) -> Tensor:
    """1x1, 1x1 then 3x3, 1x1 then the `large` kernel, and pooling then 1x1: one beside the other."""
    one = convolved(x, module.one, 1, name="branch1", batch_norm=batch_norm)
    three = convolved(x, module.reduce3, 1, name="branch2.reduce", batch_norm=batch_norm)
    three = convolved(three, module.three, 3, name="branch2.conv", batch_norm=batch_norm)
    five = convolved(x, module.reduce5, 1, name="branch3.reduce", batch_norm=batch_norm)
    five = convolved(five, module.five, large, name="branch3.conv", batch_norm=batch_norm)
    pooled = x.then(MaxPool2d(kernel=3, stride=1, padding=1, ceil_mode=True), name="branch4.pool")
    pooled = convolved(pooled, module.pooled, 1, name="branch4.conv", batch_norm=batch_norm)
    return x.builder.add(Concat(), one, three, five, pooled, name="concat")


@family(
    source="Szegedy et al., Going deeper with convolutions, arXiv 1409.4842, table 1; torchvision",
    width_rule="every channel count times the width, rounded down",
)
def googlenet(
    *,
    implementation: Implementation = "torchvision",
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
) -> Network:
    """GoogLeNet without its auxiliary classifiers, which only training uses; its pooling layers round up.

    >>> googlenet().cost().macs, googlenet(implementation="paper").cost().macs
    (1498376192, 1582671872)
    """
    paper = implementation == "paper"
    large, last_pool, rate = (5, 3, 0.4) if paper else (3, 2, 0.2)
    wide = {channels: scaled(channels, width, floor_at_least_1, rounding) for channels in (64, 192)}

    b = Builder("googlenet")
    x = b.input("image", (batch, 3, resolution, resolution))
    x = convolved(x, wide[64], 7, name="conv1", batch_norm=not paper, stride=2)
    x = x.then(MaxPool2d(kernel=3, stride=2, ceil_mode=True), name="pool1")
    x = x.then(LocalResponseNorm(size=5), name="norm1") if paper else x
    x = convolved(x, wide[64], 1, name="conv2", batch_norm=not paper)
    x = convolved(x, wide[192], 3, name="conv3", batch_norm=not paper)
    x = x.then(LocalResponseNorm(size=5), name="norm2") if paper else x
    for stage, kernel in zip(STAGES, (3, 3, last_pool), strict=True):
        x = x.then(MaxPool2d(kernel=kernel, stride=2, ceil_mode=True), name=f"pool{min(stage)[0]}")
        for name, module in stage.items():
            with b.scope(f"inception{name}"):
                channels = Module(*(scaled(count, width, floor_at_least_1, rounding) for count in module))
                x = inception(x, channels, batch_norm=not paper, large=large)
    x = x.then(GlobalAvgPool(keepdims=False), name="avgpool").then(Dropout(rate=rate), name="dropout")
    return b.build(x.then(Linear(out_features=classes), name="fc"))


googlenet_paper = googlenet.variant("googlenet_paper", implementation="paper")
