"""A cost over two parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from numpy.typing import NDArray

from costmodel.errors import SizingError, UnknownNameError
from costmodel.report.pictures import contours
from costmodel.sizing import compile_space
from tests.report.pictures.looking import problems


@dataclass
class Plane:
    """cost = 3 x + y over a grid, NaN where y is 0; and a second cost that is x."""

    columns: int = 40
    lines: int = 30
    name: str = "plane"
    costs: tuple[str, ...] = ("macs", "params")
    parameters: tuple[str, ...] = ("x", "y")

    @property
    def size(self) -> int:
        return self.columns * self.lines

    def evaluate(self, start: int, stop: int) -> NDArray[np.float64]:
        settings = self.settings(np.arange(start, stop))
        found = np.array([3 * settings["x"] + settings["y"], settings["x"]])
        found[:, settings["y"] == 0] = np.nan
        return found

    def settings(self, rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        return {"x": rows // self.lines + 1.0, "y": rows % self.lines * 1.0}


def sets(figure: Figure) -> list[QuadContourSet]:
    return [each for each in figure.axes[0].collections if isinstance(each, QuadContourSet)]


class TestBudgets:
    def test_are_lines_on_which_the_cost_equals_the_budget(self) -> None:
        figure = contours(Plane(), "macs", {"macs": 60.0, "params": 20.5})
        filled, macs, params, _ = sets(figure)
        assert (list(macs.levels), list(params.levels)) == ([60.0], [20.5])
        x, y = np.concatenate([path.vertices for path in macs.get_paths()]).T
        np.testing.assert_allclose(3 * x + y, 60)
        np.testing.assert_allclose(np.concatenate([path.vertices for path in params.get_paths()])[:, 0], 20.5)
        assert min(filled.levels) <= 4
        assert max(filled.levels) >= 149

    def test_hatch_what_exceeds_one(self) -> None:
        *_, hatched = sets(contours(Plane(), "macs", {"macs": 60.0}))
        x, y = np.concatenate([path.vertices for path in hatched.get_paths()]).T
        assert (3 * x + y >= 60 - 1e-9).all()
        assert y.min() == 1, "where y is 0, nothing can be built"

    @pytest.mark.parametrize(("limit", "text"), [(1e6, "1 M MACs (met everywhere)"), (1.0, "1 MACs (met nowhere)")])
    def test_that_no_line_can_show_are_said(self, limit: float, text: str) -> None:
        figure = contours(Plane(), "macs", {"macs": limit})
        legend = figure.axes[0].get_legend()
        assert legend is not None
        assert legend.get_texts()[0].get_text() == f"budget: {text}"
        assert problems(figure) == []

    def test_of_real_networks_pass_between_those_that_keep_them_and_the_others(self) -> None:
        space = compile_space(
            "mobilenet_v2",
            {"width": "0.35:1.4:0.05", "resolution": "96:288:32"},
            ("macs", "latency_s"),
            device="pixel-1",
        )
        figure = contours(space, "macs", {"macs": 300e6, "latency_s": 0.05})
        legend = figure.axes[0].get_legend()
        assert legend is not None
        assert [each.get_text() for each in legend.get_texts()] == [
            "budget: 300 M MACs",
            "budget: 50 ms latency",
            "over a budget",
        ]
        assert problems(figure) == []


class TestAxes:
    def test_say_what_they_show(self) -> None:
        space = compile_space("mobilenet_v1", {"width": "0.25:1:0.25", "resolution": "128:224:32"}, ("macs",))
        figure = contours(space, "macs")
        axes, bar = figure.axes
        labels = (axes.get_xlabel(), axes.get_ylabel(), bar.get_ylabel())
        assert labels == ("width multiplier", "resolution (pixels)", "MACs (multiply-accumulates)")
        assert axes.get_xticks().tolist() == [0.25, 0.5, 0.75, 1.0]
        assert axes.get_yticks().tolist() == [128, 160, 192, 224]
        assert problems(figure) == []


class TestRefusals:
    def test_of_a_cost_that_is_not_there(self) -> None:
        with pytest.raises(UnknownNameError, match="no cost of plane named 'mac'; the nearest are macs"):
            contours(Plane(), "mac")
        with pytest.raises(UnknownNameError, match="latency_s"):
            contours(Plane(), "macs", {"latency_s": 0.1})

    @pytest.mark.parametrize("limit", [0.0, -1.0, float("nan"), float("inf")])
    def test_of_a_budget_that_is_no_positive_number(self, limit: float) -> None:
        with pytest.raises(SizingError, match="the budget of macs must be a positive number"):
            contours(Plane(), "macs", {"macs": limit})

    def test_of_other_than_two_parameters(self) -> None:
        with pytest.raises(SizingError, match=r"two parameters that take several numbers, and no third \(got y\)"):
            contours(Plane(columns=1), "macs")
        three = compile_space("mobilenet_v1", {"width": "0.5,1", "resolution": "128,160", "batch": "1,2"}, ("macs",))
        with pytest.raises(SizingError, match="got width, resolution, batch"):
            contours(three, "macs")

    def test_of_choices(self) -> None:
        space = compile_space("resnet", {"stride_in": "3x3,1x1", "resolution": "128,160"}, ("macs",))
        with pytest.raises(SizingError, match="two parameters that take several numbers"):
            contours(space, "macs")

    def test_of_a_cost_that_is_the_same_everywhere(self) -> None:
        space = compile_space("mobilenet_v1", {"batch": "1,2", "resolution": "128,160"}, ("params",))
        with pytest.raises(SizingError, match="params is the same everywhere"):
            contours(space, "params")

    def test_of_too_many_configurations(self) -> None:
        with pytest.raises(SizingError, match="a picture of 9,000,000 networks shows no more than one of 4,000,000"):
            contours(Plane(3000, 3000), "macs")
