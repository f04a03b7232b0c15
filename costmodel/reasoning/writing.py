"""The steps of an algebra, written in the textbook's order: each prints as text and as LaTeX.

SymPy sorts what it prints. A reader expects 1/c_o + 1/(k_h*k_w), simple fractions first, and polynomials from their
highest power down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import sympy as sp

from costmodel.algebra.expressions import as_expression
from costmodel.algebra.notation import Notation, exact_div, name
from costmodel.algebra.text import to_latex, to_text
from costmodel.algebra.types import Dim

RELATIONS: Final = {"=": "=", "<": "<", ">": ">", ">=": r"\ge", "<=": r"\le", "->": r"\to", "~": r"\sim", "!=": r"\ne"}
"""How each relation of a step is typeset."""
MAX_TERMS: Final = 200
"""Terms beyond which a sum is no longer put in order."""


class Step(NamedTuple):
    """One line of an algebra: what is related, and why it follows from the lines before."""

    left: Notation
    relation: str
    right: Notation
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.left} {self.relation} {self.right}"

    def latex(self) -> str:
        """The line in LaTeX, without its reason and without delimiters."""
        return f"{self.left.latex()} {RELATIONS[self.relation]} {self.right.latex()}"

    def latex_aligned(self) -> str:
        """The same as a line of an `align` environment: an & before the relation."""
        return f"{self.left.latex()} &{RELATIONS[self.relation]} {self.right.latex()}"


def written(value: Dim | Notation) -> Notation:
    """An expression as it is printed, its terms in order.

    >>> from costmodel.algebra import parse
    >>> print(written(parse("1/(k_h*k_w) + 1/c_o")))
    1/c_o + 1/(k_h*k_w)
    >>> print(written(parse("3*width + 5*resolution**2*width**2")))
    5*resolution**2*width**2 + 3*width
    """
    if isinstance(value, Notation):
        return value
    expression = as_expression(value)
    if expression.is_Pow and expression.exp.is_negative:
        return exact_div(1, written(1 / expression))
    if isinstance(expression, sp.Mul):
        above, below = expression.as_numer_denom()
        if below.has(sp.Add) or isinstance(above, sp.Add):
            return _times(below, above) if below.is_number else exact_div(written(above), written(below))
    if not isinstance(expression, sp.Add) or len(expression.args) > MAX_TERMS:
        return Notation(to_text(expression), to_latex(expression), _binding(expression))
    terms = sorted(expression.args, key=_rank)
    first = next((term for term in terms if not term.could_extract_minus_sign()), terms[0])
    return in_order([first, *(term for term in terms if term is not first)])


def in_order(terms: Iterable[Dim | Notation]) -> Notation:
    """A sum with its terms as they are given."""
    first, *others = [each if isinstance(each, Notation) else as_expression(each) for each in terms]
    result = first if isinstance(first, Notation) else written(first)
    for term in others:
        if isinstance(term, Notation) or not term.could_extract_minus_sign():
            result += written(term)
        else:
            result -= written(-term)
    return result


def symbol_text(text: str) -> Notation:
    """A word that stands for a cost: A, B, C(block1)."""
    return name(text) if text.isalnum() else Notation(text, _word(text))


def theta(terms: Sequence[Dim]) -> Notation:
    """The asymptotic order: Theta of the sum of the terms."""
    inner = written(sp.Add(*terms))
    return Notation(f"Theta({inner})", rf"\Theta\left({inner.latex()}\right)")


def cost_named(index: str) -> Notation:
    """C(block1): the cost of a part."""
    return Notation(f"C({index})", rf"C_{{{_word(index)}}}")


def _word(text: str) -> str:
    escaped = text.replace("\\", "").replace("_", r"\_").replace("%", r"\%").replace("#", r"\#").replace("&", r"\&")
    return rf"\mathrm{{{escaped}}}"


def _times(divisor: Dim, total: Dim) -> Notation:
    """A sum over a number: (a + b)/2."""
    return exact_div(written(total), written(divisor)) if divisor != 1 else _product(total)


def _product(expression: Dim) -> Notation:
    """A number or symbols times a sum, the sum in order: 2*(a + b)."""
    sums = [factor for factor in sp.Mul.make_args(expression) if factor.has(sp.Add)]
    outer = sp.Mul(*(factor for factor in sp.Mul.make_args(expression) if not factor.has(sp.Add)))
    result: Dim = 1 if outer == 1 else written(outer)
    for factor in sums:
        base, power = factor.as_base_exp()
        piece = written(base) if isinstance(base, sp.Add) else written(factor)
        result = result * (piece ** int(power) if isinstance(base, sp.Add) and power != 1 else piece)
    return written(result)


def _rank(term: Dim) -> tuple[int, int, int, str]:
    """Whole terms before fractions, the highest power first; of fractions the simplest first, numbers last."""
    above, below = sp.fraction(term)
    depth = _degree(below)
    return (depth if depth or term.free_symbols else 1000, -_degree(above), -len(term.free_symbols), to_text(term))


def _degree(expression: Dim) -> int:
    """The sum of the exponents of the symbols in a product; of a sum, the most."""
    if expression.is_Symbol:
        return 1
    if expression.is_Pow and expression.exp.is_Integer:
        return int(expression.exp) * _degree(expression.base)
    degrees = [_degree(argument) for argument in expression.args]
    return max(degrees, default=0) if expression.is_Add else sum(degrees)


def _binding(expression: Dim) -> int:
    """How tightly what SymPy prints holds together: 0 a sum, 1 a fraction, 2 a product, 3 a power, 4 an atom."""
    if expression.is_Add or expression.could_extract_minus_sign():
        return 0
    if expression.is_Mul or expression.is_Rational:
        return 4 if expression.is_Integer else 1 if sp.fraction(expression)[1] != 1 else 2
    if expression.is_Pow and expression.exp.is_Integer:
        return 1 if expression.exp.is_negative else 3
    return 4
