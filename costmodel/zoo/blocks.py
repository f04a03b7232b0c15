"""Blocks that several mobile networks of the zoo consist of."""

from __future__ import annotations

from collections.abc import Callable

from costmodel.algebra import equal
from costmodel.algebra.types import Dim
from costmodel.layers import Add, BatchNorm, DepthwiseConv2d, GlobalAvgPool, Layer, Multiply, PointwiseConv2d
from costmodel.network import Tensor


def squeeze_excite(x: Tensor, channels: Dim, *, activation: Layer, gate: Layer) -> Tensor:
    """Each map times a gate: the means of all maps by 1x1 to few `channels`, activation, 1x1 back, gate.

    Both convolutions have biases. Source: Hu, Shen and Sun, arXiv 1709.01507, figure 1.
    """
    with x.builder.scope("se"):
        y = x.then(GlobalAvgPool(), name="pool")
        y = y.then(PointwiseConv2d(out_channels=channels), activation, name="squeeze")
        y = y.then(PointwiseConv2d(out_channels=x.channels), gate, name="excite")
        return x.builder.add(Multiply(), y, x, name="scale")


def inverted_bottleneck(
    x: Tensor,
    expanded: Dim,
    channels: Dim,
    *,
    kernel: int = 3,
    stride: int,
    activation: Layer,
    gated: Callable[[Tensor], Tensor] | None = None,
    shortcut: bool = True,
) -> Tensor:
    """1x1 to `expanded` channels, depthwise, `gated` by squeeze-and-excitation, 1x1 back, beside a shortcut.

    The first convolution is left out where the input has `expanded` channels already, and the shortcut where the shape
    changes. Source: Sandler et al., arXiv 1801.04381, figure 4.
    """
    y = x
    if not equal(expanded, x.channels):
        y = y.then(PointwiseConv2d(out_channels=expanded, bias=False), BatchNorm(), activation, name="expand")
    depthwise = DepthwiseConv2d(kernel=kernel, stride=stride, padding=kernel // 2, bias=False)
    y = y.then(depthwise, BatchNorm(), activation, name="depthwise")
    if gated is not None:
        y = gated(y)
    y = y.then(PointwiseConv2d(out_channels=channels, bias=False), BatchNorm(), name="project")
    return y.builder.add(Add(), y, x, name="add") if shortcut and stride == 1 and equal(x.channels, channels) else y
