"""The zoo's networks do, operation by operation, what torchvision's do, as PyTorch exports them."""

from pathlib import Path

import pytest

from costmodel.interop import read
from tests.reference.peers import network

MODELS = (
    "alexnet", "vgg16", "squeezenet1_1", "resnet50", "resnext50_32x4d", "mobilenet_v2", "shufflenet_v2_x1_0",
    "efficientnet_b0", "googlenet",
)  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_the_ledgers_are_equal_but_for_the_batch_norm_folded_into_convolutions(shared: Path, name: str) -> None:
    """Folded, its additions are those of the convolution's bias, and its multiplications are none."""
    ours = network(name).cost()
    scaled = sum(node.ledger.multiplications for node in ours.nodes if node.kind == "batch_norm")
    folded = ours.ledger._replace(multiplications=ours.ledger.multiplications - scaled)
    assert read(shared / "data" / "models" / f"{name}.onnx").cost().ledger == folded
