"""Stages and sensitivities as bars."""

from __future__ import annotations

import pytest
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.patches import Rectangle

from costmodel import zoo
from costmodel.errors import SizingError
from costmodel.report.pictures import sensitivity, stages
from costmodel.report.staging import stage_shares
from costmodel.zoo import find
from tests.report.pictures.looking import problems

NETWORKS = (
    "mobilenet_v2", "efficientnet_b0", "nasnet_a_mobile", "densenet201", "vit_b_16", "lenet_300_100", "shufflenet_v1",
)  # fmt: skip


def bars(axes: Axes) -> list[Rectangle]:
    return [each for each in axes.patches if isinstance(each, Rectangle)]


def heights(axes: Axes) -> list[float]:
    """The sum of each network's bars."""
    return [
        sum(bar.get_height() for bar in container)
        for container in axes.containers
        if isinstance(container, BarContainer)
    ]


class TestStages:
    @pytest.mark.parametrize("name", NETWORKS)
    @pytest.mark.parametrize("cost", ["macs", "params"])
    def test_of_a_network_add_up_to_its_cost(self, name: str, cost: str) -> None:
        network = find(name)()
        figure = stages([network], cost)
        found = bars(figure.axes[0])
        assert sum(each.get_height() for each in found) == pytest.approx(getattr(network.cost(), cost))
        for place in {each.get_x() for each in found}:
            there = [each for each in found if each.get_x() == place]
            assert max(each.get_y() + each.get_height() for each in there) == sum(each.get_height() for each in there)
        assert problems(figure) == []

    def test_of_two_networks_stand_side_by_side_and_add_up_to_each(self) -> None:
        networks = [zoo.mobilenet_v2(), zoo.mobilenet_v1(resolution=192)]
        figure = stages(networks, "macs")
        axes = figure.axes[0]
        width = bars(axes)[0].get_width()
        assert all(each.get_width() == pytest.approx(width) for each in bars(axes))
        totals = heights(axes)
        assert totals == [network.cost().macs for network in networks]
        assert [text.get_text() for text in axes.get_xticklabels()] == ["1/2", "1/4", "1/8", "1/16", "1/32", "head"]
        assert problems(figure) == []

    def test_of_networks_whose_maps_differ_by_their_borders_line_up(self) -> None:
        figure = stages([zoo.mobilenet_v1(), zoo.squeezenet1_1()])
        names = [text.get_text() for text in figure.axes[0].get_xticklabels()]
        assert names == ["1/2", "1/4", "1/8", "1/16", "1/32", "head"]

    def test_of_time_add_up_to_the_latency(self) -> None:
        latencies = [zoo.efficientnet_b0().latency("pixel-1"), zoo.mobilenet_v3_large().latency("pixel-1")]
        figure = stages(latencies, "latency_s")
        assert heights(figure.axes[0]) == pytest.approx([each.latency_s for each in latencies])
        assert figure.axes[0].get_ylabel() == "latency (seconds)"
        assert problems(figure) == []

    def test_of_more_than_fit_are_drawn_together(self) -> None:
        network = find("vit_l_16")()
        figure = stages([network], "params")
        names = [text.get_text() for text in figure.axes[0].get_xticklabels()]
        assert len(names) == 24
        assert names[-1].endswith("others")
        assert sum(each.get_height() for each in bars(figure.axes[0])) == network.cost().params

    def test_of_the_same_network_twice_are_told_apart(self) -> None:
        figure = stages([zoo.lenet_5(), zoo.lenet_5()])
        legend = figure.axes[0].get_legend()
        assert legend is not None
        assert [text.get_text() for text in legend.get_texts()] == ["lenet_5 (1)", "lenet_5 (2)"]

    def test_without_any_of_the_cost_are_refused(self) -> None:
        with pytest.raises(SizingError, match=r"1 to 8 networks \(got 0\)"):
            stages([])


class TestShares:
    def test_of_gates_belong_to_the_stage_that_they_are_in(self) -> None:
        found = stage_shares(zoo.mobilenet_v3_large())
        assert {share.stage for share in found} == {"112x112", "56x56", "28x28", "14x14", "7x7", "head"}
        assert sum(share.amount for share in found if share.stage == "head") == 960 * 1280 + 1280 * 1000

    def test_of_symbols_are_refused(self) -> None:
        with pytest.raises(SizingError, match="mobilenet_v1 has symbols; give them numbers"):
            stage_shares(zoo.mobilenet_v1(width="alpha"))

    def test_of_time_need_a_latency_and_others_a_network(self) -> None:
        with pytest.raises(SizingError, match="the time of lenet_5 needs a device"):
            stage_shares(zoo.lenet_5(), "latency_s")
        with pytest.raises(SizingError, match="params is of a network, and not of its latency"):
            stage_shares(zoo.lenet_5().latency("v100"), "params")


class TestSensitivity:
    def test_bars_are_the_elasticities(self) -> None:
        found = {"macs": {"width": 1.9, "resolution": 2.0}, "params": {"width": 1.6, "resolution": -0.5}}
        figure = sensitivity(found, {"width": 1, "resolution": 224})
        widths = sorted(each.get_width() for each in bars(figure.axes[0]))
        assert widths == [-0.5, 1.6, 1.9, 2.0]
        legend = figure.axes[0].get_legend()
        assert legend is not None
        assert [text.get_text() for text in legend.get_texts()] == ["width (at 1)", "resolution (at 224)"]
        assert "%" in figure.axes[0].get_xlabel()
        assert problems(figure) == []

    @pytest.mark.parametrize("costs", [1, 3, 12])
    def test_of_any_number_is_readable(self, costs: int) -> None:
        found = {f"cost_{index}": {"width": index - 3.5, "resolution": 0.0, "batch": 1.0} for index in range(costs)}
        assert problems(sensitivity(found, {"width": 1})) == []

    def test_refuses_what_is_no_number(self) -> None:
        with pytest.raises(SizingError, match="the elasticity of macs for width must be a number"):
            sensitivity({"macs": {"width": float("nan")}}, {"width": 1})
        with pytest.raises(SizingError, match="1 to 40 bars"):
            sensitivity({}, {})
