"""Rewrites that papers made: their figures, and the networks of the zoo that came of them."""

from fractions import Fraction

import pytest

from costmodel import Builder, Network, rewrite, symbols, zoo
from costmodel.layers import Conv2d


def single(c_i: object, c_o: object, kernel: int, size: object = 32) -> Network:
    """A convolution without bias that keeps the size, behind another layer."""
    b = Builder("single")
    x = b.input("image", (1, c_i, size, size))
    x = x.then(Conv2d(out_channels=c_i, kernel=1, bias=False), name="before")
    layer = Conv2d(out_channels=c_o, kernel=kernel, padding=kernel // 2, bias=False)
    return b.build(x.then(layer, name="conv"))


def fraction(net: Network, text: str) -> Fraction:
    """What is left of the multiply-accumulates of "conv"."""
    (change,) = rewrite(net, text, only="conv").changes
    return Fraction(change.cost_after.macs, change.cost_before.macs)


def test_mobilenet_table_4() -> None:
    """Howard et al., arXiv 1704.04861, table 4: 4866 to 569 million multiply-adds, 29.3 to 4.2 million parameters."""
    made = rewrite(zoo.mobilenet_v1(convolution="full"), "conv=depthwise_separable")
    assert round(made.before.cost().macs / 1e6) in {4866, 4867}
    assert round(made.after.cost().macs / 1e6) == 569
    assert [round(net.cost().params / 1e6, 1) for net in (made.before, made.after)] == [29.3, 4.2]
    assert made.after.cost().ledger == zoo.mobilenet_v1().cost().ledger
    assert [node.layer for node in made.after.nodes] == [node.layer for node in zoo.mobilenet_v1().nodes]


@pytest.mark.parametrize(("c_o", "kernel"), [(64, 3), (128, 5), (7, 7)])
def test_depthwise_separable_is_a_part_of_one_over_c_o_and_one_over_k_squared(c_o: int, kernel: int) -> None:
    """Howard et al., arXiv 1704.04861, section 3.1."""
    assert fraction(single(16, c_o, kernel), "conv=depthwise_separable") == Fraction(1, c_o) + Fraction(1, kernel**2)


def test_with_symbols_too() -> None:
    c, r = symbols("c_o r")
    made = rewrite(single(3, c, 3, 32 * r), "conv=depthwise_separable", only="conv")
    (change,) = made.changes
    assert (change.cost_after.macs / change.cost_before.macs - (1 / c + Fraction(1, 9))).simplify() == 0


def test_two_3x3_take_18_of_25_and_three_27_of_49() -> None:
    """Szegedy et al., arXiv 1512.00567, section 3.1; Simonyan and Zisserman, arXiv 1409.1556, section 2.3."""
    assert fraction(single(32, 32, 5), "5x5=3x3") == Fraction(18, 25)
    assert fraction(single(32, 32, 7), "7x7=3x3") == Fraction(27, 49)
    assert fraction(single(32, 32, 7), "7x7=3x3:stride=last") == Fraction(27, 49)


def test_asymmetric_factorization_saves_a_third_of_a_3x3() -> None:
    """Szegedy et al., arXiv 1512.00567, section 3.2: 33 % cheaper for as many filters."""
    assert fraction(single(32, 32, 3), "conv=spatially_separable:dense") == Fraction(2, 3)


def test_document_000s_spatially_separable_convolutions() -> None:
    """Its fourth type is depthwise, and each depthwise kernel in two."""
    normal = zoo.document_000()
    spatial = zoo.document_000(convolution="spatially_separable")
    made = rewrite(normal, "conv=spatially_separable:between=nothing")
    assert (made.after.cost().macs, made.after.cost().params) == (spatial.cost().macs, spatial.cost().params)
    both = rewrite(
        normal,
        "conv=depthwise_separable:between=nothing,first=true",
        "depthwise_conv2d=spatially_separable:between=nothing",
    )
    fourth = zoo.document_000(convolution="depthwise_spatially_separable")
    assert (both.after.cost().macs, both.after.cost().params) == (fourth.cost().macs, fourth.cost().params)


def test_alexnet_in_two_groups() -> None:
    made = rewrite(zoo.alexnet(groups=1), "conv[245]=grouped:2")
    assert made.after.nodes == zoo.alexnet().nodes


def test_vgg16_without_its_top() -> None:
    """14,714,688 parameters: Keras Applications' VGG16 with include_top=False; and 513,000 of the classifier."""
    made = rewrite(zoo.vgg16(), "fc=global_average_pool")
    assert made.after.cost().params == 14_714_688 + 513_000
    assert made.after.outputs == ("fc8",)
    assert [node.name for node in made.after.nodes][-2:] == ["fc8.pool", "fc8"]


@pytest.mark.parametrize(
    "name", ["vgg16_bn", "resnet50", "resnet18", "mobilenet_v1", "squeezenet", "alexnet_torchvision"]
)
@pytest.mark.parametrize("width", ["0.5", "1.5", "2"])
def test_a_width_is_the_zoos_own(name: str, width: str) -> None:
    """Networks whose own width scales every convolution alike, at widths of which all their channels are whole."""
    found = rewrite(zoo.find(name)(), f"width={width}").after if width != "1" else zoo.find(name)()
    assert found.nodes == zoo.find(name)(width=width).nodes


@pytest.mark.parametrize(
    "name", ["mobilenet_v2", "efficientnet_b0", "inception_v3", "vgg16", "densenet121", "ghostnet"]
)
@pytest.mark.parametrize("resolution", [160, 320])
def test_a_resolution_is_the_zoos_own(name: str, resolution: int) -> None:
    made = rewrite(zoo.find(name)(), f"resolution={resolution}").after
    expected = zoo.find(name)(resolution=resolution)
    assert (made.inputs, made.nodes) == (expected.inputs, expected.nodes)


def test_a_depth_repeats_whole_blocks() -> None:
    """ResNet-18 with 1.5 times the blocks has 3 in each stage: the layers of He et al.'s table 1 with those numbers."""
    made = rewrite(zoo.resnet18(), "depth=1.5").after
    for stage in range(1, 5):
        blocks = {node.name.split(".")[1] for node in made.nodes if node.name.startswith(f"layer{stage}.")}
        assert blocks == {"0", "1", "1_2"}
    by_name = {node.name: node.macs for node in zoo.resnet18().cost().nodes}
    again = sum(macs for name, macs in by_name.items() if ".1." in name)
    assert made.cost().macs == zoo.resnet18().cost().macs + again
