"""Numbers as a person reads them; every prefix against a literal."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.report.numbers import PREFIXES, count_text, percent, with_prefix

LITERALS = {
    "p": Decimal("0.000000000001"),
    "n": Decimal("0.000000001"),
    "µ": Decimal("0.000001"),
    "m": Decimal("0.001"),
    "": Decimal(1),
    "k": Decimal(1000),
    "M": Decimal(1000000),
    "G": Decimal(1000000000),
    "T": Decimal(1000000000000),
    "P": Decimal(1000000000000000),
    "E": Decimal(1000000000000000000),
}


@pytest.mark.parametrize("prefix", LITERALS)
def test_every_prefix_is_its_power_of_ten(prefix: str) -> None:
    assert with_prefix(LITERALS[prefix], "B") == f"1.00 {prefix}B"
    assert with_prefix(LITERALS[prefix] * 999, "B") == f"999 {prefix}B"


def test_no_prefix_is_without_a_literal() -> None:
    assert set(PREFIXES.values()) == set(LITERALS)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "s", "0 s"),
        (1, "", "1.00"),
        (12, "", "12.0"),
        (123, "", "123"),
        (999.4, "", "999"),
        (999.5, "", "1.00 k"),
        (999_499, "B", "999 kB"),
        (999_500, "B", "1.00 MB"),
        (0.0712, "s", "71.2 ms"),
        (1e-13, "s", "1.00e-13 s"),
        (10**22, "", "1.00e+22"),
        (10**400, "B", "1.00e+400 B"),
        (-1500, "B", "-1.50 kB"),
    ],
)
def test_with_prefix(value: float, unit: str, text: str) -> None:
    assert with_prefix(value, unit) == text


@given(st.floats(min_value=1e-12, max_value=9.9e20))
def test_the_text_is_the_value_to_three_digits(value: float) -> None:
    number, _, prefix = with_prefix(value).partition(" ")
    assert 1 <= Decimal(number) < 1000
    read = Decimal(number) * LITERALS[prefix]
    assert abs(read - Decimal(value)) <= Decimal(value) * Decimal("0.005")


def test_more_digits_can_be_asked_for() -> None:
    assert with_prefix(15_470_264_320, digits=5) == "15.470 G"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(1, 4, "25.0 %"), (1, 3, "33.3 %"), (2, 3, "66.7 %"), (0, 7, "0.0 %"), (7, 7, "100.0 %"), (1, 10**30, "<0.1 %")],
)
def test_percent(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text


def test_there_is_no_share_of_nothing_and_of_expressions() -> None:
    from costmodel import symbols

    assert percent(0, 0) == ""
    assert percent(1, symbols("r")) == ""


def test_counts_have_separators_and_long_expressions_are_cut() -> None:
    from costmodel import parse

    assert count_text(1_234_567) == "1,234,567"
    assert count_text(parse("32*alpha*r")) == "32*alpha*r"
    assert len(count_text(parse(" + ".join(f"x{i}" for i in range(300))), limit=80)) <= 80
