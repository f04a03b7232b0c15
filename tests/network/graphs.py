"""Random networks: images that branch, join, are looked at through views and overwritten in place."""

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from costmodel import Builder, Layer, Network
from costmodel.layers import (
    Add,
    BatchNorm,
    Concat,
    Conv2d,
    DepthwiseSeparableConv2d,
    Dropout,
    GlobalAvgPool,
    Identity,
    Linear,
    MaxPool2d,
    Multiply,
    Permute,
    ReLU,
    Reshape,
    Softmax,
    Split,
    Tanh,
)
from costmodel.network import Tensor

SINGLE: tuple[Layer, ...] = (
    Conv2d(out_channels=4, kernel=3, padding=1),
    Conv2d(out_channels=6, kernel=1, groups=2),
    DepthwiseSeparableConv2d(out_channels=4, kernel=3, padding=1),
    BatchNorm(),
    ReLU(),
    Tanh(),
    Dropout(),
    Identity(),
    Softmax(),
    MaxPool2d(kernel=3, stride=1, padding=1),
    Permute(axes=(0, 1, 3, 2)),
    GlobalAvgPool(),
    Linear(out_features=4),
)
"""Layers of one input and one output that take any image of an even number of channels."""


def grown(draw: DrawFn, b: Builder, tensors: list[Tensor]) -> tuple[Tensor, ...]:
    """A node that reads some of the tensors."""
    x = draw(st.sampled_from(tensors))
    what = draw(st.sampled_from(["single"] * 4 + ["join", "concat", "split", "view"]))
    if what == "single":
        return (b.add(draw(st.sampled_from(SINGLE)), x),)
    if what == "view":
        n, c, h, w = x.shape
        return (b.add(Reshape(shape=(n, c, w, h)), x),)
    if what == "split":
        return b.add_many(Split(sections=2), x) if x.channels % 4 == 0 else (b.add(ReLU(), x),)
    others = [y for y in tensors if y.shape == x.shape]
    others = draw(st.lists(st.sampled_from(others), min_size=1, max_size=2))
    layer = Concat() if what == "concat" else draw(st.sampled_from([Add(), Multiply()]))
    return (b.add(layer, x, *others),)


@st.composite
def networks(draw: DrawFn, max_nodes: int = 14) -> Network:
    """A network of up to two inputs, and of one output or several."""
    b = Builder("random", source="a test")
    shape = (draw(st.integers(1, 2)), 4, draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    tensors = [b.input(name, shape) for name in ("left", "right")[: draw(st.integers(1, 2))]]
    for _ in range(draw(st.integers(1, max_nodes))):
        with b.scope(draw(st.sampled_from(["stem", "body"]))):
            tensors.extend(grown(draw, b, tensors))
    outputs = draw(st.lists(st.sampled_from(tensors), min_size=1, max_size=3, unique_by=lambda x: x.name))
    return b.build(*outputs)


def chain(*layers: Layer, shape: tuple[object, ...] = (1, 4, 8, 8)) -> Network:
    """Layers one after another."""
    b = Builder("chain")
    first, *rest = layers
    return b.build(b.input("image", shape).then(first, *rest))
