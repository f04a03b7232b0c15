"""Elasticities: against finite differences in exact fractions, monomials, and bounds that stay as they are."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import parse, symbols, zoo
from costmodel.algebra.smooth import smooth
from costmodel.errors import ExpressionError
from costmodel.reasoning import elasticities, elasticity
from costmodel.zoo import families

WIDTH, RESOLUTION = symbols("width resolution")
SCALED = tuple(
    name
    for name, family in families().items()
    if {"width", "resolution"} <= set(family.parameters) and not family.fixed
)
POINTS = st.fixed_dictionaries({
    "width": st.fractions(Fraction(1, 4), 3, max_denominator=20),
    "resolution": st.integers(64, 512),
})  # fmt: skip
STEP = Fraction(1, 10**12)


def at(expression: object, values: dict[str, Fraction]) -> Fraction:
    return Fraction(parse(str(expression).replace("Max", "max"), values))


class TestAgainstFiniteDifferences:
    @given(name=st.sampled_from(SCALED), quantity=st.sampled_from(("macs", "params", "activations")), point=POINTS)
    def test_one_percent_more_is_that_many_percent_more(
        self, name: str, quantity: str, point: dict[str, Fraction]
    ) -> None:
        network = families()[name](width=WIDTH, resolution=RESOLUTION)
        point["width"] = max(point["width"], Fraction(11, 10))  # where no bound holds, so that the smooth form says all
        cost = getattr(network.cost(), quantity)
        form = smooth(cost).expression
        here = at(form, point)
        for parameter, found in elasticities(cost, point).items():
            moved = {**point, parameter: point[parameter] * (1 + STEP)}
            assert found == pytest.approx(float((at(form, moved) - here) / here / STEP), abs=1e-9)

    @given(point=POINTS)
    def test_of_a_peak_the_part_counts_that_is_largest(self, point: dict[str, Fraction]) -> None:
        peak = zoo.mobilenet_v2(width=WIDTH, resolution=RESOLUTION).cost().peak_memory_bytes
        form = smooth(peak).expression
        here = at(form, point)
        for parameter, found in elasticities(peak, point).items():
            moved = {**point, parameter: point[parameter] * (1 + STEP)}
            assert found == pytest.approx(float((at(form, moved) - here) / here / STEP), abs=1e-9)


class TestOfOneTerm:
    @given(a=st.integers(0, 4), b=st.integers(0, 4), times=st.integers(1, 10**20))
    def test_it_is_the_degree(self, a: int, b: int, times: int) -> None:
        found = elasticities(times * RESOLUTION**a * WIDTH**b + 0 * WIDTH, {"resolution": 7, "width": 0.35})
        assert found == {"resolution": a, "width": b}

    def test_rounding_has_no_part_in_it(self) -> None:
        cost = parse("floor(resolution/32 + 31/32)**2 * round_to_multiple(32*width, 8)")
        assert elasticities(cost, {"resolution": 225, "width": 0.33}) == {"resolution": 2, "width": 1}

    def test_a_number_does_not_change(self) -> None:
        assert elasticities(568740352, {"width": 1}) == {"width": 0}


class TestBounds:
    def test_channels_that_never_shrink_have_no_slope_downwards(self) -> None:
        """MobileNetV2's last layer keeps its 1280 channels below width 1, where its classifier does not shrink."""
        params = zoo.mobilenet_v2(width=WIDTH).cost().params
        low, here = (at(params, {"width": each}) for each in (Fraction(1, 2) / (1 + STEP), Fraction(1, 2)))
        assert low > 1281000
        below, above = (elasticities(params, {"width": each})["width"] for each in (0.5, 1.0001))
        assert below == pytest.approx(float((here - low) / here / STEP), abs=1e-9)
        assert above > below + 0.4

    def test_at_a_kink_it_is_the_slope_upwards(self) -> None:
        point = {"width": Fraction(1)}
        assert elasticities(parse("max(1, width)"), point) == {"width": 1}
        assert elasticities(parse("max(width, 1)**3"), point) == {"width": 3}
        assert elasticities(parse("min(1, width)"), point) == {"width": 0}
        assert elasticities(parse("8 - max(1, width)"), point)["width"] == pytest.approx(-1 / 7)


class TestOfALatency:
    @pytest.mark.parametrize("device", ["pixel-1", "v100"])
    def test_it_predicts_the_latency_nearby(self, device: str) -> None:
        """Without floors in the way: resolutions that are multiples of 32 differ by what the elasticity says."""
        latency = zoo.mobilenet_v1(width=WIDTH, resolution=RESOLUTION).latency(device).latency_s
        found = elasticities(latency, {"width": 1, "resolution": 3200})["resolution"]
        low, high = (zoo.mobilenet_v1(resolution=size).latency(device).latency_s for size in (3200 - 32, 3200 + 32))
        middle = zoo.mobilenet_v1(resolution=3200).latency(device).latency_s
        assert found == pytest.approx((high - low) / middle / 0.02, rel=0.002)


class TestAsAnExpression:
    @given(point=POINTS)
    def test_it_is_the_same_at_every_point(self, point: dict[str, Fraction]) -> None:
        macs = zoo.vit(width=WIDTH, resolution=RESOLUTION).cost().macs
        for parameter, value in elasticities(macs, point).items():
            assert float(at(elasticity(macs, parameter), point)) == pytest.approx(value, rel=1e-12)

    def test_of_a_maximum_there_is_none(self) -> None:
        with pytest.raises(ExpressionError, match="a maximum has no elasticity as an expression"):
            elasticity(parse("max(width, 2*resolution - 8)"), "width")


class TestRefusals:
    @pytest.mark.parametrize(
        ("at_", "message"),
        [
            ({"width": 1}, "at a point, which must give 'resolution' a number"),
            ({"width": 0, "resolution": 224}, r"width must be a number above 0 \(got 0\)"),
            ({"width": "wide", "resolution": 224}, r"width must be a number above 0 \(got 'wide'\)"),
            ({"width": True, "resolution": 224}, r"width must be a number above 0 \(got True\)"),
            ({"width": float("nan"), "resolution": 224}, r"width must be a number above 0 \(got nan\)"),
        ],
    )
    def test_a_point_is_positive_numbers(self, at_: dict[str, object], message: str) -> None:
        with pytest.raises(ExpressionError, match=message):
            elasticities(WIDTH * RESOLUTION, at_)

    def test_a_cost_of_zero_has_none(self) -> None:
        with pytest.raises(ExpressionError, match="of a cost above 0"):
            elasticities(WIDTH - 1, {"width": 1})
