r"""Formulas as the textbook prints them: a recorder that keeps the order of factors and terms.

A formula called with `Notation` symbols returns the tree of what it computed, which prints as text and as
LaTeX in the order in which the formula was written. SymPy would sort it.

>>> n, c_o, c_i, g = map(name, ("n", "c_o", "c_i", "g"))
>>> print(n * c_o * exact_div(c_i, g))
n*c_o*(c_i/g)
>>> print((n * c_o * exact_div(c_i, g)).latex())
n \, c_{o} \, \frac{c_{i}}{g}
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from costmodel.algebra.types import Dim

_ATOM, _POWER, _PRODUCT, _FRACTION, _SUM = 4, 3, 2, 1, 0
_GREEK = frozenset({"alpha", "rho"})


@dataclass(frozen=True, eq=False)
class Notation:
    """A printed piece of a formula and how tightly it binds."""

    text: str
    tex: str
    binding: int = _ATOM

    def __str__(self) -> str:
        return self.text

    def latex(self) -> str:
        """The piece in LaTeX, without delimiters."""
        return self.tex

    def __add__(self, other: Dim) -> Notation:
        return self if _is(other, 0) else _infix(self, _lift(other), " + ", " + ", _SUM)

    def __radd__(self, other: Dim) -> Notation:
        return self if _is(other, 0) else _infix(_lift(other), self, " + ", " + ", _SUM)

    def __sub__(self, other: Dim) -> Notation:
        return self if _is(other, 0) else _infix(self, _lift(other), " - ", " - ", _SUM)

    def __rsub__(self, other: Dim) -> Notation:
        return _infix(_lift(other), self, " - ", " - ", _SUM)

    def __mul__(self, other: Dim) -> Dim:
        if _is(other, 0):
            return 0
        return self if _is(other, 1) else _infix(self, _lift(other), "*", r" \, ", _PRODUCT)

    def __rmul__(self, other: Dim) -> Dim:
        if _is(other, 0):
            return 0
        return self if _is(other, 1) else _infix(_lift(other), self, "*", r" \, ", _PRODUCT)

    def __pow__(self, other: Dim) -> Notation:
        exponent = _lift(other)
        base_text, base_tex = _enclose(self, _ATOM)
        return Notation(f"{base_text}**{_enclose(exponent, _ATOM)[0]}", f"{base_tex}^{{{exponent.tex}}}", _POWER)

    def __neg__(self) -> Notation:
        text, tex = _enclose(self, _PRODUCT)
        return Notation(f"-{text}", f"-{tex}", _SUM)


def name(symbol: str) -> Notation:
    """A symbol: c_o prints as c_o and as c_{o}."""
    base, _, index = symbol.partition("_")
    if index:
        return Notation(symbol, rf"{base}_{{{index}}}")
    if symbol in _GREEK:
        return Notation(symbol, rf"\{symbol}")
    return Notation(symbol, symbol if len(symbol) == 1 else rf"\mathrm{{{symbol}}}")


def exact_div(a: Dim, b: Dim) -> Notation:
    """a / b, written as a fraction."""
    dividend, divisor = _lift(a), _lift(b)
    if divisor.text == "1":
        return dividend
    text = f"{_enclose(dividend, _PRODUCT)[0]}/{_enclose(divisor, _POWER)[0]}"
    return Notation(text, rf"\frac{{{dividend.tex}}}{{{divisor.tex}}}", _FRACTION)


def floor_div(a: Dim, b: Dim) -> Notation:
    """floor(a / b)."""
    return floor(exact_div(a, b))


def ceil_div(a: Dim, b: Dim) -> Notation:
    """ceiling(a / b)."""
    return ceiling(exact_div(a, b))


def floor(x: Dim) -> Notation:
    """The floor brackets."""
    inner = _lift(x)
    return Notation(f"floor({inner.text})", rf"\left\lfloor {inner.tex} \right\rfloor")


def ceiling(x: Dim) -> Notation:
    """The ceiling brackets."""
    inner = _lift(x)
    return Notation(f"ceiling({inner.text})", rf"\left\lceil {inner.tex} \right\rceil")


def maximum(*values: Dim) -> Notation:
    """max(...)."""
    return _call("max", r"\max", *values)


def minimum(*values: Dim) -> Notation:
    """min(...)."""
    return _call("min", r"\min", *values)


def gcd(a: Dim, b: Dim) -> Notation:
    """gcd(a, b)."""
    return _call("gcd", r"\gcd", a, b)


def round_to_multiple(x: Dim, divisor: Dim) -> Notation:
    """round_to_multiple(x, divisor)."""
    return _call("round_to_multiple", r"\mathrm{round}", x, divisor)


def _lift(value: Dim) -> Notation:
    if isinstance(value, Notation):
        return value
    if isinstance(value, Fraction) and value.denominator != 1:
        return exact_div(value.numerator, value.denominator)
    return Notation(str(value), str(value), _ATOM if value >= 0 else _SUM)


def _is(value: Dim, number: int) -> bool:
    return isinstance(value, int) and value == number


def _enclose(piece: Notation, binding: int) -> tuple[str, str]:
    if piece.binding >= binding:
        return piece.text, piece.tex
    upright = piece.binding == _FRACTION and binding == _PRODUCT
    return f"({piece.text})", piece.tex if upright else rf"\left({piece.tex}\right)"


def _infix(left: Notation, right: Notation, text: str, tex: str, binding: int) -> Notation:
    tight = _FRACTION if text == " - " else binding
    (left_text, left_tex), (right_text, right_tex) = _enclose(left, binding), _enclose(right, tight)
    return Notation(left_text + text + right_text, left_tex + tex + right_tex, binding)


def _call(function: str, tex: str, *values: Dim) -> Notation:
    pieces = [_lift(value) for value in values]
    return Notation(
        f"{function}({', '.join(piece.text for piece in pieces)})",
        rf"{tex}\left({', '.join(piece.tex for piece in pieces)}\right)",
    )
