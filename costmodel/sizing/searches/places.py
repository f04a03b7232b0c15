"""Configurations of a space that is too large to number: the place of each value among the values of its axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np

from costmodel.algebra.arrays import Array
from costmodel.errors import DivisibilityError, SpecError
from costmodel.sizing.searches.history import Places
from costmodel.sizing.spaces.axes import MOST, Value
from costmodel.sizing.spaces.by_parts import by_parts
from costmodel.sizing.spaces.compile import compiled
from costmodel.sizing.spaces.costs import Question, cost_expression
from costmodel.sizing.spaces.space import Space

Evaluate: TypeAlias = Callable[[Places], Array]
"""The costs (rows of the result) of configurations, float64; NaN in each of what cannot be built."""

FEW: Final = 64
"""Structures that are compiled before a search; of more, each network is built as it is met."""


def row_of(space: Space, places: Places) -> int:
    """The number of one configuration."""
    row = 0
    for each, place in zip(space.axes, places.tolist(), strict=True):
        row = row * each.size + int(place)
    return row


def values_at(space: Space, places: Places) -> dict[str, Value]:
    """The exact parameters of one configuration."""
    return {each.name: each.value(int(place)) for each, place in zip(space.axes, places, strict=True)}


def evaluator(space: Space, question: Question) -> Evaluate:
    """How to evaluate any configurations: by parts where the family has some, else by rows, else by building each."""
    parts = by_parts(space, question)
    if parts is not None:
        return parts
    structures = 1
    for each in space.axes[: space.structural]:
        structures *= each.size
    if structures <= FEW and space.size <= MOST:
        return _by_rows(space, question)
    return _one_by_one(space, question)


def _by_rows(space: Space, question: Question) -> Evaluate:
    table = compiled(space, question)

    def evaluate(places: Places) -> Array:
        rows = [row_of(space, each) for each in places]
        columns = [table.evaluate(row, row + 1) for row in rows]
        return np.concatenate([np.empty((len(question.names), 0)), *columns], axis=1)

    return evaluate


def _one_by_one(space: Space, question: Question) -> Evaluate:
    def costs(places: Places) -> list[float]:
        try:
            network = space.network(values_at(space, places))
            found = [cost_expression(network, name, question.device, question.data_type) for name in question.costs]
        except (SpecError, DivisibilityError):
            return [np.nan] * len(question.costs)
        return [float(cost) for cost in found]

    return lambda places: np.array([costs(each) for each in places]).reshape(len(places), len(question.costs)).T
