"""The built-in profiles: that they are found, sourced, and say what their data sheets say."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from costmodel.errors import FileFormatError, UnknownNameError
from costmodel.hardware import Efficiency, Energy, Profile, Quantity, find_profile, profile_names, profiles

REQUIRED = {"cortex-m7", "raspberry-pi-4", "pixel-1", "jetson-nano", "ryzen-5700g-core", "v100", "a100", "h100"}

DATA_SHEETS = [
    # device, data type, operations per second, bytes per second
    ("v100", "float32", 15_700_000_000_000, 900_000_000_000),
    ("v100", "float16", 125_000_000_000_000, 900_000_000_000),
    ("a100", "float32", 19_500_000_000_000, 1_555_000_000_000),
    ("a100", "tfloat32", 156_000_000_000_000, 1_555_000_000_000),
    ("a100", "float16", 312_000_000_000_000, 1_555_000_000_000),
    ("a100", "bfloat16", 312_000_000_000_000, 1_555_000_000_000),
    ("a100", "int8", 624_000_000_000_000, 1_555_000_000_000),
    ("h100", "float32", 66_900_000_000_000, 3_350_000_000_000),
    ("h100", "float16", 989_400_000_000_000, 3_350_000_000_000),
    ("h100", "int8", 1_978_900_000_000_000, 3_350_000_000_000),
    ("t4", "float32", 8_100_000_000_000, 320_000_000_000),
    ("t4", "int8", 130_000_000_000_000, 320_000_000_000),
    ("jetson-nano", "float16", 472_000_000_000, 25_600_000_000),
    ("raspberry-pi-4", "float32", 48_000_000_000, 12_800_000_000),
    ("pixel-1", "float32", 17_200_000_000, 29_800_000_000),
    ("ryzen-5700g-core", "float32", 147_200_000_000, 51_200_000_000),
    ("cortex-m7", "int8", 864_000_000, 864_000_000),
    ("stm32h743", "float32", 960_000_000, 1_920_000_000),
    ("stm32f412", "int8", 400_000_000, 400_000_000),
    ("nrf52840", "float32", 64_000_000, 256_000_000),
    ("raspberry-pi-pico", "int8", 133_000_000, 532_000_000),
    ("esp32-s3", "int8", 7_680_000_000, 3_840_000_000),
]


class TestBuiltIns:
    """Each file is a valid profile under its own name, and its figures are those of its sources."""

    def test_the_promised_devices_are_there(self) -> None:
        assert set(profile_names()) >= REQUIRED

    @pytest.mark.parametrize("name", profile_names())
    def test_name_is_the_file_name(self, name: str) -> None:
        assert find_profile(name).name == name

    @pytest.mark.parametrize(("name", "data_type", "operations_per_s", "bytes_per_s"), DATA_SHEETS)
    def test_figures(self, name: str, data_type: str, operations_per_s: int, bytes_per_s: int) -> None:
        profile = find_profile(name)
        assert profile.peak(data_type) == operations_per_s
        assert profile.bandwidth() == bytes_per_s

    @pytest.mark.parametrize(
        ("name", "ram_bytes", "flash_bytes"),
        [
            ("cortex-m7", 320 * 1024, 1024**2),
            ("stm32h743", 512 * 1024, 2 * 1024**2),
            ("stm32f412", 256 * 1024, 1024**2),
            ("nrf52840", 256 * 1024, 1024**2),
            ("raspberry-pi-pico", 264 * 1024, 2 * 1024**2),
            ("esp32-s3", 512 * 1024, 8 * 1024**2),
        ],
    )
    def test_memories_of_microcontrollers(self, name: str, ram_bytes: int, flash_bytes: int) -> None:
        board = find_profile(name)
        assert board.ram_bytes is not None
        assert board.flash_bytes is not None
        assert (board.ram_bytes.si, board.flash_bytes.si) == (ram_bytes, flash_bytes)

    @pytest.mark.parametrize(
        ("name", "watts"),
        [
            ("v100", 300),
            ("a100", 400),
            ("h100", 700),
            ("t4", 70),
            ("nrf52840", 52e-6 * 64 * 3),
            ("stm32f412", 112e-6 * 100 * 3.3),
            ("esp32-s3", 72.4e-3 * 3.3),
            ("raspberry-pi-4", 1.2 * 5.1),
            ("jetson-nano", 10),
            ("jetson-orin-nano", 15),
        ],
    )
    def test_power(self, name: str, watts: float) -> None:
        energy = find_profile(name).energy
        assert energy is not None
        assert energy.active_w is not None
        assert energy.active_w.si == pytest.approx(watts, rel=0.001)

    def test_measured_throughput_of_cmsis_nn(self) -> None:
        """CMSIS-NN (arXiv 1801.06601) states about 249 MOPS for its CIFAR-10 network."""
        board = find_profile("cortex-m7")
        assert board.peak("int8") * board.efficiency_of("conv", "int8") == pytest.approx(249e6, rel=0.003)

    @pytest.mark.parametrize("profile", profiles(), ids=lambda profile: profile.name)
    def test_every_number_has_a_source(self, profile: Profile) -> None:
        for quantity in quantities(profile):
            assert len(quantity.source) > 15

    @pytest.mark.parametrize("profile", profiles(), ids=lambda profile: profile.name)
    def test_derivations_give_the_value(self, profile: Profile) -> None:
        """The arithmetic of a derivation gives its result and the value, up to the prefix (a factor 1000)."""
        for quantity in quantities(profile):
            if quantity.derivation is not None:
                arithmetic, result = quantity.derivation.split(" = ")
                stated = re.match(r"[\d.]+", result)
                assert stated is not None
                assert float(stated[0]) == pytest.approx(quantity.value, rel=0.004)
                thousands = math.log(evaluate(arithmetic) / quantity.value, 1000)
                assert thousands == pytest.approx(round(thousands), abs=0.001), quantity.derivation

    def test_the_derivations_test_can_fail(self) -> None:
        assert evaluate("4 cores x 1.5 GHz x 4 lanes x 2") == 48
        assert evaluate("4 cores x 1.5 GHz x 8 lanes x 2") != 48
        assert evaluate("dense is half: (0.9 + 3.7) / 2") == pytest.approx(2.3)


class TestFinding:
    """A name, a path or a profile; a wrong name gets the nearest ones."""

    def test_unknown_name(self) -> None:
        with pytest.raises(UnknownNameError, match="there is no device named 'v10'; the nearest are v100"):
            find_profile("v10")

    def test_a_profile_is_itself(self) -> None:
        profile = find_profile("v100")
        assert find_profile(profile) is profile

    @pytest.mark.parametrize("as_text", [True, False])
    def test_a_path(self, tmp_path: Path, *, as_text: bool) -> None:
        path = tmp_path / "mine.toml"
        path.write_text('version = 1\nname = "mine"\ntitle = "Mine"\n')
        assert find_profile(str(path) if as_text else path).title == "Mine"

    def test_a_path_that_is_not_there(self) -> None:
        with pytest.raises(FileFormatError, match=r"mine\.toml cannot be read"):
            find_profile("mine.toml")

    @pytest.mark.parametrize("name", ["../v100", "v100/../a100"])
    def test_names_do_not_walk_folders(self, name: str) -> None:
        with pytest.raises(FileFormatError, match="cannot be read"):
            find_profile(name)


def quantities(profile: Profile) -> list[Quantity | Efficiency]:
    """Every sourced number of a profile."""
    found = [
        *profile.operations_per_s.values(),
        profile.bytes_per_s,
        profile.overhead_s,
        profile.cache_bytes,
        profile.ram_bytes,
        profile.flash_bytes,
        *(energies(profile.energy) if profile.energy else ()),
        *profile.efficiency.values(),
    ]
    return [quantity for quantity in found if quantity is not None]


def energies(energy: Energy) -> list[Quantity | None]:
    """Every sourced energy and power."""
    return [
        *energy.joules_per_operation.values(),
        *energy.joules_per_multiplication.values(),
        *energy.joules_per_addition.values(),
        *(quantity for memory in energy.on_chip for quantity in (memory.bytes, memory.joules_per_byte)),
        energy.joules_per_byte,
        energy.active_w,
        energy.idle_w,
    ]


def evaluate(arithmetic: str) -> float:
    """Numbers with x, / and + between them, from left to right; words, units and brackets are passed over."""
    tokens = re.findall(r"(?<![\w.])\d+(?:\.\d+)?|(?<= )[x/+](?= )", arithmetic)
    result = float(tokens[0])
    for operator, number in zip(tokens[1::2], tokens[2::2], strict=True):
        value = float(number)
        result = {"x": result * value, "/": result / value, "+": result + value}[operator]
    return result


def test_a_file_of_any_name_is_a_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("board").write_text('version = 1\nname = "board"\ntitle = "A board"\n')
    assert find_profile("board").title == "A board"
    Path("a100").write_text("")
    assert find_profile("a100").title == "NVIDIA A100 SXM4 40 GB"


@pytest.mark.parametrize("name", ["", "a\x00b", "x" * 300, "no-such-board"])
def test_what_is_no_file_and_no_device_is_refused_by_name(name: str) -> None:
    with pytest.raises(UnknownNameError, match="there is no device named"):
        find_profile(name)
