"""Formulas printed as they are written: order, parentheses, LaTeX."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.algebra import (
    ceil_div,
    ceiling,
    exact_div,
    floor,
    floor_div,
    gcd,
    maximum,
    minimum,
    parse,
    round_to_multiple,
)
from costmodel.algebra.notation import Notation, name
from tests.algebra.trees import VALUES, Tree, evaluate, linear, polynomial, text

n, c_i, c_o, g, h_o, k_h, alpha, resolution = map(name, ("n", "c_i", "c_o", "g", "h_o", "k_h", "alpha", "resolution"))

PRINTED = [
    (
        n * c_o * h_o * exact_div(c_i, g) * k_h,
        "n*c_o*h_o*(c_i/g)*k_h",
        r"n \, c_{o} \, h_{o} \, \frac{c_{i}}{g} \, k_{h}",
    ),
    (n * (c_o + c_i), "n*(c_o + c_i)", r"n \, \left(c_{o} + c_{i}\right)"),
    (n * c_o + c_i * 2, "n*c_o + c_i*2", r"n \, c_{o} + c_{i} \, 2"),
    (n - (c_o - c_i), "n - (c_o - c_i)", r"n - \left(c_{o} - c_{i}\right)"),
    (n - c_o - c_i, "n - c_o - c_i", r"n - c_{o} - c_{i}"),
    (n - (c_o + 1), "n - (c_o + 1)", r"n - \left(c_{o} + 1\right)"),
    (n - c_o * 2, "n - c_o*2", r"n - c_{o} \, 2"),
    (1 - n, "1 - n", "1 - n"),
    (-(n + 1) * 2, "(-(n + 1))*2", r"\left(-\left(n + 1\right)\right) \, 2"),
    ((n + 1) ** 2, "(n + 1)**2", r"\left(n + 1\right)^{2}"),
    ((n**2) ** 3, "(n**2)**3", r"\left(n^{2}\right)^{3}"),
    (n**2 * c_o, "n**2*c_o", r"n^{2} \, c_{o}"),
    (exact_div(n * 2, c_o + 1), "n*2/(c_o + 1)", r"\frac{n \, 2}{c_{o} + 1}"),
    (exact_div(n, c_o * 2), "n/(c_o*2)", r"\frac{n}{c_{o} \, 2}"),
    (exact_div(exact_div(n, c_o), g), "(n/c_o)/g", r"\frac{\frac{n}{c_{o}}}{g}"),
    (floor_div(n + 1, 2) + 1, "floor((n + 1)/2) + 1", r"\left\lfloor \frac{n + 1}{2} \right\rfloor + 1"),
    (ceil_div(n, 2), "ceiling(n/2)", r"\left\lceil \frac{n}{2} \right\rceil"),
    (floor(32 * alpha), "floor(32*alpha)", r"\left\lfloor 32 \, \alpha \right\rfloor"),
    (ceiling(n), "ceiling(n)", r"\left\lceil n \right\rceil"),
    (maximum(n, 8), "max(n, 8)", r"\max\left(n, 8\right)"),
    (minimum(n, g), "min(n, g)", r"\min\left(n, g\right)"),
    (gcd(n, g), "gcd(n, g)", r"\gcd\left(n, g\right)"),
    (round_to_multiple(32 * alpha, 8), "round_to_multiple(32*alpha, 8)", r"\mathrm{round}\left(32 \, \alpha, 8\right)"),
    (resolution * Fraction(1, 2), "resolution*(1/2)", r"\mathrm{resolution} \, \frac{1}{2}"),
    (n * -3, "n*(-3)", r"n \, \left(-3\right)"),
    (n * 1 + 0, "n", "n"),
    (0 + 1 * n - 0, "n", "n"),
    (exact_div(n, 1), "n", "n"),
]


@pytest.mark.parametrize(("formula", "printed", "tex"), PRINTED, ids=[printed for _, printed, _ in PRINTED])
def test_it_prints_what_was_written(formula: Notation, printed: str, tex: str) -> None:
    assert str(formula) == printed
    assert formula.latex() == tex


def test_the_order_is_that_of_the_formula_and_not_of_the_alphabet() -> None:
    assert str(name("w") * name("a") + name("b")) == "w*a + b"
    assert str(name("b") + name("w") * name("a")) == "b + w*a"


@given(tree=st.one_of(linear(), polynomial()), values=VALUES)
def test_the_printed_formula_is_worth_what_it_computes(tree: Tree, values: dict[str, int]) -> None:
    """Parentheses are where they are needed: printed and read back, a formula has the same value."""
    printed = parse(text(tree), {symbol: name(symbol) for symbol in values})
    assert parse(str(printed), values) == evaluate(tree, values)
