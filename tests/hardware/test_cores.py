"""The table of cores and chips: what holds for every row, and figures that others measured."""

import pytest
from pydantic import ValidationError

from costmodel.hardware import Chip, Core, chips, cores

CPUS = [core for core in cores().values() if not core.is_gpu]

MEASURED = [
    ("Cortex-A53", 1.416, 11.255, "Rockchip RK3399"),
    ("Cortex-A55", 1.824, 14.596, "Rockchip RK3588"),
    ("Cortex-A72", 1.8, 14.348, "Rockchip RK3399"),
    ("Cortex-A76", 2.4, 38.012, "Rockchip RK3588"),
    ("Cortex-A720", 2.6, 41.563, "Cix P1"),
    ("Cortex-A520", 1.8, 14.337, "Cix P1"),
    ("TaiShan v110", 2.6, 41.576, "Kunpeng 920-7260"),
    ("Oryon", 4.0, 127.29, "Snapdragon X Elite X1E80100"),
    ("FTC660 to FTC663", 2.3, 18.376, "Phytium D2000"),
    ("LA664", 2.5, 79.853, "Loongson 3A6000"),
    ("XuanTie C908", 1.6, 12.508, "Kendryte K230"),
    ("Tremont", 2.9, 23.102, "Celeron N5105"),
    ("Gracemont", 3.6, 57.444, "Core i7-1280P, a small core"),
    ("Golden Cove", 4.7, 149.87, "Core i7-1280P, a large core"),
    ("Zen 3", 4.7, 150.94, "Ryzen 9 6900HX"),
    ("Zen 4", 5.1, 163.58, "Ryzen 7 8845HS"),
    ("Zen 5", 5.5, 354.29, "Ryzen 7 9700X"),
]
"""Core, clock in GHz, float32 GFLOPS of one core as cpufp's benchmark_result prints them, processor."""


class TestEveryRow:
    """What no row may break."""

    @pytest.mark.parametrize("core", cores().values(), ids=lambda core: core.name)
    def test_a_core_has_a_source(self, core: Core) -> None:
        assert len(core.source) > 15

    @pytest.mark.parametrize("core", CPUS, ids=lambda core: core.name)
    def test_in_order_cores_are_in_order(self, core: Core) -> None:
        if core.family in {"arm-in-order", "arm-out-of-order"} and core.out_of_order is not None:
            assert core.out_of_order == (core.family == "arm-out-of-order")

    @pytest.mark.parametrize("core", CPUS, ids=lambda core: core.name)
    def test_vector_units_have_a_power_of_two_of_lanes_or_six_of_four(self, core: Core) -> None:
        lanes = core.float_lanes_per_cycle
        assert lanes is None or lanes & (lanes - 1) == 0 or lanes == 6 * 4

    @pytest.mark.parametrize("chip", chips().values(), ids=lambda chip: chip.name)
    def test_a_chip_is_made_of_known_cores(self, chip: Chip) -> None:
        assert all(not cores()[cluster.core].is_gpu for cluster in chip.clusters)
        assert chip.gpu is None or cores()[chip.gpu].is_gpu

    def test_little_cores_are_known(self) -> None:
        assert {core.little for core in CPUS if core.little} <= set(cores())

    def test_names_are_of_one_row_each(self) -> None:
        sources = [(core.name, core.source) for core in cores().values()]
        assert len(sources) == len(dict(sources))


@pytest.mark.parametrize(("name", "clock_ghz", "gflops", "processor"), MEASURED)
def test_lanes_are_what_others_measured(name: str, clock_ghz: float, gflops: float, processor: str) -> None:
    lanes = cores()[name].float_lanes_per_cycle
    assert lanes is not None
    assert 2 * lanes * clock_ghz == pytest.approx(gflops, rel=0.025), processor


@pytest.mark.parametrize(
    ("name", "operations_per_cycle"),
    [("Core 2", 8), ("Nehalem", 8), ("Sandy Bridge", 16), ("Haswell", 32), ("Skylake", 32), ("Skylake-SP", 64)],
)
def test_lanes_are_half_of_the_published_operations_per_cycle(name: str, operations_per_cycle: int) -> None:
    """The single-precision operations per cycle that Stack Overflow 15655835 lists."""
    assert cores()[name].float_lanes_per_cycle == operations_per_cycle / 2


@pytest.mark.parametrize(
    ("name", "has_float16", "has_dot_product"),
    [
        ("Cortex-A53", False, False),
        ("Cortex-A72", False, False),
        ("Cortex-A55", True, True),
        ("Cortex-X1", True, True),
        ("Carmel", True, False),
        ("Firestorm", True, True),
    ],
)
def test_arithmetic_is_what_llvm_lists(name: str, has_float16: bool, has_dot_product: bool) -> None:
    """FeatureFullFP16 and FeatureDotProd of LLVM's AArch64Processors.td."""
    assert (cores()[name].has_float16, cores()[name].has_dot_product) == (has_float16, has_dot_product)


@pytest.mark.parametrize("pattern", ["a*", "a+", "(?:ab){2,}", "("])
def test_a_pattern_that_may_take_long_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError, match=r"must (have no repetition without an end|be a regular expression)"):
        Core(name="mine", family="other", pattern=pattern, source="a source of mine")
