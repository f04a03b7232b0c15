"""What a Pareto picture compares."""

from __future__ import annotations

import numpy as np
import pytest

from costmodel import zoo
from costmodel.errors import SizingError, UnknownNameError
from costmodel.hardware import find_profile
from costmodel.report.candidates import of_accuracies, of_networks, of_space
from costmodel.sizing import compile_space
from costmodel.sizing.fronts.accuracy import parse_accuracy

TABLE = parse_accuracy(
    "model,weights,crop,top1_percent\n"
    "resnet18,IMAGENET1K_V1,224,69.758\nresnet50,IMAGENET1K_V1,224,76.13\nresnet50,IMAGENET1K_V2,224,80.858\n"
    "alexnet,IMAGENET1K_V1,224,56.522\nswin_t,IMAGENET1K_V1,224,81.474\nvgg16,IMAGENET1K_FEATURES,224,nan\n"
)


class TestAccuracies:
    def test_are_against_exact_costs_at_the_published_resolution(self) -> None:
        found = of_accuracies(TABLE, "macs")
        assert found.names == ("resnet18", "resnet50 V1", "resnet50 V2", "alexnet")
        assert found.points[0].tolist() == [1_814_073_344, 4_089_184_256, 4_089_184_256, 714_188_480]
        assert [found.names[index] for index in found.front] == ["alexnet", "resnet18", "resnet50 V2"]
        assert found.left_out == ("swin_t", "vgg16")

    def test_may_be_against_time_on_a_device(self) -> None:
        found = of_accuracies(TABLE, "latency_s", find_profile("pixel-1"), only=["resnet18"])
        assert found.points[0].tolist() == [zoo.resnet18().latency("pixel-1").latency_s]

    def test_that_are_named_by_the_zoo_or_by_the_file_are_kept(self) -> None:
        assert of_accuracies(TABLE, "params", only=["alexnet_torchvision"]).names == ("alexnet",)
        with pytest.raises(UnknownNameError, match="no network with an accuracy in the accuracies named 'resnet51'"):
            of_accuracies(TABLE, "params", only=["resnet51"])


class TestNetworks:
    def test_need_two_costs(self) -> None:
        for costs in (["macs"], ["macs", "macs"], ["macs", "params", "flops"]):
            with pytest.raises(SizingError, match="a Pareto picture has two costs"):
                of_networks([zoo.lenet_5()], costs)

    def test_with_symbols_or_without_a_device_are_refused(self) -> None:
        with pytest.raises(SizingError, match="mobilenet_v1 has symbols"):
            of_networks([zoo.mobilenet_v1(width="alpha")], ["macs", "params"])
        with pytest.raises(SizingError, match="latency_s needs a device"):
            of_networks([zoo.lenet_5()], ["macs", "latency_s"])


class TestSpaces:
    def test_have_the_costs_of_every_configuration(self) -> None:
        space = compile_space("mobilenet_v1", {"width": "0.5,1", "resolution": "128,224"}, ("macs", "params"))
        found = of_space(space, ("macs", "params"))
        networks = [zoo.mobilenet_v1(width=width, resolution=size) for width in ("0.5", 1) for size in (128, 224)]
        np.testing.assert_array_equal(found.points[0], [each.cost().macs for each in networks])
        np.testing.assert_array_equal(found.points[1], [each.cost().params for each in networks])
        assert found.front == (0,)
        assert found.names[0] == "width 0.5, resolution 128"

    def test_of_too_many_configurations_are_refused(self) -> None:
        space = compile_space("mobilenet_v1", {"width": "0.01:1:0.0001", "resolution": "32:1024"}, ("macs", "params"))
        with pytest.raises(SizingError, match="are too many for a picture"):
            of_space(space, ("macs", "params"))
