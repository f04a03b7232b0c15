"""Piecewise polynomials: equal to the expression at every number, and their signs are right everywhere."""

from fractions import Fraction
from itertools import pairwise

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from costmodel import parse
from costmodel.algebra.expressions import symbol
from costmodel.errors import ExpressionError
from costmodel.reasoning.pieces import pieces
from costmodel.reasoning.roots import positive_roots
from costmodel.reasoning.signs import signs
from tests.algebra.trees import Tree, evaluate, text

X = symbol("alpha")
SMALL = st.one_of(st.integers(0, 9), st.fractions(0, 9, max_denominator=6), st.just("alpha"))
TREES: st.SearchStrategy[Tree] = st.recursive(
    SMALL, lambda inner: st.tuples(st.sampled_from(("+", "*", "-", "max", "min")), inner, inner), max_leaves=8
)
POSITIVE = st.fractions(Fraction(1, 50), 50, max_denominator=60)


class TestPieces:
    @given(tree=TREES, number=POSITIVE)
    def test_their_value_is_that_of_the_expression(self, tree: Tree, number: Fraction) -> None:
        found = pieces(parse(text(tree)), X)
        assert found.at(number) == evaluate(tree, {"alpha": number})

    @given(tree=TREES, number=POSITIVE)
    def test_every_number_is_in_a_region_of_its_sign(self, tree: Tree, number: Fraction) -> None:
        regions = signs(pieces(parse(text(tree)), X))
        value = evaluate(tree, {"alpha": number})
        signs_said = [
            region.sign
            for region in regions
            if (region.low is None or region.low.high < number) and (region.high is None or number < region.high.low)
        ]
        assert signs_said in ([], [(value > 0) - (value < 0)])
        assert signs_said or value == 0
        assert all(a.sign != b.sign and a.high == b.low for a, b in pairwise(regions))

    def test_another_symbol_is_refused(self) -> None:
        with pytest.raises(ExpressionError, match="a comparison in alpha needs numbers for the other symbols"):
            pieces(parse("max(alpha, r)"), X)

    def test_a_division_is_refused(self) -> None:
        with pytest.raises(ExpressionError, match="a comparison in alpha needs polynomials"):
            pieces(parse("1/alpha"), X)


class TestRoots:
    @given(st.lists(st.fractions(-9, 9, max_denominator=9), min_size=1, max_size=7))
    def test_the_positive_roots_of_a_product_of_linear_factors(self, roots: list[Fraction]) -> None:
        polynomial = sp.Poly(sp.prod([X - sp.Rational(root.numerator, root.denominator) for root in roots]), X)
        found = positive_roots(polynomial)
        assert [root.middle for root in found] == sorted({root for root in roots if root > 0})

    @given(st.lists(st.integers(-50, 50), min_size=2, max_size=9).filter(lambda numbers: numbers[0] != 0))
    def test_between_neighbours_the_sign_is_one(self, coefficients: list[int]) -> None:
        """Sturm's theorem through SymPy counts as many distinct positive roots as are found."""
        polynomial = sp.Poly(coefficients, X)
        if polynomial.degree() < 1:
            return
        found = positive_roots(polynomial)
        positive = polynomial.count_roots(0, None) - (polynomial.eval(0) == 0)
        assert len(found) == positive
        for root in found:
            assert root.exact is None or sp.simplify(polynomial.eval(root.exact)) == 0
            low, high = (polynomial.eval(sp.Rational(end.numerator, end.denominator)) for end in (root.low, root.high))
            assert low * high <= 0 or root.exact is not None

    def test_a_degree_that_no_cost_has_is_refused(self) -> None:
        with pytest.raises(ExpressionError, match="of degree 40 at most"):
            positive_roots(sp.Poly(X**41 - 2, X))
