"""Stored tensors, weights that several nodes use, and operations that could not be counted."""

import pytest

from costmodel.errors import GraphError
from costmodel.layers import Add, Concat, Linear, Multiply, Parameter, ReLU, Softplus, Uncounted
from costmodel.network import Builder, Network, Node
from costmodel.network.memory import liveness


def with_class_token() -> Network:
    b = Builder("tokens")
    x = b.input("tokens", (1, 4, 8))
    token = b.add(Parameter(shape=(1, 1, 8)), name="class_token")
    return b.build(b.add(Concat(axis=1), token, x, name="tokens_and_class"))


def test_a_parameter_is_counted_and_read_but_is_no_activation() -> None:
    cost = with_class_token().cost()
    assert (cost.params, cost.activations, cost.input_bytes, cost.output_bytes) == (8, 32 + 40, 4 * 40, 4 * 40)
    assert liveness(with_class_token()) == [("class_token", 32), ("tokens_and_class", 32 + 40)]


def test_an_activation_in_place_does_not_overwrite_a_parameter() -> None:
    b = Builder("positive")
    x = b.input("x", (4,))
    scale = b.add(Parameter(shape=(4,)), name="scale").then(Softplus(), name="softplus")
    network = b.build(b.add(Multiply(), x, scale, name="product"))
    assert liveness(network) == [("scale", 4), ("softplus", 4 + 4), ("product", 4 + 4 + 4)]


def two_linear(borrowed: int) -> Network:
    first = Node(name="first", layer=Linear(out_features=8), inputs=("x",))
    second = Node(name="second", layer=Linear(out_features=8), inputs=("first",), borrowed_elements=borrowed)
    return Network(name="tied", inputs={"x": (1, 8)}, nodes=(first, second), outputs=("second",))


def test_borrowed_elements_are_counted_once_and_read_by_both() -> None:
    cost = two_linear(8).cost()
    assert cost.params == 2 * 72 - 8
    assert [node.weight_elements for node in cost.nodes] == [72, 72]


def test_a_node_cannot_borrow_more_than_it_has() -> None:
    with pytest.raises(GraphError, match="'borrowed_elements' must be at most its 72 parameters"):
        two_linear(73)


def test_a_node_cannot_both_share_all_and_borrow_some() -> None:
    nodes = two_linear(8).nodes
    shared = nodes[1].model_copy(update={"shares": "first"})
    with pytest.raises(GraphError, match="'shares' all of its weights"):
        Network(name="tied", inputs={"x": (1, 8)}, nodes=(nodes[0], shared), outputs=("second",))


def test_what_has_no_rule_is_listed() -> None:
    b = Builder("partial")
    x = b.input("x", (1, 4))
    unknown = b.add(Uncounted(op="com.example.Magic", shapes=((1, 4),)), x, name="magic")
    cost = b.build(b.add(Add(), b.add(ReLU(), unknown), x)).cost()
    assert cost.uncounted == ("magic",)
