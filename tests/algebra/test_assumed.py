"""What is taken for granted of symbols, against what numbers say."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.algebra import (
    assuming,
    at_most,
    divides,
    equal,
    exact_div,
    is_below,
    is_multiple,
    parse,
    reaches,
)
from costmodel.algebra.conditions import AtLeast, AtMost, Condition, Different, Equal, Multiple, margin
from costmodel.algebra.divisibility import always_divides
from costmodel.algebra.vectorize import vectorize
from costmodel.errors import DivisibilityError

SIZES = st.sampled_from(["c", "h", "c + h", "2*c", "floor(h/2) + 1", "3*c - 2", "round_to_multiple(c, 4)", "c*h"])
ONE = {"c": st.integers(1, 30), "h": st.integers(1, 30)}


@given(numerator=SIZES, denominator=SIZES, **ONE)
def test_a_division_needs_what_numbers_check(numerator: str, denominator: str, c: int, h: int) -> None:
    with assuming() as assumed:
        exact_div(parse(numerator), parse(denominator))
    numbers = [int(parse(text, {"c": c, "h": h})) for text in (numerator, denominator)]
    try:
        exact_div(*numbers)
    except DivisibilityError:
        leaves_none = False
    else:
        leaves_none = True
    said = all(need.holds(lambda value: value.xreplace(point(c, h))) for need in assumed.needs)
    assert said == leaves_none == divides(numbers[1], numbers[0])


@given(one=SIZES, other=SIZES, **ONE)
def test_a_choice_by_values_is_that_of_the_values(one: str, other: str, c: int, h: int) -> None:
    with assuming({"c": c, "h": h}) as assumed:
        answer = equal(parse(one), parse(other))
    assert answer == (parse(one, {"c": c, "h": h}) == parse(other, {"c": c, "h": h}))
    assert all(choice.holds(lambda value: value.xreplace(point(c, h))) for choice in assumed.choices)


def test_a_choice_leaves_out_what_both_have() -> None:
    with assuming() as assumed:
        assert not equal(parse("6*n*c*h"), parse("6*n*c"))
    assert [str(choice) for choice in assumed.choices] == ["h != 1"]


@given(one=SIZES, other=SIZES, at=st.booleans(), **ONE)
def test_comparisons_choose_as_numbers_do(one: str, other: str, c: int, h: int, at: bool) -> None:
    numbers = [int(parse(text, {"c": c, "h": h})) for text in (one, other)]
    with assuming({"c": c, "h": h} if at else None) as assumed:
        answers = [is_below(parse(one), parse(other)), is_multiple(parse(one), parse(other))]
    if all(choice.holds(lambda value: value.xreplace(point(c, h))) for choice in assumed.choices):
        assert answers == [numbers[0] < numbers[1], numbers[0] % numbers[1] == 0]
    else:
        assert not at
    assert reaches(parse(one), parse(other)).xreplace(point(c, h)) == (numbers[0] >= numbers[1])
    assert reaches(*numbers) == (numbers[0] >= numbers[1])


def test_nothing_is_noted_of_what_is_certain() -> None:
    with assuming() as assumed:
        assert equal(parse("2*(r + 1)"), parse("2*r + 2"))
        assert not equal(parse("r + 1"), parse("r"))
        assert at_most(parse("r"), parse("r + h"))
        exact_div(parse("6*r*h"), parse("2*h"))
        exact_div(parse("c*(c + 1)"), 2)
    assert assumed.needs == assumed.choices == ()


def test_the_inner_of_two_blocks_collects() -> None:
    with assuming() as outer:
        with assuming() as inner:
            divides(4, parse("c"))
        divides(3, parse("c"))
    assert [str(need) for need in inner.needs] == ["c % 4 == 0"]
    assert [str(need) for need in outer.needs] == ["c % 3 == 0"]


@pytest.mark.parametrize(
    ("divisor", "text", "always"),
    [
        (2, "c*(c + 1)", True),
        (6, "c*(c + 1)*(c + 2)", True),
        (3, "c**3 - c", True),
        (4, "round_to_multiple(c, 8)", True),
        (8, "2*round_to_multiple(c, 4)", True),
        (2, "c*h", False),
        (2, "c**2 + 1", False),
        (3, "alpha", False),
    ],
)
def test_what_an_integer_always_divides(divisor: int, text: str, always: bool) -> None:
    assert always_divides(divisor, parse(text)) == always


CONDITIONS = [
    Multiple(parse("c"), parse("h")),
    Multiple(parse("16*alpha"), parse("1*c/c")),
    AtLeast(parse("c - h"), parse("3*c/c")),
    AtMost(parse("alpha*c"), parse("2*h")),
    Equal(parse("floor(c/2)"), parse("h")),
    Different(parse("round_to_multiple(8*alpha, 4)"), parse("c")),
]


@given(conditions=st.lists(st.sampled_from(CONDITIONS), max_size=3), alpha=st.integers(1, 40), **ONE)
def test_the_margin_is_at_least_1_exactly_where_all_hold(
    conditions: list[Condition], c: int, h: int, alpha: int
) -> None:
    values = point(c, h) | {parse("alpha"): parse(str(Fraction(alpha, 16)))}
    holds = all(bool(condition.holds(lambda value: parse("0") + value.xreplace(values))) for condition in conditions)
    mask = vectorize(margin(conditions), "c h alpha")(float(c), float(h), alpha / 16)
    assert bool(mask >= 1) == holds


def point(c: int, h: int) -> dict[object, object]:
    return {parse("c"): parse(f"{c}*r/r"), parse("h"): parse(f"{h}*r/r")}
