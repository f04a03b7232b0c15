"""Each layer of ncnn's benchmark networks that does something is a kernel, and nothing else is."""

from collections import Counter
from pathlib import Path

import pytest

from costmodel.interop import read
from costmodel.latency import lower

FREE = {"Input", "Split", "Noop", "Flatten", "Reshape", "MemoryData", "PriorBox"}
"""Layers that leave their input where it is (ncnn's Split only counts its readers), or that read no tensor."""

DIFFERENT = {
    "blazeface": ["Convolution", "ReLU"],
    "mobilenet_v3": ["BinaryOp", "HardSigmoid"],
    "mobilenet_ssd": ["Concat", "Permute", "Permute"],
    "squeezenet_ssd": ["Concat", "Permute", "Permute"],
}
"""Layers that the rules join or leave out: one ReLU and one hard swish that the file did not join; of SSD the anchors,
which depend on nothing, and two permutations of maps of one position."""


def layers(path: Path) -> dict[str, str]:
    """The layers of a .param file that are kernels: their types by their names."""
    rows = [line.split()[:2] for line in path.read_text().splitlines()[2:] if line.strip()]
    return {name: kind for kind, name in rows if kind not in FREE}


def owner(node: str, names: dict[str, str]) -> str:
    """The layer that a node was read from: the node's name up to a role that the reader gave it."""
    while node not in names and "." in node:
        node = node.rpartition(".")[0]
    return node


def test_layers_of_the_benchmark(shared: Path) -> None:
    files = sorted((shared / "data" / "ncnn" / "params").glob("*.param"))
    assert len(files) == 27
    for path in files:
        names = layers(path)
        kernels = [{owner(node, names) for node in kernel.nodes} for kernel in lower(read(path), rules="ncnn")]
        found = Counter(frozenset(kernel) for kernel in kernels)
        missing = Counter(frozenset({name}) for name in names) - found
        expected = DIFFERENT.get(path.stem.removesuffix("_int8"), [])
        assert sorted(names[name] for kernel in missing for name in kernel) == expected, path.name


@pytest.mark.parametrize("name", ["efficientnet_b0", "resnet50", "shufflenet", "yolo-fastestv2"])
def test_layers_and_kernels_are_as_many(shared: Path, name: str) -> None:
    path = shared / "data" / "ncnn" / "params" / f"{name}.param"
    assert len(lower(read(path), rules="ncnn")) == len(layers(path))


def test_attention_of_several_heads_is_five_kernels(shared: Path) -> None:
    """ncnn's layer holds four projections and the products between them."""
    path = shared / "data" / "ncnn" / "params" / "vision_transformer.param"
    kernels, kinds = lower(read(path), rules="ncnn"), Counter(layers(path).values())
    assert len(kernels) == kinds.total() + 4 * kinds["MultiHeadAttention"]
