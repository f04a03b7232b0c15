"""Break-even: on both sides of every root, the costs themselves say which is the smaller."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import parse, symbols, zoo
from costmodel.errors import ExpressionError, UnknownNameError
from costmodel.reasoning import BreakEven, Step, break_even, cost_of
from costmodel.reasoning.costs import NamedCost

SEPARABLE = "depthwise_separable_conv2d"
WIDTH, RESOLUTION = symbols("width resolution")
COSTS = ("conv2d", SEPARABLE, "spatially_separable_conv2d", "depthwise_spatially_separable_conv2d", "pointwise_conv2d")
SYMBOLS = ("c_i", "c_o", "k_h", "k_w")
NUMBERS = st.fixed_dictionaries({name: st.integers(1, 12) for name in (*SYMBOLS, "n", "h_o", "w_o")})


def at(cost: NamedCost, values: dict[str, int]) -> Fraction:
    return Fraction(parse(str(cost.expression), values))


def sign(number: Fraction | int) -> int:
    return (number > 0) - (number < 0)


def said(found: BreakEven, value: Fraction | int) -> int | None:
    """The sign of A - B that the regions say for a value; None where it is a root."""
    for region in found.regions:
        low = 0 if region.low is None else region.low.middle
        if low < value and (region.high is None or value < region.high.middle):
            return region.sign
    return None


def holds(step: Step, values: dict[str, int]) -> bool:
    """Whether a relation as it is printed holds, square roots aside."""
    left, right = (Fraction(parse(str(side), values)) for side in (step.left, step.right))
    compare: dict[str, Callable[[], bool]] = {
        "<": lambda: left < right, ">": lambda: left > right, "=": lambda: left == right,
        "<=": lambda: left <= right, ">=": lambda: left >= right,
    }  # fmt: skip
    return compare[step.relation]()


class TestOfLayers:
    @given(a=st.sampled_from(COSTS), b=st.sampled_from(COSTS), symbol=st.sampled_from(SYMBOLS), values=NUMBERS)
    def test_with_numbers_for_the_others_every_integer_is_in_its_region(
        self, a: str, b: str, symbol: str, values: dict[str, int]
    ) -> None:
        first, second = cost_of(a), cost_of(b)
        if symbol not in {*map(str, first.expression.free_symbols), *map(str, second.expression.free_symbols)}:
            return
        others = {name: number for name, number in values.items() if name != symbol}
        known = {name: number for name, number in others.items() if name in (*first.symbols, *second.symbols)}
        found = break_even(a, b, symbol, at=known)
        for value in range(1, 40):
            point = {**values, symbol: value}
            right = sign(at(first, point) - at(second, point))
            assert said(found, value) in ((None,) if right == 0 and said(found, value) is None else (right,))
        for region in found.regions:
            if region.first is not None:
                assert said(found, region.first) == region.sign != said(found, region.first - 1)
            if region.last is not None:
                assert said(found, region.last) == region.sign != said(found, region.last + 1)

    @given(a=st.sampled_from(COSTS), b=st.sampled_from(COSTS), symbol=st.sampled_from(SYMBOLS), values=NUMBERS)
    def test_without_numbers_exactly_one_case_applies_and_is_right(
        self, a: str, b: str, symbol: str, values: dict[str, int]
    ) -> None:
        try:
            found = break_even(a, b, symbol)
        except (ExpressionError, UnknownNameError):
            return
        if not found.cases:
            return
        applying = [case for case in found.cases if all(holds(step, values) for step in case.conditions)]
        assert len(applying) == 1
        (case,) = applying
        is_less = holds(case.less, values) if isinstance(case.less, Step) else case.less
        difference = at(found.a, values) - at(found.b, values)
        assert is_less == (difference < 0)
        assert not case.equal or difference == 0

    def test_depthwise_separable_beats_regular_from_two_channels_on(self) -> None:
        found = break_even(SEPARABLE, "conv2d", "c_o", at={"k": 3})
        assert [str(step) for step in found.steps[-1:]] == ["c_o = 9/8"]
        assert [(each.sign, each.first, each.last) for each in found.regions] == [(1, 1, 1), (-1, 2, None)]

    def test_it_says_what_the_answer_depends_on(self) -> None:
        less, never = break_even(SEPARABLE, "conv2d", "c_o").cases
        assert (str(less.less), less.condition) == ("c_o > k_h*k_w/(k_h*k_w - 1)", "k_h*k_w > 1")
        assert (never.less, never.condition) == (False, "k_h*k_w = 1")

    def test_the_other_way_round_a_1x1_kernel_is_always_the_cheaper_one(self) -> None:
        always, less = sorted(break_even("conv2d", SEPARABLE, "c_o").cases, key=lambda case: case.condition)
        assert (always.less, always.condition) == (True, "k_h*k_w = 1")
        assert (str(less.less), less.condition) == ("c_o < k_h*k_w/(k_h*k_w - 1)", "k_h*k_w > 1")

    def test_a_root_that_is_no_fraction_is_exact(self) -> None:
        """Two 3x3 convolutions cost as much as one of 18 ** 0.5: less than one of 5x5."""
        found = break_even("2*conv2d:k=3,c_o=c_i", "conv2d:k=k,c_o=c_i", "k")
        assert [str(step) for step in found.steps[-1:]] == ["k = 3*sqrt(2)"]
        assert [(each.sign, each.first, each.last) for each in found.regions] == [(1, 1, 4), (-1, 5, None)]

    def test_always(self) -> None:
        found = break_even("2*conv2d:k=3,c_o=c_i", "conv2d:k=5,c_o=c_i", "c_i")
        assert [(each.sign, each.low, each.high) for each in found.regions] == [(-1, None, None)]


class TestOfNetworks:
    @pytest.mark.parametrize("quantity", ["macs", "params", "activations", "weight_bytes", "peak_memory_bytes"])
    def test_on_both_sides_of_a_root_the_other_network_costs_less(self, quantity: str) -> None:
        first, second = zoo.mobilenet_v2(width=WIDTH), zoo.mobilenet_v1(width=WIDTH)
        found = break_even(first, second, "width", quantity=quantity)
        assert found.valid_when == ()
        for value in [Fraction(step, 80) for step in range(1, 240)]:
            costs = [parse(str(each.expression).replace("Max", "max"), {"width": value}) for each in (found.a, found.b)]
            assert said(found, value) in (None, sign(costs[0] - costs[1]))

    def test_the_last_layer_of_mobilenet_v2_does_not_shrink(self) -> None:
        """So below a width of 0.77 it has more parameters than MobileNet v1, which without the bound it never has."""
        found = break_even(zoo.mobilenet_v2(width=WIDTH), zoo.mobilenet_v1(width=WIDTH), "width", quantity="params")
        assert [(each.sign, each.low and round(float(each.low), 4)) for each in found.regions] == [
            (1, None),
            (-1, 0.7655),
        ]
        for width, is_less in ((Fraction(76, 100), False), (Fraction(77, 100), True)):
            costs = [parse(str(each.expression).replace("Max", "max"), {"width": width}) for each in (found.a, found.b)]
            assert (costs[0] < costs[1]) == is_less

    def test_a_resolution_is_what_is_exact_without_rounding(self) -> None:
        found = break_even(
            zoo.mobilenet_v2(resolution=RESOLUTION), zoo.mobilenet_v1(resolution=RESOLUTION), "resolution"
        )
        assert (found.step, found.valid_when) == (32, ("resolution % 32 == 0",))
        assert [(each.sign, each.first, each.last) for each in found.regions] == [(1, None, None), (-1, 32, None)]

    @pytest.mark.parametrize("device", ["pixel-1", "v100"])
    def test_of_latencies(self, device: str) -> None:
        first, second = (
            family(width=WIDTH).latency(device).latency_s for family in (zoo.mobilenet_v2, zoo.mobilenet_v1)
        )
        found = break_even(first, second, "width")
        assert len(found.regions) > 1
        for width in (0.1, 0.2, 0.5, 1, 1.7, 1.9, 2, 3):
            difference = float((first - second).xreplace({WIDTH: parse(repr(width)) + 0 * WIDTH}))
            assert said(found, Fraction(width)) == sign(Fraction(difference))


class TestRefusals:
    def test_of_a_symbol_that_is_not_open(self) -> None:
        with pytest.raises(UnknownNameError, match=r"no open symbol in conv2d and .* named 'q'"):
            break_even("conv2d", SEPARABLE, "q")

    def test_of_several_powers_beside_other_symbols(self) -> None:
        with pytest.raises(ExpressionError, match="r occurs in several powers; give numbers for c_i to compare"):
            break_even(parse("r**2 + c_i"), parse("3*r"), "r")

    def test_of_a_maximum_beside_other_symbols(self) -> None:
        peak = (
            zoo.mobilenet_v2(width=WIDTH, resolution=RESOLUTION),
            zoo.mobilenet_v1(width=WIDTH, resolution=RESOLUTION),
        )
        with pytest.raises(ExpressionError, match="a maximum of several expressions"):
            break_even(*peak, "width", quantity="peak_memory_bytes")
        assert break_even(*peak, "width", quantity="peak_memory_bytes", at={"resolution": 224}).regions
