"""MobileNet v1: depthwise separable convolutions with a width and a resolution multiplier."""

from __future__ import annotations

from typing import Annotated, Literal

from costmodel.algebra.types import Dim
from costmodel.layers import BatchNorm, Conv2d, DepthwiseConv2d, Dropout, GlobalAvgPool, Linear, PointwiseConv2d, ReLU6
from costmodel.network import Builder, Network, Tensor
from costmodel.zoo.channels import floor_at_least_8, scaled
from costmodel.zoo.family import Batch, Choice, Classes, Resolution, Rounding, Width, family

BLOCKS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))
"""(output channels, stride) of each depthwise separable block."""
SHALLOW = (*BLOCKS[:6], *BLOCKS[-2:])

Convolution = Annotated[
    Literal["depthwise_separable", "full"],
    Choice("what the blocks consist of: full is the paper's comparison in table 4, one 3x3 convolution for each block"),
]
Shallow = Annotated[bool, Choice("whether to leave out the five 14x14x512 blocks (the paper's table 5)")]


def separable(x: Tensor, channels: Dim, stride: int, index: int) -> Tensor:
    """3x3 on each channel by itself, then 1x1 across them."""
    depthwise = DepthwiseConv2d(kernel=3, stride=stride, padding=1, bias=False)
    with x.builder.scope(f"block{index}"):
        x = x.then(depthwise, BatchNorm(), ReLU6(), name="depthwise")
        return x.then(PointwiseConv2d(out_channels=channels, bias=False), BatchNorm(), ReLU6(), name="pointwise")


def full(x: Tensor, channels: Dim, stride: int, *, name: str) -> Tensor:
    """A 3x3 convolution of all channels."""
    convolution = Conv2d(out_channels=channels, kernel=3, stride=stride, padding=1, bias=False)
    return x.then(convolution, BatchNorm(), ReLU6(), name=name)


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
    convolution: Convolution = "depthwise_separable",
) -> Network:
    """MobileNet v1.

    Every convolution pads 1 and is followed by batch-norm and ReLU6.

    >>> mobilenet_v1(width=0.75).cost().macs
    325400448
    """
    b = Builder("mobilenet_v1")
    x = b.input("image", (batch, 3, resolution, resolution))
    x = full(x, scaled(32, width, floor_at_least_8, rounding), 2, name="conv1")
    for index, (channels, stride) in enumerate(SHALLOW if shallow else BLOCKS, start=1):
        out = scaled(channels, width, floor_at_least_8, rounding)
        x = full(x, out, stride, name=f"block{index}") if convolution == "full" else separable(x, out, stride, index)
    x = x.then(GlobalAvgPool(keepdims=False), name="pool").then(Dropout(rate=0.001), name="dropout")
    return b.build(x.then(Linear(out_features=classes), name="fc"))
