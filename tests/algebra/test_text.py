"""Expressions as text and LaTeX; round trips through the parser are in test_parser.py."""

from fractions import Fraction

import pytest

from costmodel.algebra import Dim, parse
from costmodel.algebra.text import to_json, to_latex, to_text


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("alpha*32 + max(r, 8)", "32*alpha + max(8, r)"),
        ("min(r, n)*2", "2*min(n, r)"),
        ("round_to_multiple(alpha*32, 8)", "round_to_multiple(32*alpha, 8)"),
        ("gcd(h_i, 7)", "gcd(7, h_i)"),
        ("(r - 1)//2 + 1", "floor(r/2 + 1/2)"),
        ("ceiling(32*alpha)", "ceiling(32*alpha)"),
        ("1/r**2", "r**(-2)"),
        ("7", "7"),
        ("1/2", "1/2"),
    ],
)
def test_text_has_the_names_of_the_grammar(written: str, printed: str) -> None:
    assert to_text(parse(written)) == printed


@pytest.mark.parametrize(
    ("written", "tex"),
    [
        ("c_o*resolution**2/2", r"\frac{c_{o} \mathrm{resolution}^{2}}{2}"),
        ("11010048*alpha**2", r"11010048 \alpha^{2}"),
        ("round_to_multiple(32*alpha, 8)", r"\mathrm{round}\left(32 \alpha, 8\right)"),
        ("gcd(h_i, 7)", r"\gcd\left(7, h_{i}\right)"),
        ("r//2", r"\left\lfloor{\frac{r}{2}}\right\rfloor"),
        ("max(r, 8)", r"\max\left(8, r\right)"),
        ("15470264320", "15470264320"),
        ("1/2", r"\frac{1}{2}"),
    ],
)
def test_latex_has_the_names_of_the_notation(written: str, tex: str) -> None:
    assert to_latex(parse(written)) == tex


@pytest.mark.parametrize(
    ("value", "json"), [(7, 7), (2**70, 2**70), (parse("32*alpha"), "32*alpha"), (Fraction(1, 2), "1/2")]
)
def test_json_has_integers_as_numbers_and_the_rest_as_text(value: Dim, json: int | str) -> None:
    assert to_json(value) == json
    assert type(to_json(value)) is type(json)
