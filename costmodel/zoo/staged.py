"""Mobile networks with choices of their own in each stage: the space that architecture searches search."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal, NamedTuple

from costmodel.algebra import floor_div
from costmodel.algebra.types import Dim
from costmodel.layers import Add, BatchNorm, Conv2d, Dropout, GlobalAvgPool, Linear, PointwiseConv2d, ReLU6
from costmodel.network import Builder, Network, Tensor
from costmodel.zoo.blocks import inverted_bottleneck
from costmodel.zoo.family import Batch, Choice, Classes, Number, Resolution, family
from costmodel.zoo.part import Part

STRIDES = (1, 2, 2, 2, 1, 2, 1)
"""The stride of each stage's first block: MobileNetV2's."""
DEFAULTS = ((16, 1, 1), (24, 2, 6), (32, 3, 6), (64, 4, 6), (96, 3, 6), (160, 3, 6), (320, 1, 6))
"""(channels, blocks, expansion) of each stage: MobileNetV2's."""
KERNELS = (3, 5, 7)
Block = Literal["inverted", "fused", "separable", "conv"]
BLOCKS: tuple[Block, ...] = ("inverted", "fused", "separable", "conv")


class Stage(NamedTuple):
    """The choices of a row of blocks."""

    channels: Dim
    kernel: int
    expansion: int
    block: Block


def _parameters() -> dict[str, tuple[Number | Choice, Any]]:
    """What each stage's parameters take, and MobileNetV2's values."""
    found: dict[str, tuple[Number | Choice, Any]] = {"stem": (Number("channels of the first convolution"), 32)}
    for index, (channels, blocks, expansion) in enumerate(DEFAULTS, 1):
        where = f"stage {index}"
        found |= {
            f"w{index}": (Number(f"channels of {where}"), channels),
            f"d{index}": (Number(f"blocks of {where}", symbolic=False, most=64), blocks),
            f"k{index}": (Choice(f"kernel of {where}", KERNELS), 3),
            f"e{index}": (Number(f"expansion in {where}", symbolic=False, most=64), expansion),
            f"t{index}": (Choice(f"block of {where}", BLOCKS), "inverted"),
        }
    return found | {"head": (Number("channels of the last convolution"), 1280)}


def _block(x: Tensor, stage: Stage, stride: int = 1, *, is_first: bool) -> Tensor:
    """One block; all but a stage's first have a shortcut."""
    channels, kernel, expansion, block = stage
    if block in {"inverted", "separable"}:
        wide = (1 if block == "separable" else expansion) * x.channels
        return inverted_bottleneck(
            x, wide, channels, kernel=kernel, stride=stride, activation=ReLU6(), shortcut=not is_first
        )
    is_plain = block == "conv" or expansion == 1
    out = channels if is_plain else expansion * x.channels
    convolution = Conv2d(out_channels=out, kernel=kernel, stride=stride, padding=kernel // 2, bias=False)
    y = x.then(convolution, BatchNorm(), ReLU6(), name="conv")
    if not is_plain:
        y = y.then(PointwiseConv2d(out_channels=channels, bias=False), BatchNorm(), name="project")
    return y if is_first else y.builder.add(Add(), y, x, name="add")


def _stem(x: Tensor, channels: Dim) -> Tensor:
    first = Conv2d(out_channels=channels, kernel=3, stride=2, padding=1, bias=False)
    return x.then(first, BatchNorm(), ReLU6(), name="conv1")


def _head(x: Tensor, channels: Dim, classes: Dim) -> Tensor:
    x = x.then(PointwiseConv2d(out_channels=channels, bias=False), BatchNorm(), ReLU6(), name="conv_last")
    x = x.then(GlobalAvgPool(keepdims=False), name="pool").then(Dropout(rate=0.2), name="dropout")
    return x.then(Linear(out_features=classes), name="fc")


def _stage(index: int, values: Mapping[str, Any]) -> Stage:
    """The choices of a stage among the values of the family's parameters."""
    return Stage(*(values[f"{letter}{index}"] for letter in "wket"))


def _before(index: int) -> str:
    """The parameter that holds the channels that a stage reads."""
    return "stem" if index == 1 else f"w{index - 1}"


def _part(name: str, index: int, **values: Any) -> Network:
    """A part by itself; `index` is the stage that it belongs to."""
    b = Builder(name)
    batch, size = values["batch"], values["resolution"]
    if name == "stem":
        return b.build(_stem(b.input("image", (batch, 3, size, size)), values["stem"]))
    is_first = name.endswith("first")
    for stride in (2, *STRIDES[: index - is_first]):
        size = floor_div(size - 1, stride) + 1 if stride > 1 else size
    channels = values[_before(index) if is_first or name == "head" else f"w{index}"]
    x = b.input("x", (batch, channels, size, size))
    if name == "head":
        return b.build(_head(x, values["head"], values["classes"]))
    stride = STRIDES[index - 1] if is_first else 1
    return b.build(_block(x, _stage(index, values), stride, is_first=is_first))


def _parts() -> tuple[Part, ...]:
    """The parts of a network: stem and head, and of each stage its first block and the others, which are equal."""
    last = len(STRIDES)
    found = [Part("stem", ("resolution", "batch", "stem"), partial(_part, "stem", 0))]
    for index in range(1, last + 1):
        own = tuple(f"{letter}{index}" for letter in "wket")
        first, other = f"stage{index}.first", f"stage{index}.other"
        found += [
            Part(first, ("resolution", "batch", _before(index), *own), partial(_part, first, index)),
            Part(other, ("resolution", "batch", *own), partial(_part, other, index), f"d{index} - 1"),
        ]
    head = ("resolution", "batch", "classes", f"w{last}", "head")
    return (*found, Part("head", head, partial(_part, "head", last + 1)))


@family(
    source="the space of Tan et al., MnasNet, arXiv 1807.11626, figure 4, on the stages of MobileNetV2, "
    "arXiv 1801.04381, table 2; fused blocks: Tan and Le, EfficientNetV2, arXiv 2104.00298, figure 2",
    width_rule="the channels of each stage are a parameter, and nothing rounds them",
    more=_parameters(),
    parts=_parts(),
)
def staged(*, resolution: Resolution = 224, batch: Batch = 1, classes: Classes = 1000, **choices: Any) -> Network:
    """Seven stages of equal blocks; of stage i, w_i are the channels, d_i blocks, k_i the kernel, e_i the expansion.

    t_i is the block: `inverted` bottleneck; `fused`, whose expansion and depthwise convolution are one dense
    convolution; `separable`, depthwise and 1x1, without expansion; or one dense `conv`. A stage's first block may
    stride and has no shortcut; the others have one. The defaults are MobileNetV2.

    >>> staged().cost().macs, staged(k3=5, t7="separable").cost().macs
    (300774272, 286974304)
    """
    b = Builder("staged")
    x = _stem(b.input("image", (batch, 3, resolution, resolution)), choices["stem"])
    for index, stride in enumerate(STRIDES, 1):
        stage = _stage(index, choices)
        for position in range(choices[f"d{index}"]):
            is_first = position == 0
            with b.scope(f"stage{index}.{position}"):
                x = _block(x, stage, stride if is_first else 1, is_first=is_first)
    return b.build(_head(x, choices["head"], classes))
