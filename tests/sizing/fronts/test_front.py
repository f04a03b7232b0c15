"""Pareto fronts of blocks."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.errors import SizingError
from costmodel.sizing.fronts import front as front_module
from costmodel.sizing.fronts.front import Front
from costmodel.sizing.fronts.lookup import ordered_bits
from costmodel.sizing.fronts.pareto import pareto_front
from tests.sizing.fronts.fronts import Costs, by_definition, random_set

FLOATS = st.floats(allow_nan=False).map(lambda value: value + 0.0)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a few hundred points take the path of blocks of a million."""
    monkeypatch.setattr(front_module, "CHUNK", 32)
    monkeypatch.setattr(front_module, "STRIDE", 4)
    monkeypatch.setattr(front_module, "WAITING", 16)


def scattered(costs: Costs, maximize: list[bool], seed: int) -> Front:
    """The front of points that went to three processes in random blocks and came back."""
    generator = np.random.default_rng(seed)
    count = costs.shape[1]
    cuts = np.sort(generator.integers(0, count + 1, 4))
    fronts = [Front(len(costs), maximize) for _ in range(3)]
    for start, stop in generator.permutation(np.stack([[0, *cuts], [*cuts, count]], axis=1)):
        rows = generator.permutation(np.arange(start, stop))
        chosen = fronts[generator.integers(3)]
        if generator.random() < 0.5:
            chosen.add(rows, costs[:, rows])
        else:
            chosen.add(int(start), costs[:, start:stop])
    whole: Front = pickle.loads(pickle.dumps(fronts[0]))  # noqa: S301
    for other in fronts[1:]:
        whole.merge(other)
    return whole


@pytest.mark.usefixtures("small_chunks")
class TestBlocks:
    @pytest.mark.parametrize("block", range(10))
    def test_of_a_thousand_random_sets_give_what_the_definition_says(self, block: int) -> None:
        for seed in range(100 * block, 100 * block + 100):
            costs, maximize = random_set(seed)
            front = scattered(costs, maximize, seed)
            wanted = by_definition(costs, maximize)
            assert front.rows.tolist() == wanted, seed
            np.testing.assert_array_equal(front.costs, costs[:, wanted])
            assert len(front) == len(wanted)

    def test_that_come_twice_change_nothing(self) -> None:
        costs, maximize = random_set(7)
        front = Front(len(costs), maximize)
        for _ in range(2):
            front.add(100, costs)
        assert front.rows.tolist() == [100 + row for row in by_definition(costs, maximize)]

    @pytest.mark.parametrize("only", [5.0, -5.0, 0.0, np.inf, -np.inf, 5e-324])
    def test_beyond_a_front_of_one_point_are_compared_exactly(self, only: float) -> None:
        extremes = [-np.inf, -1.7e308, -1.0, -5e-324, 0.0, 5e-324, 1.0, 1.7e308, np.inf]
        firsts, seconds = (axis.ravel() for axis in np.meshgrid(extremes, [-np.inf, -1.0, 0.0, 1.0, np.inf]))
        for index in range(firsts.size):
            front = Front(2)
            front.add(0, [[only], [0.0]])
            front._settle()
            front.add(1, [firsts[[index]], seconds[[index]]])
            costs = np.array([[only, firsts[index]], [0.0, seconds[index]]])
            assert front.rows.tolist() == by_definition(costs, [False, False])

    @pytest.mark.parametrize("maximize", [(False, False), (True, True)])
    @pytest.mark.parametrize("objectives", [2, 3])
    def test_with_a_nan_beside_the_best_are_left_out(self, objectives: int, maximize: tuple[bool, bool]) -> None:
        best = 1e9 if maximize[0] else -1e9
        costs = np.zeros((objectives, objectives + 1))
        for cost in range(objectives):
            costs[:, cost + 1] = best
            costs[cost, cost + 1] = np.nan
        front = Front(objectives, [*maximize, True][:objectives])
        front.add(0, costs[:, :1])
        front._settle()
        front.add(1, costs[:, 1:])
        assert front.rows.tolist() == [0]


class TestManyPoints:
    @pytest.mark.parametrize("order", ["rising", "falling", "mixed"])
    @pytest.mark.parametrize("objectives", [2, 3])
    def test_give_the_front_of_all_in_any_order(self, order: str, objectives: int) -> None:
        generator = np.random.default_rng(3)
        widths, resolutions = generator.random((2, 120_000))
        if order != "mixed":
            widths = np.sort(widths)[:: 1 if order == "rising" else -1]
        score = 1 - 1 / (1 + widths * resolutions)
        costs = np.array([widths**2 * resolutions**2 + widths * resolutions**2, score, widths][:objectives])
        maximize = [False, True, False][:objectives]
        front = Front(objectives, maximize)
        for start in range(0, 120_000, 40_000):
            front.add(start, costs[:, start : start + 40_000])
        np.testing.assert_array_equal(front.rows, pareto_front(costs, maximize))

    def test_whose_first_cost_spans_all_magnitudes_and_signs(self) -> None:
        generator = np.random.default_rng(4)
        first = generator.normal(size=60_000) * 10.0 ** generator.integers(-300, 300, 60_000)
        costs = np.array([first, -np.arctan(first) + 0.01 * generator.random(60_000)])
        front = Front(2)
        front.add(0, costs)
        np.testing.assert_array_equal(front.rows, pareto_front(costs))


class TestOrderedBits:
    @given(FLOATS, FLOATS, st.integers(0, 62))
    def test_are_ordered_as_the_values(self, first: float, second: float, shift: int) -> None:
        bits = ordered_bits(np.array([first, second]), shift)
        assert (bits[0] <= bits[1]) or first > second
        assert shift or (bits[0] < bits[1]) == (first < second)


class TestRefusals:
    def test_names_the_rows_that_there_should_be(self) -> None:
        with pytest.raises(SizingError, match=r"'costs' must have 2 rows \(got an array of shape \(3, 1\)\)"):
            Front(2).add(0, [[1.0], [2.0], [3.0]])
        with pytest.raises(SizingError, match=r"'rows' must number 1 points \(got an array of shape \(2,\)\)"):
            Front(2).add([4, 5], [[1.0], [2.0]])

    def test_does_not_merge_fronts_of_other_costs(self) -> None:
        with pytest.raises(SizingError, match="maximize the same ones"):
            Front(2).merge(Front(2, [False, True]))
