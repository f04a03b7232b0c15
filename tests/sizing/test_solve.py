"""The largest configuration within budgets is what building every candidate finds, and it proves itself."""

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from itertools import pairwise, product
from math import nextafter
from typing import Any

import numpy as np
import pytest

from costmodel import zoo
from costmodel.errors import CostModelError, InfeasibleError, SizingError, UnknownNameError
from costmodel.layers import Conv2d, Linear
from costmodel.network import Builder, Network
from costmodel.sizing import size
from costmodel.sizing.sized import Sized
from tests.conftest import CI

PAIRS = 200 if CI else 24
GRIDS: dict[str, dict[str, list[Any]]] = {
    "mobilenet_v1": {"width": [Fraction(n, 40) for n in range(4, 48, 5)], "resolution": [96, 128, 161, 224]},
    "mobilenet_v2": {"width": [Fraction(n, 20) for n in range(14, 30, 2)], "resolution": [64, 97, 192]},
    "resnet": {"depth": [18, 34, 50], "width": [Fraction(1, 3), Fraction(29, 100), 1], "resolution": [64, 96]},
    "squeezenet": {"width": [Fraction(n, 8) for n in range(4, 12)], "resolution": [65, 128, 224]},
    "efficientnet": {"depth": [1, Fraction(6, 5)], "width": [Fraction(n, 10) for n in range(8, 13)]},
    "vgg": {"depth": [11, 13], "width": [Fraction(1, 4), Fraction(1, 2), 1], "batch_norm": [False, True]},
    "lenet_5": {"width": [Fraction(n, 10) for n in range(5, 30, 3)], "classes": [2, 10, 100]},
    "shufflenet_v2": {"width": [Fraction(n, 20) for n in range(6, 30, 4)], "resolution": [64, 224]},
}
LIMITED = ("macs", "params", "weight_bytes", "activations", "peak_memory_bytes", "comparisons")
GOALS: dict[str, Callable[..., Fraction]] = {
    "width": lambda width, **_: width,
    "resolution": lambda resolution, **_: resolution,
    "depth": lambda depth, **_: depth,
    "classes": lambda classes, **_: classes,
    "macs": lambda macs, **_: macs,
    "params": lambda params, **_: params,
    "macs/params": lambda macs, params, **_: macs / params,
    "params - macs": lambda macs, params, **_: params - macs,
    "depth*width": lambda depth, width, **_: depth * width,
    "width*resolution": lambda width, resolution, **_: width * resolution,
    "resolution**2*width - 20*width": lambda width, resolution, **_: resolution**2 * width - 20 * width,
}
"""What is maximized, and the same by Python's own arithmetic."""


def everything(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every configuration of a grid that can be built, with its costs, one network at a time."""
    grid = GRIDS[name]
    for values in product(*grid.values()):
        parameters = dict(zip(grid, values, strict=True))
        try:
            cost = zoo.find(name)(**parameters).cost()
        except CostModelError:
            continue
        yield parameters, {each: getattr(cost.ledger if each == "comparisons" else cost, each) for each in LIMITED}


known = cache(lambda name: list(everything(name)))


def score(goal: str, parameters: Mapping[str, Any], costs: Mapping[str, Any]) -> Fraction:
    """The objective, exactly."""
    return GOALS[goal](**{name: Fraction(value) for name, value in {**parameters, **costs}.items()})


def drawn(seed: int) -> tuple[str, str, dict[str, Any]]:
    """A random family, goal and budgets, of which some are kept by nothing."""
    draw = np.random.default_rng(seed)
    name = str(draw.choice(list(GRIDS)))
    may = [goal for goal in GOALS if set(re.findall("[a-z]+", goal)) <= {*GRIDS[name], "macs", "params"}]
    limits = {}
    for cost in draw.choice(LIMITED, draw.integers(1, 4), replace=False).tolist():
        of_one = known(name)[draw.integers(len(known(name)))][1][cost]
        limits[cost] = max(1, of_one + int(draw.choice([0, 0, -1, of_one // 7])))
    return name, str(draw.choice(may)), limits


@pytest.mark.parametrize("seed", range(PAIRS))
def test_it_is_what_building_every_candidate_finds(seed: int) -> None:
    name, goal, limits = drawn(seed)
    kept = [each for each in known(name) if all(each[1][cost] <= limit for cost, limit in limits.items())]
    if not kept:
        with pytest.raises(InfeasibleError, match="times its budget"):
            size(name, maximize=goal, over=GRIDS[name], limits=limits)
        return
    found = size(name, maximize=goal, over=GRIDS[name], limits=limits)
    best = max(score(goal, *each) for each in kept)
    assert score(goal, found.parameters, costs_of(name, found.parameters)) == best
    assert found.answer.objective == best
    check_proof(name, goal, limits, found, best)


def number(found: Sized, name: str) -> Fraction:
    """A parameter of the answer that is a number."""
    return Fraction(str(found.parameters[name]))


def costs_of(name: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The known costs of a configuration."""
    return next(costs for each, costs in known(name) if each == dict(parameters))


def check_proof(name: str, goal: str, limits: dict[str, Any], found: Sized, best: Fraction) -> None:
    """The answer keeps all budgets and the next better candidate none of which is broken is the nearest better."""
    assert all(found.costs[cost] == costs_of(name, found.parameters)[cost] <= limit for cost, limit in limits.items())
    better = [score(goal, *each) for each in known(name) if score(goal, *each) > best]
    if not better:
        assert (found.next, found.binding) == (None, None)
        return
    assert found.next is not None
    assert found.next.objective == min(better)
    broken = {cost for cost, limit in limits.items() if costs_of(name, found.next.parameters)[cost] > limit}
    assert broken == {each.cost for each in found.next.exceeds}
    assert found.binding is not None
    assert found.binding.cost in broken


class TestEveryNetworkOfAWidth:
    """Without values, a width is tried at every value that makes another network."""

    @pytest.mark.parametrize(("name", "limit"), [("mobilenet_v1", 300_000_000), ("mobilenet_v2", 97_654_321)])
    def test_no_finer_width_is_larger_and_keeps_the_budget(self, name: str, limit: int) -> None:
        found = size(name, max_macs=limit)
        width = number(found, "width")
        for thousandths in range(1, 60):
            finer = width + Fraction(thousandths, 10_000)
            macs = zoo.find(name)(width=finer).cost().macs
            assert macs > limit or macs == found.costs["macs"]

    def test_the_next_better_network_is_the_next_that_differs(self) -> None:
        found = size("mobilenet_v1", max_macs=300_000_000)
        assert found.next is not None
        assert found.costs["macs"] <= 300_000_000 < found.next.costs["macs"]
        low, high = number(found, "width"), Fraction(str(found.next.parameters["width"]))
        between = {zoo.mobilenet_v1(width=low + (high - low) * Fraction(n, 50)).cost().macs for n in range(51)}
        assert between == {found.costs["macs"], found.next.costs["macs"]}

    def test_the_range_grows_until_a_budget_binds(self) -> None:
        found = size("mobilenet_v1", max_params="100M")
        assert number(found, "width") > 4
        assert found.binding is not None

    def test_what_is_fixed_is_not_what_is_maximized(self) -> None:
        assert set(size("mobilenet_v1", max_macs=10**9, settings={"width": 1}).parameters) == {"resolution"}

    def test_two_parameters_are_tried_together_as_far_as_a_budget_lets_each(self) -> None:
        """300 and 100 units, rounded down: parameters by hand, each network at the least width that makes it."""
        found = size("lenet_300_100", maximize="width*classes", max_params=30_000)
        best = Fraction(0)
        for thousandths in range(50, 500):
            a, b = 300 * thousandths // 1000, 100 * thousandths // 1000
            classes = (30_000 - 785 * a - (a + 1) * b) // (b + 1)
            best = max(best, max(Fraction(a, 300), Fraction(b, 100)) * classes)
        assert set(found.parameters) == {"width", "classes"}
        assert found.costs["params"] <= 30_000
        assert found.answer.objective >= best > 140

    def test_a_symbol_is_tried_until_networks_can_be_built(self) -> None:
        b = Builder("own")
        x = b.input("image", (1, 3, "h", "h")).then(Conv2d(out_channels=8, kernel=150), name="conv")
        found = size(b.build(x), maximize="h", max_macs=540_000 * 10_000)
        assert found.parameters == {"h": 249}

    def test_more_candidates_than_can_be_tried(self) -> None:
        with pytest.raises(SizingError, match=r"too many to try .at most 67,108,864.; give values"):
            size("mobilenet_v1", maximize="width*resolution*classes", max_macs=10**9)


class TestDevices:
    def test_latency_and_memory_of_a_device(self) -> None:
        over = {"width": [Fraction(n, 20) for n in range(5, 21)]}
        found = size(zoo.mobilenet_v2, over=over, device="pixel-1", max_latency_s="30 ms", max_ram_bytes="20 MB")
        latencies = {width: zoo.mobilenet_v2(width=width).latency("pixel-1") for width in over["width"]}
        kept = [width for width, each in latencies.items() if each.latency_s <= 0.03 and each.memory
                and each.memory.peak_ram_bytes <= 20e6]  # fmt: skip
        assert number(found, "width") == max(kept)
        assert found.latency is not None
        assert found.latency.interval == 0.9

    @pytest.mark.parametrize(("name", "device"), [("mobilenet_v1", "pixel-1"), ("shufflenet_v2", "raspberry-pi-4")])
    def test_a_network_keeps_the_budget_of_its_own_latency(self, name: str, device: str) -> None:
        """Another order of the same sum may exceed it by the last bit."""
        widths = [Fraction(n, 40) for n in range(10, 60, 6)]
        for narrower, width in pairwise(widths):
            limit = zoo.find(name)(width=width).latency(device).latency_s
            found, less = (
                size(name, over={"width": widths}, max_latency_s=each, device=device)
                for each in (limit, nextafter(limit, 0))
            )
            assert (found.parameters["width"], less.parameters["width"]) == (width, narrower)
            assert less.next is not None
            assert less.next.parameters["width"] == width

    def test_bytes_are_of_the_data_type(self) -> None:
        wide = size("mobilenet_v2", max_weight_bytes="8 MB", data_type="int8")
        narrow = size("mobilenet_v2", max_weight_bytes="8 MB")
        assert number(wide, "width") > number(narrow, "width")


class TestMore:
    def test_more_of_a_budget_buys_what_sizing_with_it_says(self) -> None:
        over = {"width": "0.05:2:0.01"}
        found = size("mobilenet_v1", over=over, max_macs=300_000_000)
        more = found.buys("macs", 1.5)
        assert more is not None
        assert more.parameters == size("mobilenet_v1", over=over, max_macs=450_000_000).parameters
        assert number(found.gains["macs"], "width") > number(found, "width")
        assert found.buys("macs", 0.001) is None

    def test_elasticities_are_those_of_the_smooth_costs(self) -> None:
        found = size("mobilenet_v1", over={"width": [1], "resolution": [224]}, maximize="width", max_macs=10**9)
        assert found.elasticities["macs"] == pytest.approx({"width": 1.9486, "resolution": 1.9964}, abs=1e-4)

    def test_a_network_with_symbols_is_a_family(self) -> None:
        found = size(two_layers(), maximize="c", max_params=5000)
        c = number(found, "c")
        assert 100 * c + c + 10 * c + 10 <= 5000 < 111 * (c + 1) + 10


def two_layers(name: str = "c") -> Network:
    b = Builder("own")
    x = b.input("x", (1, 100)).then(Linear(out_features=name), name="hidden")
    return b.build(x.then(Linear(out_features=10), name="out"))


class TestObjectives:
    """What is maximized may divide by zero: those candidates have no objective, the others do."""

    def test_a_pole_is_no_candidate(self) -> None:
        over = {"width": "0.5:1.5:0.25"}
        found = size("mobilenet_v1", maximize="1/(width-1)", over=over, max_macs=10**9)
        assert (number(found, "width"), found.next) == (Fraction(5, 4), None)

    def test_nothing_over_nothing_hides_no_other_candidate(self) -> None:
        over = {"width": "0.5:1.5:0.25", "resolution": "192:256:32"}
        found = size("mobilenet_v1", maximize="(resolution-224)/(width-1)", over=over, max_macs=10**9)
        assert found.answer.objective == 128
        assert found.next is None

    def test_an_objective_that_nothing_has(self) -> None:
        with pytest.raises(InfeasibleError, match="none of 2 candidates can be built and has what is maximized"):
            size("mobilenet_v1", maximize="1/(batch-1)", over={"width": "0.5,1", "batch": "1"}, max_macs=10**9)


class TestProof:
    def test_the_budget_that_the_next_candidate_breaks_most_binds(self) -> None:
        """From a width of 0.5 to 1, MobileNet v1 has 3.8 times the MACs and 3.2 times the parameters."""
        half = zoo.mobilenet_v1(width=Fraction(1, 2)).cost()
        found = size("mobilenet_v1", over={"width": "0.5,1"}, limits={"params": half.params, "macs": half.macs})
        assert found.next is not None
        assert {each.cost for each in found.next.exceeds} == {"params", "macs"}
        assert found.binding is not None
        assert found.binding.cost == "macs"

    def test_larger_is_the_next_value_of_each_parameter_that_can_be_built(self) -> None:
        over = {"hidden": range(60, 100), "depth": [1, 2, 3]}
        found = size("vit", over=over, maximize="hidden*depth", settings={"heads": 12}, max_params=2_500_000)
        hidden, depth = number(found, "hidden"), number(found, "depth")
        following = {tuple(sorted(each.parameters.items())) for each in found.larger}
        expected = {(("depth", depth), ("hidden", hidden + 12))} if hidden < 96 else set()
        assert following == expected | ({(("depth", depth + 1), ("hidden", hidden))} if depth < 3 else set())


class TestMistakes:
    @pytest.mark.parametrize(
        ("options", "rule"),
        [
            ({"max_macs": 1e9, "maximize": ""}, "what to maximize must be an expression"),
            ({}, "a size needs a budget"),
            ({"max_macs": 0}, "the budget of macs must be a number above 0"),
            ({"max_macs": -5}, "must be a number above 0"),
            ({"max_macs": float("nan")}, "must be a number above 0"),
            ({"max_macs": True}, "must be a number above 0"),
            ({"max_weight_bytes": "4"}, "the budget of weight_bytes needs a unit"),
            ({"max_macs": float("inf")}, "must be a number above 0 and below 1e.300"),
            ({"max_macs": 10**400}, "must be a number above 0 and below"),
            ({"max_macs": [300]}, "must be a number above 0"),
            ({"max_macs": "-5"}, "the budget of macs must be a positive number, alone or with one of k, M, G, T"),
            ({"max_macs": "3 apples"}, "the budget of macs must be a positive number, alone or with one of k, M"),
            ({"max_latency_s": "-5 ms"}, "the budget of latency_s must be a positive number with one of s, ms"),
            ({"max_latency_s": "20 ms"}, "latency_s needs a device"),
            ({"max_macs": 10, "limits": {"macs": 5}}, "macs has two budgets"),
            ({"limits": {"mac": 5}}, "no cost to limit named 'mac'"),
            ({"max_macs": 1e9, "maximize": "depth"}, "no parameter of mobilenet_v1 or cost named 'depth'"),
            ({"max_macs": 1e9, "maximize": "rounding"}, "must be of numbers, and 'rounding' is a choice of words"),
            ({"max_macs": 1e9, "over": {"shallow": "true,false"}}, "must be of numbers, and 'shallow' is a choice"),
            ({"max_macs": 1e9, "maximize": "width", "settings": {"width": 1}}, "all of 'width' is fixed; give one"),
            ({"max_macs": 1e9, "maximize": "width +"}, "what to maximize must be an expression"),
            ({"max_macs": 1e9, "over": {"width": "1:0:1"}}, "must have its stop where its steps lead"),
            ({"max_macs": 1e9, "over": {"width": "1,2", "resolution": "96,128"}}, "say what to maximize"),
            ({"max_macs": 1e9, "settings": {"widht": 1}}, "no parameter of mobilenet_v1 named 'widht'"),
        ],
    )
    def test_a_sentence(self, options: dict[str, Any], rule: str) -> None:
        with pytest.raises((SizingError, UnknownNameError), match=rule):
            size("mobilenet_v1", **options)

    def test_what_nothing_keeps_says_how_far_off_it_is(self) -> None:
        with pytest.raises(InfeasibleError, match=r"resolution=96, takes 105,298,432 macs, 105.3 times its budget"):
            size("mobilenet_v1", over={"resolution": "96:224:32"}, max_macs=1e6)

    def test_a_symbol_with_the_name_of_a_cost(self) -> None:
        with pytest.raises(SizingError, match="own: no symbol may have the name of a cost, 'macs'"):
            size(two_layers("macs"), maximize="macs", max_params=5000)

    def test_a_depth_multiplier_needs_values(self) -> None:
        with pytest.raises(SizingError, match="'depth' must be given values to try"):
            size("efficientnet", maximize="depth", max_macs=1e9)
