"""The builder: names, scopes, several inputs and outputs, and mistakes."""

import pytest

from costmodel import Builder, Network, repeat, symbols
from costmodel.errors import CostModelError, GraphError, ShapeError, SpecError
from costmodel.layers import Add, BatchNorm, Concat, Conv2d, Flatten, Linear, Multiply, ReLU, Split
from costmodel.network import Tensor


def names(network: Network) -> list[str]:
    return [node.name for node in network.nodes]


@pytest.fixture
def b() -> Builder:
    return Builder("small")


@pytest.fixture
def x(b: Builder) -> Tensor:
    return b.input("image", (1, 4, 8, 8))


class TestNames:
    def test_a_row_of_layers_is_named_after_the_first(self, b: Builder, x: Tensor) -> None:
        net = b.build(x.then(Conv2d(out_channels=4, kernel=1), BatchNorm(), ReLU(), name="conv1"))
        assert names(net) == ["conv1", "conv1.batch_norm", "conv1.relu"]

    def test_a_kind_that_comes_again_in_a_row_is_numbered(self, b: Builder, x: Tensor) -> None:
        net = b.build(x.then(Linear(out_features=4), ReLU(), Linear(out_features=4), ReLU(), name="mlp"))
        assert names(net) == ["mlp", "mlp.relu", "mlp.linear", "mlp.relu_2"]

    def test_without_a_name_a_node_is_called_after_its_kind(self, b: Builder, x: Tensor) -> None:
        assert names(b.build(x.then(ReLU(), ReLU(), Flatten(), ReLU()))) == ["relu", "relu_2", "flatten", "relu_3"]

    def test_numbers_pass_over_names_that_are_taken(self, b: Builder, x: Tensor) -> None:
        x = x.then(ReLU(), name="relu_2").then(ReLU()).then(ReLU()).then(ReLU())
        assert names(b.build(x)) == ["relu_2", "relu", "relu_3", "relu_4"]

    def test_scopes_are_prefixes_that_nest_and_count_for_themselves(self, b: Builder, x: Tensor) -> None:
        with b.scope("layer1"):
            x = x.then(ReLU())
            with b.scope("0"):
                x = x.then(ReLU(), name="relu").then(ReLU())
        assert names(b.build(x.then(ReLU()))) == ["layer1.relu", "layer1.0.relu", "layer1.0.relu_2", "relu"]

    def test_a_scope_ends_where_its_block_fails(self, b: Builder, x: Tensor) -> None:
        with pytest.raises(ShapeError), b.scope("layer1"):
            x.then(Conv2d(out_channels=4, kernel=9))
        assert names(b.build(x.then(ReLU()))) == ["relu"]

    def test_repeated_blocks_have_scopes_of_their_own(self, b: Builder, x: Tensor) -> None:
        x = repeat(2, x, lambda y, index: y.then(Linear(out_features=4 + index), name="fc"), scope="block")
        x = repeat(1, x, lambda y, _: y.then(ReLU()))
        net = b.build(x)
        assert names(net) == ["block.0.fc", "block.1.fc", "0.relu"]
        assert net.shapes["block.1.fc"] == (1, 4, 8, 5)

    def test_a_block_repeated_no_times_is_its_input(self, x: Tensor) -> None:
        assert repeat(0, x, lambda y, _: y.then(ReLU())) is x


class TestTensors:
    def test_shapes_are_inferred_as_layers_are_added(self, x: Tensor) -> None:
        y = x.then(Conv2d(out_channels=6, kernel=3, stride=2, padding=1))
        assert y.shape == (1, 6, 4, 4)
        assert y.channels == 6

    def test_sums_and_products_are_nodes(self, b: Builder, x: Tensor) -> None:
        net = b.build(x * (x + x))
        assert [type(node.layer) for node in net.nodes] == [Add, Multiply]
        assert [node.inputs for node in net.nodes] == [("image", "image"), ("image", "add")]

    def test_a_node_with_several_outputs_gives_a_tensor_for_each(self, b: Builder, x: Tensor) -> None:
        parts = b.add_many(Split(sizes=(1, 3)), x, name="split")
        assert [part.name for part in parts] == ["split:0", "split:1"]
        assert [part.shape for part in parts] == [(1, 1, 8, 8), (1, 3, 8, 8)]
        net = b.build(b.add(Concat(), *reversed(parts), name="concat"))
        assert net.node("concat").inputs == ("split:1", "split:0")

    def test_dimensions_are_ints_expressions_or_texts(self, b: Builder) -> None:
        n, r = symbols("n r")
        assert b.input("image", (n, 3, "32*r", 32 * r)).shape == (n, 3, 32 * r, 32 * r)

    def test_blocks_are_plain_functions(self, b: Builder, x: Tensor) -> None:
        def residual(y: Tensor, channels: int) -> Tensor:
            return y + y.then(Conv2d(out_channels=channels, kernel=3, padding=1), ReLU())

        assert residual(residual(x, 4), 4).shape == x.shape


class TestTheNetwork:
    def test_it_has_the_inputs_and_outputs_given(self, b: Builder, x: Tensor) -> None:
        other = b.input("other", (1, 4, 8, 8))
        net = b.build(x.then(ReLU(), name="a"), other)
        assert net.inputs == {"image": (1, 4, 8, 8), "other": (1, 4, 8, 8)}
        assert net.outputs == ("a", "other")

    def test_it_says_where_it_comes_from(self) -> None:
        b = Builder("lenet", source="LeCun, 1998", family="lenets")
        net = b.build(b.input("image", (1, 4)).then(ReLU()))
        assert (net.name, net.source, net.family) == ("lenet", "LeCun, 1998", "lenets")
        again = net.renamed("lenet_5", source="Han, 2015")
        assert (again.name, again.source, again.family) == ("lenet_5", "Han, 2015", "lenets")
        assert again.steps == net.steps

    def test_a_builder_can_go_on_after_building(self, b: Builder, x: Tensor) -> None:
        short = b.build(x.then(ReLU(), name="a"))
        longer = b.build(x.then(ReLU(), name="b"))
        assert (names(short), names(longer)) == (["a"], ["a", "b"])


class TestMistakes:
    def refused(self, kind: type[CostModelError], sentence: str) -> pytest.RaisesExc[CostModelError]:
        return pytest.raises(kind, match=f"^{sentence}$")

    def test_a_layer_that_does_not_fit(self, b: Builder, x: Tensor) -> None:
        with (
            self.refused(
                ShapeError, r"small, layer1.conv: conv2d 'groups' \(=3\) must divide the input channels \(=4\)"
            ),
            b.scope("layer1"),
        ):
            x.then(Conv2d(out_channels=6, kernel=1, groups=3), name="conv")

    def test_a_name_that_is_taken(self, x: Tensor) -> None:
        x = x.then(ReLU(), name="relu")
        for name in ("relu", "image"):
            with self.refused(GraphError, f"small: two inputs or nodes are named '{name}'; give each its own name"):
                x.then(ReLU(), name=name)

    def test_an_input_twice(self, b: Builder, x: Tensor) -> None:
        with self.refused(GraphError, "small: two inputs or nodes are named 'image'; give each its own name"):
            b.input(x.name, (1, 3))

    @pytest.mark.parametrize("shape", [(1, 0), (1, 2.5), (1, None), (1, "r.x"), (1, 2**40), "abc", 5, (1, True)])
    def test_an_input_of_no_shape(self, b: Builder, shape: tuple[object, ...]) -> None:
        with pytest.raises(ShapeError, match=r"^small: every size of input 'x' must .*\(got .*\)$"):
            b.input("x", shape)

    def test_a_class_in_place_of_a_layer(self, x: Tensor) -> None:
        with pytest.raises(
            SpecError, match=r"^small: a node must have a layer, such as ReLU\(\) \(got <class .*ReLU'>\)$"
        ):
            x.then(ReLU)  # type: ignore[arg-type]

    def test_a_layer_of_several_outputs_where_one_is_expected(self, b: Builder, x: Tensor) -> None:
        with self.refused(GraphError, "small: split has 2 outputs; use 'add_many'"):
            b.add(Split(sections=2), x)

    @pytest.mark.parametrize("name", ["a" * 501])
    def test_a_name_that_is_too_long(self, x: Tensor, name: str) -> None:
        with pytest.raises(SpecError, match=r"^small: 'name' must have at most 500 characters"):
            x.then(ReLU(), name=name)

    def test_tensors_of_another_builder(self, b: Builder, x: Tensor) -> None:
        stranger = Builder("other").input("image", (1, 4, 8, 8))
        with self.refused(GraphError, "small, add: its inputs must be tensors of the same builder"):
            x + stranger
        with self.refused(GraphError, "small: its outputs must be tensors of the same builder"):
            b.build(stranger)

    def test_a_number_is_no_tensor(self, b: Builder, x: Tensor) -> None:
        with pytest.raises(TypeError):
            x + 1
        with pytest.raises(TypeError):
            x * 2
        with self.refused(GraphError, "small, relu: its inputs must be tensors of the same builder"):
            b.add(ReLU(), "image")  # type: ignore[arg-type]

    def test_no_outputs(self, b: Builder, x: Tensor) -> None:
        x.then(ReLU())
        with pytest.raises(
            GraphError, match=r"^small: its outputs must be inputs or nodes .* at least one \(got none\)$"
        ):
            b.build()

    def test_channels_of_a_vector(self, b: Builder) -> None:
        with self.refused(ShapeError, "small, v: a shape of 3 has no channels"):
            _ = b.input("v", (3,)).channels
