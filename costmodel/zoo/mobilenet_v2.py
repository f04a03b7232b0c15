"""MobileNetV2: inverted bottlenecks, which widen by 1x1, filter depthwise and narrow again."""

from __future__ import annotations

from costmodel.algebra import maximum
from costmodel.layers import BatchNorm, Conv2d, Dropout, GlobalAvgPool, Linear, PointwiseConv2d, ReLU6
from costmodel.network import Builder, Network
from costmodel.zoo.blocks import inverted_bottleneck
from costmodel.zoo.channels import scaled, to_multiple_of_8
from costmodel.zoo.family import Batch, Classes, Resolution, Rounding, Width, family

STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""(expansion, output channels, blocks, stride of the first block) of each stage."""


@family(
    source="Sandler et al., MobileNetV2, arXiv 1801.04381, table 2",
    width_rule="to the nearest multiple of 8, never below 90 %; the last convolution's 1280 channels never shrink",
)
def mobilenet_v2(
    *,
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
) -> Network:
    """MobileNetV2; every 3x3 convolution pads 1.

    >>> mobilenet_v2().cost().macs, mobilenet_v2(width=1.4).cost().params
    (300774272, 6108776)
    """
    b = Builder("mobilenet_v2")
    x = b.input("image", (batch, 3, resolution, resolution))
    stem = Conv2d(out_channels=scaled(32, width, to_multiple_of_8, rounding), kernel=3, stride=2, padding=1, bias=False)
    x = x.then(stem, BatchNorm(), ReLU6(), name="conv1")
    index = 0
    for expansion, channels, blocks, first_stride in STAGES:
        for position in range(blocks):
            index += 1
            with b.scope(f"block{index}"):
                out = scaled(channels, width, to_multiple_of_8, rounding)
                stride = first_stride if position == 0 else 1
                x = inverted_bottleneck(x, expansion * x.channels, out, stride=stride, activation=ReLU6())
    last = PointwiseConv2d(out_channels=scaled(1280, maximum(1, width), to_multiple_of_8, rounding), bias=False)
    x = x.then(last, BatchNorm(), ReLU6(), name="conv_last")
    x = x.then(GlobalAvgPool(keepdims=False), name="pool").then(Dropout(rate=0.2), name="dropout")
    return b.build(x.then(Linear(out_features=classes), name="fc"))
