"""MobileNetV3: inverted bottlenecks found by search, some with squeeze-and-excitation and hard swish."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Annotated, Literal

from costmodel.algebra.types import Dim
from costmodel.layers import (
    BatchNorm,
    Conv2d,
    Dropout,
    GlobalAvgPool,
    HardSigmoid,
    HardSwish,
    Layer,
    Linear,
    PointwiseConv2d,
    ReLU,
)
from costmodel.network import Builder, Network, Tensor
from costmodel.zoo.blocks import inverted_bottleneck, squeeze_excite
from costmodel.zoo.channels import quarter, rounds, scaled, to_multiple_of_8
from costmodel.zoo.family import Batch, Choice, Classes, Resolution, Rounding, Width, family

STEM = 16
BLOCKS = {
    "large": (
        (3, 16, 16, False, "relu", 1),
        (3, 64, 24, False, "relu", 2),
        (3, 72, 24, False, "relu", 1),
        (5, 72, 40, True, "relu", 2),
        (5, 120, 40, True, "relu", 1),
        (5, 120, 40, True, "relu", 1),
        (3, 240, 80, False, "hard_swish", 2),
        (3, 200, 80, False, "hard_swish", 1),
        (3, 184, 80, False, "hard_swish", 1),
        (3, 184, 80, False, "hard_swish", 1),
        (3, 480, 112, True, "hard_swish", 1),
        (3, 672, 112, True, "hard_swish", 1),
        (5, 672, 160, True, "hard_swish", 2),
        (5, 960, 160, True, "hard_swish", 1),
        (5, 960, 160, True, "hard_swish", 1),
    ),
    "small": (
        (3, 16, 16, True, "relu", 2),
        (3, 72, 24, False, "relu", 2),
        (3, 88, 24, False, "relu", 1),
        (5, 96, 40, True, "hard_swish", 2),
        (5, 240, 40, True, "hard_swish", 1),
        (5, 240, 40, True, "hard_swish", 1),
        (5, 120, 48, True, "hard_swish", 1),
        (5, 144, 48, True, "hard_swish", 1),
        (5, 288, 96, True, "hard_swish", 2),
        (5, 576, 96, True, "hard_swish", 1),
        (5, 576, 96, True, "hard_swish", 1),
    ),
}
"""(kernel, expanded channels, output channels, squeeze-and-excitation, activation, stride) of each block, by size."""
LAST = {"large": (960, 1280), "small": (576, 1024)}
"""(channels of the last convolution, features of the hidden linear layer), by size."""
ACTIVATIONS: dict[str, Layer] = {"relu": ReLU(), "hard_swish": HardSwish()}

Size = Annotated[Literal["large", "small"], Choice("which of the paper's two networks")]
Minimalistic = Annotated[
    bool,
    Choice("whether to leave out squeeze-and-excitation, hard swish and 5x5 convolutions (the authors' repository)"),
]


def widened(x: Tensor, expanded: int, channels: int, width: Dim, rounding: str) -> Dim:
    """The channels that a block expands to: `expanded` for `channels` of input at width 1.

    The authors' code multiplies the rounded input by the ratio of the two, and rounds again.
    """
    if not rounds(x.channels, rounding):
        return scaled(expanded, width, to_multiple_of_8, rounding)
    ratio = Fraction(expanded, channels)
    return ratio.numerator * x.channels if ratio.denominator == 1 else to_multiple_of_8(ratio * x.channels)


@family(
    source="Howard et al., Searching for MobileNetV3, arXiv 1905.02244, tables 1 and 2; the authors' repository",
    width_rule="to the nearest multiple of 8, never below 90 %, and so again each expansion and squeeze; the hidden"
    " linear layer keeps its features",
)
def mobilenet_v3(
    *,
    size: Size = "large",
    minimalistic: Minimalistic = False,
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
) -> Network:
    """MobileNetV3; every convolution pads half of its kernel.

    At other widths than 1 torchvision's network differs: it rounds the expansion of width 1 times the width, and scales
    the hidden linear layer too.

    >>> mobilenet_v3(size="large").cost().macs, mobilenet_v3(size="small").cost().params
    (216589760, 2542856)
    """
    b = Builder("mobilenet_v3")
    swish = ACTIVATIONS["relu" if minimalistic else "hard_swish"]
    x = b.input("image", (batch, 3, resolution, resolution))
    stem = Conv2d(
        out_channels=scaled(STEM, width, to_multiple_of_8, rounding), kernel=3, stride=2, padding=1, bias=False
    )
    x = x.then(stem, BatchNorm(), swish, name="conv1")
    before = STEM
    for index, (kernel, expansion, channels, is_gated, activation, stride) in enumerate(BLOCKS[size], start=1):
        expanded = widened(x, expansion, before, width, rounding)
        gated = None
        if is_gated and not minimalistic:
            squeezed = quarter(expanded, expansion, width, to_multiple_of_8, rounding)
            gated = partial(squeeze_excite, channels=squeezed, activation=ReLU(), gate=HardSigmoid())
        with b.scope(f"block{index}"):
            x = inverted_bottleneck(
                x,
                expanded,
                scaled(channels, width, to_multiple_of_8, rounding),
                kernel=3 if minimalistic else kernel,
                stride=stride,
                activation=ReLU() if minimalistic else ACTIVATIONS[activation],
                gated=gated,
            )
        before = channels
    last, hidden = LAST[size]
    convolution = PointwiseConv2d(out_channels=scaled(last, width, to_multiple_of_8, rounding), bias=False)
    x = x.then(convolution, BatchNorm(), swish, name="conv_last").then(GlobalAvgPool(keepdims=False), name="pool")
    x = x.then(Linear(out_features=hidden), swish, name="hidden").then(Dropout(rate=0.2), name="dropout")
    return b.build(x.then(Linear(out_features=classes), name="fc"))


mobilenet_v3_large = mobilenet_v3.variant("mobilenet_v3_large", size="large", minimalistic=False)
mobilenet_v3_small = mobilenet_v3.variant("mobilenet_v3_small", size="small", minimalistic=False)
mobilenet_v3_large_minimalistic = mobilenet_v3.variant(
    "mobilenet_v3_large_minimalistic", size="large", minimalistic=True
)
mobilenet_v3_small_minimalistic = mobilenet_v3.variant(
    "mobilenet_v3_small_minimalistic", size="small", minimalistic=True
)
