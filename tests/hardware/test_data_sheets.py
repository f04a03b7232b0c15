"""Data sheets from names: names that people wrote, names composed from what they say, and any text."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.hardware import DataSheet, cores, sheet

WRITTEN = {
    "Rockchip RK3399 (Cortex-A72 1.8GHz x 2 + Cortex-A53 1.5GHz x 4)": [
        ("Cortex-A72", 1.8, 2),
        ("Cortex-A53", 1.5, 4),
    ],
    "OrangePi5 Plus, Rockchip RK3588 (Quad Core A76 2.4GHz + Quad Core A55 1.8GHz)": [
        ("Cortex-A76", 2.4, 4),
        ("Cortex-A55", 1.8, 4),
    ],
    "Odroid N2 (Amlogic S922X: 4x A73 @ 1.8 GHz + 2x A53 @ 1.9 GHz)": [("Cortex-A73", 1.8, 4), ("Cortex-A53", 1.9, 2)],
    "Amlogic S805 (Cortex-A5, 4 \u00d7 1.536GHz)": [("Cortex-A5", 1.536, 4)],
    "Raspberry Pi 3 Model B+ Broadcom BCM2837B0, Cortex-A53 (ARMv8) (1.4GHz x 4)": [("Cortex-A53", 1.4, 4)],
    "RDK X3 Module (Cortex-A53 1.5GHz x 4) aarch64": [("Cortex-A53", 1.5, 4)],
    "a board (Big Cortex\u2011A720 2.6Ghz x4 + Medium Cortex\u2011A720 x 4 + Little Cortex\u2011A520 x 4)": [
        ("Cortex-A720", 2.6, 4),
        ("Cortex-A720", None, 4),
        ("Cortex-A520", None, 4),
    ],
    "Radxa Orion O6 (Big Cortex-A720 2.6Ghz x4 + Medium Cortex-A720 x 4 + Little Cortex-A520 x 4)": [
        ("Cortex-A720", 2.6, 4),
        ("Cortex-A720", 2.3, 4),
        ("Cortex-A520", 1.8, 4),
    ],
    "Snapdragon 855+ (Kyro485 2.96 GHz + 2.42 GHz x 3 + 1.80 GHz x 4 + Adreno 640)": [
        ("Cortex-A76", 2.96, 1),
        ("Cortex-A76", 2.42, 3),
        ("Cortex-A55", 1.8, 4),
    ],
    "a phone (Kryo 485 2.96 GHz x 1 + 2.42 GHz x 3 + 1.80 GHz x 4)": [
        ("Kryo 4xx Gold", 2.96, 1),
        ("Kryo 4xx Gold", 2.42, 3),
        ("Cortex-A55", 1.8, 4),
    ],
    "Snapdragon 765G (Kyro 1.8GHz x 6 + Kyro 2.2GHz x 2 + Adreno 620)": [
        ("Cortex-A76", 2.2, 2),
        ("Cortex-A55", 1.8, 6),
    ],
    "a chip (X4 3.3GHz x 1 + A720 2.8 GHz x 3)": [("Cortex-X4", 3.3, 1), ("Cortex-A720", 2.8, 3)],
    "PhytiumPi, Phytium E2000 (FTC664@1.8GHz x2 + FTC310@1.5GHz x2)": [("FTC664", 1.8, 2), ("FTC310", 1.5, 2)],
    "Loongson 3A6000 (LA664 2.5GHz * 4+4)": [("LA664", 2.5, 4)],
    "AMD Ryzen 5700g (Zen3 3.8 GHz ~ 4.6 GHz x 8)": [("Zen 3", 4.6, 8)],
    "AMD Ryzen Embedded V1605B (Zen 2.0 GHz ~ 3.6 GHz x 4 + Radeon Vega 8 1.1GHz 8CU)": [("Zen", 3.6, 4)],
    "Intel Celeron M 420 (Yonah 1.60 GHz x 1)": [("Yonah", 1.6, 1)],
    "Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz": [("Skylake", 1.6, None)],
    "MacBook Pro (15-inch, 2019) - 2.6GHz six cores Intel Core i7 && Radeon Pro 555X 4GB": [("Skylake", 2.6, 6)],
    "MacBook Pro (13-inch, M1, 2020)": [("Firestorm", 3.2, 4), ("Icestorm", 2.06, 4)],
    "SiFive-U74(RV64GC) 1.5GHz x 4": [("SiFive U74", 1.5, 4)],
    "CVITEK SG2000 (C906, 1 GHz x 1 + 700MHz x 1)": [("XuanTie C906", 1.0, 1), ("XuanTie C906", 0.7, 1)],
}
"""Names as people write them, and (core, clock in GHz, count) of their clusters, big ones first."""

NAMED = {
    "i7-3770K": "Sandy Bridge",
    "Core i5-4590": "Haswell",
    "Xeon E5-2680 v4": "Haswell",
    "i7-10700K": "Skylake",
    "Core i5-1035G1": "Ice Lake",
    "Core i7-1165G7": "Tiger Lake",
    "Core i9-11900K": "Rocket Lake",
    "12th Gen Intel(R) Core(TM) i7-12700": "Golden Cove",
    "13th Gen Intel(R) Core(TM) i7-1365U": "Raptor Cove",
    "Intel Xeon Platinum 8259CL": "Cascade Lake",
    "Intel(R) Xeon(R) Platinum 8375C": "Ice Lake-SP",
    "Intel N100": "Gracemont",
    "Intel Celeron J4125": "Goldmont Plus",
    "Ryzen 7 2700X": "Zen",
    "Ryzen 5 3600": "Zen 2",
    "AMD EPYC 7763 64-Core Processor": "Zen 3",
    "Ryzen 7 7840U": "Zen 4",
    "AMD EPYC 9655": "Zen 5",
    "AWS c5.4xlarge Instance": "Skylake-SP",
    "c7g.xlarge": "Neoverse V1",
    "Microsoft Azure Standard D64as v7 Instance": "Zen 5",
    "Standard_D8ps_v5": "Neoverse N1",
    "Google Pixel 6": "Cortex-X1",
    "NVIDIA Jetson Nano": "Cortex-A57",
    "Raspberry Pi 5 Model B": "Cortex-A76",
    "Lichee Pi 4A": "XuanTie C910",
    "Mac mini (M2, 2023)": "Avalanche",
}

GPUS = {
    "Mali-T860": "mobile",
    "Adreno (TM) 740": "mobile",
    "V3D 7.1.7": "mobile",
    "PowerVR B-Series BXE-4-32": "mobile",
    "AMD Radeon(TM) Vega 8 Graphics": "integrated",
    "Intel(R) UHD Graphics 630": "integrated",
    "Apple M3": "integrated",
    "AMD Radeon RX 6900 XT": "discrete",
    "Microsoft Direct3D12 (NVIDIA GeForce RTX 3070 Laptop GPU)": "discrete",
}

NOTHING = ["", "a device", "Samsung Galaxy A53 5G", "pixel-1", "OPPO A72", "Snapdragon", "4 cores", "2.4 GHz x 4"]


@pytest.fixture(scope="module")
def setups(shared: Path) -> list[dict[str, str]]:
    """The rows of ncnn's measurements."""
    with (shared / "data" / "ncnn" / "measurements.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def clusters_of(found: DataSheet) -> list[tuple[str, float | None, int | None]]:
    """(core, clock in GHz, count) of each cluster."""
    return [
        (cluster.core.name, cluster.clock_hz and cluster.clock_hz / 1e9, cluster.count) for cluster in found.clusters
    ]


class TestNames:
    """Names that people wrote."""

    @pytest.mark.parametrize("device", WRITTEN)
    def test_clusters(self, device: str) -> None:
        assert clusters_of(sheet(device)) == WRITTEN[device]

    @pytest.mark.parametrize("device", NAMED)
    def test_first_core(self, device: str) -> None:
        assert sheet(device).clusters[0].core.name == NAMED[device]

    @pytest.mark.parametrize("device", GPUS)
    def test_gpu(self, device: str) -> None:
        gpu = sheet(device).gpu
        assert gpu is not None
        assert gpu.family == GPUS[device]

    @pytest.mark.parametrize("device", NOTHING)
    def test_a_name_that_names_nothing_known_has_an_empty_sheet(self, device: str) -> None:
        assert sheet(device).clusters == ()

    @pytest.mark.parametrize("device", ["Cortex-A72 0 GHz x 0", "Cortex-A72 00.0000GHz", "Cortex-A72 0000 MHz x 00"])
    def test_a_clock_or_a_count_of_zero_says_nothing(self, device: str) -> None:
        assert [(each.clock_hz, each.count) for each in sheet(device).clusters] == [(None, None)]

    def test_a_private_cache_is_the_cores_or_the_chips(self) -> None:
        """Zen 3 has 512 KiB for each core; the RK3588 gives each Cortex-A76 as much (Rockchip's data sheet)."""
        for device in ("Ryzen 7 5700G", "RK3588 (Cortex-A76 2.4GHz x 4 + Cortex-A55 1.8GHz x 4)"):
            assert sheet(device).clusters[0].private_cache_bytes == 512 * 1024
        assert sheet("Cortex-A76 2.4GHz x 4").clusters[0].private_cache_bytes is None

    def test_the_count_of_all_clusters(self) -> None:
        assert sheet("Cortex-A72 1.8GHz x 2 + Cortex-A53 1.5GHz x 4").count == 6
        assert sheet("Cortex-A72 1.8GHz x 2 + Cortex-A53 1.5GHz").count is None
        assert sheet("a device").count is None

    def test_sources_are_those_of_its_cores(self) -> None:
        assert sheet("Cortex-A72 + Cortex-A72 + Adreno 640").sources == (
            cores()["Cortex-A72"].source,
            cores()["Adreno"].source,
        )

    def test_the_chip_is_named_where_a_name_names_one(self) -> None:
        chip = sheet("Rockchip RK3399 (Cortex-A72 1.8GHz x 2)").chip
        assert chip is not None
        assert chip.name == "Rockchip RK3399"
        assert sheet("Cortex-A72 1.8GHz x 2").chip is None


class TestBigAndLittle:
    """Which clusters run where a runtime is bound to some of them."""

    def test_by_the_middle_of_the_clocks(self) -> None:
        """ncnn takes 2.96 and 2.42 GHz for big and 1.8 GHz for little: the middle is 2.38 GHz."""
        device = "Snapdragon 855+ (Kyro485 2.96 GHz + 2.42 GHz x 3 + 1.80 GHz x 4 + Adreno 640)"
        assert [cluster.clock_hz for cluster in sheet(device, cluster="big").clusters] == [2.96e9, 2.42e9]
        assert [cluster.clock_hz for cluster in sheet(device, cluster="little").clusters] == [1.8e9]

    def test_by_the_core_where_a_clock_is_not_said(self) -> None:
        device = "Big Cortex-A720 2.6GHz x 4 + Medium Cortex-A720 x 4 + Little Cortex-A520 x 4"
        assert sheet(device, cluster="big").count == 8
        assert sheet(device, cluster="little").count == 4

    def test_one_kind_is_both(self) -> None:
        assert sheet("Cortex-A53 x 4", cluster="little") == sheet("Cortex-A53 x 4", cluster="big")


class TestLaws:
    """What holds for any name."""

    @given(st.text(max_size=1500))
    def test_any_text_has_a_sheet(self, device: str) -> None:
        everything = sheet(device)
        big, little = sheet(device, cluster="big"), sheet(device, cluster="little")
        assert everything.gpu == big.gpu == little.gpu
        assert set(big.clusters) | set(little.clusters) == set(everything.clusters)
        assert big.clusters == everything.clusters[: len(big.clusters)] or big.clusters == everything.clusters

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(
                    ["Cortex-A55", "Cortex-A76", "Cortex-A78", "Cortex-X4", "Neoverse V2", "LA664", "Zen 4"]
                ),
                st.integers(50, 600).map(lambda hundredths: hundredths / 100),
                st.integers(1, 128),
            ),
            min_size=1,
            max_size=5,
        ),
        st.sampled_from(
            ["{core} {clock}GHz x {count}", "{count}x {core} @ {clock} GHz", "{core} ({clock} GHz \u00d7 {count})"]
        ),
    )
    def test_what_a_name_says_is_what_is_read(self, said: list[tuple[str, float, int]], form: str) -> None:
        device = " + ".join(form.format(core=core, clock=clock, count=count) for core, clock, count in said)
        assert sorted(clusters_of(sheet(f"a board ({device})")), key=str) == sorted(said, key=str)

    @given(st.lists(st.sampled_from(["Cortex-", "A76", "x 4", "4 x", "2.4GHz", "+", "Kryo 485", "M1", "(", "i7-"])))
    def test_any_order_of_the_pieces_has_a_sheet(self, pieces: list[str]) -> None:
        assert all((cluster.count or 1) > 0 for cluster in sheet(" ".join(pieces)).clusters)

    def test_what_lies_beyond_1000_characters_is_not_read(self) -> None:
        assert sheet("-" * 1000 + " Cortex-A76").clusters == ()


class TestSharedMeasurements:
    """Every device that ncnn's page names."""

    def test_a_device_that_ran_on_its_processor_has_a_first_core(self, setups: list[dict[str, str]]) -> None:
        devices = {row["device"] for row in setups if not row["gpu_name"]}
        assert [device for device in devices if not sheet(device).clusters] == []

    def test_a_gpu_has_a_kind(self, setups: list[dict[str, str]]) -> None:
        gpus = {row["gpu_name"] for row in setups if row["gpu_name"]}
        assert [gpu for gpu in gpus if sheet(gpu).gpu is None] == []

    def test_a_clock_that_a_name_says_is_on_its_sheet(self, setups: list[dict[str, str]]) -> None:
        for device in {row["device"] for row in setups if not row["gpu_name"] and "ghz" in row["device"].lower()}:
            assert sheet(device).clusters[0].clock_hz is not None, device

    def test_bound_setups_have_as_many_cores_as_threads(self, setups: list[dict[str, str]]) -> None:
        """Runs on the big cores only use all of them at most; three devices were given more threads than big cores."""
        bound = {
            (row["device"], int(row["threads"])) for row in setups if row["powersave"] == "2" and not row["gpu_name"]
        }
        counts = {(device, threads): sheet(device, cluster="big").count for device, threads in bound}
        beyond = {device.split(" (")[0] for (device, threads), count in counts.items() if count and threads > count}
        assert beyond == {"Loongson 3A6000", "Qualcomm SDM765G Snapdragon 765G", "Radxa Orion O6"}


@pytest.mark.parametrize("clock", ["0 GHz", "99GHz", "0.0001 GHz"])
def test_a_clock_that_no_core_has_says_nothing(clock: str) -> None:
    assert sheet(f"Cortex-A72 {clock} x 4").clusters[0].clock_hz is None
