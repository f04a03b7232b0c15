"""Composition: a network costs what its parts cost, in a row, in branches, repeated or around a shortcut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import Builder, Layer, Network, repeat
from costmodel.counting import Cost, Ledger, sum_ledgers
from costmodel.layers import (
    BatchNorm,
    Concat,
    Conv2d,
    DepthwiseConv2d,
    DepthwiseSeparableConv2d,
    GlobalAvgPool,
    Linear,
    PointwiseConv2d,
    ReLU,
    Tanh,
)
from costmodel.network import Tensor
from tests.network.graphs import SINGLE, chain

SHAPE = (2, 4, 6, 6)
LAYERS = st.lists(st.sampled_from(SINGLE), min_size=1, max_size=4)
KEEPING = st.lists(
    st.sampled_from([layer for layer in SINGLE if not isinstance(layer, (GlobalAvgPool, Linear))]),
    min_size=1,
    max_size=4,
)
"""Layers that keep the size of a square map."""


def quantities(*costs: Cost) -> tuple[object, ...]:
    """What adds up over parts; the activations without the input, which is not a part's own."""
    activations = sum(cost.activations - cost.input_elements for cost in costs)
    weights = sum(cost.params for cost in costs), sum(cost.buffers for cost in costs)
    traffic = sum(cost.input_bytes for cost in costs), sum(cost.output_bytes for cost in costs)
    return sum_ledgers(cost.ledger for cost in costs), activations, *weights, *traffic


def cost_of(shape: tuple[object, ...], *layers: Layer) -> Cost:
    return chain(*layers, shape=shape).cost()


@given(LAYERS, LAYERS)
def test_a_row_is_the_sum_of_its_halves(first: list[Layer], second: list[Layer]) -> None:
    whole = chain(*first, *second, shape=SHAPE)
    middle = chain(*first, shape=SHAPE)
    (between,) = (middle.shapes[name] for name in middle.outputs)
    assert quantities(whole.cost()) == quantities(middle.cost(), cost_of(between, *second))


@given(KEEPING, KEEPING)
def test_branches_are_the_sum_of_their_branches_and_what_joins_them(one: list[Layer], other: list[Layer]) -> None:
    b = Builder("branches")
    x = b.input("image", SHAPE)
    left, right = (x.then(layers[0], *layers[1:]) for layers in (one, other))
    whole = b.build(b.add(Concat(), left, right))
    join = Builder("join")
    joined = join.build(join.add(Concat(), join.input("left", left.shape), join.input("right", right.shape)))
    assert quantities(whole.cost()) == quantities(cost_of(SHAPE, *one), cost_of(SHAPE, *other), joined.cost())


@given(count=st.integers(0, 5))
def test_a_repeated_block_costs_so_many_times_as_much(count: int) -> None:
    layers = (Conv2d(out_channels=4, kernel=3, padding=1), BatchNorm(), ReLU())

    def block(x: Tensor, _: int) -> Tensor:
        return x.then(*layers, name="conv")

    b = Builder("repeated")
    cost = b.build(repeat(count, b.input("image", SHAPE), block)).cost()
    assert quantities(cost) == quantities(*[cost_of(SHAPE, *layers)] * count)


@given(KEEPING)
def test_a_residual_connection_adds_one_addition_for_each_element(layers: list[Layer]) -> None:
    inside = (*layers, PointwiseConv2d(out_channels=4))
    b = Builder("residual")
    x = b.input("image", SHAPE)
    cost, alone = b.build(x + x.then(inside[0], *inside[1:])).cost(), cost_of(SHAPE, *inside)
    assert cost.ledger == alone.ledger + Ledger(additions=2 * 4 * 6 * 6)
    assert (cost.params, cost.buffers) == (alone.params, alone.buffers)


def test_a_composite_layer_is_the_sum_of_its_parts_in_a_network() -> None:
    composite = DepthwiseSeparableConv2d(out_channels=6, kernel=3, padding=1)
    depthwise, pointwise = DepthwiseConv2d(kernel=3, padding=1), PointwiseConv2d(out_channels=6)
    whole, parts = cost_of(SHAPE, composite), cost_of(SHAPE, depthwise, pointwise)
    assert (whole.ledger, whole.params) == (parts.ledger, parts.params)


class TestSharedWeights:
    def siamese(self, *, shared: bool) -> Network:
        b = Builder("siamese")
        layer = Conv2d(out_channels=4, kernel=3, padding=1)
        left = b.add(layer, b.input("left", SHAPE), name="left_conv")
        right = b.add(layer, b.input("right", SHAPE), name="right_conv", shares="left_conv" if shared else None)
        return b.build((left + right).then(Tanh()))

    def test_they_are_counted_once(self) -> None:
        shared, own = self.siamese(shared=True).cost(), self.siamese(shared=False).cost()
        assert own.params == 2 * 148
        assert shared.params == 148
        assert shared.weight_bytes == 4 * 148
        assert shared.nodes[1].params == 0

    def test_they_are_read_by_every_node_that_uses_them(self) -> None:
        assert [node.weight_elements for node in self.siamese(shared=True).cost().nodes[:2]] == [148, 148]

    def test_operations_and_activations_do_not_change(self) -> None:
        shared, own = self.siamese(shared=True).cost(), self.siamese(shared=False).cost()
        assert shared.ledger == own.ledger
        assert shared.activations == own.activations

    @pytest.mark.parametrize("uses", [1, 2, 5])
    def test_any_number_of_nodes_can_use_them(self, uses: int) -> None:
        b = Builder("unrolled")
        x = b.input("x", (1, 8)).then(Linear(out_features=8), name="step0")
        for index in range(1, uses):
            x = b.add(Linear(out_features=8), x, name=f"step{index}", shares="step0")
        cost = b.build(x).cost()
        assert (cost.params, cost.macs) == (72, 64 * uses)
