"""Vectorized evaluation: the same numbers as exact evaluation, for any arrays that broadcast together."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from costmodel.algebra import parse, symbols
from costmodel.algebra.blocks import BLOCK
from costmodel.algebra.plan import plan
from costmodel.algebra.vectorize import vectorize
from costmodel.errors import DivisibilityError, ExpressionError, ShapeError, SpecError, UnknownNameError
from tests.algebra.trees import INTEGERS, Tree, channels, evaluate, linear, polynomial, terms, text

SMALL = st.fixed_dictionaries({name: st.integers(1, 40) for name in INTEGERS})
BINARY = st.integers(1, 512).map(lambda parts: Fraction(parts, 128))


def columns(configurations: list[dict[str, int]]) -> list[NDArray[np.float64]]:
    return [np.array([float(values[name]) for values in configurations]) for name in INTEGERS]


class TestAgreement:
    @given(tree=linear(20), configurations=st.lists(SMALL, min_size=1, max_size=5))
    def test_linear_expressions_with_floors_are_exact(self, tree: Tree, configurations: list[dict[str, int]]) -> None:
        found = vectorize(parse(text(tree)), INTEGERS)(*columns(configurations))
        assert found.tolist() == [evaluate(tree, values) for values in configurations]

    @given(tree=polynomial(6), configurations=st.lists(SMALL, min_size=1, max_size=5))
    def test_every_operation_of_the_language_is_exact_below_2_to_the_53(
        self, tree: Tree, configurations: list[dict[str, int]]
    ) -> None:
        found = vectorize(parse(text(tree)), INTEGERS)(*columns(configurations))
        for number, values in zip(found.tolist(), configurations, strict=True):
            exact = evaluate(tree, values)
            largest = evaluate(magnitude(tree), values)
            assert number == exact if largest < 2**53 else abs(number - exact) <= Fraction(largest, 10**12)

    @given(
        tree=terms(),
        alpha=st.floats(0.01, 4),
        width=st.floats(0.01, 4),
        integers=st.fixed_dictionaries({name: st.integers(1, 4096) for name in INTEGERS}),
    )
    def test_powers_and_divisions_agree_to_a_relative_1e_12(
        self, tree: Tree, alpha: float, width: float, integers: dict[str, int]
    ) -> None:
        values: dict[str, int | Fraction] = {"alpha": Fraction(alpha), "width": Fraction(width), **integers}
        exact = evaluate(tree, values)
        found = vectorize(parse(text(tree)), list(values))(*(float(value) for value in values.values()))
        assert abs(Fraction(float(found)) - exact) <= Fraction(exact, 10**12)

    @given(tree=channels(), alphas=st.lists(BINARY, min_size=1, max_size=5))
    def test_channel_rounding_is_exact(self, tree: Tree, alphas: list[Fraction]) -> None:
        found = vectorize(parse(text(tree)), "alpha")(np.array([float(alpha) for alpha in alphas]))
        assert found.tolist() == [evaluate(tree, {"alpha": alpha}) for alpha in alphas]

    def test_a_quotient_that_is_an_integer_is_that_integer(self) -> None:
        """r/d + c/d in floats can fall short of it, and its floor by one."""
        for divisor in range(1, 60):
            for shift in range(0, divisor, 1 + divisor // 7):
                r = np.arange(1, 400)
                found = vectorize(parse(f"floor(r/{divisor} + {shift}/{divisor})"), "r")(r)
                np.testing.assert_array_equal(found, (r + shift) // divisor)

    def test_a_division_is_the_last_thing_done_to_a_term(self) -> None:
        """c h / g is an integer where c / g or h / g alone is not a float."""
        found = vectorize(parse("g*(4*c*h/g - 1)"), "c h g")(9, 5, 3)
        assert float(found) == 177

    def test_a_register_is_not_taken_for_a_constant(self) -> None:
        """The third symbol is register 2, and the constant is 2.0."""
        found = vectorize(parse("floor(2*alpha) + floor(alpha*z)*y"), "alpha y z")(3.5, 5, 7)
        assert float(found) == 7 + 24 * 5

    def test_integers_beyond_int64_do_not_wrap_around(self) -> None:
        found = vectorize(parse("r**3"), "r")(np.array([2**40], dtype=np.int64))
        assert found.tolist() == [2.0**120]


def magnitude(tree: Tree) -> Tree:
    """The tree with every term positive: no intermediate value of an evaluation is larger."""
    if isinstance(tree, str):
        return tree
    if not isinstance(tree, tuple):
        return abs(Fraction(tree))
    replaced = {"-": "+", "//": "*", "floor": "ceiling", "min": "+", "max": "+", "gcd": "+"}
    parts: list[Tree] = [replaced.get(str(tree[0]), tree[0]), *map(magnitude, tree[1:])]
    return tuple(parts)


class TestShapes:
    expression = parse("r*n + floor(r/3)")

    @pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5])
    def test_data_smaller_and_larger_than_a_block(self, size: int) -> None:
        r, n = np.arange(1, size + 1), np.arange(size) % 7
        np.testing.assert_array_equal(vectorize(self.expression, "r n")(r, n), r * n + r // 3)

    def test_no_configurations_beside_a_number(self) -> None:
        assert vectorize(self.expression, "r n")(np.empty(0), 3).shape == (0,)

    def test_arrays_broadcast_together(self) -> None:
        r, n = np.arange(1, 5).reshape(4, 1), np.arange(6)
        found = vectorize(self.expression, "r n")(r, n)
        np.testing.assert_array_equal(found, r * n + r // 3)
        assert found.shape == (4, 6)

    def test_numbers_and_lists_stand_for_arrays(self) -> None:
        found = vectorize(self.expression, "r, n")
        assert float(found(7, 2)) == 16
        assert found(7, 2).shape == ()
        assert found([7, 8], 2).tolist() == [16, 18]

    def test_an_array_of_every_second_element(self) -> None:
        r = np.arange(1, 21)[::2]
        np.testing.assert_array_equal(vectorize(self.expression, "r n")(r, 3), r * 3 + r // 3)

    def test_integers_of_any_type(self) -> None:
        r = np.array([200], dtype=np.uint8)
        assert vectorize(parse("r**2"), "r")(r).tolist() == [40_000]

    @pytest.mark.parametrize(("written", "value"), [("7", 7), ("n", 5), ("r/r", 1), ("3/2", 1.5)])
    def test_an_expression_without_an_operation(self, written: str, value: float) -> None:
        assert vectorize(parse(written), "r n")([2, 3], 5).tolist() == [value, value]

    def test_the_result_is_written_to_out(self) -> None:
        out = np.empty(3)
        found = vectorize(self.expression, "r n")([1, 2, 3], 4, out=out)
        assert found is out
        assert out.tolist() == [4, 8, 13]

    def test_out_may_be_one_of_the_arrays(self) -> None:
        r = np.arange(1.0, 4.0)
        vectorize(parse("r*n + r//3 + r**2"), "r n")(r, 4, out=r)
        assert r.tolist() == [5, 12, 22]

    def test_the_arrays_are_not_changed(self) -> None:
        r, n = np.arange(1.0, 9.0), np.arange(8.0)
        vectorize(self.expression, "r n")(r, n)
        assert (r.tolist(), n.tolist()) == (list(range(1, 9)), list(range(8)))


class TestMistakes:
    def test_the_wrong_number_of_arrays(self) -> None:
        with pytest.raises(SpecError, match=r"^one array for each of r, n is needed \(got 1\)$"):
            vectorize(parse("r*n"), "r n")([1, 2])

    def test_arrays_that_do_not_broadcast(self) -> None:
        with pytest.raises(ShapeError, match=r"^the arrays of r, n must broadcast together \(got \(2,\) and \(3,\)\)$"):
            vectorize(parse("r*n"), "r n")([1, 2], [1, 2, 3])

    def test_a_symbol_that_is_not_given(self) -> None:
        with pytest.raises(UnknownNameError, match="no given symbol named 'n'"):
            vectorize(parse("r*n"), "r")

    @pytest.mark.parametrize("out", [np.empty(3), np.empty(2, dtype=np.float32), np.empty((2, 2))[:, 0]])
    def test_an_out_that_does_not_fit(self, out: NDArray[np.float64]) -> None:
        with pytest.raises(SpecError, match=r"^'out' must be a contiguous float64 array of shape \(2,\)"):
            vectorize(parse("r*2"), "r")([1, 2], out=out)

    @pytest.mark.parametrize("expression", [sp.sin(symbols("r")), symbols("r") ** symbols("n"), sp.sqrt(symbols("r"))])
    def test_a_function_without_an_array_operation(self, expression: sp.Expr) -> None:
        with pytest.raises(ExpressionError, match="has no array operation"):
            vectorize(expression, "r n")

    def test_a_greatest_common_divisor_of_what_is_no_integer(self) -> None:
        with pytest.raises(DivisibilityError, match=r"gcd takes integers \(got 0.5\)"):
            vectorize(parse("gcd(r, 6)"), "r")([1.0, 0.5])


class TestPlan:
    def test_equal_parts_are_computed_once(self) -> None:
        made = plan([parse("floor(r/3)*n + floor(r/3)**2 + max(floor(r/3), n)")], ["r", "n"])
        assert [step.function for step in made.operations].count("floor") == 1

    def test_a_polynomial_is_evaluated_by_horners_rule(self) -> None:
        """alpha (r**2 (11010048 alpha + 576000) + 1024000): four multiplications, two additions."""
        made = plan([parse("11010048*alpha**2*r**2 + 576000*alpha*r**2 + 1024000*alpha")], ["alpha", "r"])
        assert sorted(step.function for step in made.operations) == ["add"] * 2 + ["multiply"] * 4
