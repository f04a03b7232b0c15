"""Profiles that contradict themselves, or hold what no device has, are refused in a sentence that says where."""

import pytest

from costmodel.errors import FileFormatError
from costmodel.hardware import Profile, parse_profile, profiles
from costmodel.hardware.consistency import contradictions


def profile(*quantities: tuple[str, float, str]) -> str:
    sections = "".join(
        f'[{name}]\nvalue = {value}\nunit = "{unit}"\nsource = "a test"\n' for name, value, unit in quantities
    )
    return f'version = 1\nname = "mine"\ntitle = "Mine"\n{sections}'


PRODUCT = "energy.joules_per_multiplication.float32"
SUM = "energy.joules_per_addition.float32"
OPERATION = "energy.joules_per_operation.float32"
REFUSED = [
    (
        [("cache_bytes", 8, "MiB"), ("ram_bytes", 320, "KiB")],
        "'cache_bytes' must be at most 'ram_bytes' (got 8 MiB and 320 KiB)",
    ),
    (
        [("energy.idle_w", 30, "W"), ("energy.active_w", 10, "W")],
        "'energy.idle_w' must be at most 'energy.active_w' (got 30 W and 10 W)",
    ),
    (
        [("operations_per_s.float32", 312, "Top/s"), (OPERATION, 1.5, "nJ/op")],
        f"'{OPERATION}' times 'operations_per_s.float32' must be at most 100000 W, and is 4.68e+05 W",
    ),
    (
        [("bytes_per_s", 1555, "GB/s"), ("energy.joules_per_byte", 160, "nJ/B")],
        "'energy.joules_per_byte' times 'bytes_per_s' must be at most 100000 W, and is 2.49e+05 W",
    ),
    (
        [(PRODUCT, 3.7, "nJ/op"), (SUM, 0.9, "pJ/op")],
        f"'{PRODUCT}' must be within a factor of 500 of the addition's (got 3.7 nJ/op and 0.9 pJ/op)",
    ),
    (
        [(PRODUCT, 3.7, "pJ/op"), ("energy.joules_per_multiplication.float16", 1.1, "nJ/op")],
        "'energy.joules_per_multiplication' must not fall from float16 to float32 (got 1.1 nJ/op and 3.7 pJ/op)",
    ),
    ([(OPERATION, 2.3, "J/op")], "must be between 1e-17 and 1e-05 J/op, and 2.3 J/op is not: look at the prefix"),
    ([(OPERATION, -2.3, "pJ/op")], "must be greater than 0"),
    ([("overhead_s", 3000, "s")], "must be between 1e-12 and 10 s, and 3000 s is not"),
    ([("bytes_per_s", 900, "PB/s")], "must be between 100 and 1e+16 B/s, and 900 PB/s is not"),
]


@pytest.mark.parametrize(("quantities", "sentence"), REFUSED)
def test_is_refused(quantities: list[tuple[str, float, str]], sentence: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        parse_profile(profile(*quantities), "mine.toml")
    message = str(caught.value)
    assert message.startswith("mine.toml: '")
    assert sentence in message
    assert "\n" not in message


def test_memories_on_the_chip_grow() -> None:
    text = profile() + "".join(
        f"""
        [[energy.on_chip]]
        bytes = {{value = {size}, unit = "KiB", source = "a test"}}
        joules_per_byte = {{value = {joules}, unit = "pJ/B", source = "a test"}}
        """
        for size, joules in ((32, 2.5), (8, 1.25))
    )
    with pytest.raises(FileFormatError, match="on_chip must go from small to large memories"):
        parse_profile(text)


def test_memory_outside_takes_the_most() -> None:
    text = (
        profile(("energy.joules_per_byte", 1, "pJ/B"))
        + """
        [[energy.on_chip]]
        bytes = {value = 8, unit = "KiB", source = "a test"}
        joules_per_byte = {value = 1.25, unit = "pJ/B", source = "a test"}
        """
    )
    with pytest.raises(FileFormatError, match="energies for a byte must not fall"):
        parse_profile(text)


@pytest.mark.parametrize("each", profiles(), ids=lambda each: each.name)
def test_no_built_in_profile_contradicts_itself(each: Profile) -> None:
    assert not list(contradictions(each))


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        ("", "'version' must be a positive integer, and this costmodel reads up to 1 (got none)"),
        ("version = 7", "has format version 7, and this costmodel reads up to 1; upgrade costmodel"),
        ("version = '1'", "reads up to 1 (got '1')"),
    ],
)
def test_another_version_is_told_what_is_read(version: str, sentence: str) -> None:
    with pytest.raises(FileFormatError) as caught:
        parse_profile(f"{version}\nname = 'mine'\ntitle = 'Mine'", "mine.toml")
    assert sentence in str(caught.value)
