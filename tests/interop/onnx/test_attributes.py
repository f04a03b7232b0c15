"""Attributes that change what an operation costs are booked, or refused; the truth is the definition by hand."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from costmodel.counting.ledger import Ledger
from costmodel.errors import CostModelError
from costmodel.interop.onnx import read_model
from costmodel.interop.onnx.model import parse_model
from costmodel.layers import Attention, GroupNorm
from costmodel.network import Network
from tests.interop.onnx.models import model, network, node, numbers, stored

X = {"x": [2, 3, 8, 8]}
E = 2 * 3 * 8 * 8


def one(
    op: str, inputs: Any = ("x",), weights: Any = (), given: Any = None, opset: int = 24, **attributes: Any
) -> Network:
    """A network of one operation."""
    return network([node(op, inputs, ["y"], **attributes)], given or X, ["y"], weights, opset=opset)


def ledger(built: Network) -> dict[str, int]:
    """The operations that are booked at all."""
    return {name: count for name, count in built.cost().ledger._asdict().items() if count}


class TestElementwise:
    @pytest.mark.parametrize(("alpha", "factors"), [(1.0, 1), (1.5, 2)])
    def test_swish_multiplies_by_alpha_unless_it_is_one(self, alpha: float, factors: int) -> None:
        """x sigmoid(alpha x): a sigmoid (exp, +, /), x times it, and alpha x."""
        sigmoid = {"additions": E, "divisions": E, "transcendentals": E}
        assert ledger(one("Swish", alpha=alpha)) == {"multiplications": factors * E, **sigmoid}

    def test_quick_gelu_is_a_swish_of_alpha_1_702(self) -> None:
        assert ledger(one("QuickGelu", domain="com.microsoft"))["multiplications"] == 2 * E

    @pytest.mark.parametrize(
        ("attributes", "comparisons"),
        [
            ({"activation": "Relu"}, 1),
            ({"activation": "Clip", "activation_params": [0.0, 6.0]}, 2),
            ({"activation": "Clip", "activation_params": [-1.0, 1.0]}, 2),
            ({}, 0),
        ],
    )
    def test_a_convolution_that_is_clipped_has_two_bounds(self, attributes: dict[str, Any], comparisons: int) -> None:
        built = one("FusedConv", ["x", "w"], [stored("w", 5, 3, 1, 1)], domain="com.microsoft", **attributes)
        assert ledger(built).get("comparisons", 0) == comparisons * 2 * 5 * 64

    def test_a_convolution_with_a_sum(self) -> None:
        given = {**X, "z": [2, 5, 8, 8]}
        built = one("FusedConv", ["x", "w", "", "z"], [stored("w", 5, 3, 1, 1)], given, domain="com.microsoft")
        assert ledger(built) == {"macs": 3 * 5 * 128, "additions": 5 * 128}

    def test_bounds_that_are_not_given_are_refused(self) -> None:
        with pytest.raises(CostModelError, match="needs two bounds as its 'activation_params'"):
            one("FusedConv", ["x", "w"], [stored("w", 5, 3, 1, 1)], domain="com.microsoft", activation="Clip")


class TestAttention:
    @pytest.mark.parametrize("heads", [2, 4])
    def test_scores_with_a_cap(self, heads: int) -> None:
        """cap tanh(score / cap): a division, a tanh and a multiplication more for each score."""
        given = {"q": [3, 4, 5, 8], "k": [3, heads, 7, 8], "v": [3, heads, 7, 6], "m": [5, 7]}
        capped = one("Attention", "qkvm", (), given, softcap=30.0)
        plain = Attention().cost(*map(tuple, given.values())).ledger
        scores = 3 * 4 * 5 * 7
        extra = Ledger(divisions=scores, transcendentals=scores, multiplications=scores)
        assert (capped.cost().ledger, capped.shapes[capped.outputs[0]]) == (plain + extra, (3, 4, 5, 6))


def test_an_antialias_filter_is_refused() -> None:
    weights = [numbers("s", 2, 3, 4, 4)]
    with pytest.raises(CostModelError, match="without 'antialias'"):
        one("Resize", ["x", "", "", "s"], weights, mode="linear", antialias=1)


@pytest.mark.parametrize(("op", "gates"), [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
def test_a_cell_that_is_clipped_is_refused(op: str, gates: int) -> None:
    weights = [stored("w", 1, gates * 4, 5), stored("r", 1, gates * 4, 4)]
    with pytest.raises(CostModelError, match="cells that are not clipped"):
        one(op, ["x", "w", "r"], weights, {"x": [7, 3, 5]}, hidden_size=4, clip=2.0)


class TestProducts:
    def packed(self, *inputs: str, inner: int = 64, given: Any = None) -> Network:
        """A linear layer of 64 to 10 features, four bits for each weight."""
        blob = numpy_helper.from_array(np.zeros((10, 2, 16), dtype=np.uint8), "w")
        scales = numpy_helper.from_array(np.ones(20, dtype=np.float32), "s")
        attributes: dict[str, Any] = {"K": inner, "N": 10, "bits": 4, "block_size": 32, "domain": "com.microsoft"}
        x = {"x": [3, 64]}
        return one("MatMulNBits", ["x", "w", "s", *inputs], [blob, scales, stored("b", 10)], given or x, **attributes)

    def test_packed_weights_have_their_bias(self) -> None:
        assert ledger(self.packed()) == {"macs": 3 * 64 * 10}
        with_bias = self.packed("", "", "b")
        assert (ledger(with_bias), with_bias.cost().params) == ({"macs": 3 * 64 * 10, "additions": 30}, 650)

    def test_packed_weights_of_other_rows_are_refused(self) -> None:
        with pytest.raises(CostModelError, match=r"inner sizes must be equal \(got 64 and 32\)"):
            self.packed(inner=32)

    @pytest.mark.parametrize(("beta", "factors"), [(1.0, 0), (0.5, 12)])
    def test_what_is_added_is_scaled(self, beta: float, factors: int) -> None:
        given = {"x": [3, 5], "c": [3, 4]}
        built = one("Gemm", ["x", "w", "c"], [stored("w", 5, 4)], given, beta=beta)
        assert ledger(built) == {"macs": 60, "additions": 12} | ({"multiplications": factors} if factors else {})

    @pytest.mark.parametrize("op", ["MatMul", "Gemm"])
    def test_inner_sizes_that_differ_are_named(self, op: str) -> None:
        with pytest.raises(CostModelError, match=r"multiplies 2x5 by 6x5, .* inner sizes must be equal"):
            one(op, ["x", "w"], [stored("w", 6, 5)], {"x": [2, 5]})


@pytest.mark.parametrize("mode", ["constant", "reflect", "edge", "wrap"])
def test_the_mode_of_a_padding_is_kept(mode: str) -> None:
    built = one("Pad", ["x", "p"], [numbers("p", 0, 0, 1, 1, 0, 0, 1, 1)], mode=mode)
    (pad,) = [each.layer for each in built.nodes]
    assert dict(pad)["mode"] == mode


@pytest.mark.parametrize(
    ("op", "booked"),
    [
        ("ReduceSum", {}),
        ("ReduceMean", {}),
        ("ReduceL1", {"comparisons": E}),
        ("ReduceL2", {"multiplications": E, "transcendentals": E}),
        ("ReduceSumSquare", {"multiplications": E}),
        ("ReduceLogSum", {"transcendentals": E}),
    ],
)
def test_a_fold_over_no_axes_still_squares(op: str, booked: dict[str, int]) -> None:
    assert ledger(one(op, noop_with_empty_axes=1)) == booked


def constant(name: str, values: Any) -> onnx.NodeProto:
    """A tensor inside a node."""
    value = numpy_helper.from_array(np.asarray(values, dtype=np.float32))
    return node("Constant", [], [name], name=f"{name}_node", value=value)


class TestScalesInsideNodes:
    """What stands in Constant nodes was learned, unless it is ones and zeros."""

    def normalized(self, op: str, scale: Any, shift: Any, **attributes: Any) -> Network:
        inputs = {
            "BatchNormalization": ["x", "s", "b", "mean", "variance"],
            "RMSNormalization": ["x", "s"],
        }.get(op, ["x", "s", "b"])
        statistics = [stored(name, *np.shape(scale)) for name in ("mean", "variance")]
        nodes = [constant("s", scale), constant("b", shift), node(op, inputs, ["y"], **attributes)]
        sizes = [2, *np.shape(scale)] if op == "RMSNormalization" else [2, len(scale), 4]
        return network(nodes, {"x": sizes}, ["y"], statistics if op == "BatchNormalization" else (), opset=23)

    @pytest.mark.parametrize("op", ["BatchNormalization", "InstanceNormalization"])
    @pytest.mark.parametrize("channels", [3, 100, 5000])
    def test_ones_and_zeros_are_nothing_and_others_are_weights(self, op: str, channels: int) -> None:
        ones, zeros = np.ones(channels), np.zeros(channels)
        assert self.normalized(op, ones, zeros).cost().params == 0
        for scale, shift in ((ones * 0.5, zeros), (ones, ones), (np.arange(channels), zeros)):
            assert self.normalized(op, scale, shift).cost().params == 2 * channels

    @pytest.mark.parametrize(("scale", "params"), [(np.ones(100), 0), (np.arange(100), 100)])
    def test_a_scale_alone(self, scale: Any, params: int) -> None:
        built = self.normalized("RMSNormalization", scale, [0.0])
        assert built.cost().params == params
        assert ledger(built)["multiplications"] == 2 * (2 * 100 + params)

    def test_a_large_one_of_equal_numbers_by_its_sizes(self) -> None:
        """ConstantOfShape says what its elements are, however many."""
        value = numpy_helper.from_array(np.ones(1, dtype=np.float32))
        nodes = [node("ConstantOfShape", ["sizes"], ["s"], value=value), node("RMSNormalization", ["x", "s"], ["y"])]
        built = network(nodes, {"x": [2, 300_000]}, ["y"], [numbers("sizes", 300_000)], opset=23)
        assert built.cost().params == 0

    def test_what_was_left_out_of_the_file_is_a_weight(self) -> None:
        made = model(
            [constant("s", np.ones(8192)), node("RMSNormalization", ["x", "s"], ["y"])], {"x": [2, 8192]}, ["y"]
        )
        read = read_model(parse_model(made.SerializeToString(), "large.onnx"), "large")
        assert read.cost().params == 8192


def test_a_scale_for_each_group_is_learned() -> None:
    """Opset 18: two groups have two scales and two shifts; one multiplication and one addition for each element."""
    weights = [stored("s", 2), stored("b", 2)]
    inputs = {"x": [3, 6, 4, 5]}
    built = network([node("GroupNormalization", "xsb", ["y"], num_groups=2)], inputs, ["y"], weights, opset=18)
    bare = GroupNorm(groups=2, affine=False).cost((3, 6, 4, 5)).ledger
    assert built.cost().params == 4
    assert built.cost().ledger == bare + Ledger(multiplications=360, additions=360)
    assert built.shapes[built.outputs[0]] == (3, 6, 4, 5)
