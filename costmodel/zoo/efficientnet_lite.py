"""EfficientNet-lite: EfficientNet without what is slow on phones, by its authors."""

from __future__ import annotations

from fractions import Fraction

from costmodel.network import Network
from costmodel.zoo.efficientnet import DropoutRate, scaled_up
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
    return scaled_up("efficientnet_lite", width, depth, resolution, batch, classes, rounding, dropout, is_lite=True)


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
