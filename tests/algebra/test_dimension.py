"""Dimensions: what stands for one in a spec, and what an inferred size may be."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from costmodel.algebra import Dim, symbols
from costmodel.algebra.dimension import MAX_DIMENSION, exact, inferred, non_negative, positive, positive_shape

alpha, r = symbols("alpha r")


class TestPositive:
    @pytest.mark.parametrize(
        ("value", "dimension"),
        [
            (3, 3),
            (MAX_DIMENSION, 2**31),
            (np.int64(3), 3),
            (np.uint8(200), 200),
            (Fraction(6, 2), 3),
            ("3", 3),
            ("2*3 + 1", 7),
            ("6/2", 3),
            (sp.Integer(5), 5),
            (r / r, 1),
            ("32*alpha", 32 * alpha),
            (32 * alpha, 32 * alpha),
            (0.75 * alpha, sp.Rational(3, 4) * alpha),
            ("r//2", sp.floor(r / 2)),
        ],
    )
    def test_what_stands_for_a_dimension(self, value: object, dimension: Dim) -> None:
        found = positive(value)
        assert found == dimension
        assert isinstance(found, (int, sp.Expr))
        assert type(found) is type(dimension)

    @pytest.mark.parametrize(
        "value",
        [
            0,
            -1,
            True,
            False,
            None,
            1.0,
            2.5,
            float("nan"),
            "0",
            "-3",
            "1/2",
            "r + 1/2",
            -r,
            "-r - 1",
            [3],
            {},
            b"3",
            np.float64(3),
            np.array([3, 4]),
            sp.Rational(1, 2),
            sp.oo,
            sp.nan,
            sp.I,
            Fraction(1, 2),
        ],
        ids=repr,
    )
    def test_what_does_not(self, value: object) -> None:
        with pytest.raises(ValueError, match=r"^must be a positive integer or an expression of one$"):
            positive(value)

    @pytest.mark.parametrize("value", [MAX_DIMENSION + 1, 10**30, "2**40"])
    def test_what_is_absurdly_large(self, value: object) -> None:
        with pytest.raises(ValueError, match=r"^must be at most 2\*\*31$"):
            positive(value)

    @pytest.mark.parametrize(
        ("value", "reason"),
        [
            ("r.real", "must be an expression of dimensions: 'r.real' is not an expression"),
            ("", "must be an expression of dimensions: '' is not an expression"),
            (sp.sin(r), r"costmodel's symbols and functions, which sin\(r\) is not"),
            (sp.sqrt(r), r"costmodel's symbols and functions, which sqrt\(r\) is not"),
            (sp.Symbol("r") + 1, "costmodel's symbols and functions, which r is not"),
        ],
    )
    def test_what_is_not_of_the_formula_language(self, value: object, reason: str) -> None:
        with pytest.raises(ValueError, match=reason):
            positive(value)

    @given(st.one_of(st.integers(), st.floats(), st.text(max_size=20), st.none(), st.binary(max_size=5)))
    def test_anything_is_a_dimension_or_refused_with_the_rule(self, value: object) -> None:
        dimension = outcome(value)
        if isinstance(dimension, ValueError):
            assert str(dimension).startswith("must be ")
        else:
            assert isinstance(dimension, sp.Expr) or 1 <= dimension <= MAX_DIMENSION


def outcome(value: object) -> Dim:
    """The dimension that a value stands for, or why it is none."""
    try:
        return positive(value)
    except ValueError as problem:
        return problem


class TestNonNegative:
    def test_zero_is_allowed(self) -> None:
        assert (non_negative(0), non_negative("r - r"), non_negative(r)) == (0, 0, r)

    @pytest.mark.parametrize("value", [-1, "-r", "1/2", 0.0, None])
    def test_less_is_not(self, value: object) -> None:
        with pytest.raises(ValueError, match=r"^must be an integer of at least 0 or an expression of one$"):
            non_negative(value)


class TestShapes:
    def test_any_sequence_stands_for_a_shape(self) -> None:
        assert positive_shape([1, "3", r]) == (1, 3, r)
        assert positive_shape(np.array([1, 3])) == (1, 3)

    @pytest.mark.parametrize("value", [5, "abc", None])
    def test_a_text_or_a_number_is_no_sequence(self, value: object) -> None:
        with pytest.raises(ValueError, match=r"^must stand in a sequence of positive integers or expressions$"):
            positive_shape(value)


class TestInferred:
    @pytest.mark.parametrize(
        ("value", "size"), [(7, 7), (sp.Integer(7), 7), (np.int64(7), 7), (r - 3, r - 3), (32 * alpha, 32 * alpha)]
    )
    def test_a_size_is_an_int_or_an_expression(self, value: Dim, size: Dim) -> None:
        assert inferred(value) == size
        assert type(inferred(value)) in {int, type(size)}

    @pytest.mark.parametrize("value", [0, -1, sp.Integer(0), sp.Rational(3, 2), r + sp.Rational(1, 2), -r, 2.0, "r"])
    def test_nothing_else_is(self, value: Dim) -> None:
        assert inferred(value) is None


def test_a_number_that_is_no_integer_is_not_exact() -> None:
    assert [exact(value) for value in (0.5, Fraction(1, 2), sp.Rational(1, 2), None, True)] == [None] * 5
