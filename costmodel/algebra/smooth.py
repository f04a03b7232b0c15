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

from math import lcm
from typing import NamedTuple

import sympy as sp

from costmodel.algebra.conditions import AtLeast, AtMost, Condition, Multiple, strongest
from costmodel.algebra.expressions import RoundToMultiple, floor_div
from costmodel.algebra.types import Dim

_ROUNDING = (sp.floor, sp.ceiling, RoundToMultiple, sp.Max, sp.Min)


class Smooth(NamedTuple):
    """An expression without rounding, and where it equals the exact one."""

    expression: Dim
    valid_when: tuple[str, ...]
    """Conditions that together make the two agree; none where they always do."""


def smooth(expression: Dim) -> Smooth:
    """The expression without floors, ceilings, channel rounding and bounds, and where it is exact.

    A maximum or minimum of several expressions (such as peak memory) has no smooth form and is left.
    """
    expression = sp.sympify(expression)
    conditions: set[Condition] = set()
    while found := [item for item in expression.atoms(*_ROUNDING) if _is_removable(item)]:
        innermost = min(found, key=_depth)
        replacement = _removed(innermost, conditions)
        expression = expression.xreplace({innermost: replacement})
    return Smooth(expression, tuple(map(str, strongest(conditions))))


def _depth(item: Dim) -> tuple[int, Dim]:
    return sum(len(argument.atoms(*_ROUNDING)) for argument in item.args), sp.default_sort_key(item)


def _is_removable(item: Dim) -> bool:
    """Whether it is a rounding, or a bound by a number."""
    if not isinstance(item, (sp.Max, sp.Min)):
        return True
    return sum(not argument.is_number for argument in item.args) == 1


def _removed(item: Dim, conditions: set[Condition]) -> Dim:
    """What a rounding or a bound stands for where it changes nothing; adds the condition for that."""
    if isinstance(item, RoundToMultiple):
        value, divisor = item.args
        conditions.update((Multiple(value, divisor), AtLeast(value, divisor)))
        return value
    if isinstance(item, (sp.Max, sp.Min)):
        (value,) = (argument for argument in item.args if not argument.is_number)
        (bound,) = (argument for argument in item.args if argument.is_number)
        conditions.add(AtLeast(value, bound) if isinstance(item, sp.Max) else AtMost(value, bound))
        return value
    return _without_brackets(item, conditions)


def _without_brackets(rounded: Dim, conditions: set[Condition]) -> Dim:
    """A floor or ceiling at multiples of the modulus at which it vanishes, or its argument if there is none."""
    inner = sp.expand(rounded.args[0])
    modulus = _common_denominator(term for term in sp.Add.make_args(inner) if not term.is_number)
    integers = [symbol for symbol in inner.free_symbols if symbol.is_integer] if modulus > 1 else []
    counts = {symbol: sp.Dummy(integer=True, positive=True) for symbol in integers}
    limit = _rounded_exactly(rounded, inner.xreplace({symbol: modulus * count for symbol, count in counts.items()}))
    if limit is None:
        conditions.add(Multiple(inner, sp.Integer(1)))
        return inner
    conditions.update(Multiple(symbol, sp.Integer(modulus)) for symbol in integers)
    return limit.xreplace({count: symbol / modulus for symbol, count in counts.items()})


def _rounded_exactly(rounded: Dim, inner: Dim) -> Dim | None:
    """The floor (ceiling) of `inner` where it can be taken term by term, else None."""
    inner = sp.expand(inner)
    denominator = _common_denominator(sp.Add.make_args(inner))
    dividend = sp.expand(inner * denominator)
    if isinstance(rounded, sp.floor):
        exact = floor_div(dividend, denominator)
    else:
        exact = -floor_div(-dividend, denominator)
    return None if exact.has(sp.floor, sp.ceiling) else exact


def _common_denominator(terms: Dim) -> int:
    return lcm(1, *(int(term.as_coeff_Mul()[0].q) for term in terms))
