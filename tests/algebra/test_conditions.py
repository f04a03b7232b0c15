"""Conditions: their sentences, and which imply which."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.algebra import parse
from costmodel.algebra.conditions import AtLeast, AtMost, Condition, Different, Equal, Multiple, strongest

VALUES = [Fraction(parts, 4) for parts in range(1, 60)]
TIMES = st.integers(-6, 6).filter(bool)
BOUNDS = st.integers(-6, 24)


def conditions() -> st.SearchStrategy[Condition]:
    values = TIMES.map(lambda times: times * parse("alpha"))
    return st.one_of(
        st.builds(Multiple, values, st.integers(1, 6).map(lambda step: parse(f"{step}*r/r"))),
        st.builds(AtLeast, values, BOUNDS.map(lambda bound: parse(f"{bound}*r/r"))),
        st.builds(AtMost, values, BOUNDS.map(lambda bound: parse(f"{bound}*r/r"))),
    )


def holds(condition: Condition, alpha: Fraction) -> bool:
    value = Fraction(int(condition.value.coeff(parse("alpha")))) * alpha
    match condition:
        case Equal():
            return value == int(condition.other)
        case Different():
            return value != int(condition.other)
        case Multiple():
            return (value / int(condition.step)).denominator == 1
        case AtLeast():
            return value >= int(condition.bound)
        case AtMost():
            return value <= int(condition.bound)


@given(one=conditions(), other=conditions())
def test_what_is_implied_holds_wherever_the_condition_does(one: Condition, other: Condition) -> None:
    if one.implies(other):
        assert all(holds(other, alpha) for alpha in VALUES if holds(one, alpha))


@given(conditions())
def test_a_condition_implies_itself(condition: Condition) -> None:
    assert condition.implies(condition)


@settings(max_examples=max(10, settings().max_examples // 5))
@given(st.lists(conditions(), max_size=5))
def test_the_strongest_hold_where_all_hold_and_nowhere_else(given_conditions: list[Condition]) -> None:
    kept = strongest(given_conditions)
    for alpha in VALUES:
        assert all(holds(each, alpha) for each in kept) == all(holds(each, alpha) for each in given_conditions)


def test_conditions_of_different_kinds_differ() -> None:
    """32*alpha being a multiple of 8 and being at least 8 are two conditions, both kept in a set."""
    value, eight = parse("r - 4"), parse("8*r/r")
    assert len({Multiple(value, eight), AtLeast(value, eight), AtMost(value, eight)}) == 3


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (Multiple(parse("32*alpha"), parse("8*r/r")), "32*alpha % 8 == 0"),
        (Multiple(parse("32*alpha"), parse("r/r")), "32*alpha is an integer"),
        (Multiple(parse("r + 1"), parse("n")), "(r + 1) % n == 0"),
        (AtLeast(parse("32*alpha"), parse("8*r/r")), "32*alpha >= 8"),
        (AtMost(parse("r + 1"), parse("96*r/r")), "r + 1 <= 96"),
    ],
)
def test_they_are_printed_as_conditions(condition: Condition, sentence: str) -> None:
    assert str(condition) == sentence


def test_the_weaker_of_two_is_left_out() -> None:
    alpha, eight = parse("alpha"), parse("8*r/r")
    found = strongest([AtLeast(64 * alpha, eight), AtLeast(32 * alpha, eight), Multiple(64 * alpha, eight)])
    assert [str(each) for each in found] == ["32*alpha >= 8", "64*alpha % 8 == 0"]
