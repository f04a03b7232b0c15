"""Sizes that a layer computes from its inputs' sizes: "0w,*(0h,2),-1".

::

    list  = item {"," item}
    item  = number | reference | operator "(" item {"," item} ")"
    reference = position of the input, then one of w h d c

Source: ncnn, docs/developer-guide/expression.md
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

from costmodel.algebra import Dim, ceiling, exact_div, floor, floor_div, maximum, minimum
from costmodel.interop.call import Call
from costmodel.interop.limits import is_small
from costmodel.interop.ncnn.rules import blob

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[+-]?\d{1,10}(?:\.\d{1,10})?(?![\dwhdc]))|(?P<reference>\d[whdc])"
    r"|(?P<operator>//|[-+*/]|[a-z][a-z0-9_]*)|(?P<mark>[(),]))",
    re.ASCII,
)
MAX_DEPTH: Final = 20
"""Operators inside operators: real expressions have two or three."""


def _divide(a: Any, b: Any) -> Any:
    """A quotient with its fraction: numbers stay exact, symbols must divide."""
    if isinstance(a, (int, Fraction)) and isinstance(b, (int, Fraction)):
        return Fraction(a) / Fraction(b)
    return exact_div(a, b)


BINARY: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divide,
    "//": floor_div,
    "max": maximum,
    "min": minimum,
}
UNARY: Final[dict[str, Callable[[Any], Any]]] = {
    "neg": lambda a: -a,
    "abs": lambda a: abs(a) if isinstance(a, (int, Fraction)) else a,
    "square": lambda a: a * a,
    "floor": floor,
    "ceil": ceiling,
    "trunc": lambda a: int(a) if isinstance(a, (int, Fraction)) else floor(a),
    "round": lambda a: floor(a + Fraction(1, 2)),
}


def sizes_of(call: Call, text: str) -> list[Dim]:
    """The sizes in an expression, in its order; fractions are cut off as ncnn does."""
    reader = _Reader(call, text)
    items = [reader.item(0)]
    while reader.take("mark", ","):
        items.append(reader.item(0))
    if reader.position < len(text.rstrip()):
        reader.refuse()
    return [int(item) if isinstance(item, Fraction) else item for item in items]


class _Reader:
    """One pass over an expression."""

    def __init__(self, call: Call, text: str) -> None:
        self.call, self.text, self.position = call, text, 0

    def refuse(self) -> Any:
        """Raise, with the expression."""
        self.call.refuse(f"has an expression of sizes that cannot be read: {self.text!r} at position {self.position}")

    def take(self, kind: str, wanted: str = "") -> str:
        """The next token if it is of that kind, else nothing."""
        found = _TOKEN.match(self.text, self.position)
        if not found or found.lastgroup != kind or (wanted and found[kind] != wanted):
            return ""
        self.position = found.end()
        return found[kind]

    def item(self, depth: int) -> Any:
        """A number, a size of an input, or an operation on items."""
        if depth > MAX_DEPTH:
            self.refuse()
        if number := self.take("number"):
            return int(number) if number.lstrip("+-").isdigit() else Fraction(number)
        if reference := self.take("reference"):
            return self._size(int(reference[0]), reference[1])
        name = self.take("operator")
        if not name or not self.take("mark", "("):
            return self.refuse()
        operands = [self.item(depth + 1)]
        while self.take("mark", ","):
            operands.append(self.item(depth + 1))
        if not self.take("mark", ")"):
            self.refuse()
        return self._apply(name, operands)

    def _size(self, position: int, axis: str) -> Dim:
        shape = blob(self.call.input(position))
        sizes = dict(zip({1: "w", 2: "hw", 3: "chw", 4: "cdhw"}.get(len(shape), ""), shape, strict=False))
        return sizes.get(axis, 1)

    def _apply(self, name: str, operands: list[Any]) -> Any:
        tables: dict[int, Mapping[str, Callable[..., Any]]] = {1: UNARY, 2: BINARY}
        table = tables.get(len(operands), {})
        if name not in table or (name in ("/", "//") and operands[1] == 0):
            self.refuse()
        if name == "//" and any(isinstance(operand, Fraction) for operand in operands):
            return floor(Fraction(operands[0]) / Fraction(operands[1]))
        result = table[name](*operands)
        if not is_small(result):
            self.refuse()
        return result
