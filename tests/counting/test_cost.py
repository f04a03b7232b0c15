"""Costs of networks: totals by hand, and that they are sums over the nodes."""

import pytest
import sympy as sp

from costmodel import Builder, Network
from costmodel.algebra import Dim, symbols
from costmodel.counting import ENTRIES, Cost, Ledger
from costmodel.errors import UnknownNameError
from costmodel.layers import BatchNorm, Concat, Conv2d, Dropout, Flatten, GlobalAvgPool, Linear, ReLU, Softmax, Split


def network(batch: Dim = 2, size: Dim = 8) -> Network:
    """3 channels, a convolution to 4 with batch-norm and ReLU, the mean of each map, a linear layer to 10."""
    b = Builder("small")
    x = b.input("image", (batch, 3, size, size))
    x = x.then(Conv2d(out_channels=4, kernel=3, padding=1, bias=False), BatchNorm(), ReLU(), name="conv")
    x = x.then(GlobalAvgPool(), name="pool").then(Flatten(), name="flatten").then(Dropout(), name="dropout")
    return b.build(x.then(Linear(out_features=10), Softmax(), name="fc"))


@pytest.fixture
def cost() -> Cost:
    return network().cost()


def test_the_ledger_by_hand(cost: Cost) -> None:
    """2*4*64 outputs of 27 macs, 1 + 1 for batch-norm, 1 for ReLU; 8 maps of 64; 20 logits from 4; softmax of 10."""
    assert cost.ledger == Ledger(
        macs=512 * 27 + 2 * 10 * 4,
        additions=512 + 8 * 63 + 20 + 2 * 19,
        multiplications=512,
        comparisons=512 + 2 * 9,
        divisions=8 + 20,
        transcendentals=20,
    )
    assert cost.macs == cost.ledger.macs


def test_parameters_and_buffers_by_hand(cost: Cost) -> None:
    assert cost.params == 4 * 27 + 2 * 4 + (4 * 10 + 10)
    assert cost.buffers == 2 * 4
    assert cost.weight_bytes == 4 * (cost.params + cost.buffers)


def test_activations_are_elements_written_that_were_not_there_before(cost: Cost) -> None:
    """The input, convolution, batch-norm, pool, logits and softmax; not ReLU and dropout (in place), nor flatten."""
    assert cost.activations == 2 * 3 * 64 + 512 + 512 + 8 + 20 + 20


def test_traffic_is_what_every_node_reads_and_writes(cost: Cost) -> None:
    """A view moves nothing; an activation in place reads and writes."""
    assert cost.input_bytes == 4 * (2 * 3 * 64 + 512 + 512 + 512 + 8 + 20 + 8)
    assert cost.output_bytes == 4 * (512 + 512 + 512 + 8 + 8 + 20 + 20)


def test_bytes_follow_the_data_types() -> None:
    small = network()
    mixed = small.cost(activation_type="float16", weight_type="int4")
    assert mixed.weight_bytes == (166 + 8) // 2
    assert mixed.input_bytes == small.cost().input_bytes // 2
    assert mixed.peak_memory_bytes == small.cost().peak_memory_bytes // 2


@pytest.mark.parametrize("field", ["activation_type", "weight_type"])
def test_an_unknown_data_type_is_refused(field: str) -> None:
    with pytest.raises(UnknownNameError, match="no data type named 'float31'"):
        network().cost(**{field: "float31"})  # type: ignore[arg-type]


def test_totals_are_sums_over_the_nodes(cost: Cost) -> None:
    for entry in ENTRIES:
        assert getattr(cost.ledger, entry) == sum(getattr(node.ledger, entry) for node in cost.nodes)
    assert cost.params == sum(node.params for node in cost.nodes)
    assert cost.activations == cost.input_elements + sum(node.activations for node in cost.nodes)


def test_every_count_is_an_int(cost: Cost) -> None:
    counts = (*cost.ledger, cost.params, cost.buffers, cost.activations, cost.weight_bytes, cost.input_bytes)
    assert {type(count) for count in (*counts, cost.output_bytes, cost.peak_memory_bytes, cost.flops)} == {int}


def test_two_costs_of_one_network_are_equal() -> None:
    assert network().cost() == network().cost()
    assert network().cost() != network(batch=3).cost()


def test_a_node_knows_its_shapes_and_the_values_of_its_symbols(cost: Cost) -> None:
    conv = cost.nodes[0]
    assert (conv.name, conv.kind) == ("conv", "conv2d")
    assert (conv.input_shapes, conv.output_shapes) == (((2, 3, 8, 8),), ((2, 4, 8, 8),))
    assert conv.symbols["c_i"] == 3
    assert (conv.params, conv.macs) == (108, 13_824)


def test_substituting_then_counting_is_counting_then_substituting() -> None:
    n, r = symbols("n r")
    symbolic, direct = network(n, 2 * r).cost(), network(2, 8).cost()
    for quantity in (
        "macs",
        "flops",
        "params",
        "buffers",
        "activations",
        "weight_bytes",
        "input_bytes",
        "output_bytes",
    ):
        assert sp.sympify(getattr(symbolic, quantity)).subs({n: 2, r: 4}) == getattr(direct, quantity), quantity
    assert symbolic.peak_memory_bytes.subs({n: 2, r: 4}) == direct.peak_memory_bytes


def test_a_concatenation_copies_and_a_split_does_not() -> None:
    b = Builder("parts")
    halves = b.add_many(Split(sections=2), b.input("x", (1, 8, 4, 4)), name="split")
    net = b.build(b.add(Concat(), *halves, name="concat"))
    split, concat = net.cost().nodes
    assert (split.input_elements, split.output_elements, split.activations) == (0, 0, 0)
    assert (concat.input_elements, concat.output_elements, concat.activations) == (128, 128, 128)
