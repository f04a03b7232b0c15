"""ResNet and ResNeXt: residual networks of basic or bottleneck blocks."""

from __future__ import annotations

from typing import Annotated, Literal

from costmodel.algebra import equal, exact_div
from costmodel.algebra.types import Dim
from costmodel.layers import Add, BatchNorm, Conv2d, GlobalAvgPool, Linear, MaxPool2d, ReLU
from costmodel.network import Builder, Network, Tensor
from costmodel.zoo.channels import floor_at_least_1, scaled
from costmodel.zoo.family import Batch, Choice, Classes, Number, Resolution, Rounding, Width, family

STAGES = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
"""Blocks in each of the four stages, by depth; from 50 on they are bottlenecks."""

Depth = Annotated[Literal[18, 34, 50, 101, 152], Choice("layers with weights on the main path")]
StrideIn = Annotated[
    Literal["3x3", "1x1"],
    Choice("the convolution of a bottleneck that strides: 3x3 in the common implementation, 1x1 in the paper"),
]
Groups = Annotated[Dim, Number("groups of the 3x3 convolutions (ResNeXt's cardinality)")]
GroupWidth = Annotated[Dim, Number("channels of each group in the first stage of a bottleneck network")]


def convolved(x: Tensor, channels: Dim, kernel: int, stride: int, *, name: str, groups: Dim = 1) -> Tensor:
    """A convolution that keeps the size (up to its stride), and batch-norm."""
    convolution = Conv2d(
        out_channels=channels, kernel=kernel, stride=stride, padding=kernel // 2, groups=groups, bias=False
    )
    return x.then(convolution, BatchNorm(), name=name)


def basic(x: Tensor, channels: Dim, stride: int) -> Tensor:
    """Two 3x3 convolutions beside a shortcut."""
    y = convolved(x, channels, 3, stride, name="conv1").then(ReLU(), name="relu1")
    y = convolved(y, channels, 3, 1, name="conv2")
    return joined(y, shortcut(x, channels, stride))


def bottleneck(x: Tensor, inner: Dim, outer: Dim, stride: int, groups: Dim, stride_in: str) -> Tensor:
    """1x1 to `inner` channels, 3x3, 1x1 to `outer` channels, beside a shortcut."""
    first, second = (stride, 1) if stride_in == "1x1" else (1, stride)
    y = convolved(x, inner, 1, first, name="conv1").then(ReLU(), name="relu1")
    y = convolved(y, inner, 3, second, name="conv2", groups=groups).then(ReLU(), name="relu2")
    y = convolved(y, outer, 1, 1, name="conv3")
    return joined(y, shortcut(x, outer, stride))


def shortcut(x: Tensor, channels: Dim, stride: int) -> Tensor:
    """The input itself, or a 1x1 convolution of it where the shape changes."""
    if stride == 1 and equal(x.channels, channels):
        return x
    return convolved(x, channels, 1, stride, name="downsample")


def joined(y: Tensor, x: Tensor) -> Tensor:
    """The sum of a block and its shortcut, and ReLU."""
    return y.builder.add(Add(), y, x, name="add").then(ReLU(), name="relu")


@family(
    source="He et al., ResNet, arXiv 1512.03385, table 1; Xie et al., ResNeXt, arXiv 1611.05431, table 1",
    width_rule="every channel count, in each group, times the width, rounded down",
)
def resnet(
    *,
    depth: Depth = 50,
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
    stride_in: StrideIn = "3x3",
    groups: Groups = 1,
    group_width: GroupWidth = 64,
) -> Network:
    """ResNet, and with groups ResNeXt.

    >>> resnet(depth=50).cost().macs, resnet(depth=50, stride_in="1x1").cost().macs
    (4089184256, 3857973248)
    """
    b = Builder("resnet")
    x = b.input("image", (batch, 3, resolution, resolution))
    x = convolved(x, scaled(64, width, floor_at_least_1, rounding), 7, 2, name="conv1").then(ReLU(), name="relu")
    x = x.then(MaxPool2d(kernel=3, stride=2, padding=1), name="maxpool")
    for stage, blocks in enumerate(STAGES[depth]):
        planes = 64 * 2**stage
        for index in range(blocks):
            stride = 2 if stage > 0 and index == 0 else 1
            with b.scope(f"layer{stage + 1}.{index}"):
                if depth < 50:
                    x = basic(x, scaled(planes, width, floor_at_least_1, rounding), stride)
                else:
                    inner = groups * scaled(exact_div(planes * group_width, 64), width, floor_at_least_1, rounding)
                    outer = scaled(4 * planes, width, floor_at_least_1, rounding)
                    x = bottleneck(x, inner, outer, stride, groups, stride_in)
    x = x.then(GlobalAvgPool(keepdims=False), name="avgpool")
    return b.build(x.then(Linear(out_features=classes), name="fc"))


resnet18 = resnet.variant("resnet18", depth=18)
resnet34 = resnet.variant("resnet34", depth=34)
resnet50 = resnet.variant("resnet50", depth=50)
resnet101 = resnet.variant("resnet101", depth=101)
resnet152 = resnet.variant("resnet152", depth=152)
resnext50_32x4d = resnet.variant("resnext50_32x4d", depth=50, groups=32, group_width=4)
resnext101_32x4d = resnet.variant("resnext101_32x4d", depth=101, groups=32, group_width=4)
resnext101_32x8d = resnet.variant("resnext101_32x8d", depth=101, groups=32, group_width=8)
