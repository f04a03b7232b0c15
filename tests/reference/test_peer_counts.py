"""Other tools' numbers for ten models, reproduced to the integer."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from costmodel import reconcile, zoo
from costmodel.counting import TOOLS
from costmodel.counting.tools import tool
from costmodel.zoo.written import written
from tests.reference.peers import network, reported

MODELS = (
    "alexnet", "vgg16", "squeezenet1_1", "resnet50", "resnext50_32x4d", "mobilenet_v2", "shufflenet_v2_x1_0",
    "efficientnet_b0", "googlenet", "vit_b_16",
)  # fmt: skip

BEYOND: Mapping[tuple[str, str], tuple[int, str]] = {
    ("shufflenet_v2_x1_0", "onnx-tool"): (13 * 7, "13 splits: an addition, two products and a division of sizes each"),
    ("vit_b_16", "torchprofile"): (1, "the product of the rows and columns of patches"),
}
"""(model, tool) -> what the tool reports beyond our number, and why: it depends on more than the network."""


@pytest.mark.parametrize("model", MODELS)
def test_every_tool_is_reproduced(model: str, shared: Path) -> None:
    measured = {row.tool: row.number for row in reported(shared) if row.model == model and row.tool != "TRUTH"}
    assert set(measured) == set(TOOLS)
    net = network(model)
    found = {each.tool.name: each.number for each in reconcile(net.cost(), written=written(net.family)).tools}
    assert found == {tool: number - BEYOND.get((model, tool), (0,))[0] for tool, number in measured.items()}


@pytest.mark.parametrize("model", MODELS)
def test_the_exact_count_is_the_truth(model: str, shared: Path) -> None:
    (truth,) = (row.number for row in reported(shared) if (row.model, row.tool) == (model, "TRUTH"))
    assert reconcile(network(model).cost(), ()).macs == truth


def test_vgg16_of_the_zoo_lacks_only_an_identity_of_25088_elements() -> None:
    """torchvision's VGG pools 512 maps of 7x7 to 7x7: fvcore counts 1 for each of these elements."""
    ours, theirs = (net.cost(convention=tool("fvcore")).flops for net in (zoo.vgg16(), network("vgg16")))
    assert theirs - ours == 512 * 7 * 7
