"""Other tools' numbers for single operations: those of `peer_single_ops.csv`, reproduced to the integer.

The sizes are those that give the exact counts of the table, and its numbers of elements.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from costmodel import Builder, Layer, Network, reconcile
from costmodel.counting import TOOLS
from costmodel.counting.tools.tool import Way
from costmodel.layers import (
    GELU,
    GRU,
    LSTM,
    AdaptiveAvgPool2d,
    Add,
    Attention,
    AvgPool2d,
    BatchNorm,
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose2d,
    DepthwiseConv2d,
    Einsum,
    LayerNorm,
    Linear,
    MatMul,
    MaxPool2d,
    MultiHeadAttention,
    Parameter,
    ReLU,
    Softmax,
    Upsample2d,
)

IMAGE = (1, 16, 20, 20)
ROWS = (1, 10, 64)


def single(layer: Layer, *shapes: tuple[int, ...]) -> Network:
    """A network of one layer."""
    b = Builder("single")
    inputs = [b.input(f"x{index}", shape) for index, shape in enumerate(shapes)]
    return b.build(b.add_many(layer, *inputs, name="layer")[0])


def product_with_a_parameter() -> Network:
    """x @ w, where w is learned."""
    b = Builder("product")
    x = b.input("x", (10, 100))
    return b.build(b.add(MatMul(), x, b.add(Parameter(shape=(100, 50)), name="w"), name="product"))


def twice(bias: bool, shares: bool) -> Network:
    """Two linear layers of 64 to 64, with one weight."""
    b = Builder("twice")
    layer = Linear(out_features=64, bias=bias)
    first = b.add(layer, b.input("x", (1, 64)), name="first")
    return b.build(b.add(layer, first, name="second", shares="first" if shares else None))


class Op(NamedTuple):
    """A row's operation, and how it is written where that is not as a module."""

    network: Callable[[], Network]
    written: Mapping[str, Way] = {}


def op(layer: Layer, *shapes: tuple[int, ...], **written: Way) -> Op:
    return Op(lambda: single(layer, *shapes), written)


HEADS = ((1, 4, 16, 8),) * 3
OPS = {
    "Conv2d 3x3 g1": op(Conv2d(out_channels=32, kernel=3, padding=1), IMAGE),
    "Conv2d grouped g4 dil2 s2": op(
        Conv2d(out_channels=32, kernel=3, padding=3, dilation=2, stride=2, groups=4), (1, 16, 19, 19)
    ),
    "Conv2d depthwise": op(DepthwiseConv2d(kernel=3, padding=1), IMAGE),
    "Conv1d": op(Conv1d(out_channels=16, kernel=5), (1, 8, 50)),
    "Conv3d": op(Conv3d(out_channels=8, kernel=3), (1, 3, 8, 8, 8)),
    "ConvTranspose2d k2 s2": op(ConvTranspose2d(out_channels=8, kernel=2, stride=2), (1, 16, 10, 10)),
    "ConvTranspose2d k3 s2 p1 op1": op(
        ConvTranspose2d(out_channels=8, kernel=3, stride=2, padding=1, output_padding=1), (1, 16, 10, 10)
    ),
    "Linear 2D": op(Linear(out_features=50), (1, 100)),
    "Linear on (1,10,100)": op(Linear(out_features=50), (1, 10, 100)),
    "Linear batch 8": op(Linear(out_features=50), (8, 100)),
    "F.linear (functional)": op(Linear(out_features=50, bias=False), (1, 100), linear="function"),
    "F.conv2d (functional)": op(Conv2d(out_channels=32, kernel=3, padding=1, bias=False), IMAGE, conv2d="function"),
    "x @ w": Op(product_with_a_parameter),
    "torch.bmm": op(MatMul(), (4, 10, 16), (4, 16, 20), matmul="function"),
    "einsum bij,bkj->bik": op(Einsum(equation="bij,bkj->bik"), (4, 10, 16), (4, 20, 16)),
    "SDPA (1,4,16,8)": op(Attention(), *HEADS),
    "MultiheadAttention d64 L16": op(MultiHeadAttention(heads=4), (1, 16, 64)),
    "LSTM 2x64 L10": op(LSTM(hidden_size=64, layers=2, batch_first=True), (1, 10, 32)),
    "GRU 2x64 L10": op(GRU(hidden_size=64, layers=2, batch_first=True), (1, 10, 32)),
    "Linear called twice": Op(lambda: twice(bias=True, shares=True)),
    "tied Linear weights": Op(lambda: twice(bias=False, shares=True)),
    "BatchNorm2d": op(BatchNorm(), IMAGE),
    "LayerNorm": op(LayerNorm(), ROWS),
    "ReLU": op(ReLU(), IMAGE),
    "GELU": op(GELU(), IMAGE),
    "Softmax": op(Softmax(), ROWS),
    "MaxPool2d 2": op(MaxPool2d(kernel=2), IMAGE),
    "AvgPool2d 2": op(AvgPool2d(kernel=2), IMAGE),
    "AdaptiveAvgPool2d 1": op(AdaptiveAvgPool2d(output_size=1), IMAGE),
    "Upsample bilinear x2": op(Upsample2d(scale=2, mode="bilinear"), IMAGE),
    "x + x": op(Add(), IMAGE, IMAGE),
}


class Row(NamedTuple):
    """What the tools that we know report of an operation: a number by our name for it, or None for an error."""

    exact: int | None
    numbers: dict[str, int | None]


def rows(shared: Path) -> Iterator[tuple[str, Row]]:
    """The operations of the table."""
    found: dict[str, Row] = {}
    with (shared / "reference" / "peer_single_ops.csv").open(encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            exact = int(cells["exact_macs"]) if cells["exact_macs"] else None
            found.setdefault(cells["op"], Row(exact, {})).numbers.update(_numbers(cells))
    yield from found.items()


def _numbers(cells: dict[str, str]) -> Iterator[tuple[str, int | None]]:
    """The numbers of one line: two where a tool reports FLOPs beside MACs."""
    peer, failed = cells["peer"], cells["reported_macs"] == "ERROR"
    number = None if failed else int(float(cells["reported_macs"]))
    if peer in {"calflops", "deepspeed"}:
        yield f"{peer}-macs", number
        flops = re.match(r"flops=(\d+)", cells["note"])
        yield f"{peer}-flops", int(flops[1]) if flops else None
    elif peer == "FlopCounterMode" and number is not None:
        yield peer, 2 * number
    elif peer in TOOLS:
        yield peer, number


@pytest.mark.parametrize("name", OPS)
def test_a_single_operation_is_reproduced_for_every_tool(name: str, shared: Path) -> None:
    row = dict(rows(shared))[name]
    assert set(row.numbers) == set(TOOLS) - {"onnx-tool"}
    cost = OPS[name].network().cost()
    assert row.exact in {None, cost.macs}
    found = reconcile(cost, [TOOLS[tool] for tool in row.numbers], OPS[name].written).tools
    assert {each.tool.name: each.number for each in found} == row.numbers


ON_FILES = {
    "Conv2d 3x3 g1": 1_843_200 + 12_800,
    "ConvTranspose2d k2 s2": 3_200 * 8 * 4 + 3_200,
    "SDPA (1,4,16,8)": 54_348,
    "LSTM 2x64 L10": 814_080,
    "GRU 2x64 L10": 578_560,
    "LayerNorm": 7 * 640 + 29 * 10,
    "ReLU": 6_400,
    "GELU": 7 * 6_400,
    "Softmax": 36 * 640,
    "MaxPool2d 2": 6_400,
    "AvgPool2d 2": 6_400,
    "Upsample bilinear x2": 4 * 25_600,
    "x + x": 6_400,
}
"""What onnx-tool 1.0.1 reports of the operations in files that PyTorch's exporter wrote (opset 17)."""


@pytest.mark.parametrize(("name", "number"), ON_FILES.items())
def test_onnx_tool_is_reproduced_on_exported_operations(name: str, number: int) -> None:
    cost = OPS[name].network().cost()
    assert reconcile(cost, [TOOLS["onnx-tool"]], OPS[name].written).tools[0].number == number


def test_every_operation_of_the_table_is_there(shared: Path) -> None:
    assert {name for name, _ in rows(shared)} == set(OPS)
    assert len(OPS) == 31
