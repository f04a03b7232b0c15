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

from costmodel.errors import DivisibilityError, ExpressionError, shorten
from costmodel.algebra import operations as op
from costmodel.algebra.types import Dim

FUNCTIONS: dict[str, tuple[int | None, Callable[..., Dim]]] = {
    "floor": (1, op.floor),
    "ceiling": (1, op.ceiling),
    "gcd": (2, op.gcd),
    "round_to_multiple": (2, op.round_to_multiple),
    "max": (None, op.maximum),
    "min": (None, op.minimum),
}
"""The functions that an expression may call, each with its number of arguments (None: one or more)."""

MAX_LENGTH = 20_000
MAX_DEPTH = 60
MAX_BITS = 256

_TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?(?![\w.]))|(?P<name>[A-Za-z][A-Za-z0-9_]*)|(?P<sign>\*\*|//|[-+*/(),]))")

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
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


def _symbol(name: str) -> Dim:
    from costmodel.algebra.expressions import symbol

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
        value = self._term()
        while (sign := self._accept("+", "-")) is not None:
            right = self._term()
            value = value + right if sign == "+" else value - right
        return self._bounded(value)

    def _term(self) -> Dim:
        value = self._factor()
        while (sign := self._accept("*", "/", "//")) is not None:
            right = self._factor()
            if right == 0 and sign != "*":
                raise self.error("a division by zero stands")
            value = self._bounded(self._combine(sign, value, right))
        return value

    def _combine(self, sign: str, left: Dim, right: Dim) -> Dim:
        if sign == "*":
            return left * right
        if sign == "//":
            return op.floor_div(left, right)
        return Fraction(left) / right if isinstance(left, int) and isinstance(right, int) else left / right

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
            if base == 0:
                raise self.error("a division by zero stands")
            base, exponent = (Fraction(1) / base if isinstance(base, (int, Fraction)) else 1 / base), -exponent
        return self._bounded(base**exponent)

    def _atom(self) -> Dim:
        token = self._take()
        if token.kind == "number":
            number = Fraction(token.text)
            return self._bounded(number.numerator if number.denominator == 1 else number)
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
        """Refuse numbers that no network has before they can grow further."""
        if isinstance(value, int) and value.bit_length() > MAX_BITS:
            raise ExpressionError(f"{shorten(self._text)!r} has a number above 2**{MAX_BITS}")
        if isinstance(value, Fraction) and value.denominator.bit_length() > MAX_BITS:
            raise ExpressionError(f"{shorten(self._text)!r} has a fraction finer than 2**-{MAX_BITS}")
        return value


def symbols(names: str) -> Dim:
    """Symbols by name, with the assumptions of the vocabulary: one alone, several as a tuple.

    `width` and `alpha` are positive reals, every other name is a positive integer.

    >>> alpha, r = symbols("alpha r")
    >>> 32 * alpha * r
    32*alpha*r
    """
    made = tuple(parse(name) for name in names.replace(",", " ").split())
    return made[0] if len(made) == 1 else made
