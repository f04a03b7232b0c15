"""The algebra of one cost: consistent with its parts, at the point that is asked for."""

from fractions import Fraction

import pytest

from costmodel import parse, symbols, zoo
from costmodel.errors import ExpressionError, UnknownNameError
from costmodel.reasoning import elasticities, overview, stages
from costmodel.reasoning.elasticity import active

WIDTH, RESOLUTION = symbols("width resolution")
POINT = {"width": 1, "resolution": 224}


class TestOfANetwork:
    FOUND = overview(zoo.mobilenet_v1(width=WIDTH, resolution=RESOLUTION), at=POINT)

    def test_shares_are_those_of_the_network_at_the_point(self) -> None:
        counted = stages(zoo.mobilenet_v1())
        assert self.FOUND.shares == {name: Fraction(cost, 568740352) for name, cost in counted.items()}
        assert sum(self.FOUND.shares.values()) == 1

    def test_slopes_are_the_elasticities_there(self) -> None:
        found = elasticities(self.FOUND.cost.expression, POINT)
        assert {slope.parameter: slope.value for slope in self.FOUND.slopes} == found
        for slope in self.FOUND.slopes:
            assert float(Fraction(parse(str(slope.expression), POINT))) == pytest.approx(slope.value)

    def test_every_parameter_has_its_growth_with_the_others_at_the_point(self) -> None:
        assert [each.parameter for each in self.FOUND.growths] == ["resolution", "width"]
        assert all(stage.limit.is_number for each in self.FOUND.growths for stage in each.stages)

    def test_laws_add_up_to_the_whole(self) -> None:
        assert (sum(self.FOUND.laws.values()) - self.FOUND.smooth.expression).expand() == 0

    def test_without_a_point_there_are_expressions_only(self) -> None:
        found = overview(zoo.mobilenet_v1(width=WIDTH, resolution=RESOLUTION))
        assert [slope.value for slope in found.slopes] == [None, None]
        assert (found.shares, found.growths) == ({}, ())

    def test_a_point_of_something_else_is_refused(self) -> None:
        with pytest.raises(UnknownNameError, match="no open symbol named 'height'"):
            overview(zoo.mobilenet_v1(width=WIDTH), at={"height": 3})

    def test_a_point_may_name_a_parameter_that_the_quantity_does_not_depend_on(self) -> None:
        network = zoo.mobilenet_v1(width=WIDTH, resolution=RESOLUTION)
        assert [slope.parameter for slope in overview(network, quantity="params", at=POINT).slopes] == ["width"]


class TestBounds:
    def test_below_a_bound_the_elasticity_is_that_of_what_does_not_shrink(self) -> None:
        network = zoo.mobilenet_v2(width=WIDTH)
        for width in (Fraction(1, 2), Fraction(2)):
            (slope,) = overview(network, quantity="params", at={"width": width}).slopes
            assert float(Fraction(parse(str(slope.expression), {"width": width}))) == pytest.approx(slope.value)

    def test_of_a_peak_it_is_that_of_its_largest_part(self) -> None:
        network = zoo.mobilenet_v2(width=WIDTH, resolution=RESOLUTION)
        found = overview(network, quantity="peak_memory_bytes", at=POINT)
        assert [(slope.expression, slope.value) for slope in found.slopes] == [(2, 2.0), (1, 1.0)]
        assert active(found.cost.expression, POINT) == parse("192*resolution**2*width")

    def test_what_is_active_depends_on_the_point(self) -> None:
        cost = parse("max(8, 32*width)*min(resolution, 100)")
        assert active(cost, {"width": 0.1, "resolution": 50}) == parse("8*resolution")
        assert active(cost, {"width": 1, "resolution": 500}) == parse("3200*width")


class TestOfALayer:
    def test_its_elasticities_say_which_half_costs_more(self) -> None:
        """Of a depthwise separable convolution, k^2/(k^2 + c_o) is the depthwise half's share."""
        found = {slope.parameter: slope.expression for slope in overview("depthwise_separable_conv2d").slopes}
        assert found["k_h"] == parse("k_h*k_w/(c_o + k_h*k_w)")
        assert found["c_o"] == parse("c_o/(c_o + k_h*k_w)")

    def test_values_take_the_place_of_symbols(self) -> None:
        found = overview("conv2d", values={"k": 3, "c_i": 64, "n": 1}, at={"c_o": 128, "h_o": 56, "w_o": 56})
        assert {slope.parameter: slope.value for slope in found.slopes} == {"c_o": 1, "h_o": 1, "w_o": 1}

    def test_a_wrong_point_is_refused(self) -> None:
        with pytest.raises(ExpressionError, match="c_o must be a number above 0"):
            overview("conv2d", at={"c_o": "many"})
