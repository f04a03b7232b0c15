"""MobileNet v1: depthwise separable convolutions with a width and a resolution multiplier."""

from __future__ import annotations

from typing import Annotated

from costmodel.layers import BatchNorm, Conv2d, DepthwiseConv2d, Dropout, GlobalAvgPool, Linear, PointwiseConv2d, ReLU6
from costmodel.network import Builder, Network
from costmodel.zoo.channels import floor_at_least_8, scaled
from costmodel.zoo.family import Batch, Choice, Classes, Resolution, Rounding, Width, family

BLOCKS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))
"""(output channels, stride) of each depthwise separable block."""
SHALLOW = (*BLOCKS[:6], *BLOCKS[-2:])

Shallow = Annotated[bool, Choice("whether to leave out the five 14x14x512 blocks (the paper's table 5)")]


@family(
    source="Howard et al., MobileNets, arXiv 1704.04861, table 1",
    width_rule="rounded down, at least 8 channels",
)
def mobilenet_v1(
    *,
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
    shallow: Shallow = False,
) -> Network:
    """MobileNet v1.

    Every convolution pads 1 and is followed by batch-norm and ReLU6.

    >>> mobilenet_v1(width=0.75).cost().macs
    325397568
    """
    b = Builder("mobilenet_v1")
    x = b.input("image", (batch, 3, resolution, resolution))
    stem = Conv2d(out_channels=scaled(32, width, floor_at_least_8, rounding), kernel=3, stride=2, padding=1, bias=False)
    x = x.then(stem, BatchNorm(), ReLU6(), name="conv1")
    for index, (channels, stride) in enumerate(SHALLOW if shallow else BLOCKS, start=1):
        out = PointwiseConv2d(out_channels=scaled(channels, width, floor_at_least_8, rounding), bias=False)
        depthwise = DepthwiseConv2d(kernel=3, stride=stride, padding=1, bias=False)
        with b.scope(f"block{index}"):
            x = x.then(depthwise, BatchNorm(), ReLU6(), name="depthwise")
            x = x.then(out, BatchNorm(), ReLU6(), name="pointwise")
    x = x.then(GlobalAvgPool(keepdims=False), name="pool").then(Dropout(rate=0.001), name="dropout")
    return b.build(x.then(Linear(out_features=classes), name="fc"))
