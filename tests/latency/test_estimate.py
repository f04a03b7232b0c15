"""Estimates on profiles: one layer by hand, refusals, and bounds that measured times respect."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from costmodel import Builder, Network, symbols, zoo
from costmodel.errors import HardwareError, UnknownNameError
from costmodel.hardware import find_profile, parse_profile
from costmodel.latency import (
    estimate,
    lower,
    roofline_latency,
    speed_latency,
)
from costmodel.layers import Conv2d, Linear


@pytest.fixture
def problem_1() -> Network:
    """The convolution of document 002, problem 1: 25x25x9 to 19x19x64 with kernels of 7x7."""
    b = Builder("problem 1")
    return b.build(b.input("image", (1, 9, 25, 25)).then(Conv2d(out_channels=64, kernel=7, bias=False), name="conv"))


PEDESTRIAN = """
version = 1
name = "pedestrian"
title = "A slow board"
[operations_per_s.float32]
value = 1
unit = "Mop/s"
source = "made up for this test"
[bytes_per_s]
value = 1
unit = "kB/s"
source = "made up for this test"
[overhead_s]
value = 10
unit = "ms"
source = "made up for this test"
[efficiency.conv]
value = 0.5
source = "made up for this test"
[efficiency.memory]
value = 0.25
source = "made up for this test"
[energy.joules_per_operation.float32]
value = 1
unit = "uJ/op"
source = "made up for this test"
[energy.joules_per_byte]
value = 1
unit = "mJ/B"
source = "made up for this test"
[energy.idle_w]
value = 2
unit = "W"
source = "made up for this test"
"""


class TestOneLayer:
    """20,377,728 operations; 22,500 bytes in, 112,896 of weights, 92,416 out."""

    def test_on_a_v100(self, problem_1: Network) -> None:
        result = estimate(problem_1, "v100")
        (kernel,) = result.kernels
        assert kernel.compute_s == pytest.approx(20_377_728 / 15.7e12, rel=1e-12)
        assert kernel.memory_s == pytest.approx(227_812 / 900e9, rel=1e-12)
        assert result.latency_s == pytest.approx(1.297944e-6 + 3e-6, rel=1e-6)
        assert kernel.bound_by == "overhead"
        assert result.energy_j == pytest.approx(300 * result.latency_s)
        assert (result.low_s, result.high_s, result.interval) == (None, None, None)

    def test_on_a_slow_board(self, problem_1: Network) -> None:
        board = parse_profile(PEDESTRIAN)
        result = estimate(problem_1, board)
        (kernel,) = result.kernels
        assert kernel.compute_s == pytest.approx(40.755456)
        assert kernel.memory_s == pytest.approx(911.248)
        assert kernel.bound_by == "memory"
        assert result.latency_s == pytest.approx(911.258)
        assert result.throughput_per_s == pytest.approx(1 / 911.258)
        assert result.energy_j == pytest.approx(20.377728 + 227.812 + 2 * 911.258)
        assert result.assumptions == (
            "kernels are those of a typical inference runtime",
            "kernels run one after the other; each reads its inputs and weights and writes its outputs once",
            "the arithmetic is that of the formulas: no Winograd, no FFT",
        )


class TestRefusals:
    """What is not published is not invented."""

    @pytest.mark.parametrize(
        ("device", "data_type", "sentence"),
        [
            ("v100", "int8", "v100 has no published peak for int8"),
            ("coral-edge-tpu", "int8", "coral-edge-tpu has no bytes_per_s"),
        ],
    )
    def test_latency(self, problem_1: Network, device: str, data_type: str, sentence: str) -> None:
        with pytest.raises(HardwareError, match=sentence):
            estimate(problem_1, device, data_type=data_type)

    def test_unknown_data_type(self, problem_1: Network) -> None:
        with pytest.raises(UnknownNameError, match="there is no data type named 'float31'"):
            estimate(problem_1, "v100", data_type="float31")


MEASURED = [
    # device, data type, network, seconds
    # ncnn, benchmark/README.md: AMD Ryzen 5700g, one thread, mobilenet
    ("ryzen-5700g-core", "float32", zoo.mobilenet_v1, 11.43e-3),
    ("ryzen-5700g-core", "float32", zoo.resnet50, 55.42e-3),
    # ncnn, benchmark/README.md: Raspberry Pi 4 at 1.8 GHz instead of 1.5, four threads, mobilenet and resnet50
    ("raspberry-pi-4", "float32", zoo.mobilenet_v1, 60.74e-3 * 1.8 / 1.5),
    ("raspberry-pi-4", "float32", zoo.resnet50, 261.90e-3 * 1.8 / 1.5),
    # NVIDIA, Jetson Nano deep learning inference benchmarks: ResNet-50 at 36 images a second, TensorRT, float16
    ("jetson-nano", "float16", zoo.resnet50, 1 / 36),
]
MULTIPLICATIONS_SAVED_BY_WINOGRAD = 36 / 16  # F(2x2, 3x3): Lavin and Gray, arXiv 1509.09308


class TestMeasured:
    """Published times lie above the roofline, but not far: they validate the orders of magnitude."""

    @pytest.mark.parametrize(("device", "data_type", "family", "seconds"), MEASURED)
    def test_roofline_is_a_bound(
        self, device: str, data_type: str, family: Callable[[], Network], seconds: float
    ) -> None:
        bound = estimate(family(), device, data_type=data_type, rules="tensorrt").latency_s
        assert bound / MULTIPLICATIONS_SAVED_BY_WINOGRAD <= seconds <= 4 * bound

    def test_the_documents_rule(self, problem_1: Network) -> None:
        """Document 002, problem 1, on a device of 4 Top/s of which nothing else is known."""
        assert speed_latency(problem_1, "coral-edge-tpu", data_type="int8") == 0.000005094432


class TestNetworks:
    """Whole networks."""

    def test_latency_is_the_sum_of_its_kernels(self) -> None:
        result = estimate(zoo.resnet18(), "jetson-nano", data_type="float16")
        assert result.latency_s == pytest.approx(sum(kernel.latency_s for kernel in result.kernels), rel=1e-12)
        assert [kernel.name for kernel in result.kernels] == [k.name for k in lower(zoo.resnet18())]

    def test_fusing_is_never_slower(self) -> None:
        network = zoo.resnet50()
        slow, fast = (estimate(network, "a100", rules=rules).latency_s for rules in ("unfused", "tensorrt"))
        assert fast < slow

    def test_large_batches_are_bound_by_the_peak(self) -> None:
        """A linear layer of 4096 x 4096 for 4096 rows has an intensity of 683 operations a byte."""
        b = Builder("square")
        network = b.build(b.input("rows", (4096, 4096)).then(Linear(out_features=4096, bias=False), name="fc"))
        result = estimate(network, "v100")
        assert [kernel.bound_by for kernel in result.kernels] == ["compute"]
        assert result.latency_s == pytest.approx(2 * 4096**3 / 15.7e12 + 3e-6, rel=1e-9)
        assert result.throughput_per_s == pytest.approx(4096 / result.latency_s)

    def test_one_row_is_bound_by_the_memory(self) -> None:
        b = Builder("row")
        network = b.build(b.input("row", (1, 4096)).then(Linear(out_features=4096, bias=False), name="fc"))
        assert [kernel.bound_by for kernel in estimate(network, "v100").kernels] == ["memory"]

    def test_symbols(self) -> None:
        alpha, r = symbols("alpha r")
        result = estimate(zoo.mobilenet_v1(width=alpha, resolution=32 * r), "pixel-1")
        expected = estimate(zoo.mobilenet_v1(), "pixel-1").latency_s
        assert float(result.latency_s.subs({alpha: 1, r: 7})) == pytest.approx(expected, rel=1e-9)
        assert result.kernels[0].bound_by is None

    def test_without_kernels(self) -> None:
        b = Builder("nothing")
        result = estimate(b.build(b.input("scalar", ())), "v100")
        assert (result.latency_s, result.kernels, result.batch) == (0.0, (), 1)

    def test_a_profile_of_ones_own(self, problem_1: Network) -> None:
        profile = find_profile("v100").model_copy(update={"overhead_s": None})
        result = roofline_latency(lower(problem_1), profile)
        assert result.latency_s == pytest.approx(20_377_728 / 15.7e12)
        assert "no overhead for a kernel: none published" in result.assumptions


class TestImports:
    """Estimating with numbers needs neither NumPy nor SymPy."""

    @pytest.mark.parametrize(("more", "expected"), [("", "[]"), ("import numpy", "['numpy']")])
    def test_lazy(self, more: str, expected: str) -> None:
        code = (
            f"{more}\nimport sys\nfrom costmodel import zoo\nfrom costmodel.latency import estimate\n"
            "estimate(zoo.mobilenet_v1(), 'v100')\n"
            "print([name for name in ('numpy', 'sympy', 'scipy', 'tomli_w') if name in sys.modules])"
        )
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert run.stdout.strip() == expected
