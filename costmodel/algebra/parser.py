"""A small parser for expressions of dimensions, such as "32*alpha" or "ceiling(resolution/2)".

Grammar: numbers, names, + - * / // **, parentheses, and the functions of `FUNCTIONS`. Nothing else: no
attributes, no indexing, no other calls; nothing is ever handed to `eval` or to SymPy's own parser.

>>> parse("3*4 + 2")
14
>>> parse("round_to_multiple(11, 8)")
16
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import comb, prod
from typing import NoReturn

from costmodel.algebra import operations as op
from costmodel.algebra.types import Dim
from costmodel.errors import DivisibilityError, ExpressionError, shorten

FUNCTIONS: dict[str, tuple[int | None, Callable[..., Dim]]] = {
    "floor": (1, op.floor),
    "ceiling": (1, op.ceiling),
    "gcd": (2, op.gcd),
    "round_to_multiple": (2, op.round_to_multiple),
    "max": (None, op.maximum),
    "min": (None, op.minimum),
}
"""The functions that an expression may call, each with its number of arguments (None: one or more)."""

MAX_LENGTH = 10_000
MAX_DEPTH = 60
MAX_BITS = 256
MAX_TERMS = 10_000
"""The most terms that an expression may have when it is multiplied out."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,2})?(?![\w.]))|(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<sign>\*\*|//|[-+*/(),]))"
)
_NOT_NUMBERS = frozenset({"nan", "inf", "infinity"})
"""How floats that are no numbers print; no symbol has such a name."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

Lookup = Callable[[str], Dim]


def parse(text: str, values: Mapping[str, Dim] | None = None) -> Dim:
    """The value of an expression; names are looked up in `values`, or become symbols of the vocabulary.

    Raises `ExpressionError` for anything outside the grammar, naming the place.
    """
    lookup: Lookup = _symbol if values is None else _lookup_in(values, text)
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression has at most {MAX_LENGTH} characters (got {len(text)})")
    parser = _Parser(_tokens(text), text, lookup)
    value = parser.sum()
    if not parser.at_end():
        raise parser.error("an operator or the end was expected")
    return value


def _symbol(name: str) -> Dim:
    from costmodel.algebra.expressions import symbol

    if name.lower() in _NOT_NUMBERS:
        raise ExpressionError(f"{name!r} is no finite number, and no symbol has that name")
    return symbol(name)


def _lookup_in(values: Mapping[str, Dim], text: str) -> Lookup:
    def lookup(name: str) -> Dim:
        if name not in values:
            raise ExpressionError(f"{shorten(text)!r} uses {name!r}, which is none of {', '.join(sorted(values))}")
        return values[name]

    return lookup


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int


def _tokens(text: str) -> list[_Token]:
    tokens, position, end = [], 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise ExpressionError(
                f"{shorten(text)!r} is not an expression of dimensions: unexpected {text[position:].strip()[:1]!r}"
                f" at character {position + 1}; numbers, names, + - * / // ** and parentheses are allowed"
            )
        kind = match.lastgroup or ""
        tokens.append(_Token(kind, match.group(kind), match.start(kind)))
        position = match.end()
    return tokens


class _Parser:
    """Recursive descent: sum, term, factor, power, atom."""

    def __init__(self, tokens: list[_Token], text: str, lookup: Lookup) -> None:
        self._tokens = tokens
        self._text = text
        self._lookup = lookup
        self._next = 0
        self._depth = 0

    def at_end(self) -> bool:
        return self._next == len(self._tokens)

    def error(self, rule: str) -> ExpressionError:
        where = f"at {self._tokens[self._next].text!r}" if not self.at_end() else "at its end"
        return ExpressionError(f"{shorten(self._text)!r} is not an expression of dimensions: {rule} {where}")

    def sum(self) -> Dim:
        terms = [self._term()]
        while (sign := self._accept("+", "-")) is not None:
            term = self._term()
            terms.append(term if sign == "+" else -term)
        return self._bounded(op.total(terms) if len(terms) > 1 else terms[0])

    def _term(self) -> Dim:
        factors, depth = [self._factor()], self._depth
        while (sign := self._accept("*", "/", "//")) is not None:
            right = self._factor()
            if sign == "*":
                factors.append(right)
            elif sign == "/":
                factors.append(self._inverse(right))
            else:
                self._descend()
                self._inverse(right)
                factors = [op.floor_div(_product(factors), right)]
        self._depth = depth
        return self._bounded(_product(factors))

    def _inverse(self, value: Dim) -> Dim:
        if (value == 0) is True:
            raise self.error("a division by zero stands")
        return Fraction(1) / value if isinstance(value, (int, Fraction)) else 1 / value

    def _factor(self) -> Dim:
        self._descend()
        if (sign := self._accept("-", "+")) is not None:
            value = self._factor()
            value = -value if sign == "-" else value
        else:
            value = self._power()
        self._depth -= 1
        return value

    def _power(self) -> Dim:
        base = self._atom()
        if self._accept("**") is None:
            return base
        exponent = self._factor()
        if not isinstance(exponent, int) or abs(exponent) > 64:
            raise self.error("an exponent must be an integer of at most 64")
        if exponent < 0:
            base, exponent = self._inverse(base), -exponent
        return self._bounded(base**exponent)

    def _atom(self) -> Dim:
        token = self._take()
        if token.kind == "number":
            return self._bounded(Fraction(token.text)) if len(token.text) <= MAX_BITS else self._refused()
        if token.kind == "name":
            return self._call(token.text) if self._accept("(") is not None else self._lookup(token.text)
        if token.text == "(":
            self._descend()
            value = self.sum()
            self._depth -= 1
            self._expect(")")
            return value
        self._next -= 1
        raise self.error("a number, a name or a parenthesis was expected")

    def _call(self, name: str) -> Dim:
        if name not in FUNCTIONS:
            raise ExpressionError(
                f"{shorten(self._text)!r} calls {shorten(name)!r}; only {', '.join(FUNCTIONS)} can be called"
            )
        count, function = FUNCTIONS[name]
        self._descend()
        arguments = [self.sum()]
        while self._accept(",") is not None:
            arguments.append(self.sum())
        self._depth -= 1
        self._expect(")")
        if count is not None and len(arguments) != count:
            raise self.error(f"{name} takes {count} argument(s), not {len(arguments)},")
        try:
            return function(*arguments)
        except (DivisibilityError, TypeError, ZeroDivisionError) as problem:
            raise self.error(f"{name} cannot take these arguments ({problem})") from None

    def _take(self) -> _Token:
        if self.at_end():
            raise self.error("a number, a name or a parenthesis was expected")
        self._next += 1
        return self._tokens[self._next - 1]

    def _accept(self, *signs: str) -> str | None:
        if not self.at_end() and self._tokens[self._next].text in signs:
            self._next += 1
            return self._tokens[self._next - 1].text
        return None

    def _expect(self, sign: str) -> None:
        if self._accept(sign) is None:
            raise self.error(f"{sign!r} was expected")

    def _descend(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"an expression nests at most {MAX_DEPTH} deep: {shorten(self._text)!r} nests deeper")

    def _bounded(self, value: Dim) -> Dim:
        """The value, an integral fraction as an int; refuses what no network has before it can grow further."""
        number = value if isinstance(value, (int, Fraction)) else _coefficient(value)
        if max(number.numerator.bit_length(), number.denominator.bit_length()) > MAX_BITS:
            self._refused()
        if term_count(value) > MAX_TERMS:
            raise ExpressionError(f"{shorten(self._text)!r} has more than {MAX_TERMS} terms when it is multiplied out")
        return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value

    def _refused(self) -> NoReturn:
        raise ExpressionError(f"{shorten(self._text)!r} has a number above 2**{MAX_BITS} or a fraction finer than that")


def _product(factors: list[Dim]) -> Dim:
    """The product; of SymPy expressions in one multiplication, because one by one takes quadratic time."""
    if len(factors) == 1:
        return factors[0]
    chosen = op.backend(*factors)
    return chosen.product(factors) if hasattr(chosen, "product") else op.product(factors)


def _coefficient(value: Dim) -> int | Fraction:
    """The number that a SymPy expression is multiplied with, 1 for anything else."""
    if not hasattr(value, "as_coeff_Mul"):
        return 1
    coefficient, _ = value.as_coeff_Mul()
    return Fraction(int(coefficient.p), int(coefficient.q)) if coefficient.is_Rational else 1


def term_count(value: Dim) -> int:
    """At least as many terms as a SymPy expression has when it is multiplied out, 1 for anything else."""
    if getattr(value, "is_Add", False):
        return sum(map(term_count, value.args))
    if getattr(value, "is_Mul", False):
        return prod(map(term_count, value.args))
    if getattr(value, "is_Pow", False) and value.exp.is_Integer:
        base, exponent = term_count(value.base), abs(int(value.exp))
        return comb(base + exponent - 1, exponent)
    return 1


def symbols(names: str) -> Dim:
    """Symbols by name, with the assumptions of the vocabulary: one alone, several as a tuple.

    `width` and `alpha` are positive reals, every other name is a positive integer.

    >>> alpha, r = symbols("alpha r")
    >>> 32 * alpha * r
    32*alpha*r
    """
    found = names.replace(",", " ").split()
    wrong = [name for name in found if not _NAME.fullmatch(name)]
    if wrong or not found:
        raise ExpressionError(f"symbols are names of letters, digits and underscores (got {shorten(names)!r})")
    made = tuple(map(_symbol, found))
    return made[0] if len(made) == 1 else made
