"""The execution order: the given one where it can be run, else sorted."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from costmodel import Network, zoo
from costmodel.layers import ReLU
from costmodel.network import Node
from tests.network.graphs import networks


@given(networks(), st.randoms(use_true_random=False))
def test_shuffled_nodes_are_sorted(network: Network, random: Random) -> None:
    nodes = list(network.nodes)
    random.shuffle(nodes)
    shuffled = Network(**{**dict(network), "nodes": tuple(nodes)})
    ready = set(network.inputs)
    for step in shuffled.steps:
        assert ready.issuperset(step.inputs)
        ready.update(step.outputs)
    assert sorted(step.node.name for step in shuffled.steps) == sorted(node.name for node in nodes)
    assert shuffled.shapes == network.shapes
    assert shuffled.nodes == tuple(nodes)


@given(networks(), st.randoms(use_true_random=False))
def test_the_order_does_not_change_what_is_counted(network: Network, random: Random) -> None:
    nodes = list(network.nodes)
    random.shuffle(nodes)
    given_order, sorted_order = network.cost(), Network(**{**dict(network), "nodes": tuple(nodes)}).cost()
    assert sorted_order.ledger == given_order.ledger
    assert sorted_order.activations == given_order.activations
    assert {node.name: node for node in sorted_order.nodes} == {node.name: node for node in given_order.nodes}


@given(networks())
def test_an_order_that_can_be_run_is_kept(network: Network) -> None:
    assert tuple(step.node for step in network.steps) == network.nodes


def test_a_network_written_backwards_is_sorted() -> None:
    nodes = tuple(reversed(zoo.resnet18().nodes))
    backwards = Network(**{**dict(zoo.resnet18()), "nodes": nodes})
    assert backwards.cost().macs == 1_814_073_344


def test_ten_thousand_nodes_in_the_worst_order_are_sorted_without_recursion() -> None:
    count = 10_000
    nodes = [
        Node(name=f"n{index}", layer=ReLU(), inputs=(f"n{index - 1}" if index else "x",)) for index in range(count)
    ]
    network = Network(name="long", inputs={"x": (1, 2)}, nodes=tuple(reversed(nodes)), outputs=(f"n{count - 1}",))
    assert network.steps[-1].node.name == f"n{count - 1}"
    assert network.cost().ledger.comparisons == 2 * count
