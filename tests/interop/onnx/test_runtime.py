"""Operations that onnxruntime writes: joined ones, and arithmetic on integers; shapes as its documentation has them."""

from typing import Any

import onnx
import pytest
from onnx import helper

from costmodel.errors import ReadingError
from costmodel.network import Network
from tests.interop.onnx.models import network, stored


def joined(op: str, inputs: list[str], **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(op, inputs, ["y"], name="joined", domain="com.microsoft", **attributes)


def shape(built: Network) -> tuple[object, ...]:
    return built.shapes[built.outputs[0]]


SCALES = [stored(name) for name in ("s", "z")]
LSTM = [stored("w", 1, 5, 12), stored("r", 1, 3, 12), stored("b", 1, 24)]


class TestIntegers:
    def test_a_product_has_a_scale_beside_each_factor(self) -> None:
        node = joined("QGemm", ["x", "s", "z", "w", "s", "z", "c", "s", "z"], transB=1)
        built = network([node], {"x": ["n", 6]}, ["y"], [*SCALES, stored("w", 4, 6), stored("c", 4)])
        assert built.bind(n=3).cost().macs == 3 * 4 * 6
        assert built.cost().params == 28

    @pytest.mark.parametrize(("op", "entry"), [("QLinearAdd", "additions"), ("QLinearMul", "multiplications")])
    def test_arithmetic(self, op: str, entry: str) -> None:
        """Both terms less their zero point and times their scale; the result by its scale, with its zero point."""
        node = joined(op, ["x", "s", "z", "v", "s", "z", "s", "z"])
        built = network([node], {"x": [2, 6], "v": [2, 6]}, ["y"], SCALES)
        around = {"additions": 3 * 12, "multiplications": 2 * 12, "divisions": 12}
        found = built.cost().ledger._asdict()
        assert {name: found[name] for name in around} == around | {entry: around[entry] + 12}

    def test_parts_have_a_scale_each(self) -> None:
        node = joined("QLinearConcat", ["s", "z", "x", "s", "z", "v", "s", "z"], axis=1)
        assert shape(network([node], {"x": [2, 6], "v": [2, 3]}, ["y"], SCALES)) == (2, 9)

    def test_a_mean_of_each_channel(self) -> None:
        node = joined("QLinearGlobalAveragePool", ["x", "s", "z", "s", "z"], channels_last=0)
        assert shape(network([node], {"x": [2, 6, 4, 4]}, ["y"], SCALES)) == (2, 6, 1, 1)

    @pytest.mark.parametrize("op", ["QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax"])
    def test_activations(self, op: str) -> None:
        assert shape(network([joined(op, ["x", "s", "z", "s", "z"])], {"x": [2, 6]}, ["y"], SCALES)) == (2, 6)

    def test_a_recurrent_layer_has_its_weights_by_inputs(self) -> None:
        node = helper.make_node(
            "DynamicQuantizeLSTM", ["x", "w", "r", "b"], ["y"], name="lstm", domain="com.microsoft", hidden_size=3
        )
        built = network([node], {"x": [7, 2, 5]}, ["y"], LSTM)
        assert (built.cost().macs, shape(built)) == (7 * 2 * 12 * (5 + 3), (7, 1, 2, 3))


class TestJoined:
    def test_a_product_and_an_activation(self) -> None:
        node = joined("FusedGemm", ["x", "w", "c"], activation="Tanh")
        cost = network([node], {"x": [2, 6]}, ["y"], [stored("w", 6, 4), stored("c", 4)]).cost()
        assert (cost.macs, cost.ledger.transcendentals) == (48, 8)

    def test_a_product_of_transposed_factors(self) -> None:
        node = joined("FusedMatMul", ["x", "v"], transA=1, transB=1, alpha=0.5)
        built = network([node], {"x": [2, 6, 4], "v": [2, 5, 6]}, ["y"])
        assert (built.cost().macs, shape(built)) == (2 * 4 * 6 * 5, (2, 4, 5))

    @pytest.mark.parametrize("activation", ["Relu", "HardSigmoid"])
    def test_a_convolution_a_sum_and_an_activation(self, activation: str) -> None:
        node = joined("FusedConv", ["x", "w", "b", "v"], activation=activation)
        weights = [stored("w", 4, 3, 1, 1), stored("b", 4)]
        cost = network([node], {"x": [1, 3, 5, 5], "v": [1, 4, 5, 5]}, ["y"], weights).cost()
        assert (cost.macs, cost.ledger.additions >= 200) == (300, True)

    @pytest.mark.parametrize("op", ["FusedGemm", "FusedConv"])
    def test_an_activation_without_a_rule_is_named(self, op: str) -> None:
        sizes, weight = ([2, 6], stored("w", 6, 4)) if op == "FusedGemm" else ([1, 3, 5], stored("w", 4, 3, 1))
        with pytest.raises(ReadingError, match="Mystery"):
            network([joined(op, ["x", "w"], activation="Mystery")], {"x": sizes}, ["y"], [weight])
