"""The ten exported models beside the repository: multiply-accumulates to the integer, for numbers and for symbols."""

import json
from pathlib import Path
from typing import Any

import pytest

from costmodel import symbols
from costmodel.interop import read
from costmodel.network import Network

MODELS = (
    "alexnet", "vgg16", "squeezenet1_1", "resnet50", "resnext50_32x4d", "mobilenet_v2", "shufflenet_v2_x1_0",
    "efficientnet_b0", "googlenet", "vit_b_16",
)  # fmt: skip
WITHOUT_BATCH_NORM = ("alexnet", "vgg16", "squeezenet1_1", "vit_b_16")
"""Models of which no parameter was folded into another."""


@pytest.fixture(scope="module")
def truth(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / "data" / "models" / "truth.json").read_text())
    return found


def network(shared: Path, name: str) -> Network:
    return read(shared / "data" / "models" / f"{name}.onnx")


def test_every_model_is_read(truth: dict[str, Any]) -> None:
    assert sorted(MODELS) == sorted(truth)


@pytest.mark.parametrize("name", MODELS)
def test_macs_of_a_fixed_batch(shared: Path, truth: dict[str, Any], name: str) -> None:
    assert network(shared, name).cost().macs == truth[name]["macs"]


@pytest.mark.parametrize("name", MODELS)
def test_macs_of_a_symbolic_batch(shared: Path, truth: dict[str, Any], name: str) -> None:
    read_network = network(shared, f"{name}.dynbatch")
    (batch,) = {size for shape in read_network.inputs.values() for size in shape if not isinstance(size, int)}
    assert read_network.cost().macs.expand() == truth[name]["macs"] * symbols("batch") == truth[name]["macs"] * batch
    assert [read_network.bind(batch=n).cost().macs for n in (1, 8)] == [truth[name]["macs"], 8 * truth[name]["macs"]]


@pytest.mark.parametrize("name", WITHOUT_BATCH_NORM)
def test_parameters_are_counted_once(shared: Path, truth: dict[str, Any], name: str) -> None:
    """Not all: the files share equal biases (zeros, ones) between layers, which are one stored tensor each."""
    counted = network(shared, name).cost().params
    assert counted == stored_parameters(shared, name) <= truth[name]["params"]


def stored_parameters(shared: Path, name: str) -> int:
    """Elements of the floating-point tensors that the file stores."""
    from math import prod

    import onnx

    model = onnx.load(shared / "data" / "models" / f"{name}.onnx", load_external_data=False)
    return sum(prod(tensor.dims) for tensor in model.graph.initializer if tensor.data_type == 1)
