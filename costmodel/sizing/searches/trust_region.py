"""Which configurations to evaluate next: a trust region around the best one, and samples of what may be there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from costmodel.algebra.arrays import Array
from costmodel.sizing.searches.grid import Grid
from costmodel.sizing.searches.history import History, Key, Places, joined
from costmodel.sizing.searches.surrogate import Kernel, Surrogate
from costmodel.sizing.spaces.axes import Axis

FIRST: Final = 0.25
"""Steps along an axis are normal; in a region's beginning this part of the axis is their deviation."""
WIDEST: Final = 0.5
NARROWEST: Final = 0.06
NEAREST, BEST = 97, 30
"""The surrogate learns from so many evaluated configurations, the nearest to the region's centre and the best.

Together fewer than 128: larger matrices are factored by several threads, which wait for each other wherever a processor
has other work, and take a hundred times as long. Three for each feature where that is more.
"""
MOST_NEAREST: Final = 250
CANDIDATES: Final = 127
"""Configurations that samples are drawn for."""
REFIT: Final = 4
"""Batches between two choices of the surrogate's kernels."""
ENUMERABLE: Final = 100_000
"""A space of at most so many configurations is enumerated where proposals find none that is new."""


def batches(evaluations: int) -> Iterator[tuple[int, int]]:
    """(start, stop) of each batch that begins before `evaluations`: 8 at a time, later 16 and 32."""
    start = 0
    while start < evaluations:
        stop = start + (8 if start < 200 else 16 if start < 1000 else 32)
        yield start, stop
        start = stop


class Region(NamedTuple):
    """Where a search is: the configurations from `start` on count, and steps have this scale.

    Two batches in a row that find a better one widen it by half, three that do not narrow it; where it is at its
    narrowest, another begins. Every second one begins anew elsewhere, those between go on from the best of all. Source:
    Eriksson and Poloczek, Scalable Constrained Bayesian Optimization, arXiv 2002.08526, section 3.
    """

    start: int = 0
    scale: float = FIRST
    best: Key = (np.inf, np.inf)
    won: int = 0
    lost: int = 0
    number: int = 0

    def after(self, found: Key, evaluated: int, best_of_all: Key) -> Region:
        """The region after a batch whose best configuration has this key."""
        won, lost = (self.won + 1, 0) if found < self.best else (0, self.lost + 1)
        scale = self.scale
        if won == 2:
            scale, won = min(WIDEST, 1.5 * scale), 0
        if lost == 3:
            scale, lost = scale / 1.6, 0
        if scale >= NARROWEST:
            return Region(self.start, scale, min(self.best, found), won, lost, self.number)
        number = self.number + 1
        return Region(evaluated, number=number) if number % 2 else Region(best=best_of_all, number=number)


class TrustRegion:
    """Proposes batches of configurations that were not evaluated yet, from what was.

    A batch depends on the seed and on what was told before alone, so that a search that was interrupted goes on as if
    it had not been.
    """

    def __init__(self, axes: Sequence[Axis], budgets: int, seed: int) -> None:
        self._grid = Grid(axes)
        self._seed = seed
        self._told = 0
        self._region = Region()
        self._kernels: Sequence[Kernel] | None = None
        self._known: set[bytes] = set()
        self.history = History.empty(len(axes), budgets)

    def propose(self, count: int) -> Places:
        """At most `count` new configurations; fewer only where the space has no more."""
        generator = np.random.default_rng([self._seed, len(self.history.places)])
        found = self._sampled(count, generator) if self._known else self._first(count, generator)
        found = self._new(found)
        return found if len(found) == count else self._filled(found, count, generator)

    def tell(self, batch: History) -> None:
        """What a whole batch of `batches` has shown."""
        self.history = joined(self.history, batch)
        self._known.update(map(np.ndarray.tobytes, np.ascontiguousarray(batch.places, dtype=np.int64)))
        found = batch.key(int(batch.best_first()[0]))
        best = self.history.key(int(self.history.best_first()[0]))
        self._region = self._region.after(found, len(self.history.places), best)
        if self._told % REFIT == 0:
            self._kernels = self._surrogate(None).kernels
        self._told += 1

    def _first(self, count: int, generator: np.random.Generator) -> Places:
        """Configurations on the line from the smallest to the largest, and random ones, larger and smaller."""
        places = self._grid.uniform(count, generator)
        line = (count + 1) // 2
        places[:line] = np.where(self._grid.is_ordered, self._grid.sizes - 1, places[:line])
        return self._grid.shrunk(places, np.concatenate([np.arange(line) / line, generator.random(count - line)]))

    def _new(self, places: Places) -> Places:
        """Those that were not evaluated, each once."""
        each = {row.tobytes(): row for row in np.ascontiguousarray(places, dtype=np.int64)}
        kept = [row for key, row in each.items() if key not in self._known]
        return np.array(kept, dtype=np.int64).reshape(len(kept), len(self._grid.sizes))

    def _filled(self, found: Places, count: int, generator: np.random.Generator) -> Places:
        """These, and as many random ones as are missing."""
        for _ in range(20):
            found = self._new(np.concatenate([found, self._grid.uniform(2 * count, generator)]))[:count]
            if len(found) == count:
                return found
        if self._grid.size <= ENUMERABLE:
            everything = np.array(list(product(*map(range, self._grid.sizes))), dtype=np.int64)
            found = self._new(np.concatenate([found, everything]))[:count]
        return found

    def _sampled(self, count: int, generator: np.random.Generator) -> Places:
        """Thompson sampling: the best candidate in each of `count` draws of objective and costs.

        Best is the largest objective within budget, or else the smallest excess (arXiv 2002.08526, section 3.2).
        """
        surrogate = self._surrogate(self._kernels)
        candidates = self._new(self._candidates(surrogate, generator))
        if len(candidates) <= count:
            return candidates
        if not self._is_fresh:
            order = np.argsort(-self._promise(surrogate, candidates), kind="stable")[:100]
            others = generator.integers(0, len(candidates), CANDIDATES - 100)
            candidates = candidates[np.union1d(order, others)]
        drawn = surrogate.samples(self._grid.features(candidates), count, generator)
        excess = np.maximum(drawn[1:], 0.0).max(axis=0, initial=0.0)
        chosen: dict[int, None] = {}
        for draw in range(min(count, len(candidates))):
            order = np.lexsort((-drawn[0, :, draw], excess[:, draw]))
            chosen[next(place for place in order.tolist() if place not in chosen)] = None
        return candidates[list(chosen)]

    def _candidates(self, surrogate: Surrogate, generator: np.random.Generator) -> Places:
        """Configurations in the region that the surrogate finds promising; anywhere, where it begins anew."""
        if self._is_fresh:
            places = self._grid.shrunk(self._grid.uniform(1000, generator), generator.random(1000))
            excess = np.maximum(surrogate.mean(self._grid.features(places))[:, 1:], 0.0).max(axis=1, initial=0.0)
            return places[np.argsort(excess, kind="stable")[:CANDIDATES]]
        elite = self.history.places[self.history.best_first(self._region.start)[:8]]
        parents, found = elite, []
        for part in (1.0, 0.5, 0.3):
            chosen = (generator.random(500) ** 3 * len(parents)).astype(np.int64)
            places = self._grid.moved(parents[chosen], part * self._region.scale, generator)
            found.append(places)
            promising = np.argsort(-self._promise(surrogate, places), kind="stable")[:30]
            parents = np.concatenate([elite[:2], places[promising]])
        return np.concatenate(found)

    @property
    def _is_fresh(self) -> bool:
        """Whether nothing of the region was evaluated yet."""
        return self._region.start == len(self.history.places)

    def _promise(self, surrogate: Surrogate, places: Places) -> Array:
        """The expected objective in deviations, less ten for each unit of the logarithm of what is over budget."""
        mean = surrogate.mean(self._grid.features(places))
        promise: Array = mean[:, 0] / surrogate.spreads[0] - 10 * np.maximum(mean[:, 1:], 0).max(axis=1, initial=0.0)
        return promise

    def _surrogate(self, kernels: Sequence[Kernel] | None) -> Surrogate:
        """Of the objective, and of the logarithm of each cost beside its limit; 0 is the budget."""
        best = self.history.best_first(0 if self._is_fresh else self._region.start)
        features = self._grid.features(self.history.places)
        distances = ((features - features[best[0]]) ** 2).sum(axis=1)
        count = min(MOST_NEAREST, max(NEAREST, 3 * features.shape[1]))
        chosen: NDArray[np.int64] = np.union1d(np.argsort(distances, kind="stable")[:count], best[:BEST])
        return Surrogate(features[chosen], self.history.targets()[chosen], kernels)
