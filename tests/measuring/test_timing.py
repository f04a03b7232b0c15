"""Repeating until the spread is known, on clocks that only the runs move."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from statistics import median, quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import SpecError
from costmodel.measuring.timing import StoppingRule, median_spread, repeat, summarize
from tests.measuring.clocks import Simulated

TIMES = st.lists(st.integers(1, 10**9), min_size=1, max_size=200)
NO_WARM_UP = StoppingRule(warm_up_s=0)


class TestStoppingRule:
    """When enough runs were timed."""

    def test_equal_times_stop_at_the_shortest_that_the_rule_allows(self) -> None:
        run = Simulated([0.001])
        timing = repeat(run, NO_WARM_UP._replace(min_s=0.2), run.clocks)
        assert timing.runs == 200
        assert timing.spread == 0

    def test_a_slow_run_is_timed_as_often_as_the_rule_says(self) -> None:
        run = Simulated([0.5])
        assert repeat(run, NO_WARM_UP, run.clocks).runs == 10

    def test_a_very_slow_run_is_timed_three_times_whatever_it_takes(self) -> None:
        run = Simulated([60.0])
        assert repeat(run, NO_WARM_UP, run.clocks).runs == 3

    def test_the_time_that_is_given_ends_runs_that_never_agree(self) -> None:
        run = Simulated([0.010, 0.030])
        timing = repeat(run, NO_WARM_UP._replace(max_s=2.0), run.clocks)
        assert timing.spread > 0.02
        assert run.now_ns == pytest.approx(2e9, abs=0.04e9)

    @given(st.integers(0, 2**32), st.floats(0.01, 0.2))
    def test_stops_when_the_median_is_known_to_the_spread(self, seed: int, spread: float) -> None:
        noise = random.Random(seed)  # noqa: S311 - no secret
        run = Simulated([0.001 * (1 + noise.expovariate(5)) for _ in range(100_000)])
        rule = NO_WARM_UP._replace(spread=spread, max_s=1000.0)
        assert repeat(run, rule, run.clocks).spread <= spread

    def test_a_wider_spread_takes_no_more_runs(self) -> None:
        noise = random.Random(1)  # noqa: S311 - no secret
        times = [0.001 * (1 + noise.expovariate(2)) for _ in range(100_000)]
        counts = []
        for spread in (0.005, 0.01, 0.02, 0.05, 0.1):
            run = Simulated(times)
            rule = NO_WARM_UP._replace(spread=spread, min_s=0, max_s=1000.0)
            counts.append(repeat(run, rule, run.clocks).runs)
        assert all(first >= second for first, second in pairwise(counts))
        assert counts[0] > counts[-1]

    def test_warming_up_is_not_timed(self) -> None:
        run = Simulated([1.0, *[0.001] * 1_000_000])
        timing = repeat(run, StoppingRule(warm_up_s=0.5), run.clocks)
        assert timing.median_s == 0.001
        assert run.runs == timing.runs + 1

    def test_time_in_which_others_ran_is_seen(self) -> None:
        run = Simulated([0.002], busy=0.25)
        timing = repeat(run, NO_WARM_UP, run.clocks)
        assert timing.processor_s == pytest.approx(0.0005)

    @pytest.mark.parametrize(
        ("rule", "sentence"),
        [
            (StoppingRule(spread=0), "'spread' must lie between 0 and 1"),
            (StoppingRule(spread=math.nan), "'spread' must lie between 0 and 1"),
            (StoppingRule(max_s=0), "'max_s' must be a number of seconds above 0"),
            (StoppingRule(max_s=math.inf), "'max_s' must be a number of seconds above 0"),
            (StoppingRule(min_runs=2), "'min_runs' must lie between 3 and"),
        ],
    )
    def test_a_rule_that_makes_no_sense_is_refused(self, rule: StoppingRule, sentence: str) -> None:
        with pytest.raises(SpecError, match=sentence):
            repeat(lambda: None, rule)


class TestSummary:
    """Quartiles and the spread of the median."""

    @given(TIMES)
    def test_quartiles_are_in_order_and_the_median_is_the_usual_one(self, times: list[int]) -> None:
        timing = summarize(times)
        assert timing.min_s == min(times) / 1e9
        assert timing.min_s <= timing.quartile_1_s <= timing.median_s <= timing.quartile_3_s <= max(times) / 1e9
        assert timing.median_s == pytest.approx(median(times) / 1e9)

    @given(st.lists(st.integers(1, 10**9), min_size=2, max_size=200))
    def test_quartiles_are_those_of_the_standard_library(self, times: list[int]) -> None:
        first, _, third = quantiles(times, n=4, method="inclusive")
        timing = summarize(times)
        assert (timing.quartile_1_s, timing.quartile_3_s) == pytest.approx((first / 1e9, third / 1e9))

    @given(TIMES, st.integers(2, 1000))
    def test_the_spread_is_relative(self, times: list[int], factor: int) -> None:
        assert median_spread([factor * each for each in times]) == pytest.approx(median_spread(times))

    @pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
    def test_few_times_say_nothing_about_the_median(self, count: int) -> None:
        assert median_spread([1.0] * count) == math.inf

    def test_the_interval_holds_the_median_as_often_as_it_says(self) -> None:
        """For any continuous distribution, here an exponential one, whose median is log 2."""
        noise = random.Random(0)  # noqa: S311 - no secret
        inside = 0
        for _ in range(2000):
            times = sorted(noise.expovariate(1) for _ in range(25))
            half = 1.6448536 * 5
            low, high = math.floor((25 - half) / 2), math.ceil(1 + (25 + half) / 2)
            inside += times[low - 1] <= math.log(2) <= times[high - 1]
            width = (times[high - 1] - times[low - 1]) / (2 * times[12])
            assert median_spread(times) == pytest.approx(width)
        assert inside >= 0.9 * 2000
