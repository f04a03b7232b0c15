"""A network that was written to a file and read runs as the kernels that it ran as before."""

from collections import Counter
from pathlib import Path

import pytest

from costmodel import Network, zoo
from costmodel.interop import read
from costmodel.interop.onnx import read_model, to_onnx
from costmodel.latency import Kernel, lower, rule_names
from tests.reference.peers import network as peer

NETWORKS = [
    "alexnet", "densenet121", "efficientnet_b0", "ghostnet", "googlenet_paper", "inception_v3", "mobilenet_v3_large",
    "regnet_y_400mf", "resnet18", "shufflenet_v1", "shufflenet_v2", "squeezenet", "nasnet_a_mobile",
]  # fmt: skip
FUSING = [name for name in rule_names() if name not in {"pytorch", "torch-compile", "unfused"}]
"""Rules of runtimes that fold batch norms, which exporters have folded already, and that know spelled-out layers."""


def amounts(kernel: Kernel) -> tuple[object, ...]:
    """What of a kernel does not depend on names."""
    return (
        kernel.kernel_class, kernel.macs, kernel.other, kernel.transcendentals, kernel.input_bytes,
        kernel.output_bytes, kernel.weight_bytes,
    )  # fmt: skip


def kernels(network: Network, rules: str) -> Counter[tuple[object, ...]]:
    return Counter(map(amounts, lower(network, rules=rules)))


@pytest.mark.parametrize("name", NETWORKS)
def test_written_and_read(name: str) -> None:
    network = zoo.find(name)()
    found = read_model(to_onnx(network, weights="absent"), name)
    for rules in rule_names():
        assert kernels(found, rules) == kernels(network, rules)


@pytest.mark.parametrize("rules", FUSING)
def test_a_transformer_differs_by_the_copies_between_heads_where_they_are_copies(rules: str) -> None:
    """The file permutes 48 times for 12 blocks; TensorFlow Lite has no attention that would do it within."""
    network = zoo.find("vit_b_16")()
    ours, theirs = kernels(network, rules), kernels(read_model(to_onnx(network, weights="absent"), "vit"), rules)
    copies = (theirs - ours).elements()
    assert not ours - theirs
    assert [kind for kind, *_ in copies] == ["copy"] * (48 if rules == "tflite" else 0)


MODELS = ("alexnet", "vgg16", "squeezenet1_1", "resnet50", "resnext50_32x4d", "mobilenet_v2", "efficientnet_b0",
          "googlenet")  # fmt: skip


class TestExportedByPyTorch:
    """torchvision's models, which PyTorch's exporter wrote with SiLU and GELU spelled out."""

    @pytest.mark.parametrize("rules", FUSING)
    @pytest.mark.parametrize("name", MODELS)
    def test_are_the_kernels_of_the_zoo(self, shared: Path, name: str, rules: str) -> None:
        assert kernels(read(shared / "data" / "models" / f"{name}.onnx"), rules) == kernels(peer(name), rules)

    @pytest.mark.parametrize(("rules", "copies"), [("fused", 0), ("onnxruntime", 0), ("ncnn", 13), ("tflite", 13)])
    def test_a_split_is_written_as_two_slices(self, shared: Path, rules: str, copies: int) -> None:
        """13 units of ShuffleNet split their channels: views, or one copy in the zoo and two in the file.

        ONNX Runtime makes one operation of two slices that follow each other.
        """
        found = lower(read(shared / "data" / "models" / "shufflenet_v2_x1_0.onnx"), rules=rules)
        assert len(found) - len(lower(peer("shufflenet_v2_x1_0"), rules=rules)) == copies

    def test_attention_is_found_but_its_projections_stay_one_product(self, shared: Path) -> None:
        """For each of 12 blocks the exporter writes one product for queries, keys and values, and copies the parts."""
        found = Counter(
            (kernel.kernel_class, kernel.layer.kind)
            for kernel in lower(read(shared / "data" / "models" / "vit_b_16.onnx"))
        )
        assert found["matmul", "attention"] == 12
        assert found["linear", "linear"] == 12 * 4 + 1
        assert found["copy", "gather"] == 3 * 12 + 1
        assert found["norm", "layer_norm"] == 25
        assert not {kind for _, kind in found} & {"erf", "divide", "softmax", "matmul", "multiply"}

    @pytest.mark.parametrize("name", ["efficientnet_b0", "shufflenet_v2_x1_0", "vit_b_16"])
    def test_a_batch_that_is_a_symbol_is_any_number(self, shared: Path, name: str) -> None:
        network = read(shared / "data" / "models" / f"{name}.dynbatch.onnx")
        (batch,) = network.inputs["input"][0].free_symbols
        for rules in rule_names():
            pairs = zip(lower(network, rules=rules), lower(network.bind(batch=2), rules=rules), strict=True)
            for symbolic, number in pairs:
                assert symbolic.nodes == number.nodes
                for quantity in ("macs", "other", "input_bytes", "output_bytes", "weight_bytes"):
                    found = getattr(symbolic, quantity)
                    value = found if isinstance(found, int) else found.subs(batch, 2)
                    assert value == getattr(number, quantity)

    def test_the_pixel_1_takes_as_long(self, shared: Path) -> None:
        found, ours = read(shared / "data" / "models" / "efficientnet_b0.onnx"), peer("efficientnet_b0")
        assert found.latency("pixel-1").latency_s == pytest.approx(ours.latency("pixel-1").latency_s, rel=1e-12)
