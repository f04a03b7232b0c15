"""The true optimum of objectives that add up over the stages of `staged`, by dynamic programming.

Independent of the search and of evaluation by parts: costs of stages are differences of whole networks' costs, counted
with numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from costmodel import symbols, vectorize, zoo

Array = NDArray[np.float64]
WIDTHS = np.arange(8, 417, 8, dtype=np.float64)
BASE = 8.0
"""The width of all stages but those that are looked at."""


@cache
def _pairs(cost: str) -> tuple[float, list[Array], list[Array]]:
    """What a network of equal narrow stages costs, and what each stage and each pair of neighbours adds to it.

    A network's cost is a sum of functions of one stage's width, or of two neighbours'; so it is c + sum f_i(w_i) + sum
    g_i(w_i, w_i+1), with f and g differences from the network in which all others are narrow.
    """
    names = " ".join(f"w{stage}" for stage in range(1, 8))
    network = zoo.find("staged")(**dict(zip(names.split(), symbols(names), strict=True)))
    expression = network.latency("pixel-1").latency_s if cost == "latency_s" else getattr(network.cost(), cost)
    whole = vectorize(expression, names)

    def at(**widths: Array) -> Array:
        return whole(*(widths.get(f"w{stage}", np.float64(BASE)) for stage in range(1, 8)))

    base = float(at())
    single = [at(**{f"w{stage}": WIDTHS}) - base for stage in range(1, 8)]
    pairs = []
    for stage in range(1, 7):
        both = at(**{f"w{stage}": WIDTHS[:, None], f"w{stage + 1}": WIDTHS[None, :]})
        pairs.append(both - base - single[stage - 1][:, None] - single[stage][None, :])
    return base, single, pairs


@cache
def best_additive(cost: str, limit: float, worth: Callable[[Array], Array], cells: int = 3000) -> float:
    """An upper bound of max sum worth(w_i) under cost <= limit, at most a thousandth above it.

    Budgets are spent in cells, each stage's cost rounded down: so no network within budget is left out.
    """
    base, single, pairs = _pairs(cost)
    cell = (limit - base) / cells
    gains = worth(WIDTHS)
    count = len(WIDTHS)
    table = np.full((count, cells + 1), -np.inf)
    for place in range(count):
        spent = int(np.floor(single[0][place] / cell))
        if spent <= cells:
            table[place, spent:] = gains[place]
    for stage in range(1, 7):
        after = np.full_like(table, -np.inf)
        for place in range(count):
            spent = np.floor((single[stage][place] + pairs[stage - 1][:, place]) / cell).astype(int)
            for before in np.flatnonzero(spent <= cells):
                shift = max(int(spent[before]), 0)
                np.maximum(
                    after[place, shift:], table[before, : cells + 1 - shift] + gains[place], out=after[place, shift:]
                )
        table = after
    return float(table.max())
