"""Ratios: the textbook's laws, and the quotient of exact counts wherever the smooth forms are exact."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel import Network, parse, symbols, zoo
from costmodel.errors import ExpressionError, UnknownNameError
from costmodel.layers import (
    Conv2d,
    DepthwiseConv2d,
    DepthwiseSeparableConv2d,
    DepthwiseSpatiallySeparableConv2d,
    Layer,
    SpatiallySeparableConv2d,
)
from costmodel.reasoning import ratio

SEPARABLE = "depthwise_separable_conv2d"
WIDTH, RESOLUTION = symbols("width resolution")


class TestTheTextbooksLaws:
    @pytest.mark.parametrize(
        ("a", "b", "at", "law"),
        [
            (SEPARABLE, "conv2d", {"k": "k"}, "1/c_o + 1/k**2"),  # arXiv 1704.04861, section 3.1
            (SEPARABLE, "conv2d", {}, "1/c_o + 1/(k_h*k_w)"),
            (SEPARABLE, "conv2d", {"k": 3}, "1/c_o + 1/9"),
            ("conv2d:g=g", "conv2d", {}, "1/g"),  # grouped convolution: arXiv 1611.05431
            ("depthwise_conv2d:c_o=c_i", "conv2d:c_o=c_i", {}, "1/c_i"),
            ("pointwise_conv2d", "conv2d", {"k": 3}, "1/9"),
            ("2*conv2d:k=3,c_o=c_i", "conv2d:k=5,c_o=c_i", {}, "18/25"),  # VGG: arXiv 1409.1556, section 2.3
            ("3*conv2d:k=3,c_o=c_i", "conv2d:k=7,c_o=c_i", {}, "27/49"),  # VGG: 81 % more the other way round
            ("spatially_separable_conv2d:c_g=c_i,c_o=c_i", "conv2d:c_o=c_i", {"k": 3}, "2/3"),  # arXiv 1512.00567: 33 %
            ("gru", "lstm", {}, "3/4"),  # three gates of four
        ],
    )
    def test_a_ratio_is_what_the_textbook_prints(self, a: str, b: str, at: dict[str, object], law: str) -> None:
        found = ratio(a, b, at=at)
        assert found.expression == parse(law)
        assert str(found.steps[-1]) == f"A/B = {law}"
        assert found.valid_when == ()

    def test_a_bottleneck_block_beside_a_basic_one(self) -> None:
        """ResNet-50's block of 256-64-64-256 channels, and two 3x3 of 64: 69,632 and 73,728 (arXiv 1512.03385)."""
        bottleneck = "pointwise_conv2d:c_o=c_i/4 + conv2d:k=3,c_i=c_i/4,c_o=c_i/4 + pointwise_conv2d:c_i=c_i/4,c_o=c_i"
        basic = "2*conv2d:k=3,c_i=c_i/4,c_o=c_i/4"
        assert ratio(bottleneck, basic).expression == parse("69632/73728")

    def test_equal_sizes_are_an_assumption_that_is_stated(self) -> None:
        found = ratio(SEPARABLE, "conv2d")
        assert found.assumptions[0].startswith("the same input and the same output")
        assert set(found.assumptions[1:]) == {"a channel multiplier of 1 (q = 1)", "one group (g = 1)"}
        assert ratio("conv2d:g=g,k=3", "conv2d:k=3", quantity="params").assumptions[1:] == (
            "no bias (b = 0)",
            "one group (g = 1)",
        )

    def test_of_parameters_it_is_that_of_the_kernels(self) -> None:
        assert ratio(SEPARABLE, "conv2d", quantity="params").expression == parse("1/c_o + 1/(k_h*k_w)")
        biased = ratio(SEPARABLE, "conv2d", quantity="params", at={"b": 1}).expression
        assert biased == parse("(k_h*k_w*c_i + c_i*c_o + c_i + c_o)/(c_o*c_i*k_h*k_w + c_o)")


SIZES = st.fixed_dictionaries({
    "n": st.integers(1, 3), "c_i": st.integers(1, 40), "c_o": st.integers(1, 40), "h_o": st.integers(7, 20),
    "w_o": st.integers(7, 20), "k_h": st.sampled_from((1, 3, 5, 7)), "k_w": st.sampled_from((1, 3, 5, 7)),
})  # fmt: skip
KINDS: tuple[type[Layer], ...] = (
    Conv2d, DepthwiseSeparableConv2d, SpatiallySeparableConv2d, DepthwiseSpatiallySeparableConv2d,
)  # fmt: skip


def macs(kind: type[Layer], sizes: dict[str, int]) -> int:
    """The exact count of a layer of those sizes, padded so that the output is as large as the input."""
    padding = ((sizes["k_h"] // 2,) * 2, (sizes["k_w"] // 2,) * 2)
    layer = kind(out_channels=sizes["c_o"], kernel=(sizes["k_h"], sizes["k_w"]), padding=padding, bias=False)
    counted = layer.cost((sizes["n"], sizes["c_i"], sizes["h_o"], sizes["w_o"])).macs
    assert isinstance(counted, int)
    return counted


class TestAgainstExactCounts:
    @given(a=st.sampled_from(KINDS), b=st.sampled_from(KINDS), sizes=SIZES)
    def test_of_layers(self, a: type[Layer], b: type[Layer], sizes: dict[str, int]) -> None:
        law = ratio(a, b).expression
        assert Fraction(parse(str(law), sizes)) == Fraction(macs(a, sizes), macs(b, sizes))

    @given(c_i=st.integers(1, 40), k=st.integers(1, 7))
    def test_of_a_depthwise_convolution(self, c_i: int, k: int) -> None:
        depthwise = DepthwiseConv2d(kernel=k, bias=False).cost((1, c_i, 9, 9)).macs
        regular = Conv2d(out_channels=c_i, kernel=k, bias=False).cost((1, c_i, 9, 9)).macs
        law = ratio("depthwise_conv2d:c_o=c_i", "conv2d:c_o=c_i").expression
        assert Fraction(parse(str(law), {"c_i": c_i})) == Fraction(depthwise, regular)

    @given(width=st.integers(4, 24), resolution=st.integers(1, 10))
    def test_of_networks(self, width: int, resolution: int) -> None:
        """Where the resolution is a multiple of 32 and the width one of 1/4 from 1 on: no channel is rounded."""
        point = {"width": Fraction(width, 4), "resolution": 32 * resolution}

        def both(width: object, resolution: object) -> tuple[Network, Network]:
            return (
                zoo.mobilenet_v2(width=width, resolution=resolution, rounding="none"),
                zoo.mobilenet_v1(width=width, resolution=resolution, rounding="none"),
            )

        first, second = both(WIDTH, RESOLUTION)
        found = ratio(first, second)
        assert found.valid_when == ("resolution % 32 == 0", "width >= 1")
        counts = [network.cost().macs for network in both(**point)]
        assert Fraction(parse(str(found.expression), point)) == Fraction(*counts)


class TestRefusals:
    @pytest.mark.parametrize(
        ("a", "message"),
        [
            ("conv2d:k", "a value is written symbol=value"),
            ("conv2d:z=3", "no symbol of conv2d named 'z'"),
            ("convolution", "no layer kind named 'convolution'"),
            ("conv2d:k=0", "k must be a number above 0"),
            ("conv2d:k=-1", "k must be a number above 0"),
            ("conv2d,conv2d", "a layer is written KIND or KIND:symbol=value"),
            ("99999*conv2d", "a layer is written KIND or KIND:symbol=value"),
            ("conv2d:k=__import__('os')", "not an expression of dimensions"),
            (" + ".join(["conv2d"] * 51), "at most 50 layers are added up"),
        ],
    )
    def test_of_a_text_that_names_no_layers(self, a: str, message: str) -> None:
        with pytest.raises((ExpressionError, UnknownNameError), match=message):
            ratio(a, "conv2d")

    def test_of_a_symbol_that_neither_has(self) -> None:
        with pytest.raises(UnknownNameError, match="no symbol in gru and lstm named 'c_o'"):
            ratio("gru", "lstm", at={"c_o": 3})

    def test_of_nothing_to_divide_by(self) -> None:
        with pytest.raises(ExpressionError, match="a ratio needs a cost to divide by, and macs of relu is 0"):
            ratio("conv2d", "relu")

    @pytest.mark.parametrize("power", [9, 20, 30])
    def test_of_more_terms_than_can_be_reduced_in_time(self, power: int) -> None:
        with pytest.raises(ExpressionError, match="takes costs of at most 200 terms; give numbers for some symbols"):
            ratio(f"linear:c_i=(c_h+c_o+k+d_k)**{power}", "linear")

    def test_of_a_maximum(self) -> None:
        with pytest.raises(ExpressionError, match="a maximum of several expressions has no algebra of its own"):
            ratio(zoo.mobilenet_v1(width=WIDTH), zoo.mobilenet_v2(width=WIDTH), quantity="peak_memory_bytes")

    def test_of_a_quantity_that_a_layer_kind_does_not_have(self) -> None:
        with pytest.raises(UnknownNameError, match="no quantity of conv2d named 'peak_memory_bytes'"):
            ratio("conv2d", "conv2d", quantity="peak_memory_bytes")
