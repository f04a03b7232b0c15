"""Totals to the integer, each counted by others: by PyTorch implementations run, or by a published tool's table."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from costmodel import zoo
from costmodel.network import peak_memory
from costmodel.textbook.document_003 import ALEXNET_ACTIVATIONS, ALEXNET_MACS, ALEXNET_WEIGHTS
from tests.zoo.conventions import of_the_mxnet_op_counter
from tests.zoo.published import stored, weights, whole

REFERENCE = Path(__file__).parents[1] / "reference"

# Multiply-accumulates of convolutions and linear layers, seen by hooks on torchvision's networks as they run on
# 1x3x224x224 (Inception v3: 1x3x299x299), and the elements of their parameters. Networks after MobileNetV2: with
# torchvision 0.29.1, without auxiliary classifiers, and equal to PyTorch's FlopCounterMode / 2, by which ViTs are
# counted, as hooks do not see the products of attention.
TORCHVISION = [
    ("alexnet_torchvision", 714_188_480, 61_100_840),
    ("vgg11", 7_609_090_048, 132_863_336),
    ("vgg13", 11_308_466_176, 133_047_848),
    ("vgg16", 15_470_264_320, 138_357_544),
    ("vgg19", 19_632_062_464, 143_667_240),
    ("vgg11_bn", 7_609_090_048, 132_868_840),
    ("vgg13_bn", 11_308_466_176, 133_053_736),
    ("vgg16_bn", 15_470_264_320, 138_365_992),
    ("vgg19_bn", 19_632_062_464, 143_678_248),
    ("squeezenet1_0", 818_924_576, 1_248_424),
    ("squeezenet1_1", 349_151_936, 1_235_496),
    ("resnet18", 1_814_073_344, 11_689_512),
    ("resnet34", 3_663_761_408, 21_797_672),
    ("resnet50", 4_089_184_256, 25_557_032),
    ("resnet101", 7_801_405_440, 44_549_160),
    ("resnet152", 11_513_626_624, 60_192_808),
    ("resnext50_32x4d", 4_230_479_872, 25_028_904),
    ("resnext101_32x8d", 16_414_015_488, 88_791_336),
    ("mobilenet_v2", 300_774_272, 3_504_872),
    ("googlenet", 1_498_376_192, 6_624_904),
    ("inception_v3", 5_713_216_096, 23_834_568),
    ("densenet121", 2_834_161_664, 7_978_856),
    ("densenet161", 7_727_907_072, 28_681_000),
    ("densenet169", 3_359_843_328, 14_149_480),
    ("densenet201", 4_291_365_888, 20_013_928),
    ("regnet_x_400mf", 413_812_608, 5_495_976),
    ("regnet_x_800mf", 799_699_712, 7_259_656),
    ("regnet_x_1_6gf", 1_602_849_792, 9_190_136),
    ("regnet_x_3_2gf", 3_176_621_952, 15_296_552),
    ("regnet_x_8gf", 7_995_132_416, 39_572_648),
    ("regnet_x_16gf", 15_940_755_456, 54_278_536),
    ("regnet_x_32gf", 31_735_929_792, 107_811_560),
    ("regnet_y_400mf", 401_842_848, 4_344_144),
    ("regnet_y_800mf", 833_856_256, 6_432_512),
    ("regnet_y_1_6gf", 1_612_076_160, 11_202_430),
    ("regnet_y_3_2gf", 3_176_482_752, 19_436_338),
    ("regnet_y_8gf", 8_473_070_592, 39_381_472),
    ("regnet_y_16gf", 15_911_510_272, 83_590_140),
    ("regnet_y_32gf", 32_279_552_832, 145_046_770),
    ("regnet_y_128gf", 127_517_815_680, 644_812_894),
    ("vit_b_16", 17_563_828_224, 86_567_656),
    ("vit_b_32", 4_409_186_304, 88_224_232),
    ("vit_l_16", 61_554_712_576, 304_326_632),
    ("vit_l_32", 15_377_539_072, 306_535_400),
    ("vit_h_14", 167_295_109_120, 632_045_800),
]

# The same, with the authors' implementation; (groups, width).
SHUFFLENET = [
    (1, "1", 143_078_976, 1_530_936),
    (2, "1", 140_836_512, 1_732_848),
    (3, "0.5", 37_589_856, 717_324),
    (3, "1", 137_460_672, 1_864_728),
    (3, "1.5", 292_443_552, 3_441_168),
    (3, "2", 524_045_184, 5_449_776),
    (4, "1", 134_339_776, 1_967_344),
    (8, "0.5", 40_469_760, 1_010_448),
    (8, "1", 138_365_952, 2_433_768),
    (8, "1.5", 290_188_800, 4_268_952),
    (8, "2", 521_942_016, 6_521_232),
]


def counter_rows() -> list[dict[str, str]]:
    """The MXNet op counter's table (hey-yahei/OpSummary.MXNet, README), without networks that the zoo does not have.

    MXNet's ResNets from 50 on have biases in some convolutions: their stored elements are left out.
    """
    with (REFERENCE / "mxnet_op_counter.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("name", "macs", "params"), TORCHVISION)
def test_a_network_counts_what_torchvision_runs(name: str, macs: int, params: int) -> None:
    cost = zoo.find(name)().cost()
    assert (cost.macs, cost.params) == (macs, params)


@pytest.mark.parametrize(("groups", "width", "macs", "params"), SHUFFLENET)
def test_shufflenet_v1_counts_what_its_authors_code_runs(groups: int, width: str, macs: int, params: int) -> None:
    cost = zoo.shufflenet_v1(groups=groups, width=width).cost()  # type: ignore[arg-type]
    assert (cost.macs, cost.params) == (macs, params)


@pytest.mark.parametrize("row", counter_rows(), ids=lambda row: row["network"])
def test_a_network_counts_what_the_mxnet_op_counter_publishes(row: dict[str, str]) -> None:
    parameters = dict(pair.split("=") for pair in row["parameters"].split(";") if pair)
    everything = whole(zoo.find(row["zoo"])(**parameters))
    assert of_the_mxnet_op_counter(everything) == int(row["multiplications"])
    if row["stored"]:
        assert stored(everything) == int(row["stored"])


# Operations in millions, by the paper's table 1, rounded, and for 4a truncated; it prints 54 for the 51 of module 5a.
GOOGLENET_MODULES = {
    "3a": 128,
    "3b": 304,
    "4a": 73,
    "4b": 88,
    "4c": 100,
    "4d": 119,
    "4e": 170,
    "5b": 71,
}


@pytest.mark.parametrize(("name", "printed"), GOOGLENET_MODULES.items())
def test_the_modules_of_googlenet_cost_what_its_paper_prints(name: str, printed: int) -> None:
    nodes = [node for node in zoo.googlenet_paper().cost().nodes if node.name.startswith(f"inception{name}.")]
    assert abs(sum(node.macs for node in nodes) / 1e6 - printed) < (1 if name == "4a" else 0.5)


def test_googlenet_as_published_with_its_weights() -> None:
    """As Caffe's bvlc_googlenet runs it, without the auxiliary classifiers."""
    cost = zoo.googlenet_paper().cost()
    assert (cost.macs, cost.params) == (1_582_671_872, 6_998_552)


@pytest.mark.parametrize(("resolution", "macs"), [(224, 2_837_921_120), (299, 5_713_216_096)])
def test_inception_v3_at_another_resolution(resolution: int, macs: int) -> None:
    assert zoo.inception_v3(resolution=resolution).cost().macs == macs


def test_regnet_y_128gf_at_384_pixels() -> None:
    assert zoo.regnet_y_128gf(resolution=384).cost().macs == 374_570_006_400


# The same, with timm 1.0.31: `nasnetalarge`, and its cells in stages of four, with 44 filters and a stem of 32.
NASNET = [
    ("nasnet_a_mobile", 563_638_816, 5_289_978, 36_738),
    ("nasnet_a_large", 23_783_414_658, 88_753_150, 196_668),
]


@pytest.mark.parametrize(("name", "macs", "params", "buffers"), NASNET)
def test_nasnet_a_counts_what_timm_runs(name: str, macs: int, params: int, buffers: int) -> None:
    cost = zoo.find(name)().cost()
    assert (cost.macs, cost.params, cost.buffers) == (macs, params, buffers)


@pytest.mark.parametrize(
    ("repeats", "filters", "resolution", "millions", "billions"), [(4, 50, 224, 5.1, 0.555), (6, 190, 331, 86.7, 23.1)]
)
def test_amoebanet_a_costs_what_its_paper_prints(
    repeats: int, filters: int, resolution: int, millions: float, billions: float
) -> None:
    """Real et al., arXiv 1802.01548, table 2."""
    cost = zoo.amoebanet_a(repeats=repeats, filters=filters, resolution=resolution).cost()
    digits = 3 if billions < 1 else 1
    assert (round(cost.params / 1e6, 1), round(cost.macs / 1e9, digits)) == (millions, billions)


def test_mobilenet_v1() -> None:
    assert zoo.mobilenet_v1().cost().macs == 568_740_352


def test_mobilenet_v2_at_width_1_4() -> None:
    cost = zoo.mobilenet_v2(width=1.4).cost()
    assert (cost.macs, cost.params) == (582_195_824, 6_108_776)


def test_the_lenets_have_the_parameters_of_deep_compression() -> None:
    assert (zoo.lenet_300_100().cost().params, zoo.lenet_5().cost().params) == (266_610, 431_080)


def test_alexnet_layer_by_layer() -> None:
    everything = whole(zoo.alexnet())
    weighted = [node for node in everything.nodes if node.macs]
    written = [everything.inputs, *(node.activations for node in everything.nodes if node.activations)]
    assert [node.name for node in weighted] == [*(f"conv{index}" for index in range(1, 6)), "fc6", "fc7", "fc8"]
    assert tuple(node.macs for node in weighted) == ALEXNET_MACS
    assert tuple(weights(everything._replace(nodes=(node,))) for node in weighted) == ALEXNET_WEIGHTS
    assert tuple(written) == ALEXNET_ACTIVATIONS


def test_alexnet_in_total() -> None:
    net = zoo.alexnet()
    cost = net.cost()
    assert (cost.macs, cost.activations, peak_memory(net).elements) == (724_406_816, 932_264, 440_928)
    assert weights(whole(net)) == 60_954_656


def test_alexnet_in_one_tower_multiplies_every_pair_of_channels() -> None:
    grouped = 223_948_800 + 112_140_288 + 74_760_192
    assert zoo.alexnet_one_tower().cost().macs == 724_406_816 + grouped == 1_135_256_096


def test_local_response_norm_adds_no_multiply_accumulates() -> None:
    net = zoo.alexnet(local_response_norm=True)
    assert net.cost().macs == 724_406_816
    assert [node.name for node in net.nodes if node.layer.kind == "local_response_norm"] == ["norm1", "norm2"]


def test_mobilenet_v1_of_full_convolutions_and_shallow() -> None:
    assert zoo.mobilenet_v1(convolution="full").cost().params == 29_294_088
    assert zoo.mobilenet_v1(shallow=True).cost().macs == 307_323_392


@pytest.mark.parametrize(
    "convolution", ["normal", "spatially_separable", "depthwise_separable", "depthwise_spatially_separable"]
)
@pytest.mark.parametrize("activation", ["elu", "relu", "tanh"])
def test_document_000_is_a_stack_of_one_kind_and_one_activation(convolution: str, activation: str) -> None:
    net = zoo.find("document_000")(convolution=convolution, activation=activation, kernel=5, depth=3, resolution=32)
    kinds = {"normal": "conv2d"}.get(convolution, f"{convolution}_conv2d")
    assert [node.layer.kind for node in net.nodes] == [kinds, activation] * 3
    assert net.shapes["conv3"] == (1, 32, 32 - 3 * 4, 32 - 3 * 4)


def test_document_000_layer_by_layer() -> None:
    net = zoo.document_000(convolution="depthwise_separable", kernel=3, depth=2, channels=32, resolution=64)
    macs = [node.macs for node in net.cost().nodes if node.macs]
    assert macs == [62**2 * (9 * 3 + 3 * 32), 60**2 * (9 * 32 + 32 * 32)]


def test_document_002_with_five_and_ten_second_filters() -> None:
    assert zoo.document_002().shapes["pool2"] == (1, 5, 5, 5)
    assert zoo.document_002().cost().macs == 5 * 26**2 * 9 + 5 * 11**2 * 9 * 5 + 125 * 128 + 128 * 10
    assert zoo.document_002(second_filters=10).shapes["pool2"] == (1, 10, 5, 5)
