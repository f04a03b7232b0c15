"""Networks stacked from two searched cells, as NASNet and its successors: one keeps the size, the other halves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from costmodel.algebra import equal
from costmodel.algebra.types import Dim
from costmodel.layers import (
    Add,
    AvgPool2d,
    BatchNorm,
    Concat,
    Conv2d,
    DepthwiseConv2d,
    Dropout,
    GlobalAvgPool,
    Linear,
    MaxPool2d,
    Pad,
    PointwiseConv2d,
    ReLU,
    Slice,
)
from costmodel.network import Tensor
from costmodel.zoo.channels import floor_at_least_1, scaled

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
SAME = "same_tensorflow"


class Filters(NamedTuple):
    """The channels of a cell's convolutions: their number at width 1, the width and its rounding."""

    count: Dim
    width: Dim
    rounding: str

    @property
    def channels(self) -> Dim:
        """All of them, at the width."""
        return scaled(self.count, self.width, floor_at_least_1, self.rounding)

    def times(self, factor: Fraction | int) -> Filters:
        """So many times as many, rounded down at width 1 unless nothing is rounded."""
        if self.rounding == "none":
            return self._replace(count=self.count * factor)
        return self._replace(count=scaled(self.count, factor, floor_at_least_1, self.rounding))


Operation = Callable[[Tensor, Filters, int], Tensor]
"""What a cell does to one of its states: a function of the state, the cell's filters and the stride."""
Edge = tuple[Operation, int]
"""An operation, and the state that it reads."""


@dataclass(frozen=True)
class Cell:
    """A cell by its states: 0 is the convolved output of the cell before, 1 that of the one before it, adapted.

    Each pair adds up two operations on earlier states to the next one. The output joins the states `joined`.
    """

    pairs: tuple[tuple[Edge, Edge], ...]
    joined: tuple[int, ...]

    def apply(self, x: Tensor, previous: Tensor | None, filters: Filters, stride: int) -> Tensor:
        """The cell on the outputs of the two cells before; without a `previous` one, x stands for it."""
        first = convolved(x, filters.channels, name="current")
        states = [first, x if previous is None else adapted(previous, x, filters)]
        for index, pair in enumerate(self.pairs):
            sides = []
            for side, (operation, state) in zip(("left", "right"), pair, strict=True):
                with x.builder.scope(f"pair{index}.{side}"):
                    sides.append(operation(states[state], filters, stride if state < 2 else 1))
            states.append(x.builder.add(Add(), *sides, name=f"pair{index}.add"))
        return x.builder.add(Concat(), *(states[index] for index in self.joined), name="concat")


def convolved(x: Tensor, channels: Dim, *, name: str, stride: int = 1) -> Tensor:
    """ReLU, a 1x1 convolution and batch-norm."""
    convolution = Conv2d(out_channels=channels, kernel=1, stride=stride, bias=False)
    return x.then(ReLU(), convolution, BatchNorm(), name=name)


def adapted(previous: Tensor, x: Tensor, filters: Filters) -> Tensor:
    """The output of an earlier cell with the size of x and the cell's filters."""
    if not equal(previous.shape[2], x.shape[2]):
        return halved(previous.then(ReLU(), name="previous.relu"), filters)
    if equal(previous.channels, filters.channels):
        return previous
    return convolved(previous, filters.channels, name="previous")


def halved(x: Tensor, filters: Filters) -> Tensor:
    """1x1 convolutions of every second pixel, and of every second one after it, one after the other."""
    height, width = x.shape[2:]
    half = filters.times(HALF).channels
    shift = Slice(axes=(2, 3), starts=(1, 1), lengths=(height, width))
    shifted = x.then(Pad(pads=((0, 0), (0, 0), (0, 1), (0, 1))), shift, name="previous.shift")
    paths = []
    for path, pixels, channels in (("path1", x, half), ("path2", shifted, filters.channels - half)):
        convolution = Conv2d(out_channels=channels, kernel=1, bias=False)
        paths.append(pixels.then(AvgPool2d(kernel=1, stride=2), convolution, name=f"previous.{path}"))
    return x.builder.add(Concat(), *paths, name="previous.concat").then(BatchNorm(), name="previous.norm")


def separable(kernel: int) -> Operation:
    """Twice ReLU, a depthwise and a 1x1 convolution and batch-norm; the first one strides."""

    def apply(x: Tensor, filters: Filters, stride: int) -> Tensor:
        for name, step in (("separable1", stride), ("separable2", 1)):
            depthwise = DepthwiseConv2d(kernel=kernel, stride=step, padding=SAME, bias=False)
            pointwise = PointwiseConv2d(out_channels=filters.channels, bias=False)
            x = x.then(ReLU(), depthwise, pointwise, BatchNorm(), name=name)
        return x

    return apply


def factorized(x: Tensor, filters: Filters, stride: int) -> Tensor:
    """1x1 to a quarter of the filters, 1x7, 7x1, and 1x1 back, each after ReLU and before batch-norm."""
    inner = filters.times(QUARTER).channels
    across = Conv2d(out_channels=inner, kernel=(1, 7), stride=(1, stride), padding=SAME, bias=False)
    down = Conv2d(out_channels=inner, kernel=(7, 1), stride=(stride, 1), padding=SAME, bias=False)
    x = convolved(x, inner, name="squeeze")
    x = x.then(ReLU(), across, BatchNorm(), name="across").then(ReLU(), down, BatchNorm(), name="down")
    return convolved(x, filters.channels, name="expand")


def nothing(x: Tensor, filters: Filters, stride: int) -> Tensor:
    """The state itself, or a 1x1 convolution of it where the size or the channels change."""
    if stride == 1 and equal(x.channels, filters.channels):
        return x
    return convolved(x, filters.channels, name="identity", stride=stride)


def average(x: Tensor, filters: Filters, stride: int) -> Tensor:
    """The means of 3x3 windows."""
    pool = AvgPool2d(kernel=3, stride=stride, padding=SAME, count_include_pad=False)
    return _with_channels(x.then(pool, name="pool"), filters)


def largest(x: Tensor, filters: Filters, stride: int) -> Tensor:
    """The largest values of 3x3 windows."""
    return _with_channels(x.then(MaxPool2d(kernel=3, stride=stride, padding=SAME), name="pool"), filters)


def _with_channels(x: Tensor, filters: Filters) -> Tensor:
    if equal(x.channels, filters.channels):
        return x
    return x.then(Conv2d(out_channels=filters.channels, kernel=1, bias=False), BatchNorm(), name="project")


@dataclass(frozen=True)
class Stack:
    """Three stages of `repeats` normal cells, behind two reduction cells; reduction cells stand between the stages."""

    normal: Cell
    reduction: Cell
    repeats: int
    skipping: bool = False
    """Whether the cell after a reduction reads the output before the reduction's last one."""

    def apply(self, x: Tensor, filters: Filters) -> Tensor:
        """The cells on the output of the first convolution; `filters` are those of the first stage."""
        previous: Tensor | None = None
        for index, scale in enumerate((QUARTER, HALF)):
            with x.builder.scope(f"stem{index}"):
                made = self.reduction.apply(x, previous, filters.times(scale), 2)
            previous, x = x, made
        for index in range(3 * self.repeats):
            wide = filters.times(2 ** (index // self.repeats))
            before = previous
            if index and index % self.repeats == 0:
                with x.builder.scope(f"reduction{index // self.repeats}"):
                    previous, x = x, self.reduction.apply(x, previous, wide, 2)
            with x.builder.scope(f"cell{index}"):
                made = self.normal.apply(x, before if self.skipping else previous, wide, 1)
            previous, x = x, made
        return x


def classified(x: Tensor, stack: Stack, stem: Filters, filters: Filters, classes: Dim) -> Tensor:
    """A 3x3 convolution to as many channels as the `stem` has, the stack and a classifier."""
    convolution = Conv2d(out_channels=stem.channels, kernel=3, stride=2, bias=False)
    x = stack.apply(x.then(convolution, BatchNorm(), name="conv1"), filters)
    x = x.then(ReLU(), name="relu").then(GlobalAvgPool(keepdims=False), name="avgpool")
    return x.then(Dropout(), name="dropout").then(Linear(out_features=classes), name="fc")
