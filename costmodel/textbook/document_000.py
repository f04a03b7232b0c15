"""Document 000: operations and parameters of four types of convolution."""

from __future__ import annotations

from collections.abc import Callable

from costmodel.algebra import symbols
from costmodel.algebra.types import Dim
from costmodel.counting import convention
from costmodel.layers import (
    Conv2d,
    DepthwiseSeparableConv2d,
    DepthwiseSpatiallySeparableConv2d,
    Layer,
    SpatiallySeparableConv2d,
)
from costmodel.textbook.example import Example, Verdict
from costmodel.zoo.document_000 import ACTIVATIONS, CONVOLUTIONS

SIZES = "d_in channels in, d_out out, a window of f x f, no padding, stride 1, output H_out x W_out"


def _layer(kind: Callable[..., Layer]) -> tuple[Layer, tuple[Dim, ...]]:
    """The layer in the document's symbols, and the input shape that gives its output size."""
    f, d_in, d_out, h_out, w_out = symbols("f d_in d_out H_out W_out")
    return kind(out_channels=d_out, kernel=f, bias=False), (1, d_in, h_out + f - 1, w_out + f - 1)


def _multiplications(kind: Callable[..., Layer]) -> Dim:
    layer, shape = _layer(kind)
    return convention("multiplications").count(layer.kind, layer.cost(shape).ledger, {})


def _parameters(kind: Callable[..., Layer]) -> Dim:
    layer, shape = _layer(kind)
    return layer.cost(shape).params


def _misprinted() -> Dim:
    """The depthwise steps as printed: on one channel, and with the overhang f - 1 of f = 3."""
    f, d_in, d_out, h_out, w_out = symbols("f d_in d_out H_out W_out")
    column, row = f * h_out * (w_out + 3 - 1), f * h_out * w_out
    return column + row + d_in * h_out * w_out * d_out


def _operations(name: str, kind: Callable[..., Layer], printed: str, reading: str) -> Example:
    return Example(
        document="000",
        name=f"{name}: operations",
        statement=f"{name}: {SIZES}",
        printed=printed,
        reading=reading,
        unit="multiplications",
        rule="multiplications of each step",
        replay=lambda: _multiplications(kind),
        compute=lambda: _multiplications(kind),
    )


def _stored(name: str, kind: Callable[..., Layer], printed: str, reading: str) -> Example:
    return Example(
        document="000",
        name=f"{name}: parameters",
        statement=f"{name}: {SIZES}",
        printed=printed,
        reading=reading,
        unit="parameters",
        rule="weights of each step, no biases",
        replay=lambda: _parameters(kind),
        compute=lambda: _parameters(kind),
    )


EXAMPLES = (
    Example(
        document="000",
        name="possible models",
        statement="four types of convolution, each with one of three activation functions",
        printed="12",
        unit="models",
        rule="3 x 4",
        replay=lambda: 3 * 4,
        compute=lambda: len(ACTIVATIONS) * len(CONVOLUTIONS),
    ),
    _operations("normal", Conv2d, "f f d_in H_out W_out d_out", "f*f*d_in*H_out*W_out*d_out"),
    _stored("normal", Conv2d, "f f d_in d_out", "f*f*d_in*d_out"),
    _operations(
        "spatially separable",
        SpatiallySeparableConv2d,
        "f d_in H_out (W_out + f - 1) d_out + f H_out W_out d_out",
        "f*d_in*H_out*(W_out + f - 1)*d_out + f*H_out*W_out*d_out",
    ),
    _stored("spatially separable", SpatiallySeparableConv2d, "f d_in d_out + f d_out", "f*d_in*d_out + f*d_out"),
    _operations(
        "depthwise separable",
        DepthwiseSeparableConv2d,
        "f f d_in H_out W_out + d_in H_out W_out d_out",
        "f*f*d_in*H_out*W_out + d_in*H_out*W_out*d_out",
    ),
    _stored("depthwise separable", DepthwiseSeparableConv2d, "f f d_in + d_in d_out", "f*f*d_in + d_in*d_out"),
    Example(
        document="000",
        name="depthwise and spatially separable: operations",
        statement=f"depthwise and spatially separable: {SIZES}",
        printed="f H_out (W_out + 2) + f H_out W_out + d_in H_out W_out d_out",
        reading="f*H_out*(W_out + 2) + f*H_out*W_out + d_in*H_out*W_out*d_out",
        unit="multiplications",
        rule="multiplications of each step; the depthwise steps on one channel, the overhang that of f = 3",
        replay=_misprinted,
        compute=lambda: _multiplications(DepthwiseSpatiallySeparableConv2d),
        mistake=Verdict.MISPRINT,
        erratum="the first two terms lack the factor d_in, and 2 stands for f - 1, which it is only for f = 3",
    ),
    _stored(
        "depthwise and spatially separable",
        DepthwiseSpatiallySeparableConv2d,
        "2 f d_in + d_in d_out",
        "2*f*d_in + d_in*d_out",
    ),
)
