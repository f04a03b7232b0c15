"""The operations of the formula language: what they are, and that ints, fractions, arrays and SymPy agree."""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from costmodel.algebra import (
    Dim,
    ceil_div,
    ceiling,
    equal,
    exact_div,
    floor,
    floor_div,
    gcd,
    maximum,
    minimum,
    parse,
    product,
    round_to_multiple,
    symbols,
    total,
)
from costmodel.errors import CostModelError, DivisibilityError

SMALL = st.integers(1, 10_000)
PYTHON: dict[Callable[..., Dim], Callable[..., int]] = {
    floor_div: lambda a, b: a // b,
    ceil_div: lambda a, b: math.ceil(Fraction(a, b)),
    maximum: max,
    minimum: min,
    gcd: math.gcd,
}


def make_divisible(v: float, divisor: int) -> int:
    """The published code of the MobileNet authors (tensorflow/models, `_make_divisible`), copied as it stands."""
    min_value = divisor
    new_v = max(min_value, int(v + divisor / 2) // divisor * divisor)
    if new_v < 0.9 * v:
        new_v += divisor
    return new_v


class TestTwoOperands:
    @pytest.mark.parametrize("operation", PYTHON, ids=lambda operation: operation.__name__)
    @given(a=SMALL, b=SMALL)
    def test_numbers_arrays_and_symbols_agree_with_python(self, operation: Callable[..., Dim], a: int, b: int) -> None:
        expected = PYTHON[operation](a, b)
        r, n = symbols("r n")
        assert operation(a, b) == expected
        assert operation(Fraction(a), b) == expected
        assert operation(np.array([a, a]), np.array([b, b])).tolist() == [expected, expected]
        assert operation(r, n).subs({r: a, n: b}) == expected
        assert sp.sympify(operation(r, b)).subs(r, a) == expected
        assert operation(a, n).subs(n, b) == expected

    @given(a=st.integers(0, 2**200), b=st.integers(1, 2**100))
    def test_integers_stay_exact_beyond_floats(self, a: int, b: int) -> None:
        assert floor_div(a, b) == a // b
        assert ceil_div(a, b) * b - a in range(b)
        assert exact_div(a * b, b) == a

    @given(a=SMALL, b=SMALL)
    def test_an_exact_division_is_exact_or_an_error(self, a: int, b: int) -> None:
        r = symbols("r")
        assert exact_div(a * b, b) == a
        assert exact_div(np.array([a * b]), b).tolist() == [a]
        assert exact_div(r * b, b) == r
        if a % b:
            with pytest.raises(DivisibilityError, match=f"^{a} is not divisible by {b}$"):
                exact_div(a, b)
            with pytest.raises(DivisibilityError, match=f"^{a} is not divisible by {b}$"):
                exact_div(np.array([b, a]), b)

    @given(SMALL)
    def test_the_result_of_integers_is_an_integer(self, a: int) -> None:
        results = [exact_div(2 * a, 2), floor_div(a, 2), ceil_div(a, 2), round_to_multiple(a, 8), gcd(a, 6)]
        assert {type(result) for result in results} == {int}

    def test_a_comparison_of_several_takes_them_all(self) -> None:
        r = symbols("r")
        assert maximum(3, 9, 4) == 9
        assert minimum(np.array([5.0, 1.0]), 3, 4).tolist() == [3, 1]
        assert maximum(r, 3, 2 * r, 5, 4).subs(r, 2) == 5
        assert maximum(r, r) == r


def test_a_greatest_common_divisor_is_of_integers() -> None:
    for half in (Fraction(1, 2), np.array([1.0, 0.5])):
        with pytest.raises(DivisibilityError, match=r"^gcd takes integers \(got (1/2|0.5)\)$"):
            gcd(half, 2)


class TestFloorAndCeiling:
    @given(st.fractions(0, 1000, max_denominator=64))
    def test_fractions_arrays_and_symbols_agree(self, x: Fraction) -> None:
        alpha = symbols("alpha")
        for operation, expected in ((floor, math.floor(x)), (ceiling, math.ceil(x))):
            assert operation(x) == expected
            assert operation(np.array([float(x)])).tolist() == [math.floor(x) if operation is floor else math.ceil(x)]
            if x > 0:
                assert operation(alpha).subs(alpha, sp.Rational(x.numerator, x.denominator)) == expected

    def test_an_integer_symbol_is_its_own_floor(self) -> None:
        r = symbols("r")
        assert floor(3 * r + 2) == ceiling(3 * r + 2) == 3 * r + 2


class TestRoundToMultiple:
    """Sandler et al., MobileNetV2: to the nearest multiple, at least the divisor, never below 90 %."""

    @given(x=st.fractions(0, 5000, max_denominator=100).filter(bool), divisor=st.integers(1, 32))
    def test_laws(self, x: Fraction, divisor: int) -> None:
        rounded = round_to_multiple(x, divisor)
        assert rounded % divisor == 0
        assert rounded >= divisor
        assert 10 * rounded >= 9 * x
        assert abs(rounded - x) <= Fraction(divisor, 2) or rounded == divisor or 10 * (rounded - divisor) < 9 * x

    @given(channels=st.integers(1, 2048), percent=st.integers(1, 300), divisor=st.sampled_from([4, 8, 16]))
    def test_it_is_what_the_authors_published_on_the_same_float(
        self, channels: int, percent: int, divisor: int
    ) -> None:
        v = channels * (percent / 100)
        expected = make_divisible(v, divisor)
        assert round_to_multiple(Fraction(v), divisor) == expected
        assert round_to_multiple(np.array([v]), divisor).tolist() == [expected]
        assert round_to_multiple(sp.Float(v), divisor) == expected

    @pytest.mark.parametrize(("x", "expected"), [(11, 16), (12, 16), (20, 24), (Fraction(224, 10), 24), (1, 8), (8, 8)])
    def test_by_hand(self, x: int | Fraction, expected: int) -> None:
        """11 would become 8, below 90 % of 11; 12 and 20 are ties; 22.4 = 64 x 0.35 is nearest to 24."""
        assert round_to_multiple(x, 8) == expected

    @given(width=st.integers(1, 400), channels=st.integers(1, 512))
    def test_arrays_and_symbols_agree_with_fractions(self, width: int, channels: int) -> None:
        alpha = symbols("alpha")
        expected = round_to_multiple(Fraction(channels * width, 128), 8)
        assert round_to_multiple(np.array([channels * width / 128]), 8).tolist() == [expected]
        assert round_to_multiple(channels * alpha, 8).subs(alpha, sp.Rational(width, 128)) == expected

    @pytest.mark.parametrize("divisor", [0, -8])
    def test_the_divisor_must_be_positive(self, divisor: int) -> None:
        for x in (3, symbols("alpha")):
            with pytest.raises(DivisibilityError, match=f"needs a positive divisor \\(got {divisor}\\)"):
                round_to_multiple(x, divisor)


class TestSumsAndProducts:
    @given(st.lists(st.integers(0, 2**70), max_size=6))
    def test_integers(self, numbers: list[int]) -> None:
        assert total(numbers) == sum(numbers)
        assert product(numbers) == math.prod(numbers)

    def test_of_nothing(self) -> None:
        assert (total([]), product([])) == (0, 1)

    def test_of_mixed_operands(self) -> None:
        r = symbols("r")
        assert total([r, 2, Fraction(1, 2), r]) == 2 * r + sp.Rational(5, 2)
        assert total([np.array([1.0, 2.0]), 3]).tolist() == [4, 5]
        assert total([Fraction(1, 2), Fraction(1, 2)]) == 1
        assert product([r, 2, r]) == 2 * r**2


class TestEquality:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("2*(r + 1)", "2*r + 2"),
            ("n*(r + 1)", "n*r + n"),
            ("ceiling(r/2)", "floor((r + 1)/2)"),
            ("ceiling(r/2)", "(r - 1)//2 + 1"),
            ("(r + 3)//2", "(r + 1)//2 + 1"),
            ("(r + 1)**2", "r**2 + 2*r + 1"),
            ("((r - 1)//2 + 1 - 1)//2 + 1", "(r + 3)//4"),
            ("gcd(h_i, 7)", "gcd(7, h_i)"),
            ("max(r, n)", "max(n, r)"),
        ],
    )
    def test_of_expressions_that_are_written_differently(self, one: str, other: str) -> None:
        assert equal(parse(one), parse(other))

    @pytest.mark.parametrize(("one", "other"), [("r", "r + 1"), ("r//2", "(r + 1)//2"), ("n", "r"), ("alpha", "1")])
    def test_of_expressions_that_differ(self, one: str, other: str) -> None:
        assert not equal(parse(one), parse(other))

    def test_of_numbers_and_arrays(self) -> None:
        assert equal(3, 3)
        assert not equal(3, 4)
        assert equal(Fraction(6, 2), 3)
        assert equal(np.array([3.0, 3.0]), np.array([3, 3]))
        assert not equal(np.array([3.0, 4.0]), 3)


def test_every_error_of_an_operation_is_one_of_ours() -> None:
    with pytest.raises(CostModelError):
        exact_div(7, 2)
    with pytest.raises(ArithmeticError):
        exact_div(Fraction(1, 2), 2)
