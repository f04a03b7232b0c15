"""MnasNet: inverted bottlenecks found by a search that measured phones."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal, NamedTuple

from costmodel.layers import BatchNorm, Conv2d, Dropout, GlobalAvgPool, Linear, PointwiseConv2d, ReLU, Sigmoid
from costmodel.network import Builder, Network
from costmodel.zoo.blocks import inverted_bottleneck, squeeze_excite
from costmodel.zoo.channels import floor_at_least_1, quarter, scaled, to_multiple_of_8
from costmodel.zoo.family import Batch, Choice, Classes, Resolution, Rounding, Width, family


class Stage(NamedTuple):
    """A row of equal blocks, the first of which may stride."""

    expansion: int
    channels: int
    blocks: int
    kernel: int
    stride: int
    is_gated: bool = False
    has_shortcuts: bool = True


STEM = 32
STAGES = {
    "a1": (
        Stage(1, 16, 1, 3, 1, has_shortcuts=False),
        Stage(6, 24, 2, 3, 2),
        Stage(3, 40, 3, 5, 2, is_gated=True),
        Stage(6, 80, 4, 3, 2),
        Stage(6, 112, 2, 3, 1, is_gated=True),
        Stage(6, 160, 3, 5, 2, is_gated=True),
        Stage(6, 320, 1, 3, 1),
    ),
    "b1": (
        Stage(1, 16, 1, 3, 1, has_shortcuts=False),
        Stage(3, 24, 3, 3, 2),
        Stage(3, 40, 3, 5, 2),
        Stage(6, 80, 3, 5, 2),
        Stage(6, 96, 2, 3, 1),
        Stage(6, 192, 4, 5, 2),
        Stage(6, 320, 1, 3, 1, has_shortcuts=False),
    ),
}
"""The stages of both networks."""
LAST = 1280

Model = Annotated[
    Literal["a1", "b1"], Choice("which of the paper's networks: with squeeze-and-excitation in some stages, or without")
]


@family(
    source="Tan et al., MnasNet, arXiv 1807.11626, figure 7; the authors' repository",
    width_rule="to the nearest multiple of 8, never below 90 %; the last convolution keeps its 1280 channels",
)
def mnasnet(
    *,
    model: Model = "a1",
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
) -> Network:
    """MnasNet; squeeze-and-excitation reduces to a quarter of the block's input channels.

    >>> mnasnet(model="a1").cost().macs, mnasnet(model="b1").cost().macs
    (311579072, 314415872)
    """
    b = Builder("mnasnet")
    x = b.input("image", (batch, 3, resolution, resolution))
    stem = Conv2d(
        out_channels=scaled(STEM, width, to_multiple_of_8, rounding), kernel=3, stride=2, padding=1, bias=False
    )
    x = x.then(stem, BatchNorm(), ReLU(), name="conv1")
    index, nominal = 0, STEM
    for stage in STAGES[model]:
        for position in range(stage.blocks):
            index += 1
            gated = None
            if stage.is_gated:
                squeezed = quarter(x.channels, nominal, width, floor_at_least_1, rounding)
                gated = partial(squeeze_excite, channels=squeezed, activation=ReLU(), gate=Sigmoid())
            with b.scope(f"block{index}"):
                x = inverted_bottleneck(
                    x,
                    stage.expansion * x.channels,
                    scaled(stage.channels, width, to_multiple_of_8, rounding),
                    kernel=stage.kernel,
                    stride=stage.stride if position == 0 else 1,
                    activation=ReLU(),
                    gated=gated,
                    shortcut=stage.has_shortcuts,
                )
            nominal = stage.channels
    x = x.then(PointwiseConv2d(out_channels=LAST, bias=False), BatchNorm(), ReLU(), name="conv_last")
    x = x.then(GlobalAvgPool(keepdims=False), name="pool").then(Dropout(rate=0.2), name="dropout")
    return b.build(x.then(Linear(out_features=classes), name="fc"))


mnasnet_a1 = mnasnet.variant("mnasnet_a1", model="a1")
mnasnet_b1 = mnasnet.variant("mnasnet_b1", model="b1")
