"""VGG: 3x3 convolutions in five blocks, then three linear layers."""

from __future__ import annotations

from typing import Annotated, Literal

from costmodel.layers import BatchNorm, Conv2d, Dropout, Flatten, Linear, MaxPool2d, ReLU
from costmodel.network import Builder, Network
from costmodel.zoo.channels import floor_at_least_1, scaled
from costmodel.zoo.family import Batch, Choice, Classes, Resolution, Rounding, Width, family

BLOCKS = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}
"""Convolutions in each of the five blocks, by depth."""
CHANNELS = (64, 128, 256, 512, 512)

Depth = Annotated[Literal[11, 13, 16, 19], Choice("layers with weights")]
Normalized = Annotated[bool, Choice("whether batch-norm follows every convolution")]


@family(
    source="Simonyan and Zisserman, Very deep convolutional networks, arXiv 1409.1556, table 1",
    width_rule="every channel count times the width, rounded down",
)
def vgg(
    *,
    depth: Depth = 16,
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
    batch_norm: Normalized = False,
) -> Network:
    """VGG; its linear layers grow with the resolution.

    >>> vgg(depth=16).cost().macs, vgg(depth=16).cost().params
    (15470264320, 138357544)
    """
    b = Builder("vgg")
    x = b.input("image", (batch, 3, resolution, resolution))
    activation = (BatchNorm(), ReLU()) if batch_norm else (ReLU(),)
    for block, (count, channels) in enumerate(zip(BLOCKS[depth], CHANNELS, strict=True), start=1):
        convolution = Conv2d(out_channels=scaled(channels, width, floor_at_least_1, rounding), kernel=3, padding=1)
        for index in range(1, count + 1):
            x = x.then(convolution, *activation, name=f"conv{block}_{index}")
        x = x.then(MaxPool2d(kernel=2, stride=2), name=f"pool{block}")
    x = x.then(Flatten(), name="flatten")
    hidden = Linear(out_features=scaled(4096, width, floor_at_least_1, rounding))
    x = x.then(hidden, ReLU(), Dropout(), name="fc6")
    x = x.then(hidden, ReLU(), Dropout(), name="fc7")
    return b.build(x.then(Linear(out_features=classes), name="fc8"))


vgg11 = vgg.variant("vgg11", depth=11)
vgg13 = vgg.variant("vgg13", depth=13)
vgg16 = vgg.variant("vgg16", depth=16)
vgg19 = vgg.variant("vgg19", depth=19)
vgg11_bn = vgg.variant("vgg11_bn", depth=11, batch_norm=True)
vgg13_bn = vgg.variant("vgg13_bn", depth=13, batch_norm=True)
vgg16_bn = vgg.variant("vgg16_bn", depth=16, batch_norm=True)
vgg19_bn = vgg.variant("vgg19_bn", depth=19, batch_norm=True)
