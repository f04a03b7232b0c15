"""AlexNet: in two groups, in one tower, and as commonly implemented."""

from __future__ import annotations

from typing import Annotated

from costmodel.algebra.types import Dim
from costmodel.layers import AdaptiveAvgPool2d, Conv2d, Dropout, Flatten, Linear, LocalResponseNorm, MaxPool2d, ReLU
from costmodel.network import Builder, Network, Tensor
from costmodel.zoo.channels import floor_at_least_1, floor_in_groups, scaled
from costmodel.zoo.family import Batch, Choice, Classes, Number, Resolution, Rounding, Width, family

Groups = Annotated[Dim, Number("groups of conv2, conv4 and conv5")]
ResponseNorm = Annotated[bool, Choice("whether the paper's local response normalization follows conv1 and conv2")]


def convolved(x: Tensor, channels: Dim, kernel: int, *, name: str, groups: Dim = 1) -> Tensor:
    """A convolution that keeps the size, and ReLU."""
    return x.then(Conv2d(out_channels=channels, kernel=kernel, padding=kernel // 2, groups=groups), ReLU(), name=name)


def pooled(x: Tensor, name: str) -> Tensor:
    """The largest of overlapping 3x3 windows."""
    return x.then(MaxPool2d(kernel=3, stride=2), name=name)


@family(
    source="Krizhevsky, Sutskever and Hinton, ImageNet classification with deep CNNs, 2012; layers as in document 003",
    width_rule="every channel count times the width, rounded down to a multiple of the groups",
)
def alexnet(
    *,
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
    groups: Groups = 2,
    local_response_norm: ResponseNorm = False,
) -> Network:
    """AlexNet as document 003 lists it: padding 2 in conv1, no normalization; fc6 grows with the resolution.

    >>> alexnet().cost().macs, alexnet(groups=1).cost().macs
    (724406816, 1135256096)
    """
    rule = floor_in_groups(groups, rounding)
    first, second, third, last = (scaled(channels, width, rule, rounding) for channels in (96, 256, 384, 256))
    hidden = scaled(4096, width, floor_at_least_1, rounding)

    b = Builder("alexnet")
    x = b.input("image", (batch, 3, resolution, resolution))
    x = x.then(Conv2d(out_channels=first, kernel=11, stride=4, padding=2), ReLU(), name="conv1")
    x = x.then(LocalResponseNorm(size=5), name="norm1") if local_response_norm else x
    x = convolved(pooled(x, "pool1"), second, 5, name="conv2", groups=groups)
    x = x.then(LocalResponseNorm(size=5), name="norm2") if local_response_norm else x
    x = convolved(pooled(x, "pool2"), third, 3, name="conv3")
    x = convolved(x, third, 3, name="conv4", groups=groups)
    x = convolved(x, last, 3, name="conv5", groups=groups)
    x = pooled(x, "pool5").then(Flatten(), name="flatten")
    x = x.then(Linear(out_features=hidden), ReLU(), Dropout(), name="fc6")
    x = x.then(Linear(out_features=hidden), ReLU(), Dropout(), name="fc7")
    return b.build(x.then(Linear(out_features=classes), name="fc8"))


@family(
    source="Krizhevsky, One weird trick, arXiv 1404.5997, as in torchvision",
    width_rule="every channel count times the width, rounded down",
)
def alexnet_torchvision(
    *,
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
) -> Network:
    """AlexNet as commonly implemented: one tower of fewer channels, pooled to 6x6 before the linear layers.

    >>> alexnet_torchvision().cost().macs, alexnet_torchvision().cost().params
    (714188480, 61100840)
    """
    wide = {channels: scaled(channels, width, floor_at_least_1, rounding) for channels in (64, 192, 256, 384, 4096)}

    b = Builder("alexnet_torchvision")
    x = b.input("image", (batch, 3, resolution, resolution))
    x = x.then(Conv2d(out_channels=wide[64], kernel=11, stride=4, padding=2), ReLU(), name="conv1")
    x = convolved(pooled(x, "pool1"), wide[192], 5, name="conv2")
    x = convolved(pooled(x, "pool2"), wide[384], 3, name="conv3")
    x = convolved(x, wide[256], 3, name="conv4")
    x = pooled(convolved(x, wide[256], 3, name="conv5"), "pool5")
    x = x.then(AdaptiveAvgPool2d(output_size=6), name="avgpool").then(Flatten(), name="flatten")
    x = x.then(Dropout(), name="dropout6").then(Linear(out_features=wide[4096]), ReLU(), name="fc6")
    x = x.then(Dropout(), name="dropout7").then(Linear(out_features=wide[4096]), ReLU(), name="fc7")
    return b.build(x.then(Linear(out_features=classes), name="fc8"))


alexnet_one_tower = alexnet.variant("alexnet_one_tower", groups=1)
