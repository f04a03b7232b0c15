"""Features: amounts that can be counted by hand, and what their coefficients are measured in."""

from __future__ import annotations

import pytest

from costmodel import Builder, Network, zoo
from costmodel.calibration import TERMS, features
from costmodel.calibration.features import data_type, disjoint, term, work
from costmodel.layers import Add, Conv2d, DepthwiseConv2d, Flatten, Layer, Linear, ReLU


@pytest.fixture(scope="module")
def network() -> Network:
    b = Builder("by hand")
    x = b.input("image", (1, 4, 8, 8))
    y = x.then(Conv2d(out_channels=4, kernel=3, padding=1, bias=False), ReLU(), name="dense")
    y = y.then(DepthwiseConv2d(kernel=3, padding=1, bias=False), name="depthwise")
    return b.build(b.add(Add(), x, y).then(Flatten(), Linear(out_features=10, bias=False), name="head"))


class TestAmounts:
    """One dense and one depthwise 3x3 convolution on 4 x 8 x 8, an addition, a linear layer 256 -> 10."""

    def test_are_counted_by_hand(self, network: Network) -> None:
        dense, depthwise, linear = 4 * 64 * 4 * 9, 4 * 64 * 9, 256 * 10
        assert features(network) == {
            "macs": dense + depthwise + linear,
            "kernels": 4,
            "macs_conv3x3": dense,
            "activation_bytes": 4 * (3 * 256 + 10),
            "weight_bytes": 4 * (4 * 4 * 9 + 4 * 9 + 256 * 10),
            "macs_depthwise": depthwise,
            "networks": 1,
        }

    def test_bytes_follow_the_data_type(self, network: Network) -> None:
        assert features(network, "uint8")["weight_bytes"] * 4 == features(network)["weight_bytes"]

    def test_of_kernels_make_those_of_the_network(self, network: Network) -> None:
        units = work(network)
        for each in TERMS:
            assert sum(unit.amounts[each.name] for unit in units) == features(network)[each.name]

    def test_may_be_expressions(self) -> None:
        assert str(features(zoo.mobilenet_v1(batch="n"))["macs"]) == "568740352*n"


class TestConv3x3:
    """A dense 3x3 convolution of stride 1, and nothing else."""

    @pytest.mark.parametrize(
        ("layer", "counted"),
        [
            (Conv2d(out_channels=8, kernel=3, padding=1), True),
            (Conv2d(out_channels=8, kernel=3, padding=1, stride=2), False),
            (Conv2d(out_channels=8, kernel=3, padding=2, dilation=2), False),
            (Conv2d(out_channels=8, kernel=5, padding=2), False),
            (Conv2d(out_channels=8, kernel=(1, 3)), False),
            (Conv2d(out_channels=8, kernel=3, groups=2), False),
            (DepthwiseConv2d(kernel=3, padding=1), False),
        ],
    )
    def test_is_told_from_others(self, layer: Layer, counted: bool) -> None:
        b = Builder("one")
        amounts = features(b.build(b.input("image", (1, 4, 8, 8)).then(layer)))
        assert amounts["macs_conv3x3"] == (amounts["macs"] if counted else 0)


class TestTerms:
    """Every coefficient has a unit and a meaning."""

    def test_units_are_seconds_for_something(self) -> None:
        assert [each.unit for each in TERMS] == ["s/MAC", "s/kernel", "s/MAC", "s/B", "s/B", "s/MAC"]

    def test_names_are_found(self) -> None:
        assert term("weight_bytes").resource == "memory"
        assert term("networks").unit == "s/network"

    def test_part_leaves_its_whole_only_where_both_are_there(self) -> None:
        amounts = {"macs": 10, "macs_conv3x3": 4, "kernels": 2}
        assert disjoint(amounts, ["kernels", "macs"]) == {"kernels": 2, "macs": 10}
        assert disjoint(amounts, ["macs_conv3x3", "macs"]) == {"macs_conv3x3": 4, "macs": 6}
        assert disjoint(amounts, ["macs_conv3x3"]) == {"macs_conv3x3": 4}


@pytest.mark.parametrize(
    ("precision", "expected"), [("fp32", "float32"), ("FP16", "float16"), ("uint8", "uint8"), ("", "float32")]
)
def test_precision_names_a_data_type(precision: str, expected: str) -> None:
    assert data_type(precision) == expected
