"""The costs of many configurations at once, part by part.

A family with choices in each stage has more networks than can be compiled, but few parts: each is compiled for each of
its structures when one is met, and evaluated for all configurations that have it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from costmodel.algebra import Dim, assuming, parse
from costmodel.algebra.arrays import Array
from costmodel.algebra.vectorize import Vectorized, vectorize
from costmodel.errors import DivisibilityError, SizingError, SpecError
from costmodel.hardware import Profile
from costmodel.latency.rule_files import DEFAULT, find_rules, rules_for
from costmodel.network import Network, buildable_where
from costmodel.sizing.spaces.axes import Axis
from costmodel.sizing.spaces.costs import Question, cost_expression
from costmodel.sizing.spaces.space import Space
from costmodel.zoo import Family
from costmodel.zoo.part import Part

PEAKS: Final = frozenset({"peak_memory_bytes", "ram_bytes"})
"""Costs that are, wholly or in part, the largest of the parts' and not their sum."""


class Structure(NamedTuple):
    """A part compiled for some choices: of each cost what adds up and what is a peak, by the symbols that are left."""

    symbols: tuple[int, ...]
    """The axes that the expressions are of."""
    summed: tuple[Vectorized, ...]
    peaks: tuple[Vectorized, ...]


def by_parts(space: Space, question: Question) -> Callable[[NDArray[np.int64]], Array] | None:
    """The evaluation by parts; None where the family has none, or where parts lie in other layouts than the whole."""
    target = space.target
    if not isinstance(target, Family) or not target.parts or _is_blocked(question.device):
        return None
    return ByParts(space, target, question)


class ByParts:
    """The costs of configurations, one a row of places: (costs, rows), NaN in each of what cannot be built."""

    def __init__(self, space: Space, family: Family[Any], question: Question) -> None:
        self._axes = {each.name: place for place, each in enumerate(space.axes)}
        self._codes = [_codes(each, is_symbol=place >= space.structural) for place, each in enumerate(space.axes)]
        self._values = [
            each.settings(np.arange(each.size)) if each.is_numeric else np.zeros(each.size) for each in space.axes
        ]
        self._space, self._question = space, question
        self.costs = len(question.costs)
        self._fixed = _fixed(family, space.settings)
        self._parts = [_Compiled(self, part, is_first=place == 0) for place, part in enumerate(family.parts)]

    def __call__(self, places: NDArray[np.int64]) -> Array:
        shape = (self.costs, len(places))
        summed, peaks = np.zeros(shape), np.zeros(shape)
        for part in self._parts:
            times = part.times(places)
            its_sums, its_peaks = part.evaluate(places)
            is_there = times > 0
            summed += np.where(is_there, times * its_sums, 0.0)
            peaks = np.maximum(peaks, np.where(is_there, its_peaks, 0.0))
        found: Array = summed + peaks
        found[:, np.isnan(found).any(axis=0)] = np.nan
        return found

    def column(self, axis: int, places: NDArray[np.int64]) -> Array:
        """The values of an axis at these places of the configurations."""
        column: Array = self._values[axis][places[:, axis]]
        return column

    def axes_of(self, names: tuple[str, ...]) -> list[int]:
        """The axes among these parameters."""
        return [self._axes[name] for name in names if name in self._axes]

    def structures(self, axes: list[int], places: NDArray[np.int64]) -> NDArray[np.int64]:
        """A number for each configuration that is the same for the same structure."""
        code = np.zeros(len(places), dtype=np.int64)
        for axis in axes:
            code = code * (len(self._codes[axis]) + 1) + self._codes[axis][places[:, axis]]
        return code

    def structure(self, part: Part, place: NDArray[np.int64], *, is_first: bool) -> Structure | None:
        """The part as it is in one configuration, with symbols for the parameters that are no structure."""
        given: dict[str, Any] = {}
        symbols: list[int] = []
        for name in part.parameters:
            axis = self._axes.get(name)
            if axis is None:
                given[name] = self._fixed[name]
            elif self._codes[axis][place[axis]] == 0:
                given[name] = parse(name)
                symbols.append(axis)
            else:
                given[name] = self._space.axes[axis].value(int(place[axis]))
        names = [self._space.axes[axis].name for axis in symbols]
        with assuming() as assumed:
            try:
                network = part.build(**given)
                shares = [self._shares(network, cost, is_first=is_first) for cost in self._question.costs]
            except (SpecError, DivisibilityError):
                return None
        for condition in (*assumed.choices, *assumed.needs, *buildable_where(network)):
            raise SizingError(
                f"{self._space.name}: the part {part.name!r} must be the same for all values of its parameters (it is "
                f"another where {condition} does not hold); leave it undivided"
            )
        return Structure(
            tuple(symbols),
            tuple(vectorize(summed, names) for summed, _ in shares),
            tuple(vectorize(peak, names) for _, peak in shares),
        )

    def vectorized(self, text: str) -> tuple[list[int], Vectorized]:
        """An expression of parameters, the fixed ones put in, as a function of the others' axes."""
        expression = parse(text)
        symbols = sorted(getattr(expression, "free_symbols", ()), key=str)
        fixed = {symbol: self._fixed[symbol.name] for symbol in symbols if symbol.name not in self._axes}
        names = [symbol.name for symbol in symbols if symbol.name in self._axes]
        expression = expression.subs(fixed) if fixed else expression
        return [self._axes[name] for name in names], vectorize(expression, names)

    def _shares(self, network: Network, cost: str, *, is_first: bool) -> tuple[Dim, Dim]:
        """What of a part's cost adds up, and what is a peak."""
        asked = self._question
        whole = cost_expression(network, cost, asked.device, asked.data_type)
        if cost == "activations" and not is_first:  # the part before has written what this one is given
            return whole - network.cost().input_elements, 0
        if cost not in PEAKS:
            return whole, 0
        if cost == "peak_memory_bytes" or asked.device is None:
            return 0, whole
        return (0, whole) if asked.device.flash_bytes else _with_weights(network, whole, asked)


class _Compiled:
    """A part with the structures that were met."""

    def __init__(self, table: ByParts, part: Part, *, is_first: bool) -> None:
        self._table, self._part, self._is_first = table, part, is_first
        self._axes = table.axes_of(part.parameters)
        self._times_of, self._times = table.vectorized(part.times)
        self._known: dict[int, Structure | None] = {}

    def times(self, places: NDArray[np.int64]) -> Array:
        """How often the part is in each configuration."""
        columns = [self._table.column(axis, places) for axis in self._times_of]
        return np.broadcast_to(self._times(*columns), len(places))

    def evaluate(self, places: NDArray[np.int64]) -> tuple[Array, Array]:
        """Of each cost what adds up, and what is a peak."""
        codes = self._table.structures(self._axes, places)
        kinds, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
        order = np.argsort(inverse, kind="stable")
        ends = np.cumsum(np.bincount(inverse, minlength=len(kinds)))
        shape = (self._table.costs, len(places))
        summed, peaks = np.empty(shape), np.empty(shape)
        for kind, code in enumerate(kinds.tolist()):
            rows = order[ends[kind - 1] if kind else 0 : ends[kind]]
            if code not in self._known:
                self._known[code] = self._table.structure(self._part, places[first[kind]], is_first=self._is_first)
            found = self._known[code]
            if found is None:
                summed[:, rows] = peaks[:, rows] = np.nan
                continue
            columns = [self._table.column(axis, places[rows]) for axis in found.symbols]
            for target, functions in ((summed, found.summed), (peaks, found.peaks)):
                for cost, function in enumerate(functions):
                    target[cost, rows] = function(*columns)
        return summed, peaks


def _with_weights(network: Network, whole: Dim, asked: Question) -> tuple[Dim, Dim]:
    """RAM that holds the weights too: they add up, and what is alive of the activations is a peak."""
    weights = cost_expression(network, "flash_bytes", asked.device, asked.data_type)
    return weights, whole - weights


def _codes(axis: Axis, *, is_symbol: bool) -> NDArray[np.int64]:
    """For each value of an axis 0 where a symbol stands for it, else a number of its own."""
    return np.zeros(axis.size, dtype=np.int64) if is_symbol else np.arange(axis.size) + 1


def _fixed(family: Family[Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The value of each parameter that is no axis."""
    usual = {name: default for name, (_, default) in (*family.more.items(), *family.parameters.items())}
    given = {name: family.convert(name, value) for name, value in settings.items()}
    return {**usual, **family.fixed, **given}


def _is_blocked(device: Profile | None) -> bool:
    """Whether a runtime copies between layouts, so that what a part takes depends on its neighbours."""
    if device is None:
        return False
    calibration = device.calibration
    runtime = "" if calibration is None else calibration.provenance.setup.get("runtime", "")
    return (find_rules(DEFAULT) if calibration is None else rules_for(runtime)).layout is not None
