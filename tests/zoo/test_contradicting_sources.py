"""Published figures that contradict each other, and the conventions that reconcile them."""

from __future__ import annotations

import pytest

from costmodel import zoo
from tests.zoo.published import macs, params, params_without_batch_norm, whole

MILLION = 10**6


def rounded(number: int) -> int:
    return round(number / MILLION)


@pytest.mark.parametrize(("resolution", "printed"), [(224, 317), (192, 233), (160, 162), (128, 104)])
def test_the_authors_table_of_mobilenet_v1_0_75_leaves_out_the_first_convolution(resolution: int, printed: int) -> None:
    everything = whole(zoo.mobilenet_v1(width=0.75, resolution=resolution))
    assert rounded(macs(everything.without("conv1"))) == printed != rounded(macs(everything))


def test_the_paper_of_mobilenet_v1_0_75_counts_it() -> None:
    assert rounded(macs(whole(zoo.mobilenet_v1(width=0.75)))) == 325


def test_mobilenet_v2_1_4_is_582_million_macs_as_its_authors_table_prints() -> None:
    everything = whole(zoo.mobilenet_v2(width=1.4))
    assert macs(everything) == 582_195_824
    assert (params(everything), params_without_batch_norm(everything)) == (6_108_776, 6_060_840)


@pytest.mark.parametrize(
    ("width", "printed"), [(1.4, 6.06), (1.3, 5.34), (1.0, 3.47), (0.75, 2.61), (0.5, 1.95), (0.35, 1.66)]
)
def test_the_authors_table_of_mobilenet_v2_leaves_out_batch_norm(width: float, printed: float) -> None:
    everything = whole(zoo.mobilenet_v2(width=width))
    assert round(params_without_batch_norm(everything) / MILLION, 2) == printed
    assert round(params(everything) / MILLION, 2) != printed


def test_resnet_50_costs_less_where_the_1x1_strides() -> None:
    assert zoo.resnet50(stride_in="1x1").cost().macs == 3_857_973_248
    assert zoo.resnet50(stride_in="3x3").cost().macs == 4_089_184_256


def test_three_networks_are_called_alexnet() -> None:
    networks = (zoo.alexnet(), zoo.alexnet_torchvision(), zoo.alexnet_one_tower())
    assert [rounded(net.cost().macs) for net in networks] == [724, 714, 1135]


def test_vgg_16_at_13_6_g_lacks_one_layer() -> None:
    everything = whole(zoo.vgg16())
    (one,) = {node.macs for node in everything.nodes if node.name in {"conv1_2", "conv2_2", "conv3_2", "conv4_3"}}
    assert (macs(everything), one) == (15_470_264_320, 1_849_688_064)
    assert round((macs(everything) - one) / 1e9, 1) == 13.6


def test_shufflenet_1x_g_8_is_137_138_or_140_million() -> None:
    everything = whole(zoo.shufflenet_v1(groups=8))
    assert rounded(macs(everything.without("fc"))) == 137
    assert rounded(macs(everything)) == 138
    assert round(macs(everything), -7) == 140 * MILLION
