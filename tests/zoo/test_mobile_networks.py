"""EfficientNet, MobileNetV3, MnasNet, GhostNet and ShuffleNetV2: totals to the integer, and the structure behind."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

import pytest

from costmodel import Network, symbols, zoo
from costmodel.algebra.types import Dim
from costmodel.errors import SpecError, UnknownNameError
from costmodel.layers import DepthwiseConv2d, Dropout
from costmodel.zoo.channels import quarter, to_multiple_of_4, to_multiple_of_8
from costmodel.zoo.shufflenet_v2 import last_channels, stage2_channels
from tests.zoo.published import stored, whole

# Half of FlopCounterMode's count, and the elements of the parameters, of the modules of torchvision 0.29.1 and
# timm 1.0.31; where only torchvision's builder has the parameters, of what that builder makes.
TORCHVISION: list[tuple[str, dict[str, Any], int, int]] = [
    ("efficientnet_b0", {}, 385_814_752, 5_288_548),
    ("efficientnet_b1", {}, 686_802_832, 7_794_184),
    ("efficientnet_b2", {}, 993_561_872, 9_109_994),
    ("efficientnet_b2", {"resolution": 288}, 1_087_529_456, 9_109_994),
    ("efficientnet_b3", {}, 1_827_141_392, 12_233_232),
    ("efficientnet_b4", {}, 4_393_771_024, 19_341_616),
    ("efficientnet_b5", {}, 10_266_384_752, 30_389_784),
    ("efficientnet_b6", {}, 19_067_593_536, 43_040_704),
    ("efficientnet_b7", {}, 37_745_884_192, 66_347_960),
    ("efficientnet_b0", {"resolution": 64, "classes": 10}, 31_979_392, 4_020_358),
    ("efficientnet", {"resolution": 97}, 101_615_680, 5_288_548),
    ("efficientnet", {"width": "0.5"}, 120_051_984, 1_712_522),
    ("efficientnet", {"width": "1.4", "depth": "1.8", "resolution": 128}, 494_313_824, 19_341_616),
    ("mobilenet_v3_large", {}, 216_589_760, 5_483_032),
    ("mobilenet_v3_large", {"resolution": 97, "classes": 10}, 55_725_224, 4_214_842),
    ("mobilenet_v3_small", {}, 56_510_400, 2_542_856),
    ("mobilenet_v3_small", {"resolution": 97, "classes": 10}, 15_117_672, 1_528_106),
    ("mnasnet_b1", {"width": "0.5"}, 104_455_968, 2_218_512),
    ("mnasnet_b1", {"width": "0.75"}, 215_493_104, 3_170_208),
    ("mnasnet_b1", {}, 314_415_872, 4_383_312),
    ("mnasnet_b1", {"width": "1.3"}, 526_362_432, 6_282_256),
    ("mnasnet_b1", {"resolution": 97, "classes": 10}, 83_167_688, 3_115_122),
    ("shufflenet_v2_x0_5", {}, 40_476_448, 1_366_792),
    ("shufflenet_v2_x1_0", {}, 144_907_992, 2_278_604),
    ("shufflenet_v2_x1_5", {}, 295_759_392, 3_503_624),
    ("shufflenet_v2_x1_5", {"resolution": 97, "classes": 10}, 76_913_520, 2_488_874),
    ("shufflenet_v2_x2_0", {}, 583_253_464, 7_393_996),
]
TIMM: list[tuple[str, dict[str, Any], int, int]] = [
    ("efficientnet_lite0", {}, 385_187_552, 4_652_008),
    ("efficientnet_lite1", {}, 600_185_232, 5_416_680),
    ("efficientnet_lite2", {}, 859_736_272, 6_092_072),
    ("efficientnet_lite2", {"resolution": 97, "classes": 10}, 148_503_072, 4_823_882),
    ("efficientnet_lite3", {}, 1_383_321_872, 8_197_096),
    ("efficientnet_lite4", {}, 2_553_034_336, 13_006_568),
    ("efficientnet_b1", {"resolution": 97, "classes": 10}, 150_828_880, 6_525_994),
    ("mobilenet_v3_large", {"width": "0.75"}, 154_560_624, 3_993_528),
    ("mobilenet_v3_small", {"width": "0.75"}, 43_399_344, 2_041_872),
    ("mobilenet_v3_large_minimalistic", {}, 209_136_704, 3_924_288),
    ("mobilenet_v3_large_minimalistic", {"resolution": 97, "classes": 10}, 52_710_824, 2_656_098),
    ("mobilenet_v3_small_minimalistic", {}, 52_288_448, 2_044_736),
    ("mnasnet_b1", {"width": "1.4"}, 588_799_408, 7_115_728),
    ("mnasnet_a1", {"width": "0.5"}, 103_162_992, 2_082_006),
    ("mnasnet_a1", {"width": "0.75"}, 223_448_480, 2_912_278),
    ("mnasnet_a1", {}, 311_579_072, 3_887_038),
    ("mnasnet_a1", {"width": "1.4"}, 586_317_952, 6_105_992),
    ("mnasnet_a1", {"resolution": 97, "classes": 10}, 78_522_968, 2_618_848),
    ("ghostnet", {"width": "0.5"}, 42_328_152, 2_587_292),
    ("ghostnet", {}, 141_150_512, 5_182_508),
    ("ghostnet", {"width": "1.3"}, 227_003_256, 7_358_820),
    ("ghostnet", {"resolution": 97, "classes": 10}, 38_038_328, 3_914_318),
]

# The `_ops` of torchvision 0.29.1's first weights, billions of multiply-accumulates to three decimals.
OPS: list[tuple[str, dict[str, Any], float]] = [
    ("efficientnet_b0", {}, 0.386),
    ("efficientnet_b1", {}, 0.687),
    ("efficientnet_b2", {"resolution": 288}, 1.088),
    ("efficientnet_b3", {}, 1.827),
    ("efficientnet_b4", {}, 4.394),
    ("efficientnet_b5", {}, 10.266),
    ("efficientnet_b6", {}, 19.068),
    ("efficientnet_b7", {}, 37.746),
    ("mobilenet_v3_large", {}, 0.217),
    ("mobilenet_v3_small", {}, 0.057),
    ("mnasnet_b1", {"width": "0.5"}, 0.104),
    ("mnasnet_b1", {"width": "0.75"}, 0.215),
    ("mnasnet_b1", {}, 0.314),
    ("mnasnet_b1", {"width": "1.3"}, 0.526),
    ("shufflenet_v2_x0_5", {}, 0.040),
    ("shufflenet_v2_x1_0", {}, 0.145),
    ("shufflenet_v2_x1_5", {}, 0.296),
    ("shufflenet_v2_x2_0", {}, 0.583),
]

# Stored elements, by the table of Keras Applications (keras.io) and by `Model.summary` of MobileNetV3.
KERAS = {
    "efficientnet_b0": 5_330_571,
    "efficientnet_b1": 7_856_239,
    "efficientnet_b2": 9_177_569,
    "efficientnet_b3": 12_320_535,
    "efficientnet_b4": 19_466_823,
    "efficientnet_b5": 30_562_527,
    "efficientnet_b6": 43_265_143,
    "efficientnet_b7": 66_658_687,
    "mobilenet_v3_large": 5_507_432,
    "mobilenet_v3_small": 2_554_968,
}
INPUT_STATISTICS = 3 + 3 + 1
"""Means, variances and a count, by which Keras's EfficientNets normalize their images."""

# Millions, by the table of tensorflow/tpu, models/official/mnasnet/README.md; the same at every resolution.
MNASNET_A1_PARAMS = {"1.4": 6.1, "1": 3.9, "0.75": 2.9, "0.5": 2.1, "0.35": 1.7}

# The authors' repository (megvii-model/ShuffleNet-Series, ShuffleNetV2/network.py) as a PyTorch module, counted so.
SHUFFLENET_V2_AUTHORS = [
    ("0.5", 40_476_448, 1_365_792),
    ("1", 145_814_296, 2_278_760),
    ("1.5", 298_970_656, 3_506_720),
    ("2", 590_783_000, 7_402_600),
]


# Modules called by a forward pass, by hooks.
MODULES: dict[str, dict[str, int]] = {
    "efficientnet_b0": {"convolutions": 81, "batch_norm": 49, "silu": 49, "sigmoid": 16, "global_avg_pool": 17},
    "efficientnet_b7": {"convolutions": 273, "batch_norm": 163, "silu": 163, "sigmoid": 55, "global_avg_pool": 56},
    "efficientnet_lite4": {"convolutions": 91, "batch_norm": 91, "relu6": 61, "global_avg_pool": 1},
    "mobilenet_v3_large": {"convolutions": 62, "batch_norm": 46, "hard_swish": 21, "relu": 19, "hard_sigmoid": 8},
    "mobilenet_v3_small": {"convolutions": 52, "batch_norm": 34, "hard_swish": 19, "relu": 14, "hard_sigmoid": 9},
    "mobilenet_v3_large_minimalistic": {"convolutions": 46, "batch_norm": 46, "relu": 32},
    "mnasnet_a1": {"convolutions": 65, "batch_norm": 49, "relu": 41, "sigmoid": 8},
    "mnasnet_b1": {"convolutions": 52, "batch_norm": 52, "relu": 35, "sigmoid": 0},
    "ghostnet": {"convolutions": 95, "batch_norm": 80, "relu": 42, "hard_sigmoid": 7},
    "shufflenet_v2_x1_0": {"convolutions": 56, "batch_norm": 56, "relu": 37, "max_pool2d": 1},
}


def kinds(net: Network) -> Counter[str]:
    return Counter(node.layer.kind for node in net.nodes)


def dropout_rate(net: Network) -> float:
    (rate,) = (node.layer.rate for node in net.nodes if isinstance(node.layer, Dropout))
    return rate


def kernels(net: Network) -> set[Dim]:
    return {node.layer.kernel[0] for node in net.nodes if isinstance(node.layer, DepthwiseConv2d)}


@pytest.mark.parametrize(("name", "parameters", "macs", "params"), [*TORCHVISION, *TIMM])
def test_a_network_counts_what_a_pytorch_implementation_runs(
    name: str, parameters: dict[str, Any], macs: int, params: int
) -> None:
    cost = zoo.find(name)(**parameters).cost()
    assert (cost.macs, cost.params) == (macs, params)


@pytest.mark.parametrize(("name", "parameters", "billions"), OPS)
def test_a_network_costs_what_torchvision_prints(name: str, parameters: dict[str, Any], billions: float) -> None:
    assert round(zoo.find(name)(**parameters).cost().macs / 1e9, 3) == billions


@pytest.mark.parametrize(("width", "macs", "params"), SHUFFLENET_V2_AUTHORS)
def test_shufflenet_v2_counts_what_its_authors_code_runs(width: str, macs: int, params: int) -> None:
    cost = zoo.find("shufflenet_v2")(width=width, implementation="authors").cost()
    assert (cost.macs, cost.params) == (macs, params)


@pytest.mark.parametrize(("name", "elements"), KERAS.items())
def test_a_network_stores_what_keras_prints(name: str, elements: int) -> None:
    of_the_input = INPUT_STATISTICS if name.startswith("efficientnet") else 0
    assert stored(whole(zoo.find(name)())) + of_the_input == elements


@pytest.mark.parametrize(("width", "params", "macs"), [("0.5", 2.6, 42), ("1", 5.2, 141)])
def test_ghostnet_costs_the_millions_that_its_paper_prints(width: str, params: float, macs: int) -> None:
    cost = zoo.find("ghostnet")(width=width).cost()
    assert (round(cost.params / 1e6, 1), round(cost.macs / 1e6)) == (params, macs)


@pytest.mark.parametrize(("width", "millions"), MNASNET_A1_PARAMS.items())
def test_mnasnet_a1_has_the_parameters_that_its_authors_print(width: str, millions: float) -> None:
    assert round(zoo.find("mnasnet_a1")(width=width).cost().params / 1e6, 1) == millions


def test_mnasnet_a1_is_312_million_multiply_adds_as_its_authors_print() -> None:
    assert round(zoo.mnasnet_a1().cost().macs / 1e6) == 312


class TestStructure:
    @pytest.mark.parametrize(("name", "modules"), MODULES.items())
    def test_a_network_runs_the_modules_of_its_pytorch_implementation(self, name: str, modules: dict[str, int]) -> None:
        found = kinds(zoo.find(name)())
        convolutions = found["conv2d"] + found["pointwise_conv2d"] + found["depthwise_conv2d"]
        assert {"convolutions": convolutions, **{kind: found[kind] for kind in list(modules)[1:]}} == modules

    def test_dropout_grows_from_b0_to_b7(self) -> None:
        rates = [dropout_rate(zoo.find(f"efficientnet_b{index}")()) for index in range(8)]
        assert rates == [0.2, 0.2, 0.3, 0.3, 0.4, 0.4, 0.5, 0.5]

    def test_a_minimalistic_network_has_no_gates_no_swish_and_no_5x5_convolutions(self) -> None:
        for size in ("large", "small"):
            full = zoo.find(f"mobilenet_v3_{size}")()
            plain = zoo.find(f"mobilenet_v3_{size}_minimalistic")()
            assert kernels(full) == {3, 5}
            assert kernels(plain) == {3}
            assert not {"multiply", "hard_swish", "hard_sigmoid"} & kinds(plain).keys()
            assert plain.shapes["conv_last"] == full.shapes["conv_last"]

    def test_efficientnet_lite_keeps_its_first_and_last_stage_and_convolution(self) -> None:
        net = zoo.efficientnet_lite4()
        assert (net.shapes["conv1"][1], net.shapes["conv_last"][1]) == (32, 1280)
        assert [net.shapes[f"block{index}.project"][1] for index in (1, 2, 29, 30)] == [24, 32, 272, 448]

    def test_a_depth_adds_blocks_rounded_up(self) -> None:
        blocks = [kinds(zoo.efficientnet(depth=depth))["depthwise_conv2d"] for depth in (1, 1.1, 1.2, 1.4, 2)]
        assert blocks == [16, 23, 23, 26, 32]

    def test_the_shuffle_of_shufflenet_v2_comes_before_the_split_in_the_authors_code(self) -> None:
        assert kinds(zoo.shufflenet_v2())["channel_shuffle"] == 16
        assert kinds(zoo.shufflenet_v2(implementation="authors"))["channel_shuffle"] == 13
        assert dropout_rate(zoo.shufflenet_v2(implementation="authors", width=2)) == 0.2


class TestChannels:
    @pytest.mark.parametrize(("channels", "reduced"), [(72, 24), (88, 24), (96, 24), (120, 32), (144, 40), (960, 240)])
    def test_mobilenet_v3_reduces_to_a_quarter_in_multiples_of_8(self, channels: int, reduced: int) -> None:
        assert quarter(channels, channels, 1, to_multiple_of_8) == reduced

    @pytest.mark.parametrize(("channels", "reduced"), [(72, 20), (120, 32), (480, 120), (672, 168)])
    def test_ghostnet_reduces_to_a_quarter_in_multiples_of_4(self, channels: int, reduced: int) -> None:
        assert quarter(channels, channels, 1, to_multiple_of_4) == reduced

    def test_a_symbolic_width_reduces_to_its_multiple_of_what_the_network_has_at_width_1(self) -> None:
        alpha = symbols("alpha")
        assert quarter(72 * alpha, 72, alpha, to_multiple_of_8) == 24 * alpha
        assert quarter(72 * alpha, 72, alpha, to_multiple_of_8, "exact").subs(alpha, 2) == 40

    @pytest.mark.parametrize(
        ("width", "stage2", "last"),
        [
            *(("0.25", 24, 1024), ("0.5", 48, 1024), ("0.75", 82, 1024), ("1", 116, 1024), ("1.25", 146, 1024)),
            *(("1.5", 176, 1024), ("1.75", 210, 1536), ("2", 244, 2048), ("3", 366, 3072)),
        ],
    )
    def test_shufflenet_v2_has_the_published_channels_and_straight_lines_between(
        self, width: str, stage2: int, last: int
    ) -> None:
        exact = Fraction(width)
        assert (stage2_channels(exact, "auto"), last_channels(exact, "auto")) == (stage2, last)

    def test_wider_shufflenets_never_have_fewer_channels(self) -> None:
        channels = [stage2_channels(Fraction(step, 64), "auto") for step in range(1, 200)]
        assert channels == sorted(channels)
        assert not any(count % 2 for count in channels)

    def test_unrounded_channels_must_split(self) -> None:
        with pytest.raises(SpecError) as caught:
            zoo.find("shufflenet_v2")(width=0.25, rounding="none")
        assert str(caught.value) == "shufflenet_v2: the channels of stage 2 (=29) must be a multiple of 2"
        with pytest.raises(SpecError) as caught:
            zoo.find("ghostnet")(width="0.125", rounding="none")
        assert str(caught.value) == "ghostnet: the channels of a ghost module (=3) must be a multiple of 2"


class TestVariants:
    def test_a_variant_has_a_default_of_its_own_that_may_be_changed(self) -> None:
        parameters = zoo.efficientnet_b3.parameters
        assert parameters["resolution"][1] == 300
        assert "width" not in parameters
        assert zoo.efficientnet_b3().inputs["image"] == (1, 3, 300, 300)
        assert zoo.efficientnet_b3(resolution=97).inputs["image"] == (1, 3, 97, 97)

    def test_the_family_at_its_parameters_is_the_variant(self) -> None:
        made = zoo.find("efficientnet")(width="1.2", depth="1.4", resolution=300, dropout="0.3")
        assert made.nodes == zoo.efficientnet_b3().nodes

    def test_what_a_variant_fixes_is_no_parameter(self) -> None:
        with pytest.raises(UnknownNameError, match="no parameter of efficientnet_b3 named 'width'"):
            zoo.find("efficientnet_b3")(width=1)
