"""Rooflines with kernels on them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.collections import PathCollection

from costmodel import Builder, zoo
from costmodel.errors import HardwareError
from costmodel.hardware import find_profile
from costmodel.latency import Latency, estimate, lower, roofline_latency
from costmodel.layers import Conv2d
from costmodel.network import Network
from costmodel.report.pictures import roofline
from costmodel.report.pictures.roofline import kernel_points
from tests.report.pictures.looking import problems


def one_convolution() -> Network:
    b = Builder("one")
    layer = Conv2d(out_channels=8, kernel=3)
    return b.build(
        b.input("x", (1, 3, 8, 8)).then(layer, name="a_rather_long_name_of_a_kernel.which_nobody.would_give")
    )


LATENCIES: dict[str, Callable[[], Latency]] = {
    "calibrated": lambda: zoo.mobilenet_v1().latency("pixel-1"),
    "five data types": lambda: estimate(zoo.resnet50(), "a100", data_type="float16"),
    "nine hundred kernels": lambda: estimate(zoo.nasnet_a_large(), "stm32h743", data_type="int8"),
    "one kernel": lambda: estimate(one_convolution(), "v100"),
    "published efficiencies": lambda: estimate(zoo.mobilenet_v2(), "cortex-m7", data_type="int8"),
}


@pytest.mark.parametrize("which", LATENCIES)
class TestPictures:
    def test_every_kernel_with_arithmetic_is_a_point_where_its_amounts_say(self, which: str) -> None:
        latency = LATENCIES[which]()
        drawn = np.concatenate([np.asarray(each.get_offsets()) for each in roofline(latency).axes[0].collections])
        assert latency.memory is not None
        expected = [
            (kernel.operations / kernel.traffic_bytes, kernel.operations / time.latency_s)
            for kernel, time in zip(latency.memory.kernels, latency.kernels, strict=True)
            if kernel.operations
        ]
        np.testing.assert_allclose(np.array(sorted(map(tuple, drawn))), np.array(sorted(expected)))

    def test_no_kernel_is_above_its_roof(self, which: str) -> None:
        latency = LATENCIES[which]()
        assert latency.memory is not None
        profile, data_type = latency.memory.profile, latency.memory.data_type
        for each in kernel_points(latency.memory.kernels, latency.kernels):
            if not latency.is_calibrated:
                assert each.speed <= 1.0001 * min(profile.peak(data_type), each.intensity * profile.bandwidth())

    def test_no_text_covers_another(self, which: str) -> None:
        assert problems(roofline(LATENCIES[which]())) == []


class TestRoofs:
    def test_are_the_published_peaks_and_the_bandwidth(self) -> None:
        profile = find_profile("v100")
        axes = roofline(estimate(zoo.mobilenet_v1(), profile)).axes[0]
        flat = {float(np.asarray(line.get_ydata())[-1]) for line in axes.lines}
        assert flat >= {quantity.si for quantity in profile.operations_per_s.values()}
        x, y = np.asarray(axes.lines[-1].get_xydata())[0]
        assert y / x == pytest.approx(profile.bandwidth())

    def test_say_their_numbers(self) -> None:
        texts = {each.get_text() for each in roofline(estimate(zoo.mobilenet_v1(), "v100")).axes[0].texts}
        assert {"float32: 15.7 Top/s", "float16: 125 Top/s", "memory: 900 GB/s"} <= texts

    def test_that_are_near_one_another_have_names_that_are_not(self) -> None:
        gpu = find_profile("a100")
        peaks = {
            data_type: quantity.model_copy(update={"value": 100.0 + index})
            for index, (data_type, quantity) in enumerate(gpu.operations_per_s.items())
        }
        near = gpu.model_copy(update={"operations_per_s": peaks})
        assert problems(roofline(estimate(zoo.resnet50(), near, data_type="float16"))) == []

    def test_areas_are_as_times(self) -> None:
        latency = estimate(zoo.vgg16(), "v100")
        assert latency.memory is not None
        points = {each.latency_s: each for each in kernel_points(latency.memory.kernels, latency.kernels)}
        areas = {}
        for each in roofline(latency).axes[0].collections:
            assert isinstance(each, PathCollection)
            offsets, sizes = np.asarray(each.get_offsets()), np.asarray(each.get_sizes())
            areas.update({tuple(offset): size for offset, size in zip(offsets.tolist(), sizes.tolist(), strict=True)})
        longest, *others = sorted(points, reverse=True)[:5]
        for time in others:
            ratio = (
                areas[points[time].intensity, points[time].speed]
                / areas[points[longest].intensity, points[longest].speed]
            )
            assert ratio == pytest.approx(time / longest)


class TestRefusals:
    def test_of_symbols_name_the_kernel(self) -> None:
        with pytest.raises(HardwareError, match="conv1 depends on a symbol; a picture needs numbers"):
            roofline(estimate(zoo.mobilenet_v1(width="alpha"), "v100"))

    def test_of_kernels_alone_say_what_is_needed(self) -> None:
        kernels = lower(zoo.lenet_5())
        with pytest.raises(HardwareError, match="of a network's latency, and not of kernels alone"):
            roofline(roofline_latency(kernels, find_profile("v100")))

    def test_of_a_device_without_a_bandwidth_name_it(self) -> None:
        latency = estimate(zoo.lenet_5(), "v100")
        assert latency.memory is not None
        object.__setattr__(latency.memory, "profile", find_profile("coral-edge-tpu"))
        object.__setattr__(latency.memory, "data_type", "int8")
        with pytest.raises(HardwareError, match="coral-edge-tpu has no bytes_per_s"):
            roofline(latency)
