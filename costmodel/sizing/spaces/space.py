"""Spaces: the configurations of a family, or of a network with symbols, that axes span."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

from costmodel.algebra import Dim, parse
from costmodel.errors import SizingError, UnknownNameError, shorten
from costmodel.network import Network
from costmodel.network.bind import free_symbols
from costmodel.sizing.spaces.axes import MOST, Axis, Value, axis
from costmodel.zoo import Family, find
from costmodel.zoo.family import Number

Target = str | Family[Any] | Network
"""A zoo network by its name, a family, or a network with symbols."""


@dataclass(frozen=True)
class Space:
    """Configurations, numbered row by row: the axes in order, the last running fastest.

    The first `structural` axes choose between networks (a depth, a block type), the others stand for symbols in each.
    """

    target: Family[Any] | Network
    axes: tuple[Axis, ...]
    structural: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What is fixed of the family's other parameters."""

    @property
    def name(self) -> str:
        """The name of the family or of the network."""
        return self.target.name

    @cached_property
    def size(self) -> int:
        """How many configurations."""
        return prod(each.size for each in self.axes)

    @property
    def symbols(self) -> tuple[Axis, ...]:
        """The axes that stand for symbols."""
        return self.axes[self.structural :]

    @property
    def structures(self) -> Iterator[dict[str, Value]]:
        """The combinations of the structural axes, in the order of the rows."""
        chosen = self.axes[: self.structural]
        for places in product(*(range(each.size) for each in chosen)):
            yield {each.name: each.value(place) for each, place in zip(chosen, places, strict=True)}

    def at(self, row: int) -> dict[str, Value]:
        """The exact parameters of a row."""
        found: dict[str, Value] = {}
        for each in reversed(self.axes):
            row, place = divmod(row, each.size)
            found[each.name] = each.value(place)
        return dict(reversed(found.items()))

    def network(self, parameters: Mapping[str, Value]) -> Network:
        """The network of a configuration; raises what building it raises."""
        if isinstance(self.target, Network):
            return self.target.bind(**self.settings, **parameters)
        return self.target(**{**self.settings, **parameters})

    def symbolic(self, structure: Mapping[str, Value]) -> Network:
        """The network of a structure with symbols for the other axes, rounded as numbers would be."""
        if isinstance(self.target, Network):
            return self.target.bind(**self.settings) if self.settings else self.target
        given: dict[str, Any] = {**self.settings, **structure, **symbols_of(self.symbols)}
        rounding = given.get("rounding", "auto")
        if "rounding" in self.target.parameters and self.target.convert("rounding", rounding) == "auto":
            given["rounding"] = "exact"
        return self.target(**given)


def symbols_of(axes: tuple[Axis, ...]) -> dict[str, Dim]:
    """A symbol for each axis."""
    return {each.name: parse(each.name) for each in axes}


def space(
    target: Target, over: Mapping[str, object], settings: Mapping[str, Any] | None = None, *, most: float = MOST
) -> Space:
    """The space of a family's parameters, or of a network's symbols, over these axes.

    Axes that choose between networks come first, whatever the order of `over`; else the order is kept. Raises for a
    parameter that there is not, a value that it does not take, one that is both fixed and an axis, and for an axis
    without values. An `Axis` is taken as it is.

    >>> space("mobilenet_v1", {"width": "0.25:1:0.25", "resolution": "128:224:32"}).size
    16
    """
    made = find(target) if isinstance(target, str) else target
    fixed = dict(settings or {})
    for name in over:
        if name in fixed:
            raise SizingError(f"{made.name}: {shorten(name)!r} is both an axis and fixed; leave one of the two out")
    axes = [axis(name, given) for name, given in over.items()]
    known: Mapping[str, Any] = made.parameters if isinstance(made, Family) else dict.fromkeys(free_symbols(made))
    for name in [*fixed, *over]:
        if name not in known:
            raise UnknownNameError(f"parameter of {made.name}", name, known)
    open_symbols = (
        () if isinstance(made, Family) else [name for name in known if name not in over and name not in fixed]
    )
    for name in open_symbols:
        raise SizingError(f"{made.name}: the symbol {name!r} must have a value or be an axis")
    _check_fixed(made, fixed)
    axes.sort(key=lambda each: _is_symbol(made, each.name))
    chosen = Space(made, tuple(axes), sum(not _is_symbol(made, each.name) for each in axes), fixed)
    if chosen.size > most:
        raise SizingError(f"{made.name}: a space must have at most 2**53 configurations (got {chosen.size:.3g})")
    _check_numeric(chosen)
    for each in axes:
        if not isinstance(over[each.name], Axis):
            _check(made, each)
    return chosen


def _is_symbol(target: Family[Any] | Network, name: str) -> bool:
    """Whether an expression may stand for the parameter."""
    if isinstance(target, Network):
        return True
    kind, _ = target.parameters[name]
    return isinstance(kind, Number) and kind.symbolic


def _check(target: Family[Any] | Network, given: Axis) -> None:
    """Raise for a value that a parameter does not take; of a range, the ends decide."""
    accepts = target.parameters[given.name][0].convert if isinstance(target, Family) else _positive
    ends = {0, min(1, given.size - 1), given.size - 1}
    for place in range(given.size) if isinstance(given.values, tuple) else sorted(ends):
        value = given.value(place)
        try:
            accepts(value)
        except ValueError as problem:
            got = shorten(str(value))
            raise SizingError(f"{target.name}: the values of {given.name!r} {problem} (got {got})") from None


def _check_numeric(chosen: Space) -> None:
    """Raise for a text or a truth value where an expression may stand."""
    for each in chosen.symbols:
        if not each.is_numeric:
            raise SizingError(f"{chosen.name}: the values of {each.name!r} must be numbers (got {_listed(each)})")


def _check_fixed(target: Family[Any] | Network, settings: Mapping[str, Any]) -> None:
    """Raise for a fixed parameter that is an expression, and not a number or a choice."""
    for name, value in settings.items():
        found = target.convert(name, value) if isinstance(target, Family) else _parsed(value)
        if getattr(found, "free_symbols", ()):
            got = shorten(str(value))
            raise SizingError(f"{target.name}: {name!r} must be fixed to a number, or be an axis (got {got})")


def _parsed(value: object) -> object:
    return parse(value) if isinstance(value, str) else value


def _listed(given: Axis) -> str:
    """The first values, for a sentence."""
    return shorten(", ".join(str(given.value(place)) for place in range(min(given.size, 100))))


def _positive(value: Value) -> None:
    if isinstance(value, (str, bool)) or value <= 0:
        raise ValueError("must be positive numbers")
