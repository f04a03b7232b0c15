"""The family that document 000 benchmarks: a stack of one type of convolution, one activation, one kernel size."""

from __future__ import annotations

from typing import Annotated, Literal

from costmodel.algebra.types import Dim
from costmodel.layers import (
    ELU,
    Conv2d,
    DepthwiseSeparableConv2d,
    DepthwiseSpatiallySeparableConv2d,
    ReLU,
    SpatiallySeparableConv2d,
    Tanh,
)
from costmodel.network import Builder, Network
from costmodel.zoo.channels import floor_at_least_1, scaled
from costmodel.zoo.family import Batch, Choice, Number, Resolution, Rounding, Width, family

CONVOLUTIONS = {
    "normal": Conv2d,
    "spatially_separable": SpatiallySeparableConv2d,
    "depthwise_separable": DepthwiseSeparableConv2d,
    "depthwise_spatially_separable": DepthwiseSpatiallySeparableConv2d,
}
ACTIVATIONS = {"elu": ELU, "relu": ReLU, "tanh": Tanh}

Convolution = Annotated[
    Literal["normal", "spatially_separable", "depthwise_separable", "depthwise_spatially_separable"],
    Choice("the type of every convolution"),
]
Activation = Annotated[Literal["elu", "relu", "tanh"], Choice("what follows every convolution")]
Kernel = Annotated[Dim, Number("kernel height and width", most=9)]
Depth = Annotated[int, Number("convolutions", symbolic=False, most=1000)]
Channels = Annotated[Dim, Number("output channels of every convolution")]


@family(
    source="Bobiev, Benchmarking inference neural networks on mobile devices (document 000)",
    width_rule="every channel count times the width, rounded down",
)
def document_000(
    *,
    convolution: Convolution = "normal",
    activation: Activation = "relu",
    kernel: Kernel = 3,
    depth: Depth = 4,
    channels: Channels = 32,
    width: Width = 1,
    resolution: Resolution = 64,
    batch: Batch = 1,
    rounding: Rounding = "auto",
) -> Network:
    """A stack of convolutions without padding, stride or bias, each followed by an activation.

    The document gives neither the sizes nor the number of layers: those are parameters, and the defaults are ours.

    >>> document_000(convolution="depthwise_separable").cost().macs
    13724012
    """
    b = Builder("document_000")
    x = b.input("image", (batch, 3, resolution, resolution))
    out = scaled(channels, width, floor_at_least_1, rounding)
    layer = CONVOLUTIONS[convolution](out_channels=out, kernel=kernel, bias=False)
    for index in range(1, depth + 1):
        x = x.then(layer, ACTIVATIONS[activation](), name=f"conv{index}")
    return b.build(x)
