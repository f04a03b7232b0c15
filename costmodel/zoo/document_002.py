"""The MNIST network of document 002, problem 2: two convolutions, two average pools, two linear layers."""

from __future__ import annotations

from typing import Annotated

from costmodel.algebra.types import Dim
from costmodel.layers import AvgPool2d, Conv2d, Flatten, Linear
from costmodel.network import Builder, Network
from costmodel.zoo.channels import floor_at_least_1, scaled
from costmodel.zoo.family import Batch, Classes, Number, Resolution, Rounding, Width, family

SecondFilters = Annotated[Dim, Number("filters of the second convolution: 5 as stated, 10 as the document computes")]


@family(
    source="How to optimize a neural network (document 002), problem 2",
    width_rule="every hidden size times the width, rounded down",
)
def document_002(
    *,
    second_filters: SecondFilters = 5,
    width: Width = 1,
    resolution: Resolution = 28,
    batch: Batch = 1,
    classes: Classes = 10,
    rounding: Rounding = "auto",
) -> Network:
    """The network as the problem states it, without biases and activations, of which it counts none.

    >>> document_002().cost().flops, document_002(second_filters=10).node("conv2").layer.out_channels
    (149850, 10)
    """
    b = Builder("document_002")
    x = b.input("image", (batch, 1, resolution, resolution))
    first, second = (
        scaled(5, width, floor_at_least_1, rounding),
        scaled(second_filters, width, floor_at_least_1, rounding),
    )
    x = x.then(Conv2d(out_channels=first, kernel=3, bias=False), name="conv1").then(
        AvgPool2d(kernel=2, stride=2), name="pool1"
    )
    x = x.then(Conv2d(out_channels=second, kernel=3, bias=False), name="conv2").then(
        AvgPool2d(kernel=2, stride=2), name="pool2"
    )
    x = x.then(Flatten(), name="flatten")
    x = x.then(Linear(out_features=scaled(128, width, floor_at_least_1, rounding), bias=False), name="fc1")
    return b.build(x.then(Linear(out_features=classes, bias=False), name="fc2"))
