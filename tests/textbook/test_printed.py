"""Numbers as printed: what they are worth, and how far the exact one may be."""

from __future__ import annotations

from fractions import Fraction

import pytest

from costmodel.errors import ExpressionError
from costmodel.textbook import Printed


@pytest.mark.parametrize(
    ("text", "value", "step"),
    [
        ("7", 7, 1),
        ("7,225,344", 7_225_344, 1),
        ("0.5", Fraction(1, 2), Fraction(1, 10)),
        ("138M", 138_000_000, 1_000_000),
        ("30.9B", 30_900_000_000, 100_000_000),
        ("1.4G", 1_400_000_000, 100_000_000),
        ("2T", 2_000_000_000_000, 1_000_000_000_000),
        ("0.5K", 500, 100),
        ("240MB", 240_000_000, 1_000_000),
        ("1070KB", 1_070_000, 1_000),
        ("363x", 363, 1),
        ("57.2%", Fraction(572, 10), Fraction(1, 10)),
        ("3.8e9", 3_800_000_000, 100_000_000),
        ("0.5094432e-3", Fraction(5_094_432, 10**10), Fraction(1, 10**10)),
        (" 12 M ", 12_000_000, 1_000_000),
    ],
)
def test_a_printed_number_has_a_value_and_a_last_digit(text: str, value: Fraction, step: Fraction) -> None:
    printed = Printed.parse(text)
    assert (printed.value, printed.step) == (value, step)


@pytest.mark.parametrize("text", ["", "M", "1,00", "-3", "1.2.3", "3 apples", "1e9999", "0x10", "1__2"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"^a printed number must be digits"):
        Printed.parse(text)


def test_rounding_reaches_half_a_unit_of_the_last_digit_either_way() -> None:
    printed = Printed.parse("3.7M")
    assert [printed.is_rounded_from(exact) for exact in (3_650_000, 3_750_000, 3_649_999, 3_750_001)] == [
        *(True, True),
        *(False, False),
    ]


def test_truncation_keeps_the_first_digits() -> None:
    printed = Printed.parse("3.6M")
    assert [printed.is_truncated_from(exact) for exact in (3_600_000, 3_699_999, 3_700_000, 3_599_999)] == [
        *(True, True),
        *(False, False),
    ]


def test_only_the_same_number_is_exact() -> None:
    assert Printed.parse("1,024").is_exactly(1024)
    assert not Printed.parse("1,024").is_exactly(1023)


@pytest.mark.parametrize(("text", "step"), [("240", 10), ("15300", 100), ("800K", 100_000), ("38", 1), ("0", 1)])
def test_trailing_zeros_may_stand_for_rounding(text: str, step: int) -> None:
    assert Printed.parse(text).coarse().step == step


def test_a_unit_scales_value_and_last_digit() -> None:
    printed = Printed.parse("4.24").times(10**6)
    assert (printed.value, printed.step) == (Fraction(4_240_000), Fraction(10_000))
