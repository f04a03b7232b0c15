"""Arithmetic on known elements decides what it can, and says when it cannot."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.algebra import parse
from costmodel.interop.contents import ELEMENTWISE, Undecided, exact

NUMBERS = st.integers(-50, 50)
REFERENCES: dict[str, Callable[[int, int], Any]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "equal": np.equal,
    "less": np.less,
    "less_or_equal": np.less_equal,
    "greater": np.greater,
    "greater_or_equal": np.greater_equal,
}


def apply(name: str, *operands: Any) -> Any:
    return ELEMENTWISE[name](*(np.asarray(operand, dtype=object) for operand in operands))


@pytest.mark.parametrize("name", REFERENCES)
@given(a=st.lists(NUMBERS, min_size=1, max_size=4), b=NUMBERS)
def test_numbers_behave_as_numpys_do(name: str, a: list[int], b: int) -> None:
    assert apply(name, a, b).tolist() == REFERENCES[name](np.array(a), b).tolist()  # type: ignore[arg-type]


@given(a=NUMBERS, b=NUMBERS.filter(bool))
def test_integers_divide_towards_zero_and_the_remainder_has_the_divisors_sign(a: int, b: int) -> None:
    assert apply("divide_integers", a, b).item() == int(np.trunc(a / b))
    assert apply("modulo", a, b).item() == np.mod(a, b)
    assert apply("divide", a, b).item() == Fraction(a, b)


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        ("equal", ("batch", -1), False),
        ("equal", ("batch + 1", "1 + batch"), True),
        ("less", ("batch", 0), False),
        ("less", (0, "batch"), True),
        ("maximum", ("batch + 2", "batch"), "batch + 2"),
        ("divide_integers", ("4*batch", 2), "2*batch"),
        ("modulo", ("4*batch", 2), 0),
    ],
)
def test_what_follows_from_a_symbol_being_a_positive_integer(name: str, operands: Any, expected: Any) -> None:
    parsed = [parse(operand) if isinstance(operand, str) else operand for operand in operands]
    assert apply(name, *parsed).item() == (parse(expected) if isinstance(expected, str) else expected)


@pytest.mark.parametrize("name", ["equal", "less", "greater_or_equal"])
def test_what_depends_on_a_symbol_is_undecided(name: str) -> None:
    with pytest.raises(Undecided):
        apply(name, parse("batch"), 3)


def test_floats_become_fractions_and_infinities_stay() -> None:
    assert exact(0.5) == Fraction(1, 2)
    assert exact(float("inf")) == float("inf")
    assert exact(np.int64(3)) == 3
