"""The largest configuration of a family that keeps its budgets, and the proof."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import numpy as np

from costmodel.algebra import Dim, parse
from costmodel.errors import ExpressionError, InfeasibleError, SizingError, UnknownNameError
from costmodel.hardware import Profile
from costmodel.network import Network
from costmodel.network.bind import free_symbols
from costmodel.sizing.budgets import Budget, Limit, budgets
from costmodel.sizing.candidates import candidates, is_complete
from costmodel.sizing.choosing import Solver
from costmodel.sizing.sized import OBJECTIVE, Candidate, Sized, candidate
from costmodel.sizing.spaces.axes import value_text
from costmodel.sizing.spaces.compile import compiled
from costmodel.sizing.spaces.compiled import Compiled
from costmodel.sizing.spaces.costs import COSTS, Question, question
from costmodel.sizing.spaces.space import Space, Target, space
from costmodel.zoo import Family, find
from costmodel.zoo.family import Choice

FIRST: Final = 2
"""How many times its default a parameter is tried up to at first; twice that where the end keeps the budgets."""
MOST_TRIED: Final = 2**26
"""Candidates of the program's own choice that are tried."""
REACH: Final = 1000
"""How many values further the next is looked for at which a network can be built."""
USUAL: Final = ("width", "resolution")
"""What is maximized where the user does not say: the first of these that the family has."""


def size(
    target: Target,
    *,
    maximize: str | None = None,
    over: Mapping[str, object] | None = None,
    settings: Mapping[str, Any] | None = None,
    device: str | os.PathLike[str] | Profile | None = None,
    data_type: str = "float32",
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
) -> Sized:
    """The configuration with the largest objective among all that keep every budget.

    `maximize` is a parameter ("width"), or an expression of parameters and costs ("width*resolution", "macs/params");
    without it, the width. `over` gives parameters the values to try ("0.25:1.4:0.05"); one that is maximized without
    values is tried at one value for each network that differs, as far as the budgets let it go. `settings` fixes
    others. Budgets are numbers in SI units or texts with a unit ("20 ms", "4 MB"); `max_memory_bytes` limits the
    network's own peak of activations, `max_ram_bytes` and `max_flash_bytes` what it takes of a device; `limits` has any
    other cost by its name.

    Every candidate is evaluated, with channels rounded as they would be built, and the answer and the next better
    candidate are counted again exactly: the first keeps all budgets, the second does not. Of equally good candidates
    the last counts, in the order of rows.

    Raises `InfeasibleError`, which says how far off the nearest candidate is, and `SizingError`.

    >>> found = size("mobilenet_v1", max_macs=300e6)
    >>> str(found.parameters["width"]), found.costs["macs"], found.next.costs["macs"]
    ('18/25', 299816242, 300711737)
    """
    named = {
        "macs": max_macs, "flops": max_flops, "params": max_params, "activations": max_activations,
        "weight_bytes": max_weight_bytes, "peak_memory_bytes": max_memory_bytes, "ram_bytes": max_ram_bytes,
        "flash_bytes": max_flash_bytes, "latency_s": max_latency_s, "energy_j": max_energy_j,
    }  # fmt: skip
    kept = budgets(named, limits)
    made = find(target) if isinstance(target, str) else target
    if not kept:
        raise SizingError(f"{made.name}: a size needs a budget, such as max_macs=300e6")
    goal = _usual(made, over or {}, settings or {}) if maximize is None else maximize
    asked = question(
        tuple(each.cost for each in kept), scores={OBJECTIVE: goal}, device=device, data_type=data_type,
    )  # fmt: skip
    return _sized(made, dict(over or {}), dict(settings or {}), asked, kept, goal)


def _sized(
    target: Family[Any] | Network,
    over: dict[str, object],
    settings: dict[str, Any],
    asked: Question,
    kept: tuple[Budget, ...],
    goal: str,
) -> Sized:
    """The answer among candidates that reach further until none at their end keeps the budgets."""
    times = dict.fromkeys(_open(target, goal, over, settings), FIRST)
    while True:
        tried = {name: candidates(target, name, reach, settings) for name, reach in times.items()}
        chosen = space(target, {**over, **tried}, settings)
        if times and chosen.size > MOST_TRIED:
            raise SizingError(
                f"{target.name}: {chosen.size:,} candidates may keep the budgets, too many to try (at most"
                f" {MOST_TRIED:,}); give values to try to one of {', '.join(times)}"
            )
        solver = Solver(compiled(chosen, asked), np.array([float(each.limit) for each in kept]))
        ends = [name for name, each in tried.items() if not is_complete(each) and solver.keeps_last(name)]
        if not ends:
            return _solved(chosen, asked, kept, goal, solver)
        times.update((name, 2 * times[name]) for name in ends)


def solve(chosen: Space, asked: Question, kept: tuple[Budget, ...], goal: str) -> Sized:
    """The answer in a space, counted exactly and proved by the next better candidate."""
    solver = Solver(compiled(chosen, asked), np.array([float(each.limit) for each in kept]))
    return _solved(chosen, asked, kept, goal, solver)


def _solved(chosen: Space, asked: Question, kept: tuple[Budget, ...], goal: str, solver: Solver) -> Sized:
    @cache
    def exact(row: int) -> Candidate:
        return candidate(chosen, asked, kept, row)

    while (row := solver.best()) is not None:
        answer = exact(row)
        if not answer.exceeds:
            break
        solver.refused.add(row)
    else:
        raise InfeasibleError(_infeasible(chosen, kept, solver, exact))
    better = solver.next_better(float(solver.table.evaluate(row, row + 1)[-1, 0]))
    return Sized(
        space=chosen,
        question=asked,
        budgets=kept,
        maximize=goal,
        answer=answer,
        next=None if better is None else exact(better),
        larger=tuple(map(exact, _larger(chosen, solver.table, row))),
        candidates=chosen.size,
    )


def _larger(chosen: Space, table: Compiled, row: int) -> list[int]:
    """For each axis the row with its next value at which a network can be built, all else equal."""
    rows, stride = [], chosen.size
    for each in chosen.axes:
        stride //= each.size
        left = each.size - 1 - row // stride % each.size
        tried = (row + stride * steps for steps in range(1, min(left, REACH) + 1))
        found = next((one for one in tried if np.isfinite(table.evaluate(one, one + 1)).all()), None)
        rows += [] if found is None else [found]
    return rows


def _infeasible(chosen: Space, kept: tuple[Budget, ...], solver: Solver, exact: Callable[[int], Candidate]) -> str:
    """How far off the nearest candidate is."""
    row = solver.nearest()
    if row is None:
        return f"{chosen.name}: none of {chosen.size:,} candidates can be built and has what is maximized"
    nearest = exact(row)
    names = ", ".join(f"{name}={value_text(value)}" for name, value in nearest.parameters.items())
    broken = " and ".join(
        f"{_amount(nearest.costs[each.cost])} {each.cost}, {nearest.costs[each.cost] / each.limit:.4g} times its budget"
        for each in nearest.exceeds
    )
    asked = ", ".join(map(str, kept))
    return f"no {chosen.name} of {chosen.size:,} candidates keeps {asked}; the nearest, {names}, takes {broken}"


def _amount(value: Dim) -> str:
    """A cost for a sentence."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def _usual(target: Family[Any] | Network, over: Mapping[str, object], settings: Mapping[str, Any]) -> str:
    """What is maximized where nobody says."""
    if len(over) == 1:
        return next(iter(over))
    known = [name for name in _parameters(target) if name not in settings]
    for name in USUAL if not over else ():
        if name in known:
            return name
    if len(known) == 1:
        return known[0]
    given = ", ".join(over or known) or "none that is not fixed"
    raise SizingError(f"{target.name}: say what to maximize, a parameter or an expression (there are {given})")


def _parameters(target: Family[Any] | Network) -> list[str]:
    return list(target.parameters if isinstance(target, Family) else free_symbols(target))


def _is_number(target: Family[Any] | Network, name: str) -> bool:
    """Whether a parameter's values are numbers, and neither texts nor truth values."""
    kind = target.parameters[name][0] if isinstance(target, Family) else None
    return not isinstance(kind, Choice) or not any(isinstance(each, (str, bool)) for each in kind.values)


def _open(
    target: Family[Any] | Network, goal: str, over: Mapping[str, object], settings: Mapping[str, Any]
) -> list[str]:
    """The parameters to maximize that have no values to try; the usual one where only costs are maximized."""
    try:
        wanted = parse(goal)
    except ExpressionError as problem:
        raise SizingError(f"{target.name}: what to maximize must be an expression: {problem}") from None
    names = sorted(symbol.name for symbol in getattr(wanted, "free_symbols", ()))
    known = _parameters(target)
    for name in names:
        if name not in known and name not in COSTS:
            raise UnknownNameError(f"parameter of {target.name} or cost", name, [*known, *COSTS])
        if name in known and not _is_number(target, name):
            raise SizingError(f"{target.name}: what to maximize must be of numbers, and {name!r} is a choice of words")
    open_names = [name for name in names if name in known and name not in over and name not in settings]
    if not open_names and not over and any(name in settings for name in names):
        raise SizingError(f"{target.name}: all of {goal!r} is fixed; give one of its parameters values to try")
    return open_names or ([] if over else [_usual(target, over, settings)])
