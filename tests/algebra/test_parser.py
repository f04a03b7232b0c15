"""The parser: what it reads, what it refuses and in which words, and how long hostile text can take."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from costmodel.algebra import Dim, parse, symbols
from costmodel.algebra.parser import MAX_LENGTH
from costmodel.algebra.text import to_text
from costmodel.errors import ExpressionError
from tests.algebra.trees import VALUES, Tree, evaluate, polynomial, text
from tests.patience import patience

NAMES = [first + second for first, second in product("abcdefghijklmnopqrstuvwxyz", repeat=2)]


def joined(parts: Sequence[str], sign: str) -> str:
    """As many of the parts as an expression may have."""
    return sign.join(parts)[: MAX_LENGTH - 1].rpartition(sign)[0]


class TestValues:
    @given(tree=polynomial(), values=VALUES)
    def test_names_are_looked_up(self, tree: Tree, values: dict[str, int]) -> None:
        assert parse(text(tree), values) == evaluate(tree, values)

    @pytest.mark.parametrize(
        ("written", "value"),
        [
            ("2 + 3*4", 14),
            ("-2**2", -4),
            ("(-2)**2", 4),
            ("2**-1", Fraction(1, 2)),
            ("2**3**2", 512),
            ("7/2 + 1/2", 4),
            ("10 - 3 - 2", 5),
            ("24/4/3", 2),
            ("24/4*3", 18),
            ("7//2*2", 6),
            ("-7//2", -4),
            ("7//-2", -4),
            ("0.75*4", 3),
            ("+3", 3),
            ("max(1, 5, 3)", 5),
            ("min(4, 2)", 2),
            ("gcd(12, 18)", 6),
            ("floor(7/2)", 3),
            ("ceiling(7/2)", 4),
            ("round_to_multiple(11, 8)", 16),
            ("  1  ", 1),
        ],
    )
    def test_of_numbers(self, written: str, value: int | Fraction) -> None:
        parsed = parse(written)
        assert parsed == value
        assert type(parsed) is type(value)

    def test_an_exponent_may_be_computed(self) -> None:
        assert parse("r**(4/2)") == symbols("r") ** 2

    def test_names_become_symbols_of_the_vocabulary(self) -> None:
        assert parse("32*alpha") == 32 * symbols("alpha")

    def test_arrays_can_be_looked_up(self) -> None:
        assert parse("6/e + floor(e/2)", {"e": np.array([1.0, 2.0])}).tolist() == [6, 4]


class TestRoundTrip:
    @given(polynomial())
    def test_text_is_read_back_as_the_same_expression(self, tree: Tree) -> None:
        expression = parse(text(tree))
        assert parse(to_text(expression)) == expression

    @given(st.fractions())
    def test_fractions_are_read_back(self, number: Fraction) -> None:
        assert parse(to_text(number)) == number

    @given(st.integers(-(2**256) + 1, 2**256 - 1))
    def test_integers_are_read_back(self, number: int) -> None:
        assert parse(to_text(number)) == number


class TestRefusals:
    @pytest.mark.parametrize(
        ("written", "reason"),
        [
            ("", "a number, a name or a parenthesis was expected at its end"),
            ("2 +", "a number, a name or a parenthesis was expected at its end"),
            ("2 3", "an operator or the end was expected at '3'"),
            ("2 * )", "a number, a name or a parenthesis was expected at ')'"),
            ("(2", "')' was expected at its end"),
            ("r.real", "unexpected '.' at character 2"),
            ("r[0]", "unexpected '['"),
            ("__import__('os')", "unexpected '_' at character 1"),
            ("r.__class__", "unexpected '.'"),
            ("lambda: 1", "unexpected ':'"),
            ("r; s", "unexpected ';'"),
            ("'a'", 'unexpected "\'"'),
            ("2r", "unexpected '2'"),
            ("\u0663", "unexpected '\u0663'"),
            ("eval(r)", "calls 'eval'; only floor, ceiling, gcd, round_to_multiple, max, min can be called"),
            ("sqrt(r)", "calls 'sqrt'"),
            ("floor(1, 2)", "floor takes 1 argument(s), not 2"),
            ("gcd(4)", "gcd takes 2 argument(s), not 1"),
            ("max()", "a number, a name or a parenthesis was expected at ')'"),
            ("1/0", "a division by zero stands"),
            ("1//(r - r)", "a division by zero stands"),
            ("0**-1", "a division by zero stands"),
            ("r**n", "an exponent must be an integer of at most 64"),
            ("r**0.5", "an exponent must be an integer of at most 64"),
            ("r**65", "an exponent must be an integer of at most 64"),
            ("gcd(1/2, 3)", "gcd takes integers (got 1/2)"),
            ("round_to_multiple(r, 0)", "round_to_multiple needs a positive divisor (got 0)"),
        ],
    )
    def test_the_sentence_names_the_text_and_the_rule(self, written: str, reason: str) -> None:
        with pytest.raises(ExpressionError) as caught:
            parse(written)
        assert reason in str(caught.value)
        assert repr(written) in str(caught.value)
        assert "\n" not in str(caught.value)

    def test_a_name_that_was_not_given(self) -> None:
        with pytest.raises(ExpressionError, match=r"^'k_h\*c' uses 'c', which is none of k_h, k_w$"):
            parse("k_h*c", {"k_h": 3, "k_w": 3})

    @pytest.mark.parametrize("names", ["32*alpha", "2", "", "a.b", "r _x"])
    def test_symbols_are_names(self, names: str) -> None:
        with pytest.raises(ExpressionError, match="symbols are names of letters, digits and underscores"):
            symbols(names)

    @given(st.text(max_size=40))
    def test_any_text_is_an_expression_or_refused(self, written: str) -> None:
        result = parsed(written)
        assert "\n" not in str(result) or "\n" in written

    @given(st.text(alphabet="rn()*/+-, 0123456789maxflorgcd", max_size=30))
    def test_any_text_of_the_right_letters_is_an_expression_or_refused(self, written: str) -> None:
        result = parsed(written)
        assert isinstance(result, (int, Fraction, sp.Expr, ExpressionError))


HOSTILE = {
    "a million characters": "1+" * 500_000 + "1",
    "a long number": "9" * 9_000,
    "many digits after the point": "0." + "1" * 9_000,
    "a tower of powers": "2" + "**64" * 40,
    "nested powers of a symbol": "(" * 4 + "2*r" + ")**64" * 4,
    "a power of a sum": "floor((a + b + c + d + e + f)**64/2)",
    "a product of sums": "*".join(f"({name} + 1)" for name in NAMES),
    "nested parentheses": "(" * 4_000 + "r" + ")" * 4_000,
    "signs": "-" * 9_000 + "r",
    "nested calls": "max(r, " * 1_000 + "n" + ")" * 1_000,
    "floors of floors": joined(NAMES, "//"),
    "fractions that grow": "*".join(["3**60/2**64"] * 700),
}
LONG = {
    "a long sum": joined(NAMES * 8, "+"),
    "a sum of many names": joined([name + digit for name in NAMES for digit in "0123456789"], "+"),
    "a product of many names": joined(NAMES, "*"),
    "many floors": joined([f"floor({name}/3)" for name in NAMES], "+"),
    "a floor of many terms": f"floor({joined([f'{name}/3' for name in NAMES], '+')})",
    "many arguments": f"max({', '.join(NAMES)})",
    "floors nested as deeply as allowed": "floor(" * 29 + "r/2 + 1/3" + "/3 + 1/5)" * 29,
}


def parsed(written: str) -> Dim | ExpressionError:
    """What comes of a text, which must not take long."""
    with patience():
        try:
            return parse(written)
        except ExpressionError as problem:
            return problem


class TestHostileText:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_it_is_refused_in_a_short_sentence_and_a_short_time(self, name: str) -> None:
        result = parsed(HOSTILE[name])
        assert isinstance(result, ExpressionError)
        assert len(str(result)) < 400

    @pytest.mark.parametrize("name", LONG)
    def test_what_is_long_but_harmless_is_read_in_a_short_time(self, name: str) -> None:
        result = parsed(LONG[name])
        assert isinstance(result, sp.Expr)


@pytest.mark.parametrize(
    "text",
    [
        "round_to_multiple(n, 0.35)",
        "round_to_multiple(n, alpha)",
        "round_to_multiple(8, 0)",
        "gcd(width*3, 2)",
        "nan",
        "Inf",
    ],
)
def test_what_has_no_meaning_for_symbols_or_numbers_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


def test_numbers_may_have_an_exponent() -> None:
    assert parse("1e-5") == Fraction(1, 100_000)
    assert parse("2.5e3*n") == 2500 * parse("n")
