"""Pareto fronts in one go."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import costmodel as cm
from costmodel.errors import SizingError
from costmodel.sizing.fronts import pareto
from costmodel.sizing.fronts.pareto import pareto_front
from tests.sizing.fronts.fronts import by_definition, random_set

POINTS = st.integers(1, 5).flatmap(
    lambda costs: st.lists(st.lists(st.integers(0, 4), min_size=costs, max_size=costs), min_size=1, max_size=60)
)


class TestFront:
    @pytest.mark.parametrize("block", range(10))
    def test_of_a_thousand_random_sets_is_what_the_definition_says(
        self, block: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for seed in range(100 * block, 100 * block + 100):
            monkeypatch.setattr(pareto, "PAIRS", 1 << 14 if seed % 4 else 4)
            costs, maximize = random_set(seed)
            assert pareto_front(costs, maximize).tolist() == by_definition(costs, maximize), seed

    @given(POINTS)
    def test_of_small_integers_is_what_the_definition_says(self, points: list[list[int]]) -> None:
        costs = np.array(points, dtype=np.float64).T
        assert pareto_front(costs).tolist() == by_definition(costs, [False] * len(costs))

    @pytest.mark.parametrize("objectives", [3, 5])
    def test_of_many_points_holds_what_covers_all_others_and_not_each_other(self, objectives: int) -> None:
        costs = np.random.default_rng(7).gamma(1.0, size=(objectives, 30_000))
        front = pareto_front(costs)
        kept = costs[:, front]
        for index in range(front.size):
            assert not ((kept <= kept[:, [index]]).all(axis=0) & (kept < kept[:, [index]]).any(axis=0)).any()
        for start in range(0, costs.shape[1], 1000):
            part = costs[:, start : start + 1000]
            assert (kept[:, :, None] <= part[:, None, :]).all(axis=0).any(axis=0).all()

    def test_of_points_on_a_plane_is_all_of_them(self) -> None:
        first, second = np.random.default_rng(8).random((2, 5000))
        assert pareto_front([first, second, -first - second]).size == 5000

    def test_does_not_depend_on_the_order_of_points_or_costs(self) -> None:
        costs = np.random.default_rng(9).integers(0, 50, (4, 3000)).astype(np.float64)
        order = np.random.default_rng(10).permutation(3000)
        front = set(pareto_front(costs).tolist())
        assert {int(order[index]) for index in pareto_front(costs[::-1, order])} == front

    def test_of_no_point_is_empty(self) -> None:
        assert pareto_front(np.empty((2, 0))).tolist() == []
        assert pareto_front([[np.nan], [1.0]]).tolist() == []

    def test_is_a_public_name(self) -> None:
        assert cm.pareto_front is pareto_front


class TestRefusals:
    def test_names_the_shape_that_is_no_table(self) -> None:
        with pytest.raises(SizingError, match=r"a row for each cost, .* \(got the shape \(3,\)\)"):
            pareto_front([1.0, 2.0, 3.0])

    @pytest.mark.parametrize("costs", [[[1.0, 2.0], [1.0]], [["few", "many"]], [[10**400]]])
    def test_names_what_is_no_number(self, costs: list[list[float]]) -> None:
        with pytest.raises(SizingError, match="costs must be rows of as many numbers each"):
            pareto_front(costs)

    def test_wants_a_direction_for_every_cost(self) -> None:
        with pytest.raises(SizingError, match=r"for each of 2 costs \(got 1\)"):
            pareto_front([[1.0], [2.0]], maximize=[True])
