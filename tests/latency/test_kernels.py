"""The class of every layer kind's kernel, and what a kernel adds up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import layers
from costmodel.counting import Ledger
from costmodel.hardware import KernelClass
from costmodel.latency import Kernel, kernel_class
from costmodel.layers import Composite, Layer, kinds, parse_layer
from tests.layers.strategies import STRATEGIES

X1, X2, X3 = (1, 8, 12), (1, 8, 12, 12), (1, 8, 6, 6, 6)

CASES: list[tuple[Layer, tuple[int, ...], KernelClass]] = [
    (layers.Conv1d(out_channels=4, kernel=3), X1, "conv"),
    (layers.Conv2d(out_channels=4, kernel=3), X2, "conv"),
    (layers.Conv2d(out_channels=4, kernel=(1, 3)), X2, "conv"),
    (layers.Conv2d(out_channels=4, kernel=1), X2, "pointwise"),
    (layers.Conv2d(out_channels=4, kernel=1, stride=2), X2, "pointwise"),
    (layers.Conv2d(out_channels=4, kernel=1, groups=2), X2, "grouped"),
    (layers.Conv2d(out_channels=4, kernel=3, groups=2), X2, "grouped"),
    (layers.Conv2d(out_channels=16, kernel=3, groups=8), X2, "depthwise"),
    (layers.Conv2d(out_channels=16, kernel=3), (1, 1, 8, 8), "conv"),
    (layers.Conv3d(out_channels=4, kernel=3), X3, "conv"),
    (layers.DepthwiseConv2d(kernel=3), X2, "depthwise"),
    (layers.PointwiseConv2d(out_channels=4), X2, "pointwise"),
    (layers.PointwiseConv2d(out_channels=4, groups=2), X2, "grouped"),
    (layers.ConvTranspose1d(out_channels=4, kernel=3), X1, "transposed"),
    (layers.ConvTranspose2d(out_channels=4, kernel=3), X2, "transposed"),
    (layers.ConvTranspose3d(out_channels=4, kernel=3), X3, "transposed"),
    (layers.Linear(out_features=4), (1, 8), "linear"),
    (layers.MaxPool1d(kernel=2), X1, "pool"),
    (layers.MaxPool2d(kernel=2), X2, "pool"),
    (layers.MaxPool3d(kernel=2), X3, "pool"),
    (layers.AvgPool1d(kernel=2), X1, "pool"),
    (layers.AvgPool2d(kernel=2), X2, "pool"),
    (layers.AvgPool3d(kernel=2), X3, "pool"),
    (layers.GlobalAvgPool(), X2, "pool"),
    (layers.GlobalMaxPool(), X2, "pool"),
    (layers.AdaptiveAvgPool2d(output_size=1), X2, "pool"),
    (layers.AdaptiveMaxPool2d(output_size=1), X2, "pool"),
    (layers.BatchNorm(), X2, "norm"),
    (layers.LayerNorm(), X2, "norm"),
    (layers.GroupNorm(groups=2), X2, "norm"),
    (layers.InstanceNorm(), X2, "norm"),
    (layers.LocalResponseNorm(), X2, "norm"),
    (layers.RMSNorm(), X2, "norm"),
    (layers.LSTM(hidden_size=4), X1, "matmul"),
    (layers.GRU(hidden_size=4), X1, "matmul"),
    (layers.RNN(hidden_size=4), X1, "matmul"),
    (layers.Embedding(num_embeddings=9, embedding_dim=4), X1, "copy"),
    (layers.ReLU(), X2, "elementwise"),
    (layers.ReLU6(), X2, "elementwise"),
    (layers.LeakyReLU(), X2, "elementwise"),
    (layers.ELU(), X2, "elementwise"),
    (layers.Tanh(), X2, "elementwise"),
    (layers.Sigmoid(), X2, "elementwise"),
    (layers.SiLU(), X2, "elementwise"),
    (layers.GELU(), X2, "elementwise"),
    (layers.HardSigmoid(), X2, "elementwise"),
    (layers.HardSwish(), X2, "elementwise"),
    (layers.Softmax(), X2, "softmax"),
    (layers.Permute(axes=(0, 2, 3, 1)), X2, "copy"),
    (layers.ChannelShuffle(groups=2), X2, "copy"),
    (layers.Pad(pads=((0, 0), (0, 0), (1, 1), (1, 1))), X2, "copy"),
    (layers.Upsample2d(scale=2), X2, "copy"),
    (layers.Upsample2d(scale=2, mode="bilinear"), X2, "elementwise"),
]
TWO_INPUTS: list[tuple[Layer, KernelClass]] = [
    (layers.Add(), "elementwise"),
    (layers.Multiply(), "elementwise"),
    (layers.Concat(), "copy"),
    (layers.MatMul(), "matmul"),
    (layers.Einsum(equation="nchw,nchv->nwv"), "matmul"),
    (layers.Einsum(equation="nchw,nchw->nchw"), "elementwise"),
]
COPIES = {
    *("where", "negate", "cast", "expand", "tile", "roll", "flip", "trilu", "depth_to_space", "space_to_depth"),
    *("gather", "gather_elements", "gather_nd", "one_hot", "unfold", "detection_output"),
}
POOLS = {
    *("reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_prod", "reduce_l1", "reduce_l2"),
    *("reduce_sum_square", "reduce_log_sum", "reduce_log_sum_exp", "reduce_variance", "lp_pool"),
    *("adaptive_avg_pool1d", "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool3d"),
}
ELEMENTWISE = {
    *("subtract", "divide", "maximum", "minimum", "power", "modulo", "atan2", "compare", "logical"),
    *("sqrt", "exp", "log", "log1p", "expm1", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh"),
    *("acosh", "atanh", "erf", "rsqrt", "reciprocal", "square", "absolute", "sign", "floor", "ceil", "round"),
    *("truncate", "number_test", "clip", "threshold", "prelu", "selu", "celu", "softplus", "log_sigmoid", "softsign"),
    *("mish", "argmax", "cumsum", "top_k", "sort", "scatter_elements", "scatter_nd", "resize", "grid_sample", "fold"),
}
CLASSES: dict[str, KernelClass] = {
    **dict.fromkeys(COPIES, "copy"),
    **dict.fromkeys(POOLS, "pool"),
    **dict.fromkeys(ELEMENTWISE, "elementwise"),
    "log_softmax": "softmax",
}


class TestClasses:
    """Every kind that is a kernel has the class that is written here."""

    @pytest.mark.parametrize(("layer", "shape", "expected"), CASES, ids=lambda value: str(value)[:60])
    def test_one_input(self, layer: Layer, shape: tuple[int, ...], expected: KernelClass) -> None:
        assert kernel_class(layer, (shape,), layer.cost(shape).ledger) == expected

    @pytest.mark.parametrize(("layer", "expected"), TWO_INPUTS)
    def test_two_inputs(self, layer: Layer, expected: KernelClass) -> None:
        assert kernel_class(layer, (X2, X2), layer.cost(X2, X2).ledger) == expected

    def test_three_inputs(self) -> None:
        assert kernel_class(layers.Attention(), (X2,) * 3, layers.Attention().cost(X2, X2, X2).ledger) == "matmul"

    @pytest.mark.parametrize("kind", sorted(CLASSES))
    @given(data=st.data())
    def test_by_name_on_any_input(self, kind: str, data: st.DataObject) -> None:
        fields, shapes = data.draw(STRATEGIES[kind])
        layer = parse_layer({"kind": kind, **fields})
        ledger = layer.cost(*shapes).ledger
        moves_only = CLASSES[kind] == "elementwise" and not any(ledger)
        assert kernel_class(layer, tuple(shapes), ledger) == ("copy" if moves_only else CLASSES[kind])

    @pytest.mark.parametrize(
        ("fields", "weight", "expected"),
        [
            ({}, (4, 8, 3, 3), "conv"),
            ({}, (4, 8, 1, 1), "pointwise"),
            ({"groups": 2}, (4, 4, 3, 3), "grouped"),
            ({"groups": 8}, (8, 1, 3, 3), "depthwise"),
            ({"transposed": True}, (8, 4, 3, 3), "transposed"),
        ],
    )
    def test_computed_weights(self, fields: dict[str, object], weight: tuple[int, ...], expected: KernelClass) -> None:
        layer = parse_layer({"kind": "dynamic_conv", **fields})
        assert kernel_class(layer, (X2, weight), layer.cost(X2, weight).ledger) == expected

    def test_no_kind_is_forgotten(self) -> None:
        tested = {layer.kind for layer, *_ in CASES} | {layer.kind for layer, _ in TWO_INPUTS} | {*CLASSES}
        tested |= {"attention", "dynamic_conv"}
        free = {name for name, kind in kinds().items() if kind.view or kind.stored or name in {"dropout", "uncounted"}}
        composite = {name for name, kind in kinds().items() if issubclass(kind, Composite)}
        built_in = {name for name, kind in kinds().items() if kind.__module__.startswith("costmodel.")}
        assert built_in == tested | free | composite

    def test_a_kind_with_macs_and_no_weights_is_a_matrix_product(self) -> None:
        assert kernel_class(layers.ReLU(), (X2,), Ledger(macs=1)) == "matmul"


class TestKernel:
    """Sums over a kernel."""

    def test_operations_and_traffic(self) -> None:
        shapes = ((1, 10),), (1, 5)
        kernel = Kernel("fc", "linear", ("fc",), layers.Linear(out_features=5), *shapes, 100, 10, 0, 40, 20, 400)
        assert kernel.operations == 210
        assert kernel.traffic_bytes == 460
