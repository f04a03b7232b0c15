"""SymPy expressions as text that `costmodel.algebra.parse` reads back, and as LaTeX."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from costmodel.algebra.notation import name
from costmodel.algebra.types import Dim


def to_text(value: Dim) -> str:
    """The value as text: `parse(to_text(value)) == value`.

    >>> from costmodel.algebra import parse
    >>> to_text(parse("alpha*32 + max(r, 8)"))
    '32*alpha + max(8, r)'
    """
    if isinstance(value, (int, Fraction)):
        return str(value)
    return _text_printer().doprint(value)  # type: ignore[no-any-return]


def to_latex(value: Dim) -> str:
    r"""The value in LaTeX, without delimiters; names as in the textbook's notation.

    >>> from costmodel.algebra import parse
    >>> print(to_latex(parse("c_o*resolution**2/2")))
    \frac{c_{o} \mathrm{resolution}^{2}}{2}
    """
    if isinstance(value, int):
        return str(value)
    import sympy as sp

    from costmodel.algebra.expressions import as_expression

    expression = as_expression(value)
    names = {symbol: name(symbol.name).latex() for symbol in expression.free_symbols}
    return sp.latex(expression, symbol_names=names)  # type: ignore[no-any-return]


def to_json(value: Dim) -> int | str:
    """An integer as itself, an expression as text."""
    return value if isinstance(value, int) else to_text(value)


@cache
def _text_printer() -> Dim:
    from sympy.printing.str import StrPrinter

    class TextPrinter(StrPrinter):  # type: ignore[misc]
        """SymPy's text with the names of our grammar."""

        def _print_RoundToMultiple(self, expression: Dim) -> str:  # noqa: N802
            return f"round_to_multiple({self.stringify(expression.args, ', ')})"

        def _print_GreatestCommonDivisor(self, expression: Dim) -> str:  # noqa: N802
            return f"gcd({self.stringify(expression.args, ', ')})"

        def _print_Max(self, expression: Dim) -> str:  # noqa: N802
            return f"max({', '.join(sorted(map(self.doprint, expression.args)))})"

        def _print_Min(self, expression: Dim) -> str:  # noqa: N802
            return f"min({', '.join(sorted(map(self.doprint, expression.args)))})"

    return TextPrinter()
