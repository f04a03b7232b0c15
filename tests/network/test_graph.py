"""The network: shapes, round trips through JSON, and what breaks a graph."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import Builder, Network, symbols, zoo
from costmodel.errors import CostModelError, GraphError, ShapeError, SpecError, UnknownNameError
from costmodel.layers import Concat, Conv2d, Linear, Pad, ReLU, Reshape, Split
from costmodel.network import Node
from tests.network.graphs import chain, networks


class TestRoundTrip:
    @given(networks())
    def test_a_network_in_json_is_the_same_network(self, network: Network) -> None:
        again = Network.from_json(network.to_json())
        assert again == network
        assert again.steps == network.steps
        assert again.cost() == network.cost()
        assert again.to_json() == network.to_json()

    @pytest.mark.parametrize("name", sorted(zoo.families()))
    def test_every_zoo_network_survives(self, name: str) -> None:
        network = zoo.find(name)()
        assert Network.from_json(network.to_json()).cost() == network.cost()

    @pytest.mark.parametrize("rounding", ["none", "exact"])
    def test_expressions_survive(self, rounding: str) -> None:
        width, resolution, batch = symbols("width resolution batch")
        network = zoo.find("mobilenet_v2")(width=width, resolution=resolution, batch=batch, rounding=rounding)
        again = Network.from_json(network.to_json(indent=2))
        assert again == network
        assert again.cost().macs == network.cost().macs

    def test_a_size_that_is_left_over_survives(self) -> None:
        network = chain(Reshape(shape=(1, -1, 8)), Pad(pads=((0, 0), (1, 2), ("r", 0))))
        assert '"shape":[1,-1,8]' in network.to_json()
        assert Network.from_json(network.to_json()) == network


class TestInference:
    @given(networks())
    def test_every_step_reads_what_was_written_before(self, network: Network) -> None:
        shapes = dict(network.inputs)
        for step in network.steps:
            assert step.input_shapes == tuple(shapes[name] for name in step.inputs)
            shapes.update(zip(step.outputs, step.output_shapes, strict=True))
        assert network.shapes == shapes
        assert set(network.outputs) <= set(shapes)

    def test_sizes_are_ints_wherever_symbols_cancel(self) -> None:
        """What SymPy computes comes back as an int: 12*n elements in rows of 3*n are 4."""
        network = chain(Reshape(shape=("3*n", -1)), shape=("n", 12))
        assert network.shapes["reshape"][1] == 4
        assert type(network.shapes["reshape"][1]) is int

    def test_a_size_that_cannot_be_an_integer_is_refused(self) -> None:
        with pytest.raises(ShapeError, match=r"^chain, reshape: reshape must have outputs of positive integer sizes"):
            chain(Reshape(shape=("2*n", -1)), shape=("n", 3))

    def test_equal_sizes_written_differently_fit_each_other(self) -> None:
        """TensorFlow's "same" and symmetric padding both round up; n (r + 1) and n r + n are one size."""
        b = Builder("equal")
        x = b.input("image", (1, 3, "r", "r"))
        same = x.then(Conv2d(out_channels=4, kernel=3, stride=2, padding="same_tensorflow"))
        padded = x.then(Conv2d(out_channels=4, kernel=3, stride=2, padding=1))
        assert (same + padded).shape == same.shape
        wide, long = b.input("wide", (2, "n*(r + 1)")), b.input("long", (2, "n*r + n"))
        assert (wide + long).shape == wide.shape
        assert b.add(Concat(axis=0), wide, long).shape == (4, *wide.shape[1:])
        halves = b.add_many(Split(sizes=("n*r", "n")), wide)
        assert len(halves) == 2
        assert long.then(Reshape(shape=("2*n", "r + 1"))).shape == (2 * symbols("n"), symbols("r") + 1)

    def test_sizes_that_may_differ_are_refused(self) -> None:
        b = Builder("different")
        one, other = b.input("one", (1, "r")), b.input("other", (1, "n"))
        with pytest.raises(
            ShapeError, match=r"^different, add: add needs inputs of equal sizes, or of size 1 \(got 1 x r"
        ):
            _ = one + other


def network(*nodes: Node, outputs: tuple[str, ...] = ("a",)) -> Network:
    return Network(name="wrong", inputs={"image": (1, 4, 8, 8)}, nodes=nodes, outputs=outputs)


def node(name: str, *inputs: str, layer: object = ReLU(), shares: str | None = None) -> Node:
    return Node(name=name, layer=layer, inputs=inputs or ("image",), shares=shares)


CONV = Conv2d(out_channels=4, kernel=3, padding=1)

WRONG = {
    "a duplicate name": ((node("a"), node("a", "a")), "two inputs or nodes are named 'a'; give each its own name"),
    "a node named like an input": ((node("image"),), "two inputs or nodes are named 'image'; give each its own name"),
    "a missing name": ((node("a", "imag"),), "a: there is no input or node named 'imag'; the nearest are image"),
    "a cycle": ((node("a", "b"), node("b", "c"), node("c", "a")), "the nodes a -> b -> c -> a form a cycle"),
    "a cycle of one": ((node("a", "a"),), "the nodes a -> a form a cycle"),
    "an output that a node does not have": (
        (node("s", layer=Split(sections=2)), node("a", "s:2")),
        "a: there is no tensor named 's:2'; the nearest are s:1, s:0",
    ),
    "a number where there is one output": (
        (node("b"), node("a", "b:0")),
        "a: there is no tensor named 'b:0'; the nearest are b",
    ),
    "no number where there are several": (
        (node("s", layer=Split(sections=2)), node("a", "s")),
        "a: there is no tensor named 's'; the nearest are s:1, s:0",
    ),
    "a node named like an output": (
        (node("a:0"), node("a", layer=Split(sections=2))),
        "a: two tensors are named 'a:0'; rename one of the nodes",
    ),
    "weights of an input": (
        (node("a", layer=CONV, shares="image"),),
        "a: there is no node with weights of its own named 'image'",
    ),
    "weights of nobody": (
        (node("a", layer=CONV, shares="b"),),
        "a: there is no node with weights of its own named 'b'",
    ),
    "its own weights": ((node("a", layer=CONV, shares="a"),), "a: there is no node with weights of its own named 'a'"),
    "weights of each other": (
        (node("a", layer=CONV, shares="b"), node("b", layer=CONV, shares="a")),
        "a: there is no node with weights of its own named 'b'",
    ),
    "weights of another size": (
        (node("b", layer=CONV), node("a", layer=Conv2d(out_channels=4, kernel=1), shares="b")),
        "a: shared weights must be of one kind and size (got 148 of conv2d in 'b' for 20 of conv2d)",
    ),
    "weights of another kind": (
        (node("b", layer=CONV), node("a", layer=Linear(out_features=8), shares="b")),
        "a: shared weights must be of one kind and size (got 148 of conv2d in 'b' for 72 of linear)",
    ),
    "a layer that does not fit": (
        (node("a", layer=Conv2d(out_channels=4, kernel=9)),),
        "a: conv2d 'kernel' must fit its padded input (got an extent of 9 on a size of 8)",
    ),
}


class TestMistakes:
    @pytest.mark.parametrize("mistake", WRONG)
    def test_it_is_one_sentence_with_the_network_and_the_node(self, mistake: str) -> None:
        nodes, sentence = WRONG[mistake]
        with pytest.raises((GraphError, ShapeError)) as caught:
            network(*nodes)
        assert str(caught.value).startswith("wrong")
        assert sentence in str(caught.value)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(("outputs", "got"), [(("z",), "'z'"), ((), "none"), (("a", "a:1"), "'a:1'")])
    def test_outputs_must_be_tensors(self, outputs: tuple[str, ...], got: str) -> None:
        with pytest.raises(GraphError, match=rf"at least one \(got {got}\)$"):
            network(node("a"), outputs=outputs)

    def test_a_mistake_in_a_layer_names_its_node(self) -> None:
        fields = json.loads(network(node("a", layer=CONV)).to_json())
        fields["nodes"][0]["layer"]["kernel"] = 0
        with pytest.raises(SpecError, match=r"^wrong, a: conv2d: 'kernel.0' must be a positive integer .* \(got 0\)$"):
            Network.from_json(json.dumps(fields))

    def test_an_unknown_kind_names_the_nearest_and_its_node(self) -> None:
        fields = json.loads(network(node("a", layer=CONV)).to_json())
        fields["nodes"][0]["layer"]["kind"] = "conv2"
        with pytest.raises(SpecError, match=r"^wrong, a: there is no layer kind named 'conv2'; the nearest are conv2d"):
            Network.from_json(json.dumps(fields))

    def test_asking_for_a_node_that_is_not_there(self) -> None:
        with pytest.raises(UnknownNameError, match=r"^there is no node in wrong named 'conv2'; the nearest are conv1$"):
            network(node("conv1"), outputs=("conv1",)).node("conv2")

    @given(
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.text(max_size=5)),
            lambda parts: st.one_of(
                st.lists(parts, max_size=3), st.dictionaries(st.text(max_size=5), parts, max_size=3)
            ),
        ),
        st.sampled_from(
            ["inputs", "nodes", "outputs", "name", "source", "layer", "kind", "kernel", "padding", "shares"]
        ),
    )
    def test_any_json_in_any_field_is_a_network_or_refused(self, value: object, field: str) -> None:
        fields = json.loads(network(node("a", layer=CONV)).to_json())
        if field in {"layer", "shares"}:
            fields["nodes"][0][field] = value
        elif field in {"kind", "kernel", "padding"}:
            fields["nodes"][0]["layer"][field] = value
        else:
            fields[field] = value
        assert isinstance(outcome(json.dumps(fields)), (Network, CostModelError))


def outcome(text: str) -> Network | CostModelError:
    try:
        return Network.from_json(text)
    except CostModelError as problem:
        assert "\n" not in str(problem)  # noqa: PT017
        return problem
