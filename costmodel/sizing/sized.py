"""What sizing answers: a configuration with its exact costs, what binds it, and what more of a budget would buy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

from costmodel.algebra import assuming
from costmodel.errors import InfeasibleError
from costmodel.latency import Latency
from costmodel.reasoning import elasticities
from costmodel.sizing.budgets import Budget
from costmodel.sizing.spaces.axes import Value
from costmodel.sizing.spaces.costs import Question, cost_expression, latency_of
from costmodel.sizing.spaces.space import Space

OBJECTIVE: Final = "objective"
"""The name of what is maximized."""


@dataclass(frozen=True)
class Candidate:
    """A configuration, what it costs (exact integers, seconds, joules, bytes) and which budgets it does not keep."""

    parameters: Mapping[str, Value]
    costs: Mapping[str, Any]
    objective: Any
    exceeds: tuple[Budget, ...]


@dataclass(frozen=True)
class Sized:
    """The best configuration within budgets.

    `next` is the next better candidate, which breaks a budget: together they prove the answer; None where the answer
    is the best of all candidates. `larger` has for each parameter its next larger value, all else equal, where there is
    one. `candidates` is how many were considered, each of them evaluated.
    """

    space: Space
    question: Question
    budgets: tuple[Budget, ...]
    maximize: str
    answer: Candidate
    next: Candidate | None
    larger: tuple[Candidate, ...]
    candidates: int

    @property
    def parameters(self) -> Mapping[str, Value]:
        """The answer's parameters."""
        return self.answer.parameters

    @property
    def costs(self) -> Mapping[str, Any]:
        """The answer's costs: MACs, parameters, what has a budget, and the latency where there is a device."""
        return self.answer.costs

    @property
    def binding(self) -> Budget | None:
        """The budget that stops the next better candidate (the one it breaks most); None where there is no better."""
        broken = self.next.exceeds if self.next else ()
        return max(broken, key=lambda each: self._next_cost(each) / each.limit, default=None)

    def _next_cost(self, budget: Budget) -> Any:
        return self.next.costs[budget.cost] if self.next else 0

    @cached_property
    def elasticities(self) -> Mapping[str, Mapping[str, float]]:
        """By how many percent each cost grows with one percent more of each parameter that symbols stand for.

        Of the smooth form, at the answer: the rounding of channels left out.
        """
        symbols = [each.name for each in self.space.symbols]
        at = {name: Fraction(self.parameters[name]) for name in symbols}
        structure = {name: value for name, value in self.parameters.items() if name not in symbols}
        asked = self.question
        with assuming(at):
            network = self.space.symbolic(structure)
            found = {name: cost_expression(network, name, asked.device, asked.data_type) for name in self.costs}
        return {name: elasticities(each, at) for name, each in found.items()}

    @property
    def latency(self) -> Latency | None:
        """The answer's latency with its interval, energy and memory; None without a device."""
        if self.question.device is None:
            return None
        return latency_of(self.space.network(self.parameters), self.question.device, self.question.data_type)

    @cached_property
    def gains(self) -> Mapping[str, Sized]:
        """For each budget of which a tenth more buys something, the answer with it."""
        eased = {each.cost: self.buys(each.cost) for each in self.budgets}
        return {cost: more for cost, more in eased.items() if more and more.answer.objective > self.answer.objective}

    def buys(self, cost: str, factor: float = 1.1) -> Sized | None:
        """The answer with one budget `factor` times as large, among the same candidates; None where none keeps it.

        >>> from costmodel.sizing import size
        >>> found = size("mobilenet_v1", max_macs=300e6, over={"width": "0.05:2:0.05"})
        >>> [str(each.parameters["width"]) for each in (found, found.buys("macs", 2))]
        ['7/10', '1']
        """
        from costmodel.sizing.solve import solve

        eased = [_eased(each, factor) if each.cost == cost else each for each in self.budgets]
        try:
            return solve(self.space, self.question, tuple(eased), self.maximize)
        except InfeasibleError:
            return None


def _eased(budget: Budget, factor: float) -> Budget:
    """A budget times a factor; of integers the nearest integer."""
    limit = budget.limit * factor
    return replace(budget, limit=round(limit) if isinstance(budget.limit, int) else limit)


def candidate(chosen: Space, asked: Question, kept: tuple[Budget, ...], row: int) -> Candidate:
    """A row counted exactly, by building its network."""
    parameters = chosen.at(row)
    network = chosen.network(parameters)
    names = ["macs", "params", *asked.costs, *(["latency_s"] if asked.device else [])]
    costs = {name: cost_expression(network, name, asked.device, asked.data_type) for name in dict.fromkeys(names)}
    exceeds = tuple(each for each in kept if costs[each.cost] > each.limit)
    numbers = {name: value for name, value in parameters.items() if not isinstance(value, (str, bool))}
    (objective,) = replace(asked, costs=()).expressions(network, numbers)
    return Candidate(parameters, costs, objective, exceeds)
