"""The kernels of a network are the operations of the graph that ONNX Runtime itself optimizes and writes."""

from collections import Counter
from pathlib import Path
from typing import Any

import onnx
import onnxruntime
import pytest

from costmodel import Builder, Network, zoo
from costmodel.interop.onnx import to_onnx
from costmodel.latency import FusionRules, Kernel, find_rules, lower
from costmodel.layers import Conv2d, MaxPool2d

CLASSES = {
    "Conv": "weighted", "FusedConv": "weighted", "BatchNormalization": "weighted", "Gemm": "weighted",
    "FusedGemm": "weighted", "MatMul": "weighted", "Attention": "matmul", "MaxPool": "pool", "AveragePool": "pool",
    "GlobalAveragePool": "pool", "ReduceMean": "pool", "ReduceMax": "pool", "LayerNormalization": "norm",
    "SkipLayerNormalization": "norm", "LRN": "norm", "Softmax": "softmax", "Concat": "copy", "Transpose": "copy",
    "Slice": "copy", "Split": "copy", "Pad": "copy", "ReorderInput": "reorder", "ReorderOutput": "reorder",
    "Relu": "elementwise", "Clip": "elementwise", "Add": "elementwise", "Mul": "elementwise",
    "HardSigmoid": "elementwise", "QuickGelu": "elementwise", "Gelu": "elementwise",
}  # fmt: skip
"""ONNX Runtime runs a batch norm in blocks of channels as a convolution: both are weighted here."""
FREE = {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"}
"""Operations that leave their input where it is."""
NETWORKS = [
    "alexnet", "alexnet_torchvision", "densenet121", "efficientnet_b0", "efficientnet_lite0", "ghostnet", "googlenet",
    "googlenet_paper", "inception_v3", "lenet_5", "mnasnet_a1", "mnasnet_b1", "mobilenet_v1", "mobilenet_v2",
    "mobilenet_v3_large", "mobilenet_v3_small", "regnet_y_400mf", "resnet18", "resnext50_32x4d", "shufflenet_v1",
    "shufflenet_v2", "squeezenet", "vit_b_16",
]  # fmt: skip


def optimized(model: bytes, folder: Path, *, extended: bool = False) -> onnx.GraphProto:
    """The graph that ONNX Runtime makes for a processor, with all optimizations or those that leave the layout."""
    level = onnxruntime.GraphOptimizationLevel
    options: Any = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = level.ORT_ENABLE_EXTENDED if extended else level.ORT_ENABLE_ALL
    options.optimized_model_filepath = str(folder / "optimized.onnx")
    onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    graph = onnx.load(folder / "optimized.onnx").graph
    (folder / "optimized.onnx").unlink()
    return graph


def written(network: Network) -> bytes:
    return bytes(to_onnx(network).SerializeToString())


def theirs(graph: onnx.GraphProto) -> Counter[str]:
    """The operations of a graph that are kernels, by class."""
    return Counter(CLASSES[node.op_type] for node in graph.node if node.op_type not in FREE)


def ours(network: Network, rules: FusionRules) -> Counter[str]:
    """The kernels of a network, by class."""
    return Counter(map(class_of, lower(network, rules=rules)))


def class_of(kernel: Kernel) -> str:
    """A kernel's class as coarse as an operation's name tells."""
    if not kernel.nodes:
        return "reorder"
    has_weights = kernel.layer.kind == "batch_norm" or (kernel.macs != 0 and kernel.weight_bytes != 0)
    return "weighted" if has_weights else kernel.kernel_class


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> FusionRules:
    """The rules with blocks of the size of this processor's vectors, which a pool over 8 channels tells."""
    b = Builder("blocks")
    x = b.input("image", (1, 16, 8, 8)).then(Conv2d(out_channels=8, kernel=3), MaxPool2d(kernel=2))
    graph = optimized(written(b.build(x)), tmp_path_factory.mktemp("blocks"))
    domains = {node.op_type: node.domain for node in graph.node}
    if "nchwc" not in domains["Conv"]:
        pytest.skip("this ONNX Runtime has no blocked layout on this processor")
    found = find_rules("onnxruntime")
    assert found.layout is not None
    size = 8 if "nchwc" in domains["MaxPool"] else 16
    return found.model_copy(update={"layout": found.layout.model_copy(update={"block": size})})


@pytest.mark.parametrize("name", NETWORKS)
def test_all_optimizations(name: str, rules: FusionRules, tmp_path: Path) -> None:
    network = zoo.find(name)()
    assert ours(network, rules) == theirs(optimized(written(network), tmp_path))


@pytest.mark.parametrize("name", [*NETWORKS, "nasnet_a_mobile"])
def test_the_optimizations_that_leave_the_layout(name: str, tmp_path: Path) -> None:
    """Without the last level there are no blocks, and no sums within convolutions."""
    network, rules = zoo.find(name)(), find_rules("onnxruntime")
    joins = [join for join in rules.joins if join.operand != "computed"]
    fewer = FusionRules.model_validate({**rules.model_dump(), "layout": None, "joins": joins})
    assert ours(network, fewer) == theirs(optimized(written(network), tmp_path, extended=True))
