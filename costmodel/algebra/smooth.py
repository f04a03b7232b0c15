"""The smooth form of an expression: without floors and channel rounding, to reason with.

`floor((resolution + 31)/32)` equals `resolution/32` wherever the resolution is a multiple of 32: so a floor is
removed by finding the multiple at which it vanishes, not by deleting its brackets, which would leave 31/32 behind.

>>> from costmodel.algebra import parse
>>> form = smooth(parse("floor(resolution/32 + 31/32)**2 * round_to_multiple(32*alpha, 8)"))
>>> form.expression
alpha*resolution**2/32
>>> form.valid_when
('32*alpha % 8 == 0', 'resolution % 32 == 0')
"""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm
from typing import NamedTuple

import sympy as sp

from costmodel.algebra.conditions import AtLeast, AtMost, Condition, Multiple, strongest
from costmodel.algebra.expressions import as_expression, ceiling, floor, maximum, minimum, split
from costmodel.algebra.functions import RoundToMultiple
from costmodel.algebra.parser import MAX_TERMS, parse, term_count
from costmodel.algebra.types import Dim
from costmodel.errors import ExpressionError


class Smooth(NamedTuple):
    """An expression without rounding, and where it equals the exact one."""

    expression: Dim
    valid_when: tuple[str, ...]
    """Conditions that together make the two agree; none where they always do."""


def smooth(expression: Dim) -> Smooth:
    """The expression without floors, ceilings, channel rounding and bounds, and where it is exact.

    A maximum or minimum of several expressions (such as peak memory) has no smooth form and is left.
    """
    removal = _Removal()
    exact = parse(expression) if isinstance(expression, str) else expression
    removed = removal.without_rounding(as_expression(exact))
    return Smooth(removed, tuple(map(str, strongest(removal.conditions))))


def without_rounding(expression: Dim, *, keeps_bounds: bool = False) -> tuple[Dim, tuple[Condition, ...]]:
    """The smooth form, and the conditions under which it is exact as such, for comparing them with others.

    With `keeps_bounds`, a maximum or minimum with a number is left too: channels that never shrink stay as they are.
    """
    removal = _Removal(keeps_bounds=keeps_bounds)
    removed = removal.without_rounding(as_expression(expression))
    return removed, strongest(removal.conditions)


class _Removal:
    """Takes the rounding out of an expression, innermost first, and collects where that changes nothing."""

    def __init__(self, *, keeps_bounds: bool = False) -> None:
        self._keeps_bounds = keeps_bounds
        self.conditions: set[Condition] = set()
        self._known: dict[Dim, Dim] = {}

    def without_rounding(self, item: Dim) -> Dim:
        """The smooth form of an expression or of a part of one."""
        if not item.args:
            return item
        if item not in self._known:
            self._known[item] = self._applied(item.func, [self.without_rounding(part) for part in item.args])
        return self._known[item]

    def _applied(self, function: Dim, arguments: Sequence[Dim]) -> Dim:
        """What a function of smooth arguments stands for where its rounding or bound changes nothing."""
        if function is RoundToMultiple:
            value, divisor = arguments
            self.conditions.update((Multiple(value, divisor), AtLeast(value, divisor)))
            return value
        if function is sp.Max:
            return self._without_bound(maximum(*arguments), AtLeast)
        if function is sp.Min:
            return self._without_bound(minimum(*arguments), AtMost)
        if function in (sp.floor, sp.ceiling):
            if term_count(arguments[0]) > MAX_TERMS:
                raise ExpressionError(f"a rounded part has more than {MAX_TERMS} terms, too many for a smooth form")
            whole, rest = split(sp.expand(arguments[0]))
            return whole + self._without_brackets(floor if function is sp.floor else ceiling, rest)
        return function(*arguments)

    def _without_bound(self, extreme: Dim, condition: type[AtLeast | AtMost]) -> Dim:
        """The value that a number bounds; any other maximum or minimum as it is."""
        values = [argument for argument in extreme.args if not argument.is_number]
        if self._keeps_bounds or not isinstance(extreme, (sp.Max, sp.Min)) or len(values) != 1:
            return extreme
        (bound,) = (argument for argument in extreme.args if argument.is_number)
        self.conditions.add(condition(values[0], bound))
        return values[0]

    def _without_brackets(self, rounded: Dim, inner: Dim) -> Dim:
        """A floor or ceiling at multiples of the modulus at which it vanishes, or its argument if there is none."""
        modulus = lcm(*(int(term.as_coeff_Mul()[0].q) for term in sp.Add.make_args(inner) if not term.is_number))
        integers = [symbol for symbol in inner.free_symbols if symbol.is_integer] if modulus > 1 else []
        counts = {symbol: sp.Dummy(integer=True, positive=True) for symbol in integers}
        limit = rounded(inner.xreplace({symbol: modulus * count for symbol, count in counts.items()}))
        if limit.has(sp.floor, sp.ceiling):
            self.conditions.add(Multiple(inner, sp.Integer(1)))
            return inner
        self.conditions.update(Multiple(symbol, sp.Integer(modulus)) for symbol in integers)
        return limit.xreplace({count: symbol / modulus for symbol, count in counts.items()})
