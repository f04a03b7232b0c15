"""Energy: published examples, the laws of its formulas, and what stays on the chip."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import Builder, Network, symbols, zoo
from costmodel.errors import HardwareError
from costmodel.hardware import Profile, find_profile, parse_profile
from costmodel.latency import (
    EnergyUse,
    Latency,
    arithmetic_energy,
    energy_use,
    estimate,
    known_energy,
    lower,
    movement_energy,
    on_chip_traffic,
)
from costmodel.layers import Conv2d, Linear, Sigmoid

HOROWITZ = find_profile("horowitz-45nm")
JOUPPI = find_profile("jouppi-7nm")


def per_byte(profile: Profile, capacity_bytes: float | None = None) -> float:
    """Picojoules for a byte of a memory of that size on the chip, or of the memory outside."""
    assert profile.energy is not None
    memory = profile.energy if capacity_bytes is None else profile.energy.memory_of(capacity_bytes)
    assert memory is not None
    assert memory.joules_per_byte is not None
    return 1e12 * memory.joules_per_byte.si


def per_mac(profile: Profile, data_type: str) -> float:
    """Picojoules for a multiply-accumulate."""
    b = Builder("one")
    network = b.build(b.input("x", (1, 1)).then(Linear(out_features=1, bias=False)))
    joules = energy_use(lower(network, data_type=data_type), profile, data_type).parts.arithmetic_j
    return 1e12 * float(joules)


@pytest.fixture
def problem_1() -> Network:
    """The convolution of document 002, problem 1: 25x25x9 to 19x19x64 with kernels of 7x7."""
    b = Builder("problem 1")
    return b.build(b.input("image", (1, 9, 25, 25)).then(Conv2d(out_channels=64, kernel=7, bias=False), name="conv"))


def board(energy: str = "", rest: str = "") -> Profile:
    return parse_profile(f'version = 1\nname = "board"\ntitle = "A board"\n{rest}\n{energy}')


def quantity(name: str, value: float, unit: str) -> str:
    return f'[{name}]\nvalue = {value}\nunit = "{unit}"\nsource = "made up for this test"\n'


class TestPublished:
    """Figures that others printed."""

    @pytest.mark.parametrize(
        ("profile", "data_type", "picojoules"),
        [
            # Horowitz (ISSCC 2014), figure 1.1.9: a multiplication and an addition
            (HOROWITZ, "float32", 3.7 + 0.9),
            (HOROWITZ, "float16", 1.1 + 0.4),
            (HOROWITZ, "int32", 3.1 + 0.1),
            (HOROWITZ, "int8", 0.2 + 0.1),
            (HOROWITZ, "uint8", 0.2 + 0.1),
            # Jouppi et al. (ISCA 2021), table 2: bfloat16 products are added in float32, as the TPU does
            (JOUPPI, "float32", 1.31 + 0.38),
            (JOUPPI, "bfloat16", 0.21 + 0.38),
            (JOUPPI, "int8", 0.07 + 0.03),
        ],
    )
    def test_a_multiply_accumulate(self, profile: Profile, data_type: str, picojoules: float) -> None:
        assert per_mac(profile, data_type) == pytest.approx(picojoules, rel=1e-12)

    def test_a_billion_connections_from_dram(self) -> None:
        """Han, Mao and Dally (ICLR 2016): 10^9 connections at 20 Hz take (20 Hz)(1 G)(640 pJ) = 12.8 W for DRAM."""
        b = Builder("large")
        network = b.build(b.input("x", (1, 31_250)).then(Linear(out_features=32_000, bias=False)))
        (kernel,) = lower(network)
        assert kernel.macs == 10**9
        weights_j = movement_energy(kernel.weight_bytes, 1e-12 * per_byte(HOROWITZ))
        assert 20 * weights_j == pytest.approx(12.8, rel=1e-12)
        assert 20 * energy_use([kernel], HOROWITZ, "float32").parts.memory_j == pytest.approx(12.8, rel=1e-4)

    def test_hierarchy_of_eyeriss(self) -> None:
        """Chen, Emer and Sze (ISCA 2016), table IV: 16 bits from DRAM take 200 times, from a buffer 6 times a MAC.

        Their process has 65 nm, and their buffer 100 kB and more: Horowitz's caches of 32 KB and 1 MB lie around it.
        """
        mac = per_mac(HOROWITZ, "float16")
        assert 2 * per_byte(HOROWITZ) / mac == pytest.approx(200, rel=0.1)
        assert 2 * per_byte(HOROWITZ, 32 * 1024) / mac < 6 < 2 * per_byte(HOROWITZ, 1024**2) / mac

    def test_what_became_cheaper(self) -> None:
        """Jouppi et al. (ISCA 2021), table 2: from 45 to 7 nm, 1 MB of SRAM 7.1, float32 2.8 (and added 2.4) times."""
        assert round(per_byte(HOROWITZ, 1024**2) / per_byte(JOUPPI, 1024**2), 1) == 7.1
        assert 2.4 < per_mac(HOROWITZ, "float32") / per_mac(JOUPPI, "float32") < 2.8

    def test_problem_1_at_45_nm(self, problem_1: Network) -> None:
        """20,377,728 operations; 227,812 bytes, all from DRAM where nothing is known of a chip."""
        use = energy_use(lower(problem_1), HOROWITZ, "float32")
        assert use.total_j == pytest.approx(20_377_728 * 2.3e-12 + 227_812 * 160e-12, rel=1e-12)
        assert "all traffic leaves the chip" in use.assumptions[1]


class TestFormulas:
    """They hold for numbers, arrays and expressions."""

    def test_numbers_arrays_and_expressions_agree(self) -> None:
        macs, other, exps = symbols("macs other exps")
        expression = arithmetic_energy(macs, other, exps, 4, 1)
        counts = np.array([[100, 0], [20, 7], [5, 7]])
        array = arithmetic_energy(counts[0], counts[1], counts[2], 4, 1)
        for column in range(2):
            m, o, e = (int(each) for each in counts[:, column])
            at = {macs: m, other: o, exps: e}
            assert arithmetic_energy(m, o, e, 4, 1) == array[column] == expression.subs(at)

    @given(*[st.integers(0, 10**12)] * 2, *[st.floats(1e-15, 1e-9)] * 2)
    def test_it_is_proportional_to_the_work(self, macs: int, other: int, product: float, addition: float) -> None:
        once = arithmetic_energy(macs, other, 0, product, addition)
        assert arithmetic_energy(3 * macs, 3 * other, 0, product, addition) == pytest.approx(3 * once)
        assert once == pytest.approx(macs * (product + addition) + other * addition)


class TestPlaces:
    """What stays on the chip."""

    def test_activations_that_fit_together_stay(self) -> None:
        """100 + 50 and 50 + 10 bytes; weights of 5,000 and 500 bytes do not fit beside them."""
        b = Builder("two")
        x = b.input("x", (1, 100)).then(Linear(out_features=50, bias=False), Linear(out_features=10, bias=False))
        kernels = lower(b.build(x), data_type="int8")
        assert on_chip_traffic(kernels, 149) == (0, 60)
        assert on_chip_traffic(kernels, 150) == (150, 60)
        assert on_chip_traffic(kernels, 5_649) == (150, 60)
        assert on_chip_traffic(kernels, 5_650) == (5_150, 560)
        assert on_chip_traffic(kernels, None) == (0, 0)

    def test_a_larger_memory_on_the_chip_never_sends_more_outside(self) -> None:
        kernels = lower(zoo.mobilenet_v2())
        outside = [
            sum(kernel.traffic_bytes for kernel in kernels) - sum(on_chip_traffic(kernels, 2**power))
            for power in range(10, 28)
        ]
        assert outside == sorted(outside, reverse=True)
        assert outside[-1] == 0

    def test_the_memory_of_a_microcontroller_is_its_ram(self) -> None:
        assert find_profile("cortex-m7").on_chip_bytes == 320 * 1024
        assert find_profile("v100").on_chip_bytes == 6 * 1024**2
        assert HOROWITZ.on_chip_bytes is None

    def test_kept_traffic_takes_the_energy_of_a_memory_of_that_size(self, problem_1: Network) -> None:
        """All 227,812 bytes stay in 1 MiB, at 100 pJ for 8 bytes."""
        cache = board(rest=quantity("cache_bytes", 1, "MiB"))
        parts = energy_use(lower(problem_1), cache, "float32", technology=HOROWITZ).parts
        assert (parts.on_chip_j, parts.memory_j) == (pytest.approx(227_812 * 12.5e-12), 0)

    def test_expressions_say_what_stays_for_every_size(self) -> None:
        """6 MiB hold some kernels of 100 images, and all weights beside a few images."""
        batch = symbols("batch")
        use = energy_use(lower(zoo.lenet_5(batch=batch)), find_profile("v100"), "float32", technology=JOUPPI)
        kept = []
        for images in (1, 40, 80, 110, 130, 400, 5000):
            kernels = lower(zoo.lenet_5(batch=images))
            one = energy_use(kernels, find_profile("v100"), "float32", technology=JOUPPI)
            assert float(use.total_j.subs(batch, images)) == pytest.approx(one.total_j, rel=1e-12)
            assert use.assumptions == one.assumptions
            kept.append(sum(on_chip_traffic(kernels, 6 * 2**20)) / sum(kernel.traffic_bytes for kernel in kernels))
        assert kept[0] == 1
        assert 0 < kept[3] < 1
        assert kept[-1] == 0


class TestDevices:
    """Power over time, idling, and what is not known."""

    def test_power_over_the_time(self) -> None:
        latency = estimate(zoo.resnet50(), "v100")
        assert latency.energy_j == pytest.approx(300 * latency.latency_s, rel=1e-12)
        assert latency.energy is not None
        assert latency.energy.parts.static_j == latency.energy_j
        assert latency.energy.sources == (
            "NVIDIA Tesla V100 GPU accelerator data sheet, SXM2: maximum power consumption 300 W",
        )

    def test_kernels_add_up(self) -> None:
        for latency in (
            estimate(zoo.resnet18(), "t4"),
            zoo.resnet18().latency("pixel-1").with_technology("jouppi-7nm"),
        ):
            assert latency.energy is not None
            assert len(latency.energy.kernels) == len(latency.kernels)
            assert sum(kernel.total_j for kernel in latency.energy.kernels) == pytest.approx(
                latency.energy_j, rel=1e-12
            )

    def test_operations_bytes_and_idling(self, problem_1: Network) -> None:
        text = "".join([
            quantity("energy.joules_per_operation.float32", 1, "uJ/op"),
            quantity("energy.joules_per_byte", 1, "mJ/B"),
            quantity("energy.idle_w", 2, "W"),
        ])  # fmt: skip
        use = energy_use(lower(problem_1), board(text), "float32", [911.258])
        assert use.parts == pytest.approx((20.377728, 0, 227.812, 2 * 911.258))

    def test_functions_are_counted_as_multiplications(self) -> None:
        b = Builder("sigmoid")
        kernels = lower(b.build(b.input("x", (1, 10)).then(Sigmoid())))
        use = energy_use(kernels, HOROWITZ, "float32")
        (kernel,) = kernels
        expected = (kernel.other - 10) * 0.9e-12 + 10 * 3.7e-12
        assert kernel.transcendentals == 10
        assert use.parts.arithmetic_j == pytest.approx(expected)
        assert "exp" in use.assumptions[-1]

    @pytest.mark.parametrize(
        ("device", "data_type"),
        [("coral-edge-tpu", "int8"), ("horowitz-45nm", "int4"), ("ryzen-5700g-core", "float32")],
    )
    def test_what_is_not_published_is_not_invented(self, problem_1: Network, device: str, data_type: str) -> None:
        kernels = lower(problem_1)
        with pytest.raises(HardwareError, match=f"{device} has no energies of {data_type} arithmetic \\(it has: "):
            energy_use(kernels, find_profile(device), data_type, [1.0])
        assert known_energy(kernels, find_profile(device), data_type, [1.0]) is None

    def test_another_devices_power_is_no_technology(self) -> None:
        with pytest.raises(HardwareError, match="v100 has no energies of float32"):
            zoo.lenet_5().latency("pixel-1").with_technology("v100")

    def test_a_technology_is_no_device(self) -> None:
        with pytest.raises(
            HardwareError, match="horowitz-45nm has no published peak for float32, because it is a tech"
        ):
            estimate(zoo.lenet_5(), "horowitz-45nm")

    def test_kernels_alone_need_a_data_type(self) -> None:
        with pytest.raises(HardwareError, match="a latency of kernels alone has no data type"):
            Latency("mine", 1.0, ()).with_technology("jouppi-7nm")

    def test_nothing_takes_nothing(self) -> None:
        assert EnergyUse("mine", (), (), ()).total_j == 0
