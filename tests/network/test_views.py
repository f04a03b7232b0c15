"""Copies that change nothing are views: they move nothing and take no memory."""

import pytest

from costmodel import symbols
from costmodel.layers import (
    ChannelShuffle,
    Concat,
    DepthToSpace,
    Expand,
    Flip,
    Layer,
    Pad,
    Permute,
    Resize,
    Roll,
    Tile,
    Upsample2d,
)
from tests.network.graphs import chain

NOTHING: list[Layer] = [
    Pad(pads=((0, 0), (0, 0), (0, 0), (0, 0))),
    Roll(axes=(2, 3), shifts=(0, 0)),
    Permute(axes=(0, 1, 2, 3)),
    ChannelShuffle(groups=1),
    DepthToSpace(block=1),
    Concat(),
    Resize(scales=(1, 1, 1, 1), mode="linear"),
    Upsample2d(size=8, mode="bilinear"),
]
SOMETHING: list[Layer] = [
    Pad(pads=((0, 0), (0, 0), (1, -1), (0, 0))),
    Tile(repeats=(1, 1, 1, 2)),
    Expand(shape=(2, 4, 8, 8)),
    Roll(axes=(2, 3), shifts=(0, 1)),
    Flip(axes=(3,)),
    Permute(axes=(0, 1, 3, 2)),
    ChannelShuffle(groups=2),
    Resize(scales=(1, 1, 2, 1)),
]
SHAPE = (1, 4, 8, 8)


@pytest.mark.parametrize("layer", NOTHING, ids=str)
def test_a_copy_of_everything_to_its_place_is_none(layer: Layer) -> None:
    cost = chain(layer, shape=SHAPE).cost()
    assert cost.activations == 256
    assert cost.input_bytes == cost.output_bytes == 0
    assert cost.peak_memory_bytes == 4 * 256
    assert set(cost.ledger) == {0}


@pytest.mark.parametrize("layer", SOMETHING, ids=str)
def test_any_other_copy_is_one(layer: Layer) -> None:
    cost = chain(layer, shape=SHAPE).cost()
    assert cost.activations > 256
    assert cost.output_bytes == 4 * (cost.activations - 256)


def test_a_symbol_may_turn_a_copy_into_none() -> None:
    margin = symbols("m") - 1
    network = chain(Pad(pads=((0, 0), (0, 0), (0, margin), (0, 0))), shape=SHAPE)
    assert network.bind(m=1).cost().activations == 256
    assert network.bind(m=9).cost().activations == 3 * 256


@pytest.mark.parametrize("layer", [Expand(shape=("n", 4, 8, 8)), Tile(repeats=("n", 1, 1, 1))], ids=str)
def test_repeating_along_the_batch_is_a_copy_for_every_batch(layer: Layer) -> None:
    """So that what is written is one expression of the batch, for one image too."""
    network = chain(layer, shape=SHAPE)
    expression = network.cost().activations
    for n in (1, 2, 5):
        assert network.bind(n=n).cost().activations == expression.subs({symbols("n"): n}) == 256 * (n + 1)
