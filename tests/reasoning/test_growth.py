"""Growth: limits are what exact counts tend to, and an order is one."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import parse, symbols, zoo
from costmodel.errors import ExpressionError, UnknownNameError
from costmodel.reasoning import cost_of, growth, order, stages
from costmodel.zoo import families

WIDTH, RESOLUTION, R = symbols("width resolution r")
SCALED = ("mobilenet_v1", "mobilenet_v2", "resnet18", "inception_v3", "vit", "vgg16", "squeezenet", "alexnet")
LARGE = 32 * 20_000


class TestOrder:
    @pytest.mark.parametrize(
        ("family", "expected"),
        [
            ("mobilenet_v1", "resolution**2*width**2"),  # arXiv 1704.04861, sections 3.3 and 3.4: rho^2, about alpha^2
            ("resnet50", "resolution**2*width**2"),
            ("vit", "resolution**2*width**2 + resolution**4*width"),  # attention is quadratic in the number of patches
            ("lenet_300_100", "resolution**2*width + width**2"),
        ],
    )
    def test_of_the_multiply_accumulates_of_published_networks(self, family: str, expected: str) -> None:
        macs = families()[family](width=WIDTH, resolution=RESOLUTION).cost().macs
        assert sum(order(macs)) == parse(expected)

    def test_parameters_do_not_grow_with_the_resolution(self) -> None:
        assert order(zoo.mobilenet_v1(width=WIDTH, resolution=RESOLUTION).cost().params) == (parse("width**2"),)

    def test_of_a_peak_it_is_that_of_its_largest_part(self) -> None:
        peak = zoo.mobilenet_v2(width=WIDTH, resolution=RESOLUTION).cost().peak_memory_bytes
        assert order(peak) == (parse("resolution**2*width"),)

    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=6, unique=True))
    def test_every_term_is_below_one_that_is_kept_and_no_two_of_these_are(self, powers: list[tuple[int, int]]) -> None:
        terms = [RESOLUTION**a * WIDTH**b for a, b in powers]
        kept = order(sum(terms) + 0 * WIDTH)
        for a, b in powers:
            assert any(
                (term / (RESOLUTION**a * WIDTH**b)).subs({RESOLUTION: 10**9, WIDTH: 10**9}) >= 1 for term in kept
            )
        assert set(kept) <= set(terms)

    def test_an_upper_bound_is_reached_and_a_lower_one_left_behind(self) -> None:
        """min(20, image_width/16) does not grow, as in a detector with so many positions embedded."""
        assert order(parse("n*h_i*min(20, image_width/16) + h_i*max(8, image_width)")) == (
            parse("h_i*image_width"), parse("h_i*n"),
        )  # fmt: skip

    def test_a_symbol_may_be_divided_by(self) -> None:
        assert order(cost_of("conv2d:g=g,k=3,n=1,h_o=8,w_o=8").expression) == (parse("c_i*c_o/g"),)

    def test_of_a_number_it_is_that_of_one(self) -> None:
        assert order(7) == (1,)


class TestLimits:
    @pytest.mark.parametrize("family", SCALED)
    def test_a_share_tends_to_its_limit(self, family: str) -> None:
        """Against exact counts of the networks themselves, at a resolution of 640,000."""
        found = growth(families()[family](resolution=32 * R), "r")
        counted = stages(families()[family](resolution=LARGE))
        total = sum(counted.values())
        assert [stage.name for stage in found.stages] == list(counted)
        for stage in found.stages:
            assert float(stage.limit) == pytest.approx(counted[stage.name] / total, abs=2e-4)
        assert sum(stage.limit for stage in found.stages) == 1

    @pytest.mark.parametrize("family", ["mobilenet_v1", "mobilenet_v2", "resnet18"])
    def test_the_same_with_the_width(self, family: str) -> None:
        found = growth(families()[family](width=WIDTH, resolution=64), "width")
        counted = stages(families()[family](width=1000, resolution=64))
        total = sum(counted.values())
        for stage in found.stages:
            assert float(stage.limit) == pytest.approx(counted[stage.name] / total, abs=1e-3)

    def test_the_dominant_stages_come_first(self) -> None:
        """VGG-16 at any large resolution: its fully connected layers, most of its parameters, no longer count."""
        found = growth(zoo.vgg16(resolution=RESOLUTION), "resolution", quantity="macs")
        limits = [float(stage.limit) for stage in found.dominant]
        assert limits == sorted(limits, reverse=True)
        assert {stage.name for stage in found.stages} - {stage.name for stage in found.dominant} == {"fc7", "fc8"}

    def test_a_limit_may_depend_on_another_symbol(self) -> None:
        found = growth(zoo.mobilenet_v1(width=WIDTH, resolution=RESOLUTION), "resolution")
        (first, *_) = found.stages
        at_1 = growth(zoo.mobilenet_v1(width=WIDTH, resolution=RESOLUTION), "resolution", at={"width": 1}).stages[0]
        assert first.limit.xreplace({WIDTH: parse("1") + 0 * WIDTH}) == at_1.limit
        assert not found.overtakings


class TestOvertaking:
    @pytest.mark.parametrize(
        ("family", "parameter"), [("mobilenet_v1", "width"), ("mobilenet_v1", "resolution"), ("vit", "resolution")]
    )
    def test_below_the_root_the_order_is_another(self, family: str, parameter: str) -> None:
        found = growth(families()[family](**{parameter: symbols(parameter)}), parameter)
        laws = {stage.name: stage.expression for stage in found.stages}
        crossing = [each for each in found.overtakings if each.root is not None]
        assert crossing
        for each in crossing:
            assert each.root is not None
            root = each.root.middle.limit_denominator(10**6)
            around = [root * Fraction(percent, 100) for percent in (99, 101)]
            below, above = (
                Fraction(parse(str(laws[each.stage] - laws[each.other]), {parameter: value})) for value in around
            )
            assert below < 0 < above

    def test_the_first_layer_of_mobilenet_v1_overtakes_the_last_at_a_resolution_of_69(self) -> None:
        """216 r^2 against 1,024,000: r = 68.9."""
        found = growth(zoo.mobilenet_v1(resolution=RESOLUTION), "resolution")
        (only,) = [each for each in found.overtakings if each.root is not None]
        assert (only.stage, only.other) == ("conv1", "fc")
        assert only.root is not None
        assert float(only.root) == pytest.approx((1024000 / 216) ** 0.5)


class TestRefusals:
    def test_of_a_symbol_that_is_not_open(self) -> None:
        with pytest.raises(UnknownNameError, match="no open symbol in macs of mobilenet_v1 named 'width'"):
            growth(zoo.mobilenet_v1(resolution=RESOLUTION), "width")

    def test_of_what_may_not_grow(self) -> None:
        with pytest.raises(ExpressionError, match="growth is of costs that grow, which is not seen of"):
            order(parse("max(1, r - n)"))
        with pytest.raises(ExpressionError, match="a minimum of several expressions has no order"):
            order(parse("min(n, r)"))

    def test_of_a_peak_of_memory_which_has_no_stages(self) -> None:
        with pytest.raises(UnknownNameError, match="no quantity of a stage of mobilenet_v1 named 'peak_memory_bytes'"):
            growth(zoo.mobilenet_v1(resolution=RESOLUTION), "resolution", quantity="peak_memory_bytes")


class TestStages:
    @pytest.mark.parametrize(
        "quantity",
        [
            "macs",
            "flops",
            "params",
            "buffers",
            "activations",
            "weight_bytes",
            "input_bytes",
            "output_bytes",
            "additions",
            "comparisons",
        ],
    )
    @pytest.mark.parametrize("family", ["mobilenet_v1", "resnet50", "vit", "googlenet"])
    def test_they_add_up_to_the_network(self, family: str, quantity: str) -> None:
        network = families()[family]()
        cost = network.cost()
        total = getattr(cost, quantity, None)
        whole = getattr(cost.ledger, quantity) if total is None else total
        for depth in (1, 2, 5):
            assert sum(stages(network, quantity, depth).values()) == whole

    def test_a_depth_is_how_many_parts_of_a_name_make_a_stage(self) -> None:
        assert [*stages(zoo.resnet18())] == ["conv1", "layer1", "layer2", "layer3", "layer4", "fc"]
        assert "layer1.0" in stages(zoo.resnet18(), depth=2)
