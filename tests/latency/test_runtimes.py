"""What runtimes do besides joining: what is computed beforehand, once, in another layout, or not at all."""

from __future__ import annotations

import pytest

from costmodel import Builder, Layer, Network
from costmodel.latency import Kernel, find_rules, lower
from costmodel.layers import (
    Add,
    Attention,
    Concat,
    Conv2d,
    Expand,
    GlobalAvgPool,
    MatMul,
    MaxPool2d,
    Parameter,
    Permute,
    ReLU,
    Reshape,
    Slice,
    Softmax,
    Split,
    Tanh,
)
from costmodel.network import Tensor

CONV = Conv2d(out_channels=16, kernel=3, padding=1)


def kinds(network: Network, rules: str) -> list[tuple[str, ...]]:
    return [(kernel.layer.kind, *kernel.joined) for kernel in lower(network, rules=rules)]


def copies(network: Network, rules: str) -> list[Kernel]:
    return [kernel for kernel in lower(network, rules=rules) if kernel.kernel_class == "copy"]


def part(x: Tensor, start: int, length: int, step: int = 1) -> Tensor:
    return x.then(Slice(axes=(1,), starts=(start,), lengths=(length,), steps=(step,)))


class TestSlices:
    """Views, copies, or one copy of all."""

    def test_halves(self) -> None:
        b = Builder("halves")
        x = b.input("x", (1, 8, 5, 5))
        network = b.build(*(part(x, start, 4).then(ReLU()) for start in (0, 4)))
        assert len(copies(network, "fused")) == 0
        assert [kernel.output_bytes for kernel in copies(network, "tflite")] == [100 * 4] * 2
        (split,) = copies(network, "onnxruntime")
        assert split.input_bytes == split.output_bytes == 200 * 4
        assert split.nodes == ("slice", "slice_2")

    @pytest.mark.parametrize(("start", "length", "step"), [(3, 4, 1), (5, 3, 1), (4, 2, 2)])
    def test_parts_that_do_not_follow_each_other(self, start: int, length: int, step: int) -> None:
        b = Builder("parts")
        x = b.input("x", (1, 8, 5, 5))
        network = b.build(part(x, 0, 4).then(ReLU()), part(x, start, length, step).then(ReLU()))
        assert len(copies(network, "onnxruntime")) == 2

    def test_a_split_reads_what_it_writes(self) -> None:
        b = Builder("split")
        first, second = b.add_many(Split(sections=2), b.input("x", (1, 8, 5, 5)))
        network = b.build(first.then(ReLU()), second.then(Tanh()))
        (copy,) = copies(network, "ncnn")
        assert copy.input_bytes == copy.output_bytes == 200 * 4


class TestBeforehand:
    """What depends on weights alone."""

    @pytest.fixture
    def network(self) -> Network:
        b = Builder("token")
        token = b.add(Parameter(shape=(1, 1, 8))).then(Expand(shape=(2, 1, 8)))
        return b.build(b.add(Concat(axis=1), b.input("x", (2, 4, 8)), token))

    @pytest.mark.parametrize("rules", ["fused", "onnxruntime", "tensorrt", "tflite", "ncnn"])
    def test_is_no_kernel(self, network: Network, rules: str) -> None:
        assert ("expand",) not in kinds(network, rules)

    def test_is_one_where_nothing_is_fused(self, network: Network) -> None:
        assert kinds(network, "unfused") == [("expand",), ("concat",)]

    def test_a_product_of_weights_stays(self) -> None:
        """The multiply-accumulates are those of the network, whatever the rules."""
        b = Builder("product")
        w = b.add(MatMul(), *(b.add(Parameter(shape=(4, 4))) for _ in range(2)))
        network = b.build(b.add(MatMul(), b.input("x", (3, 4)), w))
        assert kinds(network, "onnxruntime") == [("matmul",), ("matmul",)]


class TestOnce:
    """What is written twice."""

    @pytest.fixture
    def network(self) -> Network:
        b = Builder("twice")
        x = b.input("x", (1, 4, 9, 9))
        return b.build(b.add(Add(), x.then(ReLU()).then(Tanh()), x.then(ReLU()).then(Softmax())))

    def test_runs_once(self, network: Network) -> None:
        kernels = lower(network, rules="onnxruntime")
        assert [kernel.layer.kind for kernel in kernels] == ["relu", "tanh", "softmax", "add"]
        assert kernels[0].nodes == ("relu", "relu_2")

    def test_or_twice(self, network: Network) -> None:
        assert kinds(network, "pytorch").count(("relu",)) == 2

    def test_layers_of_different_fields_are_different(self) -> None:
        b = Builder("axes")
        x = b.input("x", (1, 4, 9, 9))
        network = b.build(x.then(Softmax(axis=1)), x.then(Softmax(axis=2)))
        assert len(kinds(network, "onnxruntime")) == 2


class TestBlocks:
    """ONNX Runtime's convolutions read and write channels in blocks."""

    def test_what_else_reads_them_reads_a_copy(self) -> None:
        b = Builder("blocks")
        x = b.input("x", (1, 16, 9, 9)).then(CONV, name="conv1").then(Softmax(axis=1), name="softmax")
        network = b.build(x.then(CONV, name="conv2"))
        names = [kernel.name for kernel in lower(network, rules="onnxruntime")]
        assert names == ["x.reorder", "conv1", "conv1.reorder", "softmax", "softmax.reorder", "conv2", "conv2.reorder"]
        copy = lower(network, rules="onnxruntime")[2]
        assert copy.nodes == ()
        assert copy.input_bytes == copy.output_bytes == 16 * 81 * 4
        assert copy.operations == 0

    def test_a_copy_is_made_once(self) -> None:
        b = Builder("two readers")
        x = b.input("x", (1, 3, 9, 9)).then(CONV)
        network = b.build(x.then(Softmax(axis=1)), x.then(Softmax(axis=2)))
        assert len(copies(network, "onnxruntime")) == 1

    def test_few_channels_are_read_as_they_are(self) -> None:
        b = Builder("image")
        network = b.build(b.input("x", (1, 3, 9, 9)).then(CONV, MaxPool2d(kernel=3), GlobalAvgPool()))
        assert [kernel.name for kernel in copies(network, "onnxruntime")] == ["global_avg_pool.reorder"]

    @pytest.mark.parametrize(("channels", "are_copied"), [(32, True), (24, False)])
    def test_a_pool_wants_whole_blocks(self, channels: int, are_copied: bool) -> None:
        b = Builder("pool")
        network = b.build(b.input("x", (1, channels, 9, 9)).then(MaxPool2d(kernel=3)))
        assert len(copies(network, "onnxruntime")) == (2 if are_copied else 0)

    def test_groups_want_blocks_of_their_own(self) -> None:
        b = Builder("groups")
        grouped = Conv2d(out_channels=48, kernel=3, padding=1, groups=2)
        network = b.build(b.input("x", (1, 48, 9, 9)).then(grouped))
        assert copies(network, "onnxruntime") == []

    def test_symbols_are_taken_to_fit(self) -> None:
        b = Builder("symbols")
        network = b.build(b.input("x", (1, "c_i", 9, 9)).then(Conv2d(out_channels="c_o", kernel=3), ReLU()))
        assert kinds(network, "onnxruntime") == [("identity",), ("conv2d", "relu"), ("identity",)]


class TestStrides:
    """Eager PyTorch permutes by strides."""

    @pytest.mark.parametrize(
        ("layer", "found"),
        [
            (Tanh(), [("tanh",)]),
            (Reshape(shape=(2, 12)), [("reshape",)]),
            (Reshape(shape=(2, 2, 2, 3)), []),
        ],
    )
    def test_a_permutation_is_a_view_until_it_is_reshaped(self, layer: Layer, found: list[tuple[str, ...]]) -> None:
        b = Builder("permuted")
        network = b.build(b.input("x", (2, 3, 4)).then(Permute(axes=(0, 2, 1)), layer))
        assert kinds(network, "pytorch") == found

    def test_heads_of_attention_are_joined_where_they_lie(self) -> None:
        """Queries of (n, l, h, d) are seen as (n, h, l, d), and the output lies as they do."""
        b = Builder("heads")
        heads = [b.input(name, (2, 6, 3, 8)).then(Permute(axes=(0, 2, 1, 3))) for name in ("q", "k", "v")]
        y = b.add(Attention(), *heads).then(Permute(axes=(0, 2, 1, 3)), Reshape(shape=(2, 6, 24)))
        assert kinds(b.build(y), "pytorch") == [("attention",)]

    def test_a_product_of_heads_copies_them_first(self) -> None:
        b = Builder("product")
        q, k = (b.input(name, (2, 6, 3, 8)) for name in ("q", "k"))
        y = b.add(MatMul(), q.then(Permute(axes=(0, 2, 1, 3))), k.then(Permute(axes=(0, 2, 3, 1))))
        found = kinds(b.build(y), "pytorch")
        assert found == [("identity",), ("identity",), ("matmul",)]

    def test_a_permutation_copies_elsewhere_unless_it_moves_single_elements(self) -> None:
        b = Builder("copies")
        x = b.input("x", (1, 6, 8))
        moved, kept = x.then(Permute(axes=(0, 2, 1))), x.then(Permute(axes=(1, 0, 2)))
        network = b.build(moved.then(Tanh()), kept.then(ReLU()))
        assert [kernel.output_shape for kernel in copies(network, "fused")] == [(1, 8, 6)]


def test_rules_for_every_runtime_have_a_way_of_their_own() -> None:
    """No two sets of rules are the same under different names."""
    texts = [find_rules(name).model_dump_json(exclude={"name", "title", "source", "runtimes"}) for name in (
        "fused", "ncnn", "onnxruntime", "pytorch", "tensorrt", "tflite", "torch-compile", "unfused",
    )]  # fmt: skip
    assert len(set(texts)) == len(texts)
