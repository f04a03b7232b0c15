"""Document 001: a depthwise separable convolution against a regular one."""

from __future__ import annotations

from fractions import Fraction

from costmodel.algebra import ceiling
from costmodel.algebra.types import Dim
from costmodel.layers import Conv2d, DepthwiseConv2d, DepthwiseSeparableConv2d, PointwiseConv2d
from costmodel.textbook.example import Example, Verdict

SHAPE = (1, 64, 112, 112)


def _regular() -> Dim:
    return Conv2d(out_channels=128, kernel=3, padding=1, bias=False).cost(SHAPE).macs


def _separable() -> Dim:
    return DepthwiseSeparableConv2d(out_channels=128, kernel=3, padding=1, bias=False).cost(SHAPE).macs


EXAMPLES = (
    Example(
        document="001",
        name="depthwise 3x3",
        statement="a 3x3 depthwise convolution on a 112x112 feature map with 64 input channels",
        printed="7,225,344",
        unit="FLOPs, one for each multiply-accumulate",
        rule="3 x 3 x 64 x 112 x 112",
        replay=lambda: 3 * 3 * 64 * 112 * 112,
        compute=lambda: DepthwiseConv2d(kernel=3, padding=1, bias=False).cost(SHAPE).macs,
    ),
    Example(
        document="001",
        name="pointwise 64 -> 128",
        statement="a 1x1 convolution of its output into a 128-dimensional feature map",
        printed="102,760,448",
        unit="FLOPs, one for each multiply-accumulate",
        rule="64 x 112 x 112 x 128",
        replay=lambda: 64 * 112 * 112 * 128,
        compute=lambda: PointwiseConv2d(out_channels=128, bias=False).cost(SHAPE).macs,
    ),
    Example(
        document="001",
        name="depthwise separable, sum",
        statement="the two convolutions together",
        printed="109,985,792",
        unit="FLOPs, one for each multiply-accumulate",
        rule="7,225,344 + 102,760,448",
        replay=lambda: 7_225_344 + 102_760_448,
        compute=_separable,
    ),
    Example(
        document="001",
        name="regular 3x3, 64 -> 128",
        statement="a regular 3x3 convolution for the same size",
        printed="924,844,032",
        unit="FLOPs, one for each multiply-accumulate",
        rule="3 x 3 x 64 x 112 x 112 x 128",
        replay=lambda: 3 * 3 * 64 * 112 * 112 * 128,
        compute=_regular,
    ),
    Example(
        document="001",
        name="regular against separable",
        statement="how many times more operations the regular convolution takes",
        printed="almost 9 times",
        reading="9",
        unit="times",
        rule="924,844,032 / 109,985,792, rounded up",
        replay=lambda: ceiling(Fraction(924_844_032, 109_985_792)),
        compute=lambda: Fraction(_regular(), _separable()),
        mistake=Verdict.LOOSE,
        erratum="the ratio is 8.41: 9 is the limit for many output channels",
    ),
)
