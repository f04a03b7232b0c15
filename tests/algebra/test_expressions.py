"""Floors, greatest common divisors and channel rounding of SymPy expressions, against Python's own arithmetic."""

import math
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from costmodel.algebra import ceil_div, floor_div, gcd, parse, round_to_multiple, symbols
from costmodel.algebra.expressions import foreign, symbol, with_rationals
from tests.algebra.trees import VALUES, Tree, evaluate, linear, polynomial, text

Values = dict[str, int]


def substituted(expression: object, values: Values) -> object:
    """The expression with numbers for its symbols, evaluated by SymPy."""
    return sp.sympify(expression).subs({symbol(name): value for name, value in values.items()})


class TestFloors:
    @given(tree=linear(), divisor=st.integers(1, 12), values=VALUES)
    def test_dividing_then_substituting_is_substituting_then_dividing(
        self, tree: Tree, divisor: int, values: Values
    ) -> None:
        expression, number = parse(text(tree)), evaluate(tree, values)
        assert substituted(expression, values) == number
        assert substituted(floor_div(expression, divisor), values) == number // divisor
        assert substituted(ceil_div(expression, divisor), values) == math.ceil(number / divisor)

    @given(tree=linear(), values=VALUES)
    def test_the_divisor_may_be_a_symbol(self, tree: Tree, values: Values) -> None:
        number = evaluate(tree, values)
        assert substituted(floor_div(parse(text(tree)), symbols("k")), {**values, "k": 7}) == number // 7

    @given(tree=polynomial(), values=VALUES)
    def test_every_operation_of_the_language(self, tree: Tree, values: Values) -> None:
        assert substituted(parse(text(tree)), values) == evaluate(tree, values)

    def test_multiples_of_the_divisor_leave_the_brackets(self) -> None:
        r = symbols("r")
        assert floor_div(32 * r - 1, 2) == 16 * r - 1
        assert floor_div(224 * r + 2 * 3 - 7, 2) + 1 == 112 * r
        assert floor_div(4 * r + 6, 4) == r + 1

    def test_nested_brackets_collapse(self) -> None:
        """Five strides of 2 with padding are one division by 32, as long as the resolution is one symbol."""
        size = symbols("resolution")
        for _ in range(5):
            size = floor_div(size - 1, 2) + 1
        assert str(size) == "floor(resolution/32 + 31/32)"

    @given(
        times=st.integers(1, 4),
        inner=st.integers(2, 6),
        shift=st.fractions(0, 3, max_denominator=12),
        outer=st.integers(2, 6),
        more=st.fractions(0, 3, max_denominator=12),
    )
    def test_they_collapse_only_where_that_changes_nothing(
        self, times: int, inner: int, shift: Fraction, outer: int, more: Fraction
    ) -> None:
        expression = parse(f"floor({times}*floor(r/{inner} + {shift})/{outer} + {more})")
        for r in range(1, 2 * inner * outer):
            expected = math.floor(Fraction(times * math.floor(Fraction(r, inner) + shift), outer) + more)
            assert substituted(expression, {"r": r}) == expected

    def test_sizes_of_one_value_have_one_form(self) -> None:
        """A stride of 2 with symmetric padding, without padding on an even kernel, and "same" all round up."""
        r = symbols("r")
        assert floor_div(r + 2 - 3, 2) + 1 == floor_div(r - 1, 2) + 1 == ceil_div(r, 2) == parse("ceiling(r/2)")

    def test_real_symbols_stay_in_the_brackets(self) -> None:
        alpha, r = symbols("alpha r")
        assert floor_div(64 * alpha + 4 * r, 2) == 2 * r + floor_div(64 * alpha, 2)
        assert floor_div(64 * alpha, 2).has(sp.floor)
        assert ceil_div(64 * alpha + 4 * r, 2).subs({alpha: sp.Rational(1, 100), r: 1}) == 3

    def test_an_irrational_number_is_rounded_like_any_other(self) -> None:
        assert (floor_div(sp.pi, 1), ceil_div(sp.pi, 1)) == (3, 4)


class TestGreatestCommonDivisor:
    @given(a=linear(6), b=linear(6), values=VALUES)
    def test_it_is_that_of_integers(self, a: Tree, b: Tree, values: Values) -> None:
        expected = math.gcd(int(evaluate(a, values)), int(evaluate(b, values)))
        assert substituted(gcd(parse(text(a)), parse(text(b))), values) == expected

    def test_it_is_known_where_the_number_divides_every_term(self) -> None:
        r = symbols("r")
        assert gcd(4, 8 * r + 12) == 4
        assert gcd(r, 1) == gcd(1, r) == 1
        assert gcd(r, r) == gcd(r, 0) == gcd(0, r) == r
        assert isinstance(gcd(7, r), sp.Function)

    def test_the_order_does_not_matter(self) -> None:
        r, n = symbols("r n")
        assert gcd(r, n) == gcd(n, r)


class TestRoundToMultiple:
    def test_it_is_an_integer_that_floors_leave_alone(self) -> None:
        channels = round_to_multiple(32 * symbols("alpha"), 8)
        assert floor_div(2 * channels, 2) == channels

    @given(st.fractions(1, 900, max_denominator=50))
    def test_a_float_stands_for_itself(self, x: Fraction) -> None:
        """SymPy's own floats would leave the function unevaluated."""
        assert round_to_multiple(sp.Float(float(x)), 8) == round_to_multiple(Fraction(float(x)), 8)


class TestLanguage:
    @pytest.mark.parametrize("written", ["32*alpha", "floor(r/2)**2", "max(r, 8) + gcd(h_i, 7)", "1/r"])
    def test_what_the_parser_reads_belongs_to_it(self, written: str) -> None:
        assert foreign(parse(written)) is None

    @pytest.mark.parametrize(
        "stranger", [sp.sin(symbol("r")), sp.sqrt(symbol("r")), sp.Symbol("r"), sp.Symbol("width", integer=True)]
    )
    def test_other_functions_roots_and_assumptions_do_not(self, stranger: sp.Expr) -> None:
        assert foreign(2 * stranger + 1) == stranger

    def test_floats_are_read_as_they_print(self) -> None:
        alpha = symbols("alpha")
        assert with_rationals(0.35 * alpha) == sp.Rational(7, 20) * alpha

    def test_symbols_carry_their_assumptions(self) -> None:
        width, resolution = symbols("width resolution")
        assert (width.is_positive, width.is_integer) == (True, None)
        assert (resolution.is_positive, resolution.is_integer) == (True, True)
