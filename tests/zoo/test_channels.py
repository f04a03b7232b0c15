"""Rounding rules of channels, against values computed by hand or by the authors' code."""

from __future__ import annotations

from fractions import Fraction

import pytest

from costmodel import Network, symbols, zoo
from costmodel.algebra.types import Dim
from costmodel.errors import SpecError
from costmodel.layers import Conv2d
from costmodel.zoo.channels import (
    floor_at_least_1,
    floor_at_least_8,
    floor_in_groups,
    scaled,
    to_multiple_of_8,
)

ALPHA = symbols("alpha")


def stem(net: Network) -> Dim:
    layer = net.node("conv1").layer
    assert isinstance(layer, Conv2d)
    return layer.out_channels


@pytest.mark.parametrize(("channels", "rounded"), [(Fraction(1, 10), 1), (Fraction(127, 10), 12), (7, 7)])
def test_floor_at_least_1(channels: Fraction, rounded: int) -> None:
    assert floor_at_least_1(channels) == rounded


@pytest.mark.parametrize(("channels", "rounded"), [(Fraction(36, 5), 8), (Fraction(161, 10), 16)])
def test_floor_at_least_8(channels: Fraction, rounded: int) -> None:
    assert floor_at_least_8(channels) == rounded


@pytest.mark.parametrize(
    ("channels", "rounded"), [(Fraction("22.4"), 24), (Fraction("33.6"), 32), (Fraction("11.2"), 16), (Fraction(2), 8)]
)
def test_to_multiple_of_8(channels: Fraction, rounded: int) -> None:
    assert to_multiple_of_8(channels) == rounded


@pytest.mark.parametrize(("groups", "channels", "rounded"), [(2, Fraction("31.9"), 30), (4, 3, 4), (1, 5, 5)])
def test_floor_in_groups(groups: int, channels: Fraction, rounded: int) -> None:
    assert floor_in_groups(groups)(channels) == rounded


def test_a_symbolic_number_of_groups_is_assumed_to_divide() -> None:
    assert floor_in_groups(symbols("g")) is floor_at_least_1


def test_rounding_applies_to_numbers_and_on_request_to_symbols() -> None:
    assert scaled(32, Fraction(35, 100), to_multiple_of_8) == 16
    assert scaled(32, ALPHA, to_multiple_of_8) == 32 * ALPHA
    assert scaled(32, ALPHA, to_multiple_of_8, "exact").subs(ALPHA, Fraction(35, 100)) == 16
    assert scaled(32, Fraction(1, 2), to_multiple_of_8, "none") == 16


def test_unrounded_channels_must_be_whole() -> None:
    with pytest.raises(SpecError, match=r"\(got 32 x 7/20 = 56/5\)$"):
        scaled(32, Fraction(35, 100), to_multiple_of_8, "none")


@pytest.mark.parametrize(
    ("groups", "width", "channels"),
    [(3, "0.5", 12), (8, "0.5", 16), (3, "1", 24), (8, "1.5", 24), (8, "2", 48), (3, "0.25", 6), (8, "0.25", 8)],
)
def test_the_first_convolution_of_shufflenet_v1(groups: int, width: str, channels: int) -> None:
    assert stem(zoo.find("shufflenet_v1")(groups=groups, width=width)) == channels


@pytest.mark.parametrize(("width", "last"), [(0.35, 1280), (1.0, 1280), (1.4, 1792)])
def test_the_last_convolution_of_mobilenet_v2_never_shrinks(width: float, last: int) -> None:
    assert zoo.mobilenet_v2(width=width).shapes["conv_last"][1] == last


def test_a_narrow_resnext_keeps_whole_groups() -> None:
    assert zoo.resnext50_32x4d(width=0.3).shapes["layer1.0.conv1"][1] == 32
