"""Training cost: the forward pass, and a gradient of as many operations for every input and weight that needs one."""

from typing import ClassVar, Literal

import pytest
import sympy as sp
from hypothesis import given

from costmodel import Builder, Layer, Network, kinds, symbols, training_cost, zoo
from costmodel.algebra import Dim
from costmodel.layers import (
    GRU,
    LSTM,
    RNN,
    Attention,
    BatchNorm,
    Composite,
    Conv2d,
    DepthwiseSeparableConv2d,
    Einsum,
    Flatten,
    Formulas,
    GlobalAvgPool,
    Linear,
    MatMul,
    MultiHeadAttention,
    Parameter,
    Permute,
    ReLU,
    registry,
)
from costmodel.layers.base import Shape, Shapes
from costmodel.network import TrainingCost
from tests.network.graphs import chain, networks

CONV = Conv2d(out_channels=4, kernel=3, padding=1)
MACS = 4 * 8 * 8 * 4 * 9
"""Multiply-accumulates of that convolution on 1x4x8x8."""


def test_resnet_18_as_torch_counts_it() -> None:
    """PyTorch's FlopCounterMode, forward and backward of a sum: 2.935 times the forward pass."""
    cost = training_cost(zoo.resnet18())
    assert cost.forward_macs == 1_814_073_344
    assert round(cost.macs / cost.forward_macs, 3) == 2.935
    stem = zoo.resnet18().cost().nodes[0].macs
    assert cost == TrainingCost(1_814_073_344, 1_814_073_344 - stem, 1_814_073_344)


@pytest.mark.parametrize("name", ["vgg16", "mobilenet_v2", "squeezenet1_1", "resnet50", "alexnet"])
def test_it_is_three_times_the_forward_pass_less_the_stem(name: str) -> None:
    network = zoo.find(name)()
    macs = [node.macs for node in network.cost().nodes]
    assert training_cost(network).macs == 3 * sum(macs) - macs[0]


@given(networks())
def test_no_gradient_costs_more_than_the_forward_pass(network: Network) -> None:
    cost = training_cost(network)
    assert cost.forward_macs == network.cost().macs
    assert 0 <= cost.input_gradient_macs <= cost.forward_macs
    assert cost.weight_gradient_macs == cost.forward_macs
    assert cost.macs == cost.forward_macs + cost.input_gradient_macs + cost.weight_gradient_macs


class TestWhatNeedsAGradient:
    def test_the_first_layer_needs_none_of_its_input(self) -> None:
        assert training_cost(chain(CONV)) == TrainingCost(MACS, 0, MACS)
        assert training_cost(chain(ReLU(), CONV, CONV)) == TrainingCost(2 * MACS, MACS, 2 * MACS)

    def test_a_learned_normalization_of_the_input_needs_one(self) -> None:
        assert training_cost(chain(BatchNorm(), CONV)) == TrainingCost(MACS, MACS, MACS)

    def test_running_statistics_alone_are_not_learned(self) -> None:
        assert training_cost(chain(BatchNorm(affine=False), CONV)) == TrainingCost(MACS, 0, MACS)

    def test_a_tower_without_weights_needs_none(self) -> None:
        """Two towers on one image; only the one with a convolution passes a gradient into their sum's successor."""
        b = Builder("towers")
        x = b.input("image", (1, 4, 8, 8))
        plain = x.then(ReLU(), name="plain").then(CONV, name="after_plain")
        learned = x.then(CONV, name="learned").then(CONV, name="after_learned")
        network = b.build(plain + learned)
        assert training_cost(network) == TrainingCost(3 * MACS, MACS, 3 * MACS)

    def test_a_sum_needs_one_if_any_of_its_terms_does(self) -> None:
        b = Builder("sum")
        x = b.input("image", (1, 4, 8, 8))
        network = b.build((x.then(CONV) + x).then(CONV))
        assert training_cost(network) == TrainingCost(2 * MACS, MACS, 2 * MACS)

    def test_shared_weights_have_a_gradient_at_every_use(self) -> None:
        b = Builder("siamese")
        left, right = b.input("left", (1, 4, 8, 8)), b.input("right", (1, 4, 8, 8))
        one = b.add(CONV, left, name="one")
        two = b.add(CONV, right, name="two", shares="one")
        assert training_cost(b.build(one + two)) == TrainingCost(2 * MACS, 0, 2 * MACS)


def test_a_product_of_two_activations_has_a_gradient_for_each_of_them_and_no_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "_KINDS", kinds())

    class MatrixProduct(Layer):
        """a b of (m, c_i) and (c_i, c_o)."""

        kind: Literal["matrix_product"] = "matrix_product"
        inputs: ClassVar[int | None] = 2
        formulas: ClassVar[Formulas] = Formulas(macs=lambda m, c_i, c_o: m * c_i * c_o)

        def output_shape(self, inputs: Shapes) -> Shape:
            return (inputs[0][0], inputs[1][1])

        def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Dim]:
            return {"m": inputs[0][0], "c_i": inputs[0][1], "c_o": inputs[1][1]}

    b = Builder("attention")
    a, c = b.input("a", (2, 3)), b.input("c", (3, 5))
    plain = b.add(MatrixProduct(), a, c)
    learned = b.add(MatrixProduct(), a.then(Linear(out_features=3)), c.then(Linear(out_features=5)))
    assert training_cost(b.build(plain + learned)) == TrainingCost(30 + 18 + 75 + 30, 2 * 30, 18 + 75)


def test_a_composite_trains_like_its_parts() -> None:
    """The stem's pointwise half needs the gradient of its input, whether it is a node of its own or not."""
    composite = DepthwiseSeparableConv2d(out_channels=6, kernel=3, padding=1)
    assert isinstance(composite, Composite)
    assert training_cost(chain(composite, composite)) == training_cost(chain(*composite.parts(), *composite.parts()))
    assert training_cost(chain(composite)).input_gradient_macs == composite.parts()[1].cost((1, 4, 8, 8)).macs


def test_expressions_agree_with_numbers() -> None:
    r = symbols("r")
    symbolic = training_cost(zoo.resnet18(resolution=32 * r))
    assert sp.sympify(symbolic.macs).subs(r, 7) == training_cost(zoo.resnet18()).macs


def test_a_head_on_a_flattened_map() -> None:
    network = chain(GlobalAvgPool(), Flatten(), Linear(out_features=10))
    assert training_cost(network) == TrainingCost(40, 0, 40)


class TestProductsOfData:
    """Multiply-accumulates of forward and backward passes as torch 2.14.1's FlopCounterMode counts them, halved."""

    def test_a_matrix_product_of_two_learned_operands_takes_two_gradients(self) -> None:
        b = Builder("product")
        left, right = Parameter(shape=(3, 5, 7)), Parameter(shape=(3, 7, 4))
        both = b.build(b.add(MatMul(), b.add(left, name="left"), b.add(right, name="right")))
        assert training_cost(both) == TrainingCost(420, 0, 840)
        assert training_cost(both).macs == 1260

    def test_one_of_an_input_and_a_learned_operand_takes_one(self) -> None:
        b = Builder("product")
        x = b.input("x", (3, 7, 4))
        assert training_cost(b.build(b.add(MatMul(), b.add(Parameter(shape=(3, 5, 7))), x))).macs == 840

    def test_a_learned_operand_may_be_reshaped_first(self) -> None:
        b = Builder("product")
        weight = b.add(Parameter(shape=(5, 7))).then(Permute(axes=(1, 0)))
        assert training_cost(b.build(b.add(MatMul(), b.input("x", (3, 7)), weight))) == TrainingCost(105, 0, 105)

    @pytest.mark.parametrize(
        ("learned", "macs"),
        [("qkv", 16848), ("q", 11232), ("k", 11232), ("v", 7776), ("qk", 14688), ("qv", 13392)],
    )
    def test_attention(self, learned: str, macs: int) -> None:
        """softmax(q k^T) v of (2, 4, 6, 8), (2, 4, 9, 8) and (2, 4, 9, 5), some of which need a gradient."""
        b = Builder("attention")
        shapes = {"q": (2, 4, 6, 8), "k": (2, 4, 9, 8), "v": (2, 4, 9, 5)}
        inputs = [
            b.add(Parameter(shape=shape), name=name) if name in learned else b.input(name, shape)
            for name, shape in shapes.items()
        ]
        assert training_cost(b.build(b.add(Attention(), *inputs))).macs == macs

    def test_an_einsum_of_three_learned_operands(self) -> None:
        b = Builder("einsum")
        operands = [b.add(Parameter(shape=shape)) for shape in ((2, 3, 4), (2, 4, 5), (2, 5, 6))]
        assert training_cost(b.build(b.add(Einsum(equation="bij,bjk,bkl->bil"), *operands))).macs == 900

    def test_multi_head_attention(self) -> None:
        """torch.nn.MultiheadAttention(64, 4) on (2, 16, 64), whose input needs no gradient, or does."""
        b = Builder("attention")
        x = b.input("x", (2, 16, 64))
        assert training_cost(b.build(b.add(MultiHeadAttention(heads=4), x))).macs == 1376256
        learned = x.then(BatchNorm(), MultiHeadAttention(heads=4))
        assert training_cost(b.build(learned)).macs == 1376256 + 1769472

    @pytest.mark.parametrize(("layer", "macs"), [(GRU, 1204224), (RNN, 401408)])
    def test_recurrent_layers(self, layer: type[Layer], macs: int) -> None:
        """Two layers of 64 cells on ten steps of 32 channels: no gradient of the input and the first state."""
        b = Builder("recurrent")
        outputs = b.add_many(layer(hidden_size=64, layers=2), b.input("x", (10, 1, 32)))
        assert training_cost(b.build(*outputs)).macs == macs

    def test_a_first_state_that_is_learned_needs_a_gradient(self) -> None:
        b = Builder("recurrent")
        state = b.add(Parameter(shape=(2, 1, 64)))
        outputs = b.add_many(GRU(hidden_size=64, layers=2), b.input("x", (10, 1, 32)), state)
        assert training_cost(b.build(*outputs)).macs == 1204224 + 2 * 3 * 64 * 64

    @pytest.mark.parametrize(("learned", "more"), [("h", 4 * 64 * 64), ("c", 0)])
    def test_a_first_cell_is_no_operand_of_a_product(self, learned: str, more: int) -> None:
        b = Builder("recurrent")
        x = b.input("x", (10, 1, 32))
        states = [
            b.add(Parameter(shape=(1, 1, 64)), name=name) if name == learned else b.input(name, (1, 1, 64))
            for name in ("h", "c")
        ]
        layer = LSTM(hidden_size=64)
        cost = training_cost(b.build(*b.add_many(layer, x, *states)))
        forward = 10 * 4 * 64 * (32 + 64)
        assert cost == TrainingCost(forward, 9 * 4 * 64 * 64, forward + more)
