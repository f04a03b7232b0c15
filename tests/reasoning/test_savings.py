"""Savings: the difference of two full counts at every stage, and laws that are exact where nothing rounds."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import Network, parse, symbols, zoo
from costmodel.errors import SpecError, UnknownNameError
from costmodel.reasoning import savings, stages
from costmodel.zoo import families

PARTS = st.integers(2, 24).map(lambda eighths: Fraction(eighths, 8))


def total(network: Network) -> int:
    macs = network.cost().macs
    assert isinstance(macs, int)
    return macs


class TestOfAWidth:
    def test_of_mobilenet_v1_as_published(self) -> None:
        """Howard et al., arXiv 1704.04861, table 6: 569, 325, 149 and 41 million at widths of 1, 0.75, 0.5 and 0.25."""
        for width, millions in ((0.75, 325), (0.5, 149), (0.25, 41)):
            found = savings(zoo.mobilenet_v1, after={"width": width})
            assert (round(found.total.before / 1e6), round(found.total.after / 1e6)) == (569, millions)

    def test_the_first_layer_saves_a_quarter_and_the_others_nearly_a_square(self) -> None:
        found = {stage.name: stage.kept for stage in savings(zoo.mobilenet_v1, after={"width": 0.75}).stages}
        assert found["conv1"] == found["fc"] == Fraction(3, 4)
        blocks = [kept for name, kept in found.items() if name.startswith("block")]
        assert all(kept is not None and Fraction(9, 16) < kept < Fraction(6, 10) for kept in blocks)

    @given(family=st.sampled_from(("mobilenet_v1", "mobilenet_v2", "resnet18", "shufflenet_v2")), width=PARTS)
    def test_every_stage_is_that_of_the_two_networks(self, family: str, width: Fraction) -> None:
        if width == 1:
            return
        found = savings(families()[family], after={"width": width}, depth=2)
        before, after = stages(families()[family](), depth=2), stages(families()[family](width=width), depth=2)
        assert {stage.name: (stage.before, stage.after) for stage in found.stages} == {
            name: (before[name], after[name]) for name in before
        }
        assert found.total.saved == total(families()[family]()) - total(families()[family](width=width))

    @given(width=PARTS)
    def test_a_law_is_exact_where_nothing_is_rounded(self, width: Fraction) -> None:
        """Bounds too: below a width of 1, the last layer of MobileNetV2 stays as it is."""
        if width == 1:
            return
        found = savings(zoo.mobilenet_v2, before={"rounding": "none"}, after={"width": width})
        assert found.valid_when == ()
        for stage in (*found.stages, found.total):
            assert stage.after == parse(str(stage.law).replace("Max", "max"), {"width": width})


class TestOfOtherParameters:
    def test_of_two_at_once(self) -> None:
        found = savings(zoo.mobilenet_v1, after={"width": 0.5, "resolution": 160})
        assert found.total.after == total(zoo.mobilenet_v1(width=0.5, resolution=160))
        assert found.valid_when == ("resolution % 32 == 0",)
        assert str(found.steps[-1].left) == "C(width=1/2, resolution=160)/C(width=1, resolution=224)"
        assert found.steps[-1].reason.startswith(f"{found.total.after / found.total.before:.4f}")

    def test_of_a_choice_there_is_no_law(self) -> None:
        found = savings(zoo.vgg, after={"depth": 11})
        assert (found.total.law, found.steps) == (None, ())
        assert found.total.saved == total(zoo.vgg(depth=16)) - total(zoo.vgg(depth=11))
        gone = {stage.name for stage in found.stages if stage.before and not stage.after}
        assert len(gone) == 5

    def test_of_the_symbols_of_a_network(self) -> None:
        network = zoo.mobilenet_v1(resolution=symbols("resolution"))
        found = savings(network, before={"resolution": 224}, after={"resolution": 192})
        assert found.total.after == total(zoo.mobilenet_v1(resolution=192))
        assert found.total.kept == Fraction(total(zoo.mobilenet_v1(resolution=192)), total(zoo.mobilenet_v1()))

    def test_what_remains_may_be_known_where_the_counts_are_not(self) -> None:
        """Without its width, a first layer is still a quarter at half the resolution."""
        network = zoo.mobilenet_v1(width=symbols("width"), resolution=symbols("resolution"))
        found = savings(network, before={"resolution": 224}, after={"resolution": 112})
        assert (found.stages[0].kept, found.total.kept) == (Fraction(1, 4), None)

    def test_of_parameters_instead(self) -> None:
        found = savings(zoo.mobilenet_v2, after={"width": 0.5}, quantity="weight_bytes")
        assert found.total.after == zoo.mobilenet_v2(width=0.5).cost().weight_bytes


class TestRefusals:
    @pytest.mark.parametrize("width", [1, 1.0, "1.0", Fraction(1)])
    def test_of_a_change_that_is_none(self, width: object) -> None:
        with pytest.raises(SpecError, match="a change of 'width' must be to another value"):
            savings(zoo.mobilenet_v1, after={"width": width})

    def test_of_a_parameter_that_there_is_not(self) -> None:
        with pytest.raises(UnknownNameError, match="no parameter of mobilenet_v1 named 'depth'"):
            savings(zoo.mobilenet_v1, after={"depth": 3})

    def test_of_a_value_out_of_range(self) -> None:
        with pytest.raises(SpecError, match="parameter 'width' must be a number above 0"):
            savings(zoo.mobilenet_v1, after={"width": -1})
