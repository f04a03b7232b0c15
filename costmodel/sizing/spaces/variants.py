"""Variants: the networks of a structure that numbers for its symbols choose between, and where each of them is.

A shortcut joins a block only where both have as many channels; a runtime takes another algorithm for narrow layers.
Such choices are conditions on the symbols: each combination of them that occurs is a variant with its own expressions.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, Final

import numpy as np

from costmodel.algebra import Dim, assuming, parse
from costmodel.algebra.blocks import Blocks
from costmodel.algebra.conditions import Condition, margin, strongest
from costmodel.algebra.plan import plan
from costmodel.errors import ExpressionError, SizingError
from costmodel.network import Network, buildable_where
from costmodel.remembering import Remembered
from costmodel.sizing.spaces.axes import Axis, Value
from costmodel.sizing.spaces.compiled import numerators
from costmodel.sizing.spaces.costs import Question
from costmodel.sizing.spaces.space import Space

MOST_PLACES: Final = 2**24
"""Combinations of values among which uncovered ones are looked for."""
MOST_VARIANTS: Final = 500
CHUNK: Final = 2**20

Point = Mapping[str, int | Fraction]


@dataclass(frozen=True, eq=False)
class Variant:
    """The expressions of a question where choices hold; all guards are at least 1 where they do and it can be built."""

    choices: tuple[Condition, ...]
    guards: tuple[Dim, ...]
    answers: tuple[Dim, ...]


@dataclass(frozen=True, eq=False)
class _Built:
    """A network with symbols, the choices that it was built by, and where it can be built."""

    network: Network
    choices: tuple[Condition, ...]
    conditions: tuple[Condition, ...]


def variants(chosen: Space, asked: Question, structure: Mapping[str, Value]) -> list[Variant]:
    """Variants that between them cover all values of the symbols; they are kept for as long as the family lives."""
    names = tuple(each.name for each in chosen.symbols)
    what: Hashable = (names, repr(sorted(chosen.settings.items())), repr(sorted(structure.items())))
    known = _VARIANTS.of(chosen.target, (what, asked.key), list)
    built = _BUILT.of(chosen.target, what, list)
    while (point := _uncovered(chosen.symbols, [each.choices for each in known])) is not None:
        if len(known) == MOST_VARIANTS:
            raise SizingError(
                f"{chosen.name}: its values make more than {MOST_VARIANTS} kinds of networks; give fewer of them"
            )
        known.append(_variant(chosen, asked, structure, point, built))
    return known


_VARIANTS: Final = Remembered[list[Variant]](most=64)
_BUILT: Final = Remembered[list[_Built]](most=64)


def _variant(
    chosen: Space, asked: Question, structure: Mapping[str, Value], point: Point, built: list[_Built]
) -> Variant:
    """The variant at a point."""
    network = next((each for each in built if _hold(each.choices, point)), None)
    if network is None:
        network = _build(chosen, structure, point)
        built.append(network)
    parameters = {name: value for name, value in structure.items() if not isinstance(value, (str, bool))}
    parameters.update({each.name: parse(each.name) for each in chosen.symbols})
    with assuming(point) as assumed:
        try:
            answers = asked.expressions(network.network, parameters)
        except ExpressionError as problem:
            sentence = f"{chosen.name}: a score must be an expression of parameters and costs: {problem}"
            raise SizingError(sentence) from None
    choices = (*network.choices, *assumed.choices)
    conditions = (*choices, *assumed.needs, *network.conditions)
    return Variant(choices, tuple(each.margin for each in strongest(conditions)), tuple(answers))


def _build(chosen: Space, structure: Mapping[str, Value], point: Point) -> _Built:
    with assuming(point) as assumed:
        network = chosen.symbolic(structure)
        conditions = buildable_where(network)
    return _Built(network, assumed.choices, (*conditions, *assumed.needs))


def _hold(choices: Sequence[Condition], point: Point) -> bool:
    """Whether all conditions hold at a point."""
    names = list(point)
    (found,) = Blocks(plan([margin(choices)], names))([np.array([[float(point[name])]]) for name in names])
    return bool(found >= 1)


def _uncovered(axes: Sequence[Axis], covered: Sequence[Sequence[Condition]]) -> Point | None:
    """A combination of values that none of the lists of conditions holds at; None where each has one."""
    first = {each.name: each.value(0) for each in axes}
    if not covered:
        return _numbers(first)
    margins = [margin(conditions) for conditions in covered]
    named = {symbol.name for each in margins for symbol in getattr(each, "free_symbols", ())}
    mine = tuple(each for each in axes if each.name in named)
    size = prod(each.size for each in mine)
    if not mine:
        return None
    if size > MOST_PLACES:
        raise SizingError(
            f"{', '.join(each.name for each in mine)} have {size:,} combinations, too many to tell their networks apart"
            f" (at most {MOST_PLACES:,}); give one of them fewer values"
        )
    names, denominators = [each.name for each in mine], {each.name: each.denominator for each in mine}
    blocks = Blocks(plan(margins, names, denominators=denominators))
    for start in range(0, size, CHUNK):
        places = np.arange(start, min(start + CHUNK, size))
        results = blocks([each.reshape(1, -1) for each in numerators(mine, places)])
        missing = ~np.logical_or.reduce([np.broadcast_to(each >= 1, (1, places.size)) for each in results])
        if missing.any():
            where = np.unravel_index(start + int(np.flatnonzero(missing)[0]), tuple(each.size for each in mine))
            return _numbers({**first, **{each.name: each.value(int(k)) for each, k in zip(mine, where, strict=True)}})
    return None


def _numbers(values: Mapping[str, Any]) -> Point:
    return {name: value for name, value in values.items() if isinstance(value, (int, Fraction))}
