"""What is fused, what is not, and that nothing is lost on the way."""

from __future__ import annotations

import pytest

from costmodel import Builder, Network, symbols, zoo
from costmodel.latency import lower, rule_names
from costmodel.layers import (
    LSTM,
    Add,
    BatchNorm,
    Concat,
    Conv2d,
    DepthwiseSeparableConv2d,
    Dropout,
    Embedding,
    Flatten,
    Linear,
    MatMul,
    MaxPool2d,
    MultiHeadAttention,
    Parameter,
    ReLU,
    Softmax,
    Split,
    Uncounted,
)

CONV = Conv2d(out_channels=8, kernel=3, padding=1, bias=False)


def nodes(network: Network, rules: str = "fused") -> list[tuple[str, ...]]:
    """The nodes in each kernel."""
    return [kernel.nodes for kernel in lower(network, rules=rules)]


class TestAlgorithms:
    """What the rules say of how a kernel works, as a kernel says it."""

    @pytest.fixture
    def network(self) -> Network:
        b = Builder("33, and 32 channels")
        x = b.input("image", (1, 33, 8, 8))
        return b.build(
            x.then(Conv2d(out_channels=33, kernel=3, groups=33), Conv2d(out_channels=32, kernel=1, groups=1))
        )

    def test_a_runtime_has_winograds_or_not(self, network: Network) -> None:
        has = {name: {kernel.winograd for kernel in lower(network, rules=name)} for name in rule_names()}
        assert {name for name, said in has.items() if said == {True}} == {"fused", "ncnn", "tensorrt"}

    def test_blocks_are_where_channels_fit(self, network: Network) -> None:
        assert {kernel.blocked for kernel in lower(network, rules="ncnn")} == {None}
        kernels = lower(zoo.mobilenet_v2(), rules="onnxruntime")
        assert all(kernel.blocked for kernel in kernels if "conv" in kernel.layer.kind)
        depthwise, _ = [kernel for kernel in lower(network, rules="onnxruntime") if "conv" in kernel.layer.kind]
        assert depthwise.kernel_class == "depthwise"
        assert depthwise.blocked is False


class TestOfSequences:
    """Layers with several inputs or outputs, tables, stored tensors."""

    def test_multi_head_attention_is_the_kernels_of_its_parts(self) -> None:
        b = Builder("attention")
        x = b.input("x", (2, 16, 64))
        kernels = lower(b.build(b.add(MultiHeadAttention(heads=4, kv_heads=2), x).then(ReLU())))
        assert [kernel.kernel_class for kernel in kernels] == ["linear"] * 3 + ["matmul", "linear"]
        assert [kernel.macs for kernel in kernels] == [2 * 16 * 64 * c for c in (64, 32, 32, 2 * 16, 64)]
        q, k, v, attention, out = kernels
        assert [each.input_bytes for each in (q, k, v, out)] == [2 * 16 * 64 * 4] * 4
        assert attention.input_bytes == 2 * 16 * (64 + 32 + 32) * 4
        assert attention.weight_bytes == 0
        assert out.nodes == ("multi_head_attention", "relu")

    def test_of_an_embedding_only_the_rows_looked_up_are_read(self) -> None:
        b = Builder("embedding")
        (kernel,) = lower(b.build(b.input("ids", (2, 7)).then(Embedding(num_embeddings=1000, embedding_dim=8))))
        assert kernel.weight_bytes == kernel.output_bytes == 2 * 7 * 8 * 4

    def test_what_is_stored_is_read_by_the_kernel_that_uses_it(self) -> None:
        b = Builder("stored")
        product = b.add(MatMul(), b.input("x", (5, 6)), b.add(Parameter(shape=(6, 7))))
        (kernel,) = lower(b.build(product))
        assert kernel.nodes == ("matmul",)
        assert kernel.input_bytes == (5 * 6 + 6 * 7) * 4

    def test_a_recurrent_layer_is_one_kernel_with_several_outputs(self) -> None:
        b = Builder("recurrent")
        y, h, _ = b.add_many(LSTM(hidden_size=4, bidirectional=True), b.input("x", (5, 2, 3)))
        (kernel,) = lower(b.build(y, h))
        assert kernel.output_bytes == (5 * 2 * 8 + 2 * (2 * 2 * 4)) * 4
        assert kernel.macs == 5 * 2 * 2 * 16 * (3 + 4)

    def test_an_operation_without_outputs_is_a_kernel(self) -> None:
        b = Builder("print")
        x = b.input("x", (5, 2))
        b.add_many(Uncounted(op="Print", shapes=()), x)
        assert nodes(b.build(x.then(ReLU()))) == [("uncounted",), ("relu",)]


class TestConvolutionBatchNormActivation:
    """The rule that nearly every runtime applies, with every number counted by hand."""

    @pytest.fixture
    def network(self) -> Network:
        b = Builder("block")
        x = b.input("image", (1, 3, 10, 10))
        return b.build(x.then(CONV, BatchNorm(), ReLU(), name="conv"))

    def test_is_one_kernel(self, network: Network) -> None:
        (kernel,) = lower(network)
        assert kernel.nodes == ("conv", "conv.batch_norm", "conv.relu")
        assert kernel.kernel_class == "conv"
        assert kernel.macs == 8 * 3 * 3 * 3 * 100
        assert kernel.other == 800 + 800  # the folded bias, and a comparison for each element
        assert kernel.input_bytes == 300 * 4
        assert kernel.output_bytes == 800 * 4
        assert kernel.weight_bytes == (8 * 3 * 3 * 3 + 8) * 4

    def test_unfused_is_three(self, network: Network) -> None:
        conv, norm, relu = lower(network, rules="unfused")
        assert [kernel.kernel_class for kernel in (conv, norm, relu)] == ["conv", "norm", "elementwise"]
        assert norm.other == 2 * 800
        assert norm.weight_bytes == 4 * 8 * 4
        assert relu.input_bytes == relu.output_bytes == 800 * 4

    def test_a_bias_takes_the_shift_of_batch_norm(self) -> None:
        b = Builder("biased")
        x = b.input("image", (1, 3, 10, 10))
        (kernel,) = lower(b.build(x.then(CONV.model_copy(update={"bias": True}), BatchNorm())))
        assert kernel.other == 800
        assert kernel.weight_bytes == (8 * 3 * 3 * 3 + 8) * 4

    def test_types(self, network: Network) -> None:
        (kernel,) = lower(network, data_type="float16", weight_type="int4")
        assert kernel.input_bytes == 300 * 2
        assert kernel.weight_bytes == 224 // 2


class TestWhatIsNotFused:
    """A kernel ends where its result is needed elsewhere, or where the arithmetic does not fold."""

    def test_a_result_that_is_read_twice(self) -> None:
        b = Builder("two readers")
        x = b.input("image", (1, 3, 10, 10)).then(CONV, name="conv")
        left, right = x.then(ReLU(), name="left"), x.then(BatchNorm(), name="right")
        assert nodes(b.build(left, right)) == [("conv",), ("left",), ("right",)]

    def test_a_result_that_the_network_returns(self) -> None:
        b = Builder("returned")
        x = b.input("image", (1, 3, 10, 10)).then(CONV, name="conv")
        assert nodes(b.build(x, x.then(ReLU(), name="relu"))) == [("conv",), ("relu",)]

    def test_batch_norm_after_the_activation(self) -> None:
        b = Builder("late norm")
        x = b.input("image", (1, 3, 10, 10)).then(CONV, ReLU(), BatchNorm(), name="conv")
        assert nodes(b.build(x)) == [("conv", "conv.relu"), ("conv.batch_norm",)]

    def test_batch_norm_over_another_axis_than_the_linear_layer(self) -> None:
        b = Builder("tokens")
        x = b.input("tokens", (1, 16, 8)).then(Linear(out_features=4), BatchNorm(), name="fc")
        assert nodes(b.build(x)) == [("fc",), ("fc.batch_norm",)]

    def test_activations_of_other_kernels(self) -> None:
        b = Builder("pooled")
        x = b.input("image", (1, 3, 10, 10)).then(MaxPool2d(kernel=2), name="pool").then(ReLU(), name="relu")
        assert nodes(b.build(x)) == [("pool",), ("relu",)]

    def test_activations_of_the_input(self) -> None:
        b = Builder("input")
        assert nodes(b.build(b.input("image", (1, 3, 10, 10)).then(ReLU(), name="relu"))) == [("relu",)]

    def test_softmax(self) -> None:
        b = Builder("softmax")
        x = b.input("row", (1, 8)).then(Linear(out_features=4), name="fc").then(Softmax(), name="softmax")
        assert nodes(b.build(x)) == [("fc",), ("softmax",)]

    def test_half_of_a_split(self) -> None:
        b = Builder("split")
        x = b.input("image", (1, 3, 10, 10)).then(CONV, name="conv")
        first, _ = b.add_many(Split(sections=2), x, name="split")
        conv, relu = lower(b.build(first.then(ReLU(), name="relu")))
        assert (conv.nodes, relu.nodes) == (("conv",), ("relu",))
        assert conv.output_bytes == 800 * 4
        assert relu.input_bytes == relu.output_bytes == 400 * 4


class TestViews:
    """Views and dropout are no kernels, and do not keep others apart."""

    def test_are_free(self) -> None:
        b = Builder("views")
        x = b.input("image", (1, 3, 4, 4)).then(Flatten(), Dropout(), Linear(out_features=2), name="head")
        (kernel,) = lower(b.build(x), rules="unfused")
        assert kernel.nodes == ("head.linear",)
        assert kernel.input_bytes == 48 * 4

    def test_do_not_hinder(self) -> None:
        b = Builder("through")
        x = b.input("image", (1, 3, 10, 10)).then(CONV, Dropout(), ReLU(), name="conv")
        assert nodes(b.build(x)) == [("conv", "conv.relu")]

    def test_a_tensor_read_through_a_view_is_read(self) -> None:
        b = Builder("view and more")
        x = b.input("image", (1, 3, 10, 10)).then(CONV, name="conv")
        row = x.then(Flatten(), name="flat").then(Linear(out_features=2), name="fc")
        assert nodes(b.build(row, x.then(ReLU(), name="relu"))) == [("conv",), ("fc",), ("relu",)]


class TestAdd:
    """A sum joins the last of the kernels that it needs, where the rules say so."""

    @pytest.fixture
    def network(self) -> Network:
        b = Builder("residual")
        x = b.input("image", (1, 8, 10, 10))
        y = x.then(CONV, name="first").then(CONV, name="second")
        z = b.add(Add(), y, x, name="add")
        return b.build(z.then(ReLU(), name="relu"))

    def test_joins(self, network: Network) -> None:
        first, second = lower(network, rules="tensorrt")
        assert second.nodes == ("second", "add", "relu")
        assert second.input_bytes == (800 + 800) * 4
        assert second.other == 800 + 800
        assert first.input_bytes == 800 * 4

    def test_stands_alone_by_default(self, network: Network) -> None:
        assert nodes(network) == [("first",), ("second",), ("add",), ("relu",)]

    def test_waits_for_a_later_kernel_that_is_no_head(self) -> None:
        b = Builder("late pool")
        x = b.input("image", (1, 8, 10, 10))
        y = x.then(CONV, name="conv")
        z = x.then(MaxPool2d(kernel=3, stride=1, padding=1), name="pool")
        assert nodes(b.build(b.add(Add(), y, z, name="add")), "tensorrt") == [("conv",), ("pool",), ("add",)]

    def test_twice_the_same(self) -> None:
        b = Builder("double")
        x = b.input("image", (1, 8, 10, 10)).then(CONV, name="conv")
        conv, add = lower(b.build(b.add(Add(), x, x, name="add")), rules="tensorrt")
        assert add.input_bytes == 800 * 4
        assert conv.nodes == ("conv",)


class TestComposites:
    """A composite layer is as many kernels as it has parts."""

    @pytest.fixture
    def network(self) -> Network:
        b = Builder("separable")
        layer = DepthwiseSeparableConv2d(out_channels=16, kernel=3, padding=1, bias=False)
        return b.build(b.input("image", (1, 8, 10, 10)).then(layer, BatchNorm(), ReLU(), name="block"))

    def test_parts(self, network: Network) -> None:
        depthwise, pointwise = lower(network)
        assert (depthwise.name, depthwise.kernel_class) == ("block/1", "depthwise")
        assert (pointwise.name, pointwise.kernel_class) == ("block/2", "pointwise")
        assert pointwise.nodes == ("block", "block.batch_norm", "block.relu")
        assert depthwise.macs == 8 * 9 * 100
        assert pointwise.macs == 8 * 16 * 100
        assert depthwise.output_bytes == pointwise.input_bytes == 800 * 4


class TestConcat:
    """A concatenation copies."""

    def test_reads_and_writes_everything(self) -> None:
        b = Builder("concat")
        x = b.input("image", (1, 8, 10, 10))
        (kernel,) = lower(b.build(b.add(Concat(), x, b.input("other", (1, 4, 10, 10)))))
        assert kernel.kernel_class == "copy"
        assert kernel.input_bytes == kernel.output_bytes == 1200 * 4
        assert kernel.operations == 0


NETWORKS = [zoo.mobilenet_v1(), zoo.resnet18(), zoo.resnet50(), zoo.resnext50_32x4d()]


class TestConservation:
    """Whatever the rules, the arithmetic is that of the network."""

    @pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
    @pytest.mark.parametrize("rules", rule_names())
    def test_macs(self, network: Network, rules: str) -> None:
        assert sum(kernel.macs for kernel in lower(network, rules=rules)) == network.cost().macs

    @pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
    def test_unfused_is_the_whole_cost(self, network: Network) -> None:
        kernels, cost = lower(network, rules="unfused"), network.cost()
        assert sum(kernel.other for kernel in kernels) == sum(cost.ledger[1:])
        assert sum(kernel.weight_bytes for kernel in kernels) == cost.weight_bytes
        dropped = sum(node.output_elements for node in cost.nodes if node.kind == "dropout")
        assert sum(kernel.output_bytes for kernel in kernels) == cost.output_bytes - 4 * dropped

    @pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
    def test_fusing_never_moves_more(self, network: Network) -> None:
        more, less, least = (
            sum(kernel.traffic_bytes for kernel in lower(network, rules=rules))
            for rules in ("unfused", "fused", "tensorrt")
        )
        assert more > less >= least

    def test_resnet50_counts(self) -> None:
        """53 convolutions, 53 batch norms, 49 activations, 16 sums, 2 pools and one linear layer."""
        counts = [len(lower(zoo.resnet50(), rules=rules)) for rules in ("unfused", "fused", "tensorrt")]
        assert counts == [53 + 53 + 49 + 16 + 3, 53 + 16 + 16 + 3, 53 + 3]

    def test_symbols(self) -> None:
        alpha, r = symbols("alpha r")
        symbolic = lower(zoo.mobilenet_v1(width=alpha, resolution=32 * r))
        for kernel, expected in zip(symbolic, lower(zoo.mobilenet_v1()), strict=True):
            assert kernel.nodes == expected.nodes
            assert kernel.kernel_class == expected.kernel_class
            for quantity in ("macs", "other", "input_bytes", "output_bytes", "weight_bytes"):
                value = getattr(kernel, quantity)
                number = value if isinstance(value, int) else value.subs({alpha: 1, r: 7})
                assert number == getattr(expected, quantity)
