"""How an algebra is written: what prints parses back, in the textbook's order, and typesets."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import parse, symbols, zoo
from costmodel.algebra.expressions import as_expression
from costmodel.errors import ExpressionError
from costmodel.reasoning import (
    BreakEven,
    Growth,
    Overview,
    Ratio,
    Savings,
    Step,
    break_even,
    growth,
    overview,
    ratio,
    savings,
)
from costmodel.reasoning.writing import written
from tests.algebra.trees import Tree, text
from tests.reasoning.latex import problem

WIDTH, RESOLUTION = symbols("width resolution")
LEAVES = st.one_of(
    st.integers(1, 9), st.fractions(0, 9, max_denominator=6), st.sampled_from(("alpha", "r", "c_o", "h_i"))
)
VALUES = st.fixed_dictionaries({
    name: st.integers(1, 60).map(lambda sevenths: Fraction(sevenths, 7)) for name in ("alpha", "r", "c_o", "h_i")
})  # fmt: skip
TREES: st.SearchStrategy[Tree] = st.recursive(
    LEAVES, lambda inner: st.tuples(st.sampled_from(("+", "*", "-", "/", "max")), inner, inner), max_leaves=7
)


def every_step() -> list[Step]:
    """Every line of some algebras of every sort."""
    separable = "depthwise_separable_conv2d"
    v2 = zoo.mobilenet_v2(width=WIDTH, resolution=RESOLUTION)
    v1 = zoo.mobilenet_v1(width=WIDTH, resolution=RESOLUTION)
    solved = (
        break_even(separable, "conv2d", "k", at={"k": "k"}),
        break_even(v2, v1, "width", quantity="params", at={"resolution": 224}),
    )
    answers: tuple[Ratio | BreakEven | Growth | Overview | Savings, ...] = (
        ratio(separable, "conv2d"),
        ratio(v2, v1),
        *solved,
        growth(v2, "resolution", at={"width": 1}),
        overview(v1, quantity="peak_memory_bytes", at={"width": 1, "resolution": 224}),
        savings(zoo.mobilenet_v2, after={"width": 0.75}),
    )
    found = [answer.steps for answer in answers]
    return [*(step for steps in found for step in steps), *(step for each in solved for step in each.solution)]


class TestOrder:
    @pytest.mark.parametrize(
        ("expression", "printed"),
        [
            ("1/(k_h*k_w) + 1/c_o", "1/c_o + 1/(k_h*k_w)"),
            ("1/9 + 1/c_o", "1/c_o + 1/9"),
            ("1/c_o + 1/k**2", "1/c_o + 1/k**2"),
            ("7 - 3*r + 2*r**2", "2*r**2 - 3*r + 7"),
            ("1 - r", "1 - r"),
            ("(r + 1)*n/(r - 1)", "n*(r + 1)/(r - 1)"),
            ("-r", "-r"),
        ],
    )
    def test_simple_fractions_and_high_powers_come_first(self, expression: str, printed: str) -> None:
        assert str(written(parse(expression))) == printed

    @given(tree=TREES, values=VALUES)
    def test_what_is_printed_has_the_value_of_the_expression(self, tree: Tree, values: dict[str, Fraction]) -> None:
        try:
            expression, value = as_expression(parse(text(tree))), parse(text(tree), values)
        except ExpressionError:
            return  # a division by zero
        printed = written(expression)
        assert parse(str(printed), values) == value
        assert problem(printed.latex()) is None


class TestLatex:
    def test_every_line_is_well_formed(self) -> None:
        for step in every_step():
            assert problem(step.latex()) is None, step.latex()
            assert step.latex().replace("&", "") == step.latex_aligned().replace("&", "")

    @pytest.mark.parametrize("wrong", [r"\frac{1}{2", r"\left(1 + x", r"x}", r"\fraction{1}{2}"])
    def test_the_check_sees_what_is_not(self, wrong: str) -> None:
        assert problem(wrong) is not None

    def test_every_line_typesets(self) -> None:
        """By Matplotlib's own parser of mathematics, which knows what LaTeX does, and the symbols for `le` and `ge`."""
        mathtext = pytest.importorskip("matplotlib.mathtext")
        parser = mathtext.MathTextParser("path")
        for step in every_step():
            parser.parse(f"${step.latex()}$")
