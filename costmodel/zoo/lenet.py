"""LeNet-300-100 and LeNet-5 on 28x28 digits, as Caffe ships them and Deep Compression prunes them."""

from __future__ import annotations

from costmodel.layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU
from costmodel.network import Builder, Network
from costmodel.zoo.channels import floor_at_least_1, scaled
from costmodel.zoo.family import Batch, Classes, Resolution, Rounding, Width, family


@family(
    source="LeCun et al., Gradient-based learning, 1998, as in Han et al., Deep Compression, arXiv 1510.00149, table 2",
    width_rule="every hidden size times the width, rounded down",
)
def lenet_300_100(
    *,
    width: Width = 1,
    resolution: Resolution = 28,
    batch: Batch = 1,
    classes: Classes = 10,
    rounding: Rounding = "auto",
) -> Network:
    """LeNet-300-100: two hidden layers of 300 and 100 units.

    >>> lenet_300_100().cost().params
    266610
    """
    b = Builder("lenet_300_100")
    x = b.input("image", (batch, 1, resolution, resolution)).then(Flatten(), name="flatten")
    x = x.then(Linear(out_features=scaled(300, width, floor_at_least_1, rounding)), ReLU(), name="ip1")
    x = x.then(Linear(out_features=scaled(100, width, floor_at_least_1, rounding)), ReLU(), name="ip2")
    return b.build(x.then(Linear(out_features=classes), name="ip3"))


@family(
    source="LeCun et al., Gradient-based learning, 1998, as in Han et al., Deep Compression, arXiv 1510.00149, table 3",
    width_rule="every hidden size times the width, rounded down",
)
def lenet_5(
    *,
    width: Width = 1,
    resolution: Resolution = 28,
    batch: Batch = 1,
    classes: Classes = 10,
    rounding: Rounding = "auto",
) -> Network:
    """LeNet-5 as Caffe has it: 20 and 50 filters of 5x5, then 500 units.

    >>> lenet_5().cost().params
    431080
    """
    b = Builder("lenet_5")
    x = b.input("image", (batch, 1, resolution, resolution))
    x = x.then(Conv2d(out_channels=scaled(20, width, floor_at_least_1, rounding), kernel=5), name="conv1")
    x = x.then(MaxPool2d(kernel=2, stride=2), name="pool1")
    x = x.then(Conv2d(out_channels=scaled(50, width, floor_at_least_1, rounding), kernel=5), name="conv2")
    x = x.then(MaxPool2d(kernel=2, stride=2), name="pool2").then(Flatten(), name="flatten")
    x = x.then(Linear(out_features=scaled(500, width, floor_at_least_1, rounding)), ReLU(), name="ip1")
    return b.build(x.then(Linear(out_features=classes), name="ip2"))
