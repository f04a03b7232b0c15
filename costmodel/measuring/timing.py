"""Timing: a run repeated until the spread of its times is known."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from costmodel.errors import SpecError

CONFIDENCE: Final = 0.9
"""The probability that the interval around a median holds the true one."""
_Z: Final = 1.6448536269514722
"""The quantile of the normal distribution at (1 + CONFIDENCE) / 2."""
_GROWTH: Final = 1.2
"""The spread is looked at again after so many times as many runs: sorting must not cost more than running."""


class Clocks(NamedTuple):
    """What tells the time: nanoseconds on the wall, and of the processor in this process."""

    wall_ns: Callable[[], int] = time.perf_counter_ns
    processor_ns: Callable[[], int] = time.process_time_ns


class StoppingRule(NamedTuple):
    """When enough runs were timed.

    Runs are repeated until all of this holds: `min_runs` are timed, they took `min_s`, and the 90 % interval of the
    median reaches at most `spread` of the median to either side. After `max_s` no run is begun, however wide the
    spread, once there are three. Before, `warm_up_s` are run untimed, one run at least.
    """

    spread: float = 0.02
    min_runs: int = 10
    min_s: float = 0.2
    max_s: float = 10.0
    warm_up_s: float = 0.2

    def checked(self) -> StoppingRule:
        """The rule itself; raises `SpecError` where a number makes no sense."""
        if not 0 < self.spread < 1:
            raise SpecError(f"'spread' must lie between 0 and 1, such as 0.02 for 2 % (got {self.spread:g})")
        if not 0 < self.max_s <= 86_400:
            raise SpecError(f"'max_s' must be a number of seconds above 0, a day at most (got {self.max_s:g})")
        if not LEAST_RUNS <= self.min_runs <= MOST_RUNS:
            raise SpecError(f"'min_runs' must lie between {LEAST_RUNS} and {MOST_RUNS} (got {self.min_runs})")
        return self


MOST_RUNS: Final = 1_000_000
LEAST_RUNS: Final = 3


class Timing(NamedTuple):
    """Times of equal runs, in seconds: quartiles, and how well the median is known."""

    runs: int
    min_s: float
    quartile_1_s: float
    median_s: float
    quartile_3_s: float
    spread: float
    """Half the 90 % interval of the median, as a fraction of the median."""
    processor_s: float
    """Mean time of the processor in one run, all threads together: less than the wall's where another process ran."""


def repeat(run: Callable[[], object], rule: StoppingRule | None = None, clocks: Clocks | None = None) -> Timing:
    """Warm up, then time runs until the rule is met.

    The median and its distribution-free interval, rather than mean and deviation, because times are skewed: what
    disturbs a run only makes it longer. Source: Hoefler and Belli, Scientific Benchmarking of Parallel Computing
    Systems, SC 2015, rules 6 and 9.

    >>> repeat(lambda: sum(range(1000)), StoppingRule(max_s=0.01, min_s=0.001)).runs >= 3
    True
    """
    rule = (rule or StoppingRule()).checked()
    wall_ns, processor_ns = clocks or Clocks()
    _warm_up(run, rule, wall_ns)
    times: list[int] = []
    look_at = rule.min_runs
    processor_begin, begin = processor_ns(), wall_ns()
    while True:
        before = wall_ns()
        run()
        after = wall_ns()
        times.append(after - before)
        elapsed_s = (after - begin) / 1e9
        if len(times) >= MOST_RUNS or (elapsed_s >= rule.max_s and len(times) >= LEAST_RUNS):
            break
        if len(times) >= look_at and elapsed_s >= rule.min_s:
            if median_spread(times) <= rule.spread:
                break
            look_at = math.ceil(len(times) * _GROWTH)
    return summarize(times, (processor_ns() - processor_begin) / 1e9)


def _warm_up(run: Callable[[], object], rule: StoppingRule, wall_ns: Callable[[], int]) -> None:
    """Run untimed: caches fill, memory is allocated, the clock rate rises."""
    begin = wall_ns()
    run()
    while (wall_ns() - begin) / 1e9 < rule.warm_up_s:
        run()


def summarize(times_ns: Sequence[int], processor_s: float = 0.0) -> Timing:
    """The quartiles of times in nanoseconds.

    >>> summarize([3_000_000, 1_000_000, 2_000_000]).median_s
    0.002
    """
    ordered = sorted(times_ns)
    quartile_1, median, quartile_3 = (_quantile(ordered, part) / 1e9 for part in (0.25, 0.5, 0.75))
    return Timing(
        runs=len(ordered),
        min_s=ordered[0] / 1e9,
        quartile_1_s=quartile_1,
        median_s=median,
        quartile_3_s=quartile_3,
        spread=median_spread(times_ns),
        processor_s=processor_s / len(ordered),
    )


def median_spread(times: Sequence[float]) -> float:
    """Half the 90 % interval of the median as a fraction of it: infinite for fewer than seven times.

    The interval lies between the order statistics floor((n - z sqrt(n)) / 2) and ceil(1 + (n + z sqrt(n)) / 2), counted
    from 1, of which the binomial distribution says how often they enclose the median, whatever the times'. Source: Le
    Boudec, Performance Evaluation of Computer and Communication Systems, 2010, theorem 2.1.

    >>> median_spread([1.0] * 10), median_spread([1.0])
    (0.0, inf)
    """
    count = len(times)
    half = _Z * math.sqrt(count)
    low, high = math.floor((count - half) / 2), math.ceil(1 + (count + half) / 2)
    if low < 1 or high > count:
        return math.inf
    ordered = sorted(times)
    median = _quantile(ordered, 0.5)
    return (ordered[high - 1] - ordered[low - 1]) / (2 * median) if median else 0.0


def _quantile(ordered: Sequence[float], part: float) -> float:
    """The quantile between the two nearest of ordered numbers."""
    place = part * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
