"""Pictures of Pareto fronts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from costmodel.errors import SizingError
from costmodel.report.pictures import pareto
from costmodel.sizing import join_accuracy, pareto_front
from tests.report.pictures.looking import problems

NAMES = [f"network_with_a_long_name_{index}" for index in range(60)]


def random_costs(seed: int, count: int = 60) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    generator = np.random.default_rng(seed)
    return np.stack([10 ** generator.uniform(6, 10, count), generator.uniform(50, 90, count)])


def names(figure: Figure) -> list[str]:
    return [each.get_text() for each in figure.axes[0].texts if isinstance(each, Annotation)]


class TestFront:
    @pytest.mark.parametrize("maximize", [(False, True), (False, False), (True, True), (True, False)])
    def test_is_what_is_marked(self, maximize: tuple[bool, bool]) -> None:
        costs = random_costs(1)
        dominated, _, front = pareto(costs, NAMES, maximize=maximize).axes[0].lines
        expected = pareto_front(costs, maximize)
        np.testing.assert_array_equal(np.sort(np.array(front.get_xdata())), np.sort(costs[0, expected]))
        assert len(np.array(dominated.get_xdata())) == 60 - expected.size

    @pytest.mark.parametrize("maximize", [(False, True), (False, False), (True, True), (True, False)])
    def test_lies_on_the_edge_of_what_it_dominates(self, maximize: tuple[bool, bool]) -> None:
        costs = random_costs(2)
        _, edge, _ = pareto(costs, maximize=maximize).axes[0].lines
        corners = np.array(edge.get_xydata()).T
        signs = np.where(maximize, -1, 1)[:, None]
        inner, points = corners * signs, costs * signs
        assert not (points[:, :, None] < inner[:, None, :]).all(axis=0).any()
        assert (points[:, :, None] <= inner[:, None, :]).all(axis=0).any(axis=0).all()

    def test_members_are_named_and_no_name_covers_another(self) -> None:
        for seed in range(6):
            costs = random_costs(seed)
            figure = pareto(costs, NAMES)
            assert {NAMES[index] for index in pareto_front(costs, (False, True))} <= {*names(figure)}
            assert problems(figure) == []

    def test_of_many_members_is_readable(self) -> None:
        x = np.linspace(0.1, 1, 30)
        assert problems(pareto([1e9 * x, 70 * np.sqrt(x)], NAMES[:30])) == []

    def test_of_the_published_accuracies_names_every_member(self, shared: Path) -> None:
        found = join_accuracy(shared / "reference" / "imagenet_top1.csv").of("IMAGENET1K_V1").rated
        costs = [[each.network().cost().macs for each in found], [each.top1_percent for each in found]]
        figure = pareto(costs, [each.model for each in found], source="torchvision")
        assert {found[index].model for index in pareto_front(costs, (False, True))} <= {*names(figure)}
        assert problems(figure) == []


class TestOddPoints:
    def test_one_alone_is_drawn(self) -> None:
        figure = pareto([[300e6], [71.9]], ["$x_1$ \u6f22 only"])
        assert names(figure) == [r"\$x_1\$ \u6f22 only"]
        assert problems(figure) == []

    def test_without_a_number_are_left_out(self) -> None:
        _, _, front = pareto([[1.0, np.nan, 3.0], [1.0, 9.0, np.inf]], ["a", "b", "c"]).axes[0].lines
        assert np.array(front.get_xdata()).tolist() == [1.0]

    def test_that_are_all_without_a_number_are_refused(self) -> None:
        with pytest.raises(SizingError, match="there is no point to draw: none has a number for both macs and top1"):
            pareto([[np.nan], [1.0]])

    def test_need_a_name_each(self) -> None:
        with pytest.raises(SizingError, match="two costs of points with a name each"):
            pareto([[1.0, 2.0], [1.0, 2.0]], ["one"])

    def test_in_crowds_are_drawn_in_part_and_the_picture_says_so(self) -> None:
        figure = pareto(random_costs(3, 50_000))
        assert "dominated points are drawn" in figure.get_supxlabel().replace("\n", " ")
        assert len(np.array(figure.axes[0].lines[0].get_xdata())) <= 20_000


def test_axes_say_their_units() -> None:
    figure = pareto([[1e6, 1e9], [0.001, 0.1]], x="weight_bytes", y="latency_s", maximize=(False, False))
    axes = figure.axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("weights (bytes)", "latency (seconds)")
    figure.draw_without_rendering()
    assert all(text.get_text().endswith("s") for text in axes.get_yticklabels())
    assert all(text.get_text().endswith("B") for text in axes.get_xticklabels())
