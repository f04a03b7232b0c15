"""Zoo networks as functions: what their parameters take, and what happens with anything else."""

from __future__ import annotations

from typing import Any

import pytest

from costmodel import zoo
from costmodel.errors import ShapeError, SpecError, UnknownNameError
from costmodel.zoo.family import Choice, Number

ABOVE_0 = "must be a number above 0 and at most 1024, or an expression of one"
UP_TO_1000 = "must be a positive integer of at most 1000"
FIT = "'kernel' must fit its padded input"

SENTENCES: list[tuple[str, dict[str, Any], str]] = [
    ("vgg16", {"width": 0}, f"parameter 'width' {ABOVE_0} (got 0)"),
    ("vgg16", {"width": "32*"}, f"parameter 'width' {ABOVE_0} (got '32*')"),
    ("vgg16", {"width": True}, f"parameter 'width' {ABOVE_0} (got True)"),
    ("vgg16", {"width": 2000}, f"parameter 'width' {ABOVE_0} (got 2000)"),
    (
        "vgg16",
        {"resolution": 2.5},
        "parameter 'resolution' must be a positive integer or an expression of one (got 2.5)",
    ),
    ("vgg16", {"batch": 2**31 + 1}, "parameter 'batch' must be at most 2**31 (got 2147483649)"),
    ("vgg", {"depth": 12}, "parameter 'depth' must be one of 11, 13, 16, 19 (got 12)"),
    ("vgg", {"batch_norm": "yes"}, "parameter 'batch_norm' must be one of false, true (got 'yes')"),
    (
        "document_000",
        {"kernel": 10},
        "parameter 'kernel' must be a positive integer of at most 9, or an expression (got 10)",
    ),
    ("regnet", {"w_a": "r"}, "parameter 'w_a' must be a number above 0 and at most 1024 (got 'r')"),
    ("efficientnet", {"depth": "d"}, "parameter 'depth' must be a number above 0 and at most 16 (got 'd')"),
    ("efficientnet", {"depth": 17}, "parameter 'depth' must be a number above 0 and at most 16 (got 17)"),
    ("regnet", {"w_0": 25}, "'w_0' must be a multiple of 8 (got 25)"),
    ("regnet", {"w_m": 1}, "'w_m' must be above 1 (got 1)"),
    ("document_000", {"depth": "r"}, f"parameter 'depth' {UP_TO_1000} (got 'r')"),
    ("document_000", {"depth": 0}, f"parameter 'depth' {UP_TO_1000} (got 0)"),
    (
        "mobilenet_v2",
        {"width": 0.33, "rounding": "none"},
        "'width' must leave whole channels where nothing rounds them (got 32 x 33/100 = 264/25)",
    ),
    (
        "shufflenet_v2",
        {"width": 0.25, "implementation": "authors"},
        "the channels of stage 2 (=24) must be above the first convolution's (=24)",
    ),
    (
        "shufflenet_v1",
        {"groups": 2, "width": 0.25, "rounding": "none"},
        "the channels of stage 2 (=50) must be a multiple of 4 x 'groups' (=8)",
    ),
]

VANISHING: list[tuple[str, dict[str, int], str]] = [
    ("vgg16", {"resolution": 31}, f"pool5: max_pool2d {FIT} (got an extent of 2 on a size of 1)"),
    ("alexnet", {"resolution": 62}, f"pool5: max_pool2d {FIT} (got an extent of 3 on a size of 2)"),
    ("squeezenet1_0", {"resolution": 20}, f"pool8: max_pool2d {FIT} (got an extent of 3 on a size of 1)"),
    ("inception_v3", {"resolution": 74}, f"mixed7a.branch1.conv2: conv2d {FIT} (got an extent of 3 on a size of 2)"),
    ("lenet_5", {"resolution": 10}, f"conv2: conv2d {FIT} (got an extent of 5 on a size of 3)"),
    ("document_000", {"resolution": 8, "kernel": 9}, f"conv1: conv2d {FIT} (got an extent of 9 on a size of 8)"),
]


@pytest.mark.parametrize(("name", "parameters", "sentence"), SENTENCES)
def test_a_value_out_of_range_gets_one_sentence(name: str, parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SpecError) as caught:
        zoo.find(name)(**parameters)
    assert str(caught.value) == f"{name}: {sentence}"


@pytest.mark.parametrize(("name", "parameters", "sentence"), VANISHING)
def test_a_resolution_at_which_a_map_vanishes_names_the_layer(
    name: str, parameters: dict[str, int], sentence: str
) -> None:
    with pytest.raises(ShapeError) as caught:
        zoo.find(name)(**parameters)
    assert str(caught.value) == f"{name}, {sentence}"


@pytest.mark.parametrize(
    "name",
    [
        *("resnet50", "regnet", "mobilenet_v1", "mobilenet_v2", "mobilenet_v3", "shufflenet_v1", "shufflenet_v2"),
        *("efficientnet", "efficientnet_lite", "mnasnet", "ghostnet"),
    ],
)
def test_padded_networks_go_down_to_one_pixel(name: str) -> None:
    assert zoo.find(name)(resolution=1).steps[-1].output_shapes == ((1, 1000),)


def test_an_unknown_parameter_or_network_names_the_nearest() -> None:
    with pytest.raises(
        UnknownNameError, match=r"^there is no parameter of mobilenet_v1 named 'widht'; the nearest are width"
    ):
        zoo.find("mobilenet_v1")(widht=1)
    with pytest.raises(
        UnknownNameError, match=r"^there is no zoo network named 'mobilenetv2'; the nearest are mobilenet_v2"
    ):
        zoo.find("mobilenetv2")


def test_a_variant_fixes_a_parameter_for_good() -> None:
    assert "depth" not in zoo.vgg16.parameters
    with pytest.raises(UnknownNameError, match="no parameter of vgg16 named 'depth'"):
        zoo.find("vgg16")(depth=11)


@pytest.mark.parametrize("value", [0.75, "0.75", "3/4"])
def test_a_real_parameter_is_read_as_it_prints(value: object) -> None:
    assert zoo.find("mobilenet_v1")(width=value).cost().macs == 325_400_448


@pytest.mark.parametrize(("value", "version"), [(1.1, "1.1"), ("1.1", "1.1"), ("1.0", "1.0")])
def test_a_choice_is_read_from_text_or_number(value: object, version: str) -> None:
    assert zoo.find("squeezenet")(version=value) == zoo.find("squeezenet")(version=version)


def test_a_choice_of_truth_takes_words_and_not_numbers() -> None:
    assert zoo.find("vgg")(batch_norm="true") == zoo.find("vgg")(batch_norm=True)
    with pytest.raises(SpecError):
        zoo.find("vgg")(batch_norm=1)


def test_a_range_says_what_is_taken() -> None:
    assert Number("m").range == "a positive integer, or an expression"
    assert Number("m", real=True).range == "a positive number, or an expression"
    assert Number("m", real=True, symbolic=False).range == "a positive number"
    assert Number("m", symbolic=False, most=9).range == "a positive integer of at most 9"
    assert Choice("m", (False, True)).range == "false, true"


def test_a_network_knows_its_family_and_source() -> None:
    net = zoo.resnext50_32x4d()
    assert (net.name, net.family) == ("resnext50_32x4d", "resnet")
    assert "1611.05431" in net.source
