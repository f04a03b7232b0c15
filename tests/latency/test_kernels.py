"""The class of every layer kind's kernel, and what a kernel adds up."""

from __future__ import annotations

import pytest

from costmodel import layers
from costmodel.counting import Ledger
from costmodel.hardware import KernelClass
from costmodel.latency import Kernel, kernel_class
from costmodel.layers import Composite, Layer, kinds

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

    def test_no_kind_is_forgotten(self) -> None:
        tested = {layer.kind for layer, *_ in CASES} | {layer.kind for layer, _ in TWO_INPUTS} | {"attention"}
        free = {name for name, kind in kinds().items() if kind.view or kind.stored or name in {"dropout", "uncounted"}}
        composite = {name for name, kind in kinds().items() if issubclass(kind, Composite)}
        built_in = {name for name, kind in kinds().items() if kind.__module__.startswith("costmodel.")}
        assert built_in == tested | free | composite

    def test_a_kind_with_macs_and_no_weights_is_a_matrix_product(self) -> None:
        assert kernel_class(layers.ReLU(), (X2,), Ledger(macs=1)) == "matmul"


class TestKernel:
    """Sums over a kernel."""

    def test_operations_and_traffic(self) -> None:
        kernel = Kernel("fc", "linear", ("fc",), 100, 10, 40, 20, 400)
        assert kernel.operations == 210
        assert kernel.traffic_bytes == 460
