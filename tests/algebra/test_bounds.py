"""Bounds hold for every value of the symbols; signs of slices are those of the expression far out."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.algebra import parse
from costmodel.algebra.bounds import is_at_least, least, tendency

SIZES = [
    "h - 2*floor(h/2) + 1",
    "7*h - 7*floor(6*h/7) - h",
    "floor((h + 1)/2)",
    "h - max(0, h - 3)",
    "h - min(1, h)",
    "w*floor(h/2) + 2",
    "max(floor(h/3), w) - 1",
    "2*floor(floor(h/2)/2 + 1/2) - floor(h/2)",
    "min(h, w) + floor(h/4)",
    "max(0, h - 3) - max(0, h - 7)",
    "max(0, 7*floor((floor(h/4) + 6)/7) - 3) - max(0, 7*floor((floor(h/4) + 6)/7) - 7)",
]


@pytest.mark.parametrize("text", SIZES)
@given(h=st.integers(1, 500), w=st.integers(1, 500))
def test_no_value_is_below_the_bound(text: str, h: int, w: int) -> None:
    bound = least(parse(text))
    assert bound is not None
    assert parse(text, {"h": h, "w": w}) >= bound


@pytest.mark.parametrize("text", ["h - w", "3 - h", "h - h*w", "floor(h/2) - floor(w/2)"])
def test_what_may_fall_without_end_has_no_bound(text: str) -> None:
    assert least(parse(text)) is None


def test_a_padding_of_two_or_one_is_seen_to_be_positive() -> None:
    assert least(parse("h - 2*floor(h/2) + 1")) == Fraction(1)


def test_sizes_are_at_least_one() -> None:
    assert is_at_least(parse("seq"), 1)
    assert not is_at_least(parse("seq"), 2)
    assert is_at_least(parse("floor(h/2)"), parse("floor(h/2) - 1"))


@pytest.mark.parametrize(("text", "sign"), [("h - 7", 1), ("1 - h", -1), ("h - w", 0), ("floor(h/2) - 3", 1)])
def test_where_an_expression_goes(text: str, sign: int) -> None:
    assert tendency(parse(text)) == sign
