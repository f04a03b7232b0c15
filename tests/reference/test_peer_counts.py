"""Other tools' numbers for ten models, reproduced to the integer."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from costmodel import Network, reconcile, zoo
from costmodel.counting import TOOLS
from costmodel.counting.tools import tool
from costmodel.interop.onnx import read_onnx
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


RUNS = Path(__file__).with_name("peer_runs.csv")
"""What the tools report of further models, to which no rule was fitted: run with the versions that `Tool.version` names
on torchvision 0.29.1's models, with torch 2.14.1, at 224x224 (Inception v3 at 299x299)."""
ZOO_NAMES = {"mnasnet1_0": "mnasnet_b1"}


def runs() -> dict[str, dict[str, int]]:
    """The numbers of each further model."""
    found: dict[str, dict[str, int]] = {}
    with RUNS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["model"], {})[row["tool"]] = int(row["number"])
    return found


@pytest.mark.parametrize("model", runs())
def test_every_tool_is_reproduced_on_models_that_no_rule_was_fitted_to(model: str) -> None:
    size = 299 if model == "inception_v3" else 224
    net: Network = getattr(zoo, ZOO_NAMES.get(model, model))(resolution=size)
    measured = runs()[model]
    found = reconcile(net.cost(), [TOOLS[name] for name in measured], written(net.family)).tools
    beyond = {"torchprofile": 1} if model.startswith("vit") else {}
    assert {each.tool.name: each.number for each in found} == {
        name: number - beyond.get(name, 0) for name, number in measured.items()
    }


SIZES = {"shufflenet_v2_x1_0": 13 * 7, "vit_b_16": 12 * 76}
"""What onnx-tool counts for operations on sizes in a file, which are known before the network runs."""


@pytest.mark.parametrize("model", MODELS)
def test_onnx_tool_is_reproduced_on_the_files_that_it_read(model: str, shared: Path) -> None:
    (number,) = (row.number for row in reported(shared) if (row.model, row.tool) == (model, "onnx-tool"))
    net = read_onnx(shared / "data" / "models" / f"{model}.onnx")
    (found,) = reconcile(net.cost(), [TOOLS["onnx-tool"]], {"batch_norm": "operator"}).tools
    assert found.number == number - SIZES.get(model, 0)


@pytest.mark.parametrize("model", MODELS)
def test_the_exact_count_is_the_truth(model: str, shared: Path) -> None:
    (truth,) = (row.number for row in reported(shared) if (row.model, row.tool) == (model, "TRUTH"))
    assert reconcile(network(model).cost(), ()).macs == truth


def test_vgg16_of_the_zoo_lacks_only_an_identity_of_25088_elements() -> None:
    """torchvision's VGG pools 512 maps of 7x7 to 7x7: fvcore counts 1 for each of these elements."""
    ours, theirs = (net.cost(convention=tool("fvcore")).flops for net in (zoo.vgg16(), network("vgg16")))
    assert theirs - ours == 512 * 7 * 7
