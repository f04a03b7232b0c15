"""Rewritten networks, run on real arrays, layer by layer: shapes, operations and weights are what they take."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

import numpy as np
import pytest

from costmodel import Builder, Network, rewrite
from costmodel.layers import (
    Add,
    AvgPool2d,
    BatchNorm,
    Concat,
    Conv2d,
    DepthwiseConv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
)
from costmodel.network import Tensor
from tests.reference.execution import run
from tests.transform.networks import REPLACEMENTS, SCALINGS


def small() -> Network:
    """Kernels of 3, 5 and 7, groups, a stride, pools, a residual block repeated, a concatenation and a head."""
    b = Builder("small")
    x = b.input("image", (2, 4, 19, 17))
    x = x.then(Conv2d(out_channels=8, kernel=7, stride=2, padding=3), BatchNorm(), ReLU(), name="stem")
    for index in range(2):
        with b.scope(f"stage.{index}"):
            x = block(x)
    left = x.then(Conv2d(out_channels=8, kernel=5, padding=2), ReLU(), name="left")
    right = x.then(DepthwiseConv2d(kernel=3, padding=1, multiplier=2, bias=False), BatchNorm(), name="right")
    x = b.add(Concat(), left, right, name="concat")
    x = x.then(Conv2d(out_channels=16, kernel=1), ReLU(), name="mixed")
    x = x.then(Conv2d(out_channels=16, kernel=3, padding=1), ReLU(), name="pooled").then(
        MaxPool2d(kernel=2), name="pool"
    )
    x = x.then(Conv2d(out_channels=8, kernel=3, stride=2, padding=1), ReLU(), name="last")
    x = x.then(AvgPool2d(kernel=1), name="avgpool").then(Flatten(), name="flatten")
    x = x.then(Linear(out_features=12), ReLU(), Dropout(), name="hidden")
    return b.build(x.then(Linear(out_features=5), name="fc"))


def block(x: Tensor) -> Tensor:
    y = x.then(Conv2d(out_channels=8, kernel=3, padding=1, bias=False), BatchNorm(), ReLU(), name="conv1")
    y = y.then(Conv2d(out_channels=8, kernel=3, padding=1, groups=2, bias=False), BatchNorm(), name="conv2")
    return x.builder.add(Add(), y, x, name="add").then(ReLU(), name="relu")


def executed(net: Network) -> tuple[dict[str, tuple[int, ...]], Counter[str]]:
    """The shape of every tensor, and all that running the network takes."""
    draw = np.random.default_rng(0)
    arrays = {name: draw.standard_normal(shape) for name, shape in net.inputs.items()}
    spent: Counter[str] = Counter()
    for step in net.steps:
        fields = step.node.layer.model_dump(exclude={"kind"})
        done = run(step.node.layer.kind, fields, [arrays[name] for name in step.inputs])
        arrays.update(zip(step.outputs, done.outputs, strict=True))
        spent.update(asdict(done.tally))
        spent.update(params=done.params, buffers=done.buffers)
    return {name: array.shape for name, array in arrays.items()}, spent


BEFORE, SPENT = executed(small())
THERE = [text for text in REPLACEMENTS if not text.startswith("11x11")]


@pytest.mark.parametrize("text", [*THERE, "depth=2", "depth=0.5", "width=1.5", "width=0.5", "batch=3"])
def test_a_rewritten_network_runs(text: str) -> None:
    """Shapes that stay stay, and what running takes less is what the changes save."""
    made = rewrite(small(), text)
    shapes, spent = executed(made.after)
    assert shapes == made.after.shapes
    for name in SPENT:
        assert SPENT[name] - spent[name] == getattr(made.saved, name), name
    if text not in SCALINGS:
        assert shapes[made.after.outputs[0]] == BEFORE["fc"]


def test_several_rewrites_run() -> None:
    made = rewrite(small(), "pool=stride", "7x7=3x3", "conv=depthwise_separable", "fc=global_average_pool", "width=2")
    shapes, spent = executed(made.after)
    assert shapes == made.after.shapes
    assert {name: SPENT[name] - spent[name] for name in SPENT} == {name: getattr(made.saved, name) for name in SPENT}


def test_the_reference_runs_what_is_not_rewritten() -> None:
    net = small()
    assert net.shapes == BEFORE
    assert SPENT["macs"] == net.cost().macs
