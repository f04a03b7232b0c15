"""Textbook examples and laws as tests of your own: run with pytest.

Run: python -m pytest examples/textbook_in_tests.py
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from costmodel.layers import Conv2d, DepthwiseConv2d, DepthwiseSeparableConv2d

sizes = st.integers(min_value=1, max_value=64)


def test_the_textbook_example() -> None:
    """A separable convolution beside a regular one, 64 to 128 channels on 112 x 112."""
    image = (1, 64, 112, 112)
    separable = DepthwiseSeparableConv2d(out_channels=128, kernel=3, padding=1, bias=False).cost(image)
    regular = Conv2d(out_channels=128, kernel=3, padding=1, bias=False).cost(image)
    assert (separable.macs, regular.macs) == (109_985_792, 924_844_032)


@given(channels=sizes, size=sizes, kernel=st.sampled_from([1, 3, 5]))
def test_depthwise_is_grouped_with_one_channel_each(channels: int, size: int, kernel: int) -> None:
    image = (1, channels, size, size)
    depthwise = DepthwiseConv2d(kernel=kernel, padding=kernel // 2).cost(image)
    grouped = Conv2d(out_channels=channels, kernel=kernel, padding=kernel // 2, groups=channels).cost(image)
    assert depthwise.ledger == grouped.ledger
    assert depthwise.params == grouped.params


@given(in_channels=sizes, out_channels=sizes, kernel=st.integers(min_value=2, max_value=9))
def test_separable_wins_by_the_known_ratio(in_channels: int, out_channels: int, kernel: int) -> None:
    """The ratio is 1/c_o + 1/k^2."""
    image = (1, in_channels, 10, 10)
    separable = DepthwiseSeparableConv2d(out_channels=out_channels, kernel=kernel).cost(image).macs
    regular = Conv2d(out_channels=out_channels, kernel=kernel).cost(image).macs
    assert separable * out_channels * kernel**2 == regular * (kernel**2 + out_channels)
