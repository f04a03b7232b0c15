"""GhostNet: half of the channels by a convolution, the other half cheaply, depthwise, from the first."""

from __future__ import annotations

from costmodel.algebra import divides, equal, exact_div
from costmodel.algebra.types import Dim
from costmodel.errors import SpecError
from costmodel.layers import (
    Add,
    BatchNorm,
    Concat,
    Conv2d,
    DepthwiseConv2d,
    Dropout,
    Flatten,
    GlobalAvgPool,
    HardSigmoid,
    Layer,
    Linear,
    PointwiseConv2d,
    ReLU,
)
from costmodel.network import Builder, Network, Tensor
from costmodel.zoo.blocks import squeeze_excite
from costmodel.zoo.channels import quarter, scaled, to_multiple_of_4
from costmodel.zoo.family import Batch, Classes, Resolution, Rounding, Width, family

BLOCKS = (
    (3, 16, 16, False, 1),
    (3, 48, 24, False, 2),
    (3, 72, 24, False, 1),
    (5, 72, 40, True, 2),
    (5, 120, 40, True, 1),
    (3, 240, 80, False, 2),
    (3, 200, 80, False, 1),
    (3, 184, 80, False, 1),
    (3, 184, 80, False, 1),
    (3, 480, 112, True, 1),
    (3, 672, 112, True, 1),
    (5, 672, 160, True, 2),
    (5, 960, 160, False, 1),
    (5, 960, 160, True, 1),
    (5, 960, 160, False, 1),
    (5, 960, 160, True, 1),
)
"""(kernel, expanded channels, output channels, squeeze-and-excitation, stride) of each bottleneck."""


def ghost(x: Tensor, channels: Dim, *activation: Layer, name: str) -> Tensor:
    """A 1x1 convolution to half of the channels, and a 3x3 depthwise convolution of those for the other half."""
    if not divides(2, channels):
        raise SpecError(f"the channels of a ghost module (={channels}) must be a multiple of 2")
    half = PointwiseConv2d(out_channels=exact_div(channels, 2), bias=False)
    with x.builder.scope(name):
        primary = x.then(half, BatchNorm(), *activation, name="primary")
        cheap = DepthwiseConv2d(kernel=3, padding=1, bias=False)
        return x.builder.add(
            Concat(), primary, primary.then(cheap, BatchNorm(), *activation, name="cheap"), name="concat"
        )


def bottleneck(x: Tensor, expanded: Dim, channels: Dim, kernel: int, stride: int, squeezed: Dim | None) -> Tensor:
    """A ghost module that widens, a depthwise convolution where it strides, a ghost module that narrows."""
    depthwise = DepthwiseConv2d(kernel=kernel, stride=stride, padding=kernel // 2, bias=False)
    y = ghost(x, expanded, ReLU(), name="ghost1")
    if stride > 1:
        y = y.then(depthwise, BatchNorm(), name="depthwise")
    if squeezed is not None:
        y = squeeze_excite(y, squeezed, activation=ReLU(), gate=HardSigmoid())
    y = ghost(y, channels, name="ghost2")
    if stride > 1 or not equal(x.channels, channels):
        with x.builder.scope("shortcut"):
            x = x.then(depthwise, BatchNorm(), name="depthwise")
            x = x.then(PointwiseConv2d(out_channels=channels, bias=False), BatchNorm(), name="pointwise")
    return y.builder.add(Add(), y, x, name="add")


@family(
    source="Han et al., GhostNet, arXiv 1911.11907, table 1; the authors' repository",
    width_rule="to the nearest multiple of 4, never below 90 %; the hidden layer keeps its 1280 channels",
)
def ghostnet(
    *,
    width: Width = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
) -> Network:
    """GhostNet (the first version), with ghost modules of ratio 2.

    >>> cost = ghostnet().cost()
    >>> cost.macs, cost.params
    (141150512, 5182508)
    """
    b = Builder("ghostnet")
    x = b.input("image", (batch, 3, resolution, resolution))
    stem = Conv2d(out_channels=scaled(16, width, to_multiple_of_4, rounding), kernel=3, stride=2, padding=1, bias=False)
    x = x.then(stem, BatchNorm(), ReLU(), name="conv1")
    for index, (kernel, expansion, channels, is_gated, stride) in enumerate(BLOCKS, start=1):
        expanded = scaled(expansion, width, to_multiple_of_4, rounding)
        squeezed = quarter(expanded, expansion, width, to_multiple_of_4, rounding) if is_gated else None
        with b.scope(f"block{index}"):
            out = scaled(channels, width, to_multiple_of_4, rounding)
            x = bottleneck(x, expanded, out, kernel, stride, squeezed)
    last = PointwiseConv2d(out_channels=scaled(960, width, to_multiple_of_4, rounding), bias=False)
    x = x.then(last, BatchNorm(), ReLU(), name="conv_last").then(GlobalAvgPool(), name="pool")
    x = x.then(PointwiseConv2d(out_channels=1280), ReLU(), name="hidden").then(Flatten(), name="flatten")
    return b.build(x.then(Dropout(rate=0.2), name="dropout").then(Linear(out_features=classes), name="fc"))
