"""EfficientNet-lite: EfficientNet without what is slow on phones, by its authors."""

from __future__ import annotations

from fractions import Fraction

from costmodel.algebra import ceiling
from costmodel.layers import BatchNorm, Conv2d, Dropout, GlobalAvgPool, Linear, PointwiseConv2d, ReLU6
from costmodel.network import Builder, Network
from costmodel.zoo.blocks import inverted_bottleneck
from costmodel.zoo.channels import scaled, to_multiple_of_8
from costmodel.zoo.efficientnet import LAST, STAGES, STEM, DropoutRate
from costmodel.zoo.family import Batch, Classes, Depth, Resolution, Rounding, Width, family


@family(
    source="Liu et al., EfficientNet-lite, tensorflow/tpu, models/official/efficientnet/lite (2020)",
    width_rule="to the nearest multiple of 8, never below 90 %, but the first and last convolution keep 32 and 1280"
    " channels; blocks times the depth, rounded up, but one in the first and last stage",
)
def efficientnet_lite(
    *,
    width: Width = 1,
    depth: Depth = 1,
    resolution: Resolution = 224,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
    dropout: DropoutRate = Fraction(1, 5),
) -> Network:
    """EfficientNet-lite: EfficientNet with ReLU6 and without squeeze-and-excitation.

    >>> cost = efficientnet_lite().cost()
    >>> cost.macs, cost.params
    (385187552, 4652008)
    """
    b = Builder("efficientnet_lite")
    x = b.input("image", (batch, 3, resolution, resolution))
    stem = Conv2d(out_channels=STEM, kernel=3, stride=2, padding=1, bias=False)
    x = x.then(stem, BatchNorm(), ReLU6(), name="conv1")
    index = 0
    for stage, (expansion, channels, blocks, kernel, first_stride) in enumerate(STAGES):
        is_first_or_last = stage in (0, len(STAGES) - 1)
        for position in range(blocks if is_first_or_last else ceiling(blocks * depth)):
            index += 1
            out = scaled(channels, width, to_multiple_of_8, rounding)
            stride = first_stride if position == 0 else 1
            with b.scope(f"block{index}"):
                x = inverted_bottleneck(
                    x, expansion * x.channels, out, kernel=kernel, stride=stride, activation=ReLU6()
                )
    x = x.then(PointwiseConv2d(out_channels=LAST, bias=False), BatchNorm(), ReLU6(), name="conv_last")
    x = x.then(GlobalAvgPool(keepdims=False), name="pool").then(Dropout(rate=float(dropout)), name="dropout")
    return b.build(x.then(Linear(out_features=classes), name="fc"))


efficientnet_lite0 = efficientnet_lite.variant("efficientnet_lite0", width=1, depth=1, dropout=Fraction("0.2"))
efficientnet_lite1 = efficientnet_lite.variant(
    "efficientnet_lite1", {"resolution": 240}, width=1, depth=Fraction("1.1"), dropout=Fraction("0.2")
)
efficientnet_lite2 = efficientnet_lite.variant(
    "efficientnet_lite2", {"resolution": 260}, width=Fraction("1.1"), depth=Fraction("1.2"), dropout=Fraction("0.3")
)
efficientnet_lite3 = efficientnet_lite.variant(
    "efficientnet_lite3", {"resolution": 280}, width=Fraction("1.2"), depth=Fraction("1.4"), dropout=Fraction("0.3")
)
efficientnet_lite4 = efficientnet_lite.variant(
    "efficientnet_lite4", {"resolution": 300}, width=Fraction("1.4"), depth=Fraction("1.8"), dropout=Fraction("0.3")
)
