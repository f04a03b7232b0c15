"""Search in spaces that are too large to enumerate: the best configuration found that keeps its budgets."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any, Final

import numpy as np

from costmodel.algebra.arrays import Array
from costmodel.errors import InfeasibleError, SizingError, shorten
from costmodel.hardware import Profile
from costmodel.latency import Latency
from costmodel.network import Network
from costmodel.sizing.budgets import Budget, Limit, budgets
from costmodel.sizing.searches.history import History, Places
from costmodel.sizing.searches.objective import Goal, Objective
from costmodel.sizing.searches.places import Evaluate, evaluator, values_at
from costmodel.sizing.searches.study import Record
from costmodel.sizing.searches.trust_region import TrustRegion, batches
from costmodel.sizing.sized import Candidate
from costmodel.sizing.spaces.axes import value_text
from costmodel.sizing.spaces.compiled import fingerprint
from costmodel.sizing.spaces.costs import Question, cost_expression, latency_of, question
from costmodel.sizing.spaces.space import Space, Target, space

MOST_EVALUATIONS: Final = 100_000
MOST_VALUES: Final = 100_000
"""Values of an axis."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Searched:
    """The best configuration that a search found within budgets, counted exactly.

    `evaluations` are the configurations whose costs were evaluated, `feasible` those of them within all budgets.
    `study` is Optuna's: every configuration a trial, for its plots and importances.
    """

    space: Space
    question: Question
    budgets: tuple[Budget, ...]
    maximize: str
    answer: Candidate
    evaluations: int
    feasible: int
    seed: int
    study: Any

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The answer's parameters."""
        return self.answer.parameters

    @property
    def costs(self) -> Mapping[str, Any]:
        """The answer's costs."""
        return self.answer.costs

    @cached_property
    def latency(self) -> Latency | None:
        """The answer's latency on the device, with its interval; None without one."""
        device = self.question.device
        if device is None:
            return None
        return latency_of(self.space.network(self.parameters), device, self.question.data_type)

    @property
    def binding(self) -> Budget | None:
        """The budget that the answer uses most of."""
        return max(self.budgets, key=lambda each: self.costs[each.cost] / each.limit, default=None)


def search(
    target: Target,
    over: Mapping[str, object],
    *,
    maximize: Goal,
    evaluations: int = 1000,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
    device: str | os.PathLike[str] | Profile | None = None,
    data_type: str = "float32",
    storage: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    max_macs: Limit | None = None,
    max_flops: Limit | None = None,
    max_params: Limit | None = None,
    max_activations: Limit | None = None,
    max_weight_bytes: Limit | None = None,
    max_memory_bytes: Limit | None = None,
    max_ram_bytes: Limit | None = None,
    max_flash_bytes: Limit | None = None,
    max_latency_s: Limit | None = None,
    max_energy_j: Limit | None = None,
    limits: Mapping[str, Limit] | None = None,
) -> Searched:
    """The largest objective among the configurations that a search of so many evaluations finds within all budgets.

    Bayesian search in trust regions (SCBO): Gaussian processes learn the objective and the costs from what was
    evaluated, and each batch is what samples of them say is best. It needs the extra `search`; the study is Optuna's.

    `over` gives each axis its values, as for `size` and `sweep`, of any number of configurations. `maximize` is an
    expression of axes and costs, or a function of a mapping from their names to arrays that gives an array. The same
    seed gives the same answer. With `storage`, a file, a search that was interrupted goes on where it was, and one that
    is done goes on to more evaluations.

    Raises `InfeasibleError`, which says how far off the nearest configuration is, and `SizingError`. Source: Eriksson
    and Poloczek, Scalable Constrained Bayesian Optimization, arXiv 2002.08526.

    >>> stages = {f"w{stage}": "8:416:8" for stage in range(1, 8)}  # 52^7 = 10^12 configurations
    >>> found = search("staged", stages, maximize="macs", max_latency_s="80 ms", device="pixel-1", evaluations=50)
    >>> found.evaluations, found.costs["latency_s"] <= 0.08
    (50, True)
    """
    named = {
        "macs": max_macs, "flops": max_flops, "params": max_params, "activations": max_activations,
        "weight_bytes": max_weight_bytes, "peak_memory_bytes": max_memory_bytes, "ram_bytes": max_ram_bytes,
        "flash_bytes": max_flash_bytes, "latency_s": max_latency_s, "energy_j": max_energy_j,
    }  # fmt: skip
    kept = budgets(named, limits)
    _check_whole("evaluations", evaluations, 1, MOST_EVALUATIONS)
    _check_whole("seed", seed, 0, 2**63 - 1)
    chosen = space(target, over, settings, most=inf)
    _check_axes(chosen)
    objective = Objective(chosen, maximize)
    wanted = dict.fromkeys([*(each.cost for each in kept), *objective.costs])
    asked = question(wanted, device=device, data_type=data_type)
    running = _Search(chosen, asked, kept, objective, seed)
    with Record(chosen.axes, running.fingerprint, storage) as record:
        running.run(record, evaluations, progress)
    return running.answer(record.study)


class _Search:
    """A search as it goes: what it evaluates, where it looks next."""

    def __init__(
        self, chosen: Space, asked: Question, kept: tuple[Budget, ...], objective: Objective, seed: int
    ) -> None:
        self._space, self._question, self._budgets, self._objective = chosen, asked, kept, objective
        self._seed = seed
        self._evaluate: Evaluate = evaluator(chosen, asked)
        self._limits = np.array([float(each.limit) for each in kept])
        self._history = History.empty(len(chosen.axes), len(kept))

    @property
    def fingerprint(self) -> str:
        """A hash of all that decides the trials."""
        target = self._space.target
        network = target.to_json() if isinstance(target, Network) else target.name
        axes = [(each.name, repr(each.values)) for each in self._space.axes]
        asked = (repr(self._question.device), self._question.data_type, self._question.costs)
        limits = [(each.cost, each.limit) for each in self._budgets]
        settings = {name: str(value) for name, value in self._space.settings.items()}
        return fingerprint(network, axes, settings, asked, limits, self._objective.text, self._seed)

    def run(self, record: Record, evaluations: int, progress: Progress | None) -> None:
        """All batches, beginning with what the record has."""
        region = TrustRegion(self._space.axes, len(self._budgets), self._seed)
        parts = [self._history]
        for start, stop in batches(evaluations):
            stored = record.stored[start:stop]
            places = stored if len(stored) == stop - start else _with(stored, region.propose(stop - start))
            if not len(places):
                break
            places = places[: evaluations - start]
            batch, costs = self._evaluated(places)
            record.add(batch, costs, [each.cost for each in self._budgets], is_stored=len(stored))
            parts.append(batch)
            if len(places) == stop - start:
                region.tell(batch)
            if progress is not None:
                progress(min(start + len(places), evaluations), evaluations)
            if len(places) < stop - start:
                break
        self._history = History(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def answer(self, study: Any) -> Searched:
        """The best configuration, counted exactly."""
        history = self._history
        feasible = int((history.excess == 0).sum())
        for row in history.best_first()[:feasible]:
            found = self._counted(history.places[row], history.objective[row])
            if not found.exceeds:
                return Searched(
                    self._space, self._question, self._budgets, self._objective.text, found, len(history.places),
                    feasible, self._seed, study,
                )  # fmt: skip
        raise InfeasibleError(self._infeasible())

    def _evaluated(self, places: Places) -> tuple[History, dict[str, Array]]:
        found = self._evaluate(places)
        costs = dict(zip(self._question.costs, found, strict=True))
        if self._budgets:
            ratios = np.stack([costs[each.cost] for each in self._budgets], axis=1) / self._limits
        else:
            ratios = np.empty((len(places), 0))
        return History(places, self._objective(places, costs), ratios), costs

    def _counted(self, places: Places, objective: float) -> Candidate:
        """A configuration counted exactly, by building its network."""
        parameters = values_at(self._space, places)
        network = self._space.network(parameters)
        asked = self._question
        names = ["macs", "params", *asked.costs, *(["latency_s"] if asked.device else [])]
        costs = {name: cost_expression(network, name, asked.device, asked.data_type) for name in dict.fromkeys(names)}
        exceeds = tuple(each for each in self._budgets if costs[each.cost] > each.limit)
        return Candidate(parameters, costs, float(objective), exceeds)

    def _infeasible(self) -> str:
        """How far off the nearest configuration is."""
        history = self._history
        row = int(history.best_first()[0])
        name, count = self._space.name, len(history.places)
        if not np.isfinite(history.objective[row]):
            return f"{name}: none of {count:,} configurations can be built"
        nearest = self._counted(history.places[row], history.objective[row])
        named = ", ".join(f"{name}={value_text(value)}" for name, value in nearest.parameters.items())
        broken = " and ".join(
            f"{nearest.costs[each.cost]:.6g} {each.cost}, {nearest.costs[each.cost] / each.limit:.3g} times its budget"
            for each in nearest.exceeds
        )
        asked = ", ".join(map(str, self._budgets))
        return f"no {name} of {count:,} that were evaluated keeps {asked}; the nearest, {named}, takes {broken}"


def _with(stored: Places, proposed: Places) -> Places:
    """A batch that begins with what is stored of it."""
    if not len(stored):
        return proposed
    known = {row.tobytes() for row in stored}
    rest = [row for row in proposed if row.tobytes() not in known]
    return np.concatenate([stored, np.array(rest, dtype=np.int64).reshape(len(rest), stored.shape[1])])[: len(proposed)]


def _check_whole(name: str, value: object, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise SizingError(f"{name!r} must be an integer from {least} to {most} (got {shorten(repr(value))})")


def _check_axes(chosen: Space) -> None:
    if not chosen.axes:
        raise SizingError(f"{chosen.name}: a search needs an axis, such as over={{'width': '0.25:1.4:0.05'}}")
    for each in chosen.axes:
        if each.size > MOST_VALUES:
            raise SizingError(
                f"{chosen.name}: an axis to search must have at most {MOST_VALUES:,} values (got {each.size:,} of "
                f"{each.name!r}); take larger steps"
            )
