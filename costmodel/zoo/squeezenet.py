"""SqueezeNet: fire modules, which squeeze by 1x1 and expand by 1x1 beside 3x3 convolutions."""

from __future__ import annotations

from typing import Annotated, Literal

from costmodel.algebra.types import Dim
from costmodel.layers import Concat, Conv2d, Dropout, GlobalAvgPool, MaxPool2d, PointwiseConv2d, ReLU
from costmodel.network import Builder, Network, Tensor
from costmodel.zoo.channels import floor_at_least_1, scaled
from costmodel.zoo.family import Batch, Choice, Classes, Resolution, Rounding, Width, family

FIRES = ((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256))
"""(channels squeezed to, channels of each expansion) of fire2 to fire9."""
STEM = {"1.0": (96, 7), "1.1": (64, 3)}
"""(channels, kernel) of the first convolution, by version."""
POOLED_BEFORE = {"1.0": (2, 5, 9), "1.1": (2, 4, 6)}
"""The fire modules with a pooling layer before them, by version."""

Version = Annotated[
    Literal["1.0", "1.1"],
    Choice("1.0 is the paper's, 1.1 the authors' later release that does 2.4 times less"),
]


def fire(x: Tensor, squeezed: Dim, expanded: Dim) -> Tensor:
    """1x1 to few channels, then 1x1 and 3x3 side by side."""
    x = x.then(PointwiseConv2d(out_channels=squeezed), ReLU(), name="squeeze")
    small = x.then(PointwiseConv2d(out_channels=expanded), ReLU(), name="expand1x1")
    large = x.then(Conv2d(out_channels=expanded, kernel=3, padding=1), ReLU(), name="expand3x3")
    return x.builder.add(Concat(), small, large, name="concat")


@family(
    source="Iandola et al., SqueezeNet, arXiv 1602.07360, table 1; 1.1: the authors' repository",
    width_rule="every channel count times the width, rounded down",
)
def squeezenet(
    *,
    version: Version = "1.0",
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
) -> Network:
    """SqueezeNet; its pooling layers round up.

    >>> squeezenet(version="1.0").cost().macs, squeezenet(version="1.1").cost().macs
    (818924576, 349151936)
    """
    b = Builder("squeezenet")
    x = b.input("image", (batch, 3, resolution, resolution))
    channels, kernel = STEM[version]
    stem = Conv2d(out_channels=scaled(channels, width, floor_at_least_1, rounding), kernel=kernel, stride=2)
    x = x.then(stem, ReLU(), name="conv1")
    for index, (squeezed, expanded) in enumerate(FIRES, start=2):
        if index in POOLED_BEFORE[version]:
            x = x.then(MaxPool2d(kernel=3, stride=2, ceil_mode=True), name=f"pool{index - 1}")
        with b.scope(f"fire{index}"):
            x = fire(
                x,
                scaled(squeezed, width, floor_at_least_1, rounding),
                scaled(expanded, width, floor_at_least_1, rounding),
            )
    x = x.then(Dropout(), name="dropout").then(PointwiseConv2d(out_channels=classes), ReLU(), name="conv10")
    return b.build(x.then(GlobalAvgPool(keepdims=False), name="pool10"))


squeezenet1_0 = squeezenet.variant("squeezenet1_0", version="1.0")
squeezenet1_1 = squeezenet.variant("squeezenet1_1", version="1.1")
