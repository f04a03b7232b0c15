"""Which layers a text means, and what is said where it means none."""

import pytest

from costmodel import rewrite, zoo
from costmodel.errors import RewriteError
from costmodel.transform import Graph
from costmodel.transform.blocks import blocks, stages
from costmodel.transform.selection import CONVOLUTIONS, kernel_text, select

RESNET = Graph(zoo.resnet18())


@pytest.mark.parametrize(
    ("what", "only", "expected"),
    [
        ("layer4.1.*", "", ["layer4.1.conv1", "layer4.1.conv2"]),
        ("7x7", "", ["conv1"]),
        ("1x1", "", ["layer2.0.downsample", "layer3.0.downsample", "layer4.0.downsample"]),
        ("conv2d", "layer1.0.*", ["layer1.0.conv1", "layer1.0.conv2"]),
        ("stride", "3x3", ["layer2.0.conv1", "layer3.0.conv1", "layer4.0.conv1"]),
        ("conv", "layer?.0.downsample", ["layer2.0.downsample", "layer3.0.downsample", "layer4.0.downsample"]),
        ("conv1", "", ["conv1"]),
    ],
)
def test_what_a_text_means(what: str, only: str, expected: list[str]) -> None:
    assert [step.node.name for step in select(RESNET, what, only, CONVOLUTIONS)] == expected


def test_a_pointwise_convolution_has_a_kernel_of_one() -> None:
    assert {kernel_text(node.layer) for node in zoo.squeezenet().nodes if node.layer.kind == "pointwise_conv2d"} == {
        "1x1"
    }


def test_a_kind_without_such_layers() -> None:
    with pytest.raises(RewriteError, match=r"resnet18: it has no layer that 'avg_pool2d' selects"):
        select(RESNET, "avg_pool2d", "", CONVOLUTIONS)
    with pytest.raises(RewriteError, match=r"resnet18: no avg_pool1d or .* is among what 'fc' selects"):
        rewrite(zoo.resnet18(), "fc=stride")


@pytest.mark.parametrize(
    ("name", "first", "count"),
    [
        ("resnet18", ["conv1", "maxpool", "layer1.0", "layer1.1", "layer2.0"], 12),
        ("mobilenet_v2", ["conv1", "block1", "block2", "block3", "block4"], 21),
        ("vgg11", ["conv1_1", "pool1", "conv2_1", "pool2", "conv3_1"], 17),
        ("shufflenet_v2", ["conv1", "maxpool", "stage2.0", "stage2.1", "stage2.2"], 21),
    ],
)
def test_names_divide_a_network_into_blocks(name: str, first: list[str], count: int) -> None:
    found = blocks(Graph(zoo.find(name)()))
    assert [block.name for block in found][:5] == first
    assert len(found) == count
    assert sum(len(block.steps) for block in found) == len(zoo.find(name)().nodes)


def test_the_stages_are_those_of_the_papers_tables() -> None:
    """He et al., table 1: (3, 4, 6, 3) blocks; Sandler et al., table 2: 1, 2, 3, 4, 3, 3, 1."""
    found = [len(stage) for stage in stages(Graph(zoo.resnet50()))]
    assert found == [1, 3, 4, 6, 3, 1]
    assert [len(stage) for stage in stages(Graph(zoo.mobilenet_v2()))] == [1, 1, 2, 3, 4, 3, 3, 1, 1, 1]


def test_exported_names_divide_a_network_into_the_same_blocks() -> None:
    """Exporters write each scope with all that it is in: layer1/layer1.0/conv1/Conv."""
    from costmodel.transform.blocks import _label, _path

    assert _path("/layer1/layer1.0/conv1/Conv") == ["layer1", "0", "conv1", "Conv"]
    assert _path("/features/features.1/features.1.0/block/block.0/Conv") == [
        "features", "1", "0", "block", "0", "Conv",
    ]  # fmt: skip
    assert _label(["/layer1/layer1.0/conv1/Conv", "/layer1/layer1.0/relu/Relu"]) == "/layer1/layer1.0"
    assert _label(["conv1", "conv1.relu"]) == "conv1"
    assert _label(["block1.conv1", "block1.conv2"]) == "block1"
