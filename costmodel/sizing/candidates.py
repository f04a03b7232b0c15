"""The values that a parameter is tried at where the user gives none: one for every network that differs."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from costmodel.algebra import parse
from costmodel.algebra.vocabulary import REAL
from costmodel.errors import SizingError
from costmodel.network import Network
from costmodel.remembering import Remembered
from costmodel.sizing.spaces.axes import Axis, Number, Range, Value
from costmodel.sizing.spaces.distinct import distinct_values
from costmodel.sizing.spaces.space import Space
from costmodel.zoo import Family
from costmodel.zoo.family import Choice

SMALLEST: Final = Fraction(1, 20)
"""The least real value that is tried."""
LARGEST_REAL: Final = 64
LARGEST: Final = 2**16
"""Values beyond which none is tried."""
USUAL: Final = 64
"""What an integer is taken to be usually where nothing says so."""


def candidates(target: Family[Any] | Network, name: str, times: int, settings: Mapping[str, Any]) -> Axis:
    """A parameter up to `times` its default: integers one by one, of reals one for each network, choices all.

    Raises `SizingError` for a real number that no symbol can stand for, such as a depth multiplier: it needs values.
    """
    kind, default = target.parameters[name] if isinstance(target, Family) else (None, 1 if name in REAL else USUAL)
    if isinstance(kind, Choice):
        return Axis(name, kind.values)
    if kind is None or not kind.real:
        if kind is None and name in REAL:
            return Axis(name, _distinct(target, name, _most(default, times), settings))
        return Axis(name, Range(1, 1, int(min(LARGEST, max(default, USUAL // 4) * times))))
    if not kind.symbolic:
        raise SizingError(f"{target.name}: {name!r} must be given values to try, such as {name}=1:2:0.1")
    return Axis(name, _distinct(target, name, _most(default, times), settings))


def is_complete(axis: Axis) -> bool:
    """Whether nothing lies beyond the last value that is tried."""
    last = axis.value(axis.size - 1)
    most = LARGEST if isinstance(axis.values, Range) else LARGEST_REAL
    return isinstance(last, (str, bool)) or last >= most


def _most(default: Any, times: int) -> Fraction:
    return min(Fraction(LARGEST_REAL), Fraction(default) * times)


def _distinct(
    target: Family[Any] | Network, name: str, high: Fraction, settings: Mapping[str, Any]
) -> tuple[Value, ...]:
    """The values at which networks differ, found once for as long as the family lives."""
    key = (name, high, repr(sorted(settings.items())))
    return _DISTINCT.of(target, key, lambda: _found(target, name, high, settings))


_DISTINCT: Final = Remembered[tuple[Value, ...]](most=16)


def _found(target: Family[Any] | Network, name: str, high: Fraction, settings: Mapping[str, Any]) -> tuple[Value, ...]:
    symbol = parse(name)
    network = Space(target, (Axis(name, (1,)),), 0, settings).symbolic({})
    sizes = {size for shape in network.shapes.values() for size in shape if not isinstance(size, int)}
    mine = [size for size in sizes if size.free_symbols == {symbol}]
    if not mine:
        raise SizingError(f"{target.name}: no size depends on {name!r} alone; give it values to try")
    return tuple(_whole(value) for value in distinct_values(mine, name, SMALLEST, high))


def _whole(value: Fraction) -> Number:
    return int(value) if value.denominator == 1 else value
