"""Smooth forms: equal to the exact expression wherever the stated conditions hold."""

from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import event, given
from hypothesis import strategies as st

from costmodel.algebra import parse, symbols
from costmodel.algebra.functions import RoundToMultiple
from costmodel.algebra.smooth import smooth
from costmodel.algebra.vectorize import vectorize
from costmodel.errors import ExpressionError
from tests.algebra.trees import Tree, costs, evaluate, linear, text

ROUND = {name: st.integers(1, 3).map(lambda times: 5040 * times) for name in ("r", "n", "h_i")}
ANY = {name: st.integers(1, 99) for name in ("r", "n", "h_i")}
VALUES = st.one_of(
    st.fixed_dictionaries({**ROUND, "alpha": st.integers(1, 4).map(Fraction)}),
    st.fixed_dictionaries({**ROUND, "alpha": st.integers(1, 64).map(lambda parts: Fraction(parts, 16))}),
    st.fixed_dictionaries({**ANY, "alpha": st.fractions(Fraction(1, 20), 4, max_denominator=40)}),
)


def holds(condition: str, values: dict[str, Fraction]) -> bool:
    """Whether a condition of `valid_when`, as it is printed, holds for these values."""
    if condition.endswith(" is an integer"):
        return number(condition.removesuffix(" is an integer"), values).denominator == 1
    if condition.endswith(" == 0"):
        value, step = condition.removesuffix(" == 0").split(" % ")
        return (number(value, values) / number(step, values)).denominator == 1
    value, sign, bound = condition.rpartition(" >= ") if " >= " in condition else condition.rpartition(" <= ")
    difference = number(value, values) - number(bound, values)
    return difference >= 0 if sign == " >= " else difference <= 0


def number(written: str, values: dict[str, Fraction]) -> Fraction:
    return Fraction(parse(written, values))


class TestWhereItIsValid:
    @given(tree=st.one_of(costs(), linear()), values=VALUES)
    def test_it_equals_the_exact_expression(self, tree: Tree, values: dict[str, Fraction]) -> None:
        form = smooth(parse(text(tree)))
        valid = all(holds(condition, values) for condition in form.valid_when)
        event(f"{'valid' if valid else 'not valid'}, {min(len(form.valid_when), 3)} conditions")
        if valid:
            assert number(str(form.expression), values) == evaluate(tree, values)

    @given(tree=st.one_of(costs(), linear()))
    def test_it_has_no_rounding_left(self, tree: Tree) -> None:
        assert not smooth(parse(text(tree))).expression.has(sp.floor, sp.ceiling, RoundToMultiple, sp.Max, sp.Min)

    @given(tree=costs(), values=VALUES)
    def test_without_rounding_it_is_the_expression_itself(self, tree: Tree, values: dict[str, Fraction]) -> None:
        expression = sp.sympify(parse(text(tree)))
        if not expression.has(sp.floor, sp.ceiling, RoundToMultiple, sp.Max, sp.Min):
            assert smooth(expression) == (expression, ())


class TestForms:
    """Written by hand: expression, smooth form, conditions."""

    @pytest.mark.parametrize(
        ("exact", "form", "conditions"),
        [
            ("floor(resolution/32 + 31/32)", "resolution/32", ("resolution % 32 == 0",)),
            ("((r - 1)//2 + 1)**2 * n", "n*r**2/4", ("r % 2 == 0",)),
            ("(r - 3)//2 + 1", "r/2 - 1", ("r % 2 == 0",)),
            ("floor(32*alpha)", "32*alpha", ("32*alpha is an integer",)),
            ("max(floor(32*alpha), 8)", "32*alpha", ("32*alpha >= 8", "32*alpha is an integer")),
            (
                "max(floor(32*alpha), 8) * max(floor(64*alpha), 8)",
                "2048*alpha**2",
                ("32*alpha >= 8", "32*alpha is an integer"),
            ),
            ("min(32*alpha, 96)", "32*alpha", ("32*alpha <= 96",)),
            ("round_to_multiple(32*alpha, 8)", "32*alpha", ("32*alpha % 8 == 0",)),
            ("round_to_multiple(r - 4, 8)", "r - 4", ("(r - 4) % 8 == 0", "r - 4 >= 8")),
            ("max(3, min(r, 5))", "r", ("r <= 5", "r >= 3")),
            ("max(0, 3 - r)", "3 - r", ("3 - r >= 0",)),
            ("r//2 + 3*n", "r/2 + 3*n", ("r % 2 == 0",)),
            ("floor(alpha*r/2)", "alpha*r/2", ("alpha*r/2 is an integer",)),
            ("3*r + 1", "3*r + 1", ()),
            ("7", "7", ()),
        ],
    )
    def test_by_hand(self, exact: str, form: str, conditions: tuple[str, ...]) -> None:
        found = smooth(parse(exact))
        assert sp.expand(found.expression - parse(form)) == 0
        assert found.valid_when == conditions

    def test_a_maximum_of_several_expressions_is_left(self) -> None:
        r, n = symbols("r n")
        found = smooth(parse("max(r//2, n, 3)"))
        assert found.expression.subs({r: 8, n: 5}) == 5
        assert found.expression.subs({r: 12, n: 5}) == 6
        assert found.valid_when == ("r % 2 == 0",)

    def test_the_size_after_five_strides_is_a_thirty_second(self) -> None:
        size = parse("resolution")
        for _ in range(5):
            size = parse("(size - 1)//2 + 1", {"size": size})
        assert smooth(size) == (symbols("resolution") / 32, ("resolution % 32 == 0",))


@pytest.mark.parametrize("hostile", ["__import__('os').getcwd()", "r.__class__", "lambda: 0"])
def test_a_text_goes_through_our_parser_and_no_other(hostile: str) -> None:
    with pytest.raises(ExpressionError):
        smooth(hostile)
    with pytest.raises(ExpressionError):
        vectorize(hostile, "r")
    assert smooth("floor(r/2)*4").expression == 2 * symbols("r")
