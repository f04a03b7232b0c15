"""Inception v3: inception modules of factorized convolutions, 5x5 as two of 3x3 and 7x7 as 1x7 and 7x1."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from costmodel.algebra.types import Dim
from costmodel.layers import AvgPool2d, BatchNorm, Concat, Conv2d, Dropout, GlobalAvgPool, Linear, MaxPool2d, ReLU
from costmodel.network import Builder, Network, Tensor
from costmodel.zoo.channels import floor_at_least_1, scaled
from costmodel.zoo.family import Batch, Classes, Resolution, Rounding, Width, family

Scale = Callable[[int], Dim]
"""The channels under the width, of those at width 1."""


class Conv(NamedTuple):
    """A convolution with batch-norm and ReLU: its channels, kernel and stride; unpadded, the map shrinks."""

    channels: int
    kernel: tuple[int, int] = (1, 1)
    stride: int = 1
    padded: bool = True

    def apply(self, x: Tensor, wide: Scale, name: str) -> Tensor:
        """The convolution on x, its channels scaled."""
        convolution = Conv2d(
            out_channels=wide(self.channels),
            kernel=self.kernel,
            stride=self.stride,
            padding=tuple(size // 2 for size in self.kernel) if self.padded else 0,
            bias=False,
        )
        return x.then(convolution, BatchNorm(), ReLU(), name=name)


STEM = (
    (Conv(32, (3, 3), 2, padded=False), Conv(32, (3, 3), padded=False), Conv(64, (3, 3))),
    (Conv(80), Conv(192, (3, 3), padded=False)),
)
"""The convolutions before the modules; a pooling layer follows each group."""
Branches = tuple[tuple[Conv, ...], ...]


def module_35(pooled: int) -> Branches:
    """The module on maps of 35x35: 1x1, 5x5, two of 3x3, and pooling."""
    wide = (Conv(64), Conv(96, (3, 3)), Conv(96, (3, 3)))
    return ((Conv(64),), (Conv(48), Conv(64, (5, 5))), wide, (Conv(pooled),))


def module_17(inner: int) -> Branches:
    """The module on maps of 17x17: 1x1, one 7x7 and two 7x7 in factors, and pooling."""
    across, down = (1, 7), (7, 1)
    once = (Conv(inner), Conv(inner, across), Conv(192, down))
    twice = (Conv(inner), Conv(inner, down), Conv(inner, across), Conv(inner, down), Conv(192, across))
    return ((Conv(192),), once, twice, (Conv(192),))


TO_17: Branches = (
    (Conv(384, (3, 3), 2, padded=False),),
    (Conv(64), Conv(96, (3, 3)), Conv(96, (3, 3), 2, padded=False)),
)
"""The branches beside the pooling layer that halve 35x35."""
TO_8: Branches = (
    (Conv(192), Conv(320, (3, 3), 2, padded=False)),
    (Conv(192), Conv(192, (1, 7)), Conv(192, (7, 1)), Conv(192, (3, 3), 2, padded=False)),
)
"""The branches beside the pooling layer that halve 17x17."""
ON_8: Branches = ((Conv(320),), (Conv(384),), (Conv(448), Conv(384, (3, 3))), (Conv(192),))
"""The branches on maps of 8x8; the second and the third end in 1x3 and 3x1 side by side."""


def chained(x: Tensor, convolutions: tuple[Conv, ...], wide: Scale, branch: int) -> Tensor:
    """Convolutions one after another."""
    for index, convolution in enumerate(convolutions, start=1):
        x = convolution.apply(x, wide, f"branch{branch}.conv{index}")
    return x


def keeping(x: Tensor, branches: Branches, wide: Scale, *, fanned: bool = False) -> Tensor:
    """A module that keeps the size; its last branch is pooled before. Fanned, the inner branches end in two."""
    pooled = x.then(AvgPool2d(kernel=3, stride=1, padding=1), name="pool")
    last = len(branches)
    parts = []
    for branch, convolutions in enumerate(branches, start=1):
        y = chained(pooled if branch == last else x, convolutions, wide, branch)
        if fanned and 1 < branch < last:
            across = Conv(384, (1, 3)).apply(y, wide, f"branch{branch}.across")
            down = Conv(384, (3, 1)).apply(y, wide, f"branch{branch}.down")
            y = y.builder.add(Concat(), across, down, name=f"branch{branch}.concat")
        parts.append(y)
    return x.builder.add(Concat(), *parts, name="concat")


def halving(x: Tensor, branches: Branches, wide: Scale) -> Tensor:
    """A module that halves the size, by strides and by a pooling layer."""
    parts = [chained(x, convolutions, wide, branch) for branch, convolutions in enumerate(branches, start=1)]
    return x.builder.add(Concat(), *parts, x.then(MaxPool2d(kernel=3, stride=2), name="pool"), name="concat")


@family(
    source="Szegedy et al., Rethinking the Inception architecture, arXiv 1512.00567, as in torchvision",
    width_rule="every channel count times the width, rounded down",
)
def inception_v3(
    *,
    width: Width = 1,
    resolution: Resolution = 299,
    batch: Batch = 1,
    classes: Classes = 1000,
    rounding: Rounding = "auto",
) -> Network:
    """Inception v3 without its auxiliary classifier, which only training uses.

    >>> inception_v3().cost().macs, inception_v3().cost().params
    (5713216096, 23834568)
    """

    def wide(channels: int) -> Dim:
        return scaled(channels, width, floor_at_least_1, rounding)

    b = Builder("inception_v3")
    x = b.input("image", (batch, 3, resolution, resolution))
    index = 0
    for group, convolutions in enumerate(STEM, start=1):
        for convolution in convolutions:
            index += 1
            x = convolution.apply(x, wide, f"conv{index}")
        x = x.then(MaxPool2d(kernel=3, stride=2), name=f"pool{group}")
    for letter, pooled in zip("bcd", (32, 64, 64), strict=True):
        with b.scope(f"mixed5{letter}"):
            x = keeping(x, module_35(pooled), wide)
    with b.scope("mixed6a"):
        x = halving(x, TO_17, wide)
    for letter, inner in zip("bcde", (128, 160, 160, 192), strict=True):
        with b.scope(f"mixed6{letter}"):
            x = keeping(x, module_17(inner), wide)
    with b.scope("mixed7a"):
        x = halving(x, TO_8, wide)
    for letter in "bc":
        with b.scope(f"mixed7{letter}"):
            x = keeping(x, ON_8, wide, fanned=True)
    x = x.then(GlobalAvgPool(keepdims=False), name="avgpool").then(Dropout(), name="dropout")
    return b.build(x.then(Linear(out_features=classes), name="fc"))
