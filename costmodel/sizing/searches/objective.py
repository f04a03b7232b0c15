"""What a search maximizes: an expression of parameters and costs, or a function of arrays of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.algebra import parse
from costmodel.algebra.arrays import Array
from costmodel.algebra.vectorize import vectorize
from costmodel.errors import ExpressionError, SizingError, UnknownNameError, shorten
from costmodel.sizing.searches.history import Places
from costmodel.sizing.spaces.costs import COSTS
from costmodel.sizing.spaces.space import Space

Columns: TypeAlias = Mapping[str, NDArray[Any]]
"""An array for each parameter (float64, or objects for choices) and each cost."""
Goal: TypeAlias = str | Callable[[Columns], ArrayLike]
"""An expression of parameters and costs; or a function of arrays, one for each, that gives an array."""


class Objective:
    """The objective of configurations; `costs` are those that it needs."""

    def __init__(self, space: Space, goal: Goal) -> None:
        self._space, self._goal = space, goal
        self.text = goal if isinstance(goal, str) else getattr(goal, "__qualname__", type(goal).__qualname__)
        if isinstance(goal, str):
            self._names, self._vectorized = _compiled(space, goal)
            self.costs = tuple(name for name in self._names if name in COSTS)
        else:
            self.costs = ("macs", "params")

    def __call__(self, places: Places, costs: Columns) -> Array:
        """The objective, NaN where a cost is."""
        given: dict[str, NDArray[Any]] = dict(costs)
        for axis, each in enumerate(self._space.axes):
            given[each.name] = each.settings(places[:, axis])
        is_built = ~np.isnan(np.array([*costs.values(), np.zeros(len(places))])).any(axis=0)
        found = np.full(len(places), np.nan)
        if is_built.any():
            found[is_built] = self._of({name: column[is_built] for name, column in given.items()}, int(is_built.sum()))
        if not np.isfinite(found[is_built]).all():
            first = int(np.flatnonzero(is_built & ~np.isfinite(found))[0])
            named = ", ".join(f"{each.name}={given[each.name][first]}" for each in self._space.axes)
            raise SizingError(
                f"{self._space.name}: what is maximized must be a finite number (got {found[first]} for {named})"
            )
        return found

    def _of(self, columns: Columns, count: int) -> Array:
        if isinstance(self._goal, str):
            with np.errstate(all="ignore"):  # what is no finite number is refused
                return np.broadcast_to(self._vectorized(*(columns[name] for name in self._names)), count)
        result = np.asarray(self._goal(columns), dtype=np.float64)
        if result.shape not in {(), (count,)}:
            raise SizingError(
                f"{self._space.name}: what is maximized must give an array of shape ({count},) (got {result.shape})"
            )
        return np.broadcast_to(result, count)


def _compiled(space: Space, text: str) -> tuple[list[str], Callable[..., Array]]:
    """The names that an expression has, and its function of their arrays."""
    try:
        expression = parse(text)
    except ExpressionError as problem:
        raise SizingError(f"{space.name}: what to maximize must be an expression: {problem}") from None
    names = sorted(symbol.name for symbol in getattr(expression, "free_symbols", ()))
    numeric = {each.name: each.is_numeric for each in space.axes}
    for name in names:
        if name not in numeric and name not in COSTS:
            raise UnknownNameError(f"axis of {space.name} or cost", name, [*numeric, *COSTS])
        if not numeric.get(name, True):
            raise SizingError(f"{space.name}: {shorten(name)!r} is a choice, which an expression cannot reckon with")
    return names, vectorize(expression, names)
