"""Search beside Optuna's samplers in the same number of evaluations, and beside the true optimum.

The spaces have 10^12 configurations and more. The optimum of an objective that adds up over stages is found by dynamic
programming (`tests/sizing/searches/stage_programs.py`), and bounds it from above.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import optuna
import pytest

from costmodel.algebra.arrays import Array
from costmodel.sizing import search
from costmodel.sizing.searches.objective import Columns
from costmodel.sizing.searches.places import evaluator
from costmodel.sizing.spaces.costs import question
from costmodel.sizing.spaces.space import space
from tests.sizing.searches.stage_programs import best_additive

from .conftest import Report

WIDTHS = {f"w{stage}": "8:416:8" for stage in range(1, 8)}
CHOICES = {
    **{f"w{stage}": "16:320:16" for stage in range(1, 8)},
    **{f"d{stage}": "1:4" for stage in range(1, 8)},
    **{f"k{stage}": "3,5,7" for stage in range(1, 8)},
    **{f"e{stage}": "1,3,4,6" for stage in range(1, 8)},
    **{f"t{stage}": "inverted,fused,separable,conv" for stage in range(1, 8)},
}
SEEDS = 20
BLOCKS = {"inverted": 0.3, "fused": 0.5, "separable": 0.0, "conv": 0.2}


def in_every_stage(worth: Callable[[Array], Array]) -> Callable[[Columns], Array]:
    return lambda columns: np.sum([worth(columns[name]) for name in WIDTHS], axis=0)


def saturating(width: Array) -> Array:
    found: Array = 1 - np.exp(-width / 60)
    return found


def capacity(columns: Columns) -> Array:
    total = np.zeros(len(columns["w1"]))
    for stage in range(1, 8):
        width, blocks, kernel, expansion, block = (columns[f"{letter}{stage}"] for letter in "wdket")
        expands = np.array([each in {"inverted", "fused"} for each in block])
        total += np.log(width) + 0.6 * np.log(blocks) + 0.05 * kernel + 0.4 * np.log(expansion) * expands
        total += np.array([BLOCKS[each] for each in block])
    return total


class Problem(NamedTuple):
    name: str
    over: dict[str, str]
    goal: str | Callable[[Columns], Array]
    limit_s: float
    optimum: Callable[[], float] | None = None


PROBLEMS = [
    Problem(
        "sum of log widths, 40 ms",
        WIDTHS,
        in_every_stage(np.log),
        0.04,
        lambda: best_additive("latency_s", 0.04, np.log),
    ),
    Problem(
        "sum of log widths, 80 ms",
        WIDTHS,
        in_every_stage(np.log),
        0.08,
        lambda: best_additive("latency_s", 0.08, np.log),
    ),
    Problem(
        "sum of square roots, 60 ms",
        WIDTHS,
        in_every_stage(np.sqrt),
        0.06,
        lambda: best_additive("latency_s", 0.06, np.sqrt),
    ),
    Problem(
        "saturating widths, 80 ms",
        WIDTHS,
        in_every_stage(saturating),
        0.08,
        lambda: best_additive("latency_s", 0.08, saturating),
    ),
    Problem("parameters, 80 ms", WIDTHS, "params", 0.08),
    Problem("multiply-accumulates, 80 ms", WIDTHS, "macs", 0.08),
    Problem("capacity of all choices, 100 ms", CHOICES, capacity, 0.1),
]


def ours(problem: Problem, evaluations: int, seed: int) -> float:
    found = search(
        "staged", problem.over, maximize=problem.goal, max_latency_s=problem.limit_s, device="pixel-1",
        evaluations=evaluations, seed=seed,
    )  # fmt: skip
    return float(found.answer.objective)


def optunas(problem: Problem, evaluations: int, sampler: Any) -> float:
    """The best that a sampler of Optuna's finds, asked for ten at a time; -inf where nothing keeps the budget."""
    chosen = space("staged", problem.over, most=float("inf"))
    needed = ("latency_s", "macs", "params")
    evaluate = evaluator(chosen, question(needed, device="pixel-1"))
    study = optuna.create_study(direction="maximize", sampler=sampler)
    distributions = {
        each.name: optuna.distributions.IntDistribution(0, each.size - 1)
        if each.is_numeric
        else optuna.distributions.CategoricalDistribution(list(range(each.size)))
        for each in chosen.axes
    }
    best = -np.inf
    for _ in range(0, evaluations, 10):
        trials = [study.ask(distributions) for _ in range(10)]
        places = np.array([[trial.params[each.name] for each in chosen.axes] for trial in trials])
        columns = {each.name: each.settings(places[:, axis]) for axis, each in enumerate(chosen.axes)}
        columns |= dict(zip(needed, evaluate(places), strict=True))
        values = columns[problem.goal] if isinstance(problem.goal, str) else problem.goal(columns)
        for trial, value, latency_s in zip(trials, values.tolist(), columns["latency_s"].tolist(), strict=True):
            trial.set_constraint("latency_s", latency_s / problem.limit_s - 1)
            study.tell(trial, value)
            best = max(best, value) if latency_s <= problem.limit_s else best
    return best


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def bench_search_beside_random_sampling(report: Report, problem: Problem) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    found = [ours(problem, 200, seed) for seed in range(SEEDS)]
    sampled = [optunas(problem, 200, optuna.samplers.RandomSampler(seed=seed)) for seed in range(SEEDS)]
    won = sum(mine >= other for mine, other in zip(found, sampled, strict=True))
    report.at_least(f"{problem.name}: seeds of {SEEDS} at least random sampling, 200 each", won, 19, "")
    longer = [ours(problem, 1000, seed) for seed in range(3)]
    best = problem.optimum() if problem.optimum else max(*found, *longer)
    what = "the true optimum" if problem.optimum else "the best known"
    report.note(f"  200 evaluations, median of {SEEDS} seeds beside {what}", float(np.median(found)) / best, "")
    report.at_least(f"  1,000 evaluations, worst of 3 seeds beside {what}", min(longer) / best, 0.99, "")
    others = {
        "TPE": optuna.samplers.TPESampler(seed=0),
        "NSGA-II": optuna.samplers.NSGAIISampler(seed=0),
    }
    for name, sampler in others.items():
        report.note(f"  200 evaluations of Optuna's {name}", optunas(problem, 200, sampler) / best, "")
    report.note("  200 evaluations of Optuna's random sampling, best seed", max(sampled) / best, "")


@pytest.mark.parametrize("over", [WIDTHS, CHOICES], ids=["widths", "all choices"])
def bench_evaluation_by_parts(report: Report, over: dict[str, str]) -> None:
    chosen = space("staged", over, most=float("inf"))
    evaluate = evaluator(chosen, question(("macs", "params", "latency_s"), device="pixel-1"))
    generator = np.random.default_rng(0)
    places = np.stack([generator.integers(0, each.size, 200_000) for each in chosen.axes], axis=1)
    evaluate(places)
    start = perf_counter()
    evaluate(places)
    speed = len(places) / (perf_counter() - start)
    name = "widths" if over is WIDTHS else "all choices"
    report.at_least(f"MACs, parameters and latency by parts, {name}", speed / 1e3, 50, "k/s")
