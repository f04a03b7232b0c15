"""What can be compared: layer kinds by name, several in a row, networks, and expressions."""

import pytest

from costmodel import parse, symbols, zoo
from costmodel.algebra.vocabulary import FLAGS
from costmodel.errors import ExpressionError, UnknownNameError
from costmodel.layers import Conv2d, kinds
from costmodel.layers.formulas import parameters
from costmodel.reasoning import cost_of


class TestOfLayers:
    @pytest.mark.parametrize("kind", sorted(kinds()))
    def test_with_every_symbol_given_it_is_the_formula_of_the_kind(self, kind: str) -> None:
        layer = kinds()[kind]
        for quantity, formula in layer.formulas.items():
            names = parameters(formula)
            found = cost_of(kind, quantity, {name: name for name in names})
            assert found.expression == formula(*map(parse, names))
            assert not found.assumptions

    def test_a_class_is_its_kind(self) -> None:
        assert cost_of(Conv2d) == cost_of("conv2d") or str(cost_of(Conv2d).printed) == str(cost_of("conv2d").printed)

    def test_flops_are_two_for_each_multiply_accumulate_and_say_so(self) -> None:
        found = cost_of("conv2d", "flops")
        assert found.expression == 2 * cost_of("conv2d").expression
        assert any("two-per-mac" in each for each in found.assumptions)

    def test_options_without_a_value_are_what_is_usual(self) -> None:
        assert cost_of("lstm").assumptions == (
            "one direction (d = 1)", "one layer (layers = 1)", "no projection (c_r = c_h)",
            "without what is optional (proj = 0)",
        )  # fmt: skip
        assert cost_of("conv2d:g=g").assumptions == ()

    def test_a_value_of_the_layer_comes_before_one_of_all(self) -> None:
        found = cost_of("conv2d:k=3 + conv2d:c_i=c_o", at={"k": 5, "c_i": 7, "n": 1, "h_o": 1, "w_o": 1})
        assert found.expression == parse("7*9*c_o + 25*c_o**2")

    def test_values_reach_into_expressions(self) -> None:
        assert cost_of("linear:c_i=4*c_o", at={"c_o": 8, "m": 1}).expression == 256

    def test_a_value_may_have_commas_of_its_own(self) -> None:
        found = cost_of("linear:m=1,c_i=max(c_h, min(d_k, 8)),c_o=2")
        assert found.expression == 2 * parse("max(c_h, min(d_k, 8))")

    def test_a_part_may_be_repeated(self) -> None:
        assert cost_of("3 * linear").expression == 3 * cost_of("linear").expression

    def test_a_flag_may_be_0_and_a_size_may_not(self) -> None:
        assert "b" in FLAGS
        assert cost_of("conv2d", "params", {"b": 0}).expression == cost_of("conv2d", "params").expression
        with pytest.raises(ExpressionError, match="c_o must be a number above 0"):
            cost_of("conv2d", at={"c_o": 0})

    @pytest.mark.parametrize("value", [True, None, [3], "3 +", float("inf")])
    def test_a_value_is_a_number_or_an_expression(self, value: object) -> None:
        with pytest.raises(ExpressionError):
            cost_of("conv2d", at={"c_o": value})


class TestOfNetworks:
    NETWORK = zoo.mobilenet_v1(width=symbols("width"))

    def test_it_is_what_the_network_costs(self) -> None:
        assert cost_of(self.NETWORK, "comparisons").expression == self.NETWORK.cost().ledger.comparisons
        assert cost_of(self.NETWORK, "weight_bytes").expression == self.NETWORK.cost().weight_bytes

    def test_how_its_authors_round_a_width_is_said(self) -> None:
        (said,) = cost_of(self.NETWORK).assumptions
        assert said == (
            "mobilenet_v1: a numeric width is rounded down, at least 8 channels; a symbolic one is not rounded"
        )
        assert cost_of(zoo.mobilenet_v1(resolution=symbols("resolution"))).assumptions == ()

    def test_a_quantity_that_there_is_not(self) -> None:
        with pytest.raises(UnknownNameError, match="no quantity of mobilenet_v1 named 'mac'; the nearest are macs"):
            cost_of(self.NETWORK, "mac")


def test_an_expression_is_a_cost_too() -> None:
    found = cost_of(parse("n*c_o + 3"), at={"n": 2})
    assert (found.expression, found.symbols) == (parse("2*c_o + 3"), ("c_o", "n"))
