"""Regular convolutions as separable ones: by channels, and by axes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar, Final, Literal

from costmodel.algebra import Dim, equal
from costmodel.errors import RewriteError
from costmodel.layers import Layer
from costmodel.layers.base import Flag
from costmodel.network import Step
from costmodel.transform.base import Replacement
from costmodel.transform.convolution import (
    across_channels,
    again,
    dense,
    is_depthwise,
    is_pointwise,
    per_channel,
    with_fields,
)
from costmodel.transform.edits import Edit, Piece, in_a_row
from costmodel.transform.graph import Graph

Between = Literal["same", "nothing"]
"""What comes between the layers that replace a convolution: batch-norm and activation as behind it, or nothing."""


class DepthwiseSeparable(Replacement):
    """A depthwise convolution with the window of the original, then a 1x1 convolution across the channels.

    MACs per output position: c_i k_h k_w + c_i c_o in the place of c_i k_h k_w c_o, the fraction 1/c_o + 1/(k_h k_w).
    Between the two comes what follows the original, batch-norm and activation, as in MobileNet; or with
    `between="nothing"` nothing, as in Xception. A convolution that reads the network's input stays, as in MobileNet,
    unless `first` is true. Source: Howard et al., MobileNets, arXiv 1704.04861, section 3.1.
    """

    name: ClassVar[str] = "depthwise_separable"
    between: Between = "same"
    first: Flag = False

    def edit(self, step: Step, graph: Graph) -> Edit:
        layer = dense(step)
        c_i = step.input_shapes[0][1]
        if not self.first and step.inputs[0] in graph.network.inputs:
            raise RewriteError(f"it reads the network's input of {c_i} channels; first=true changes it too")
        name = f"{step.node.name}.depthwise"
        pieces = [Piece(name, per_channel(layer, c_i))]
        pieces += again(graph, step, name) if self.between == "same" else []
        pieces.append(Piece(f"{step.node.name}.pointwise", across_channels(layer)))
        return in_a_row(graph, [step], pieces)


class SpatiallySeparable(Replacement):
    """A convolution along each axis: (k_h, 1), then (1, k_w).

    The second step works per channel, as document 000 has it, or with `second="dense"` over all channels, as in
    Inception. Between the two comes what follows the original, or with `between="nothing"` nothing. A depthwise
    convolution becomes two depthwise ones. Source: document 000, table of convolution types; dense: Szegedy et al.,
    arXiv 1512.00567, section 3.2.
    """

    name: ClassVar[str] = "spatially_separable"
    second: Literal["per_channel", "dense"] = "per_channel"
    between: Between = "same"

    def edit(self, step: Step, graph: Graph) -> Edit:
        layer: Any = step.node.layer
        if is_pointwise(layer):
            raise RewriteError("its kernel is 1x1")
        axes = [axis for axis, size in enumerate(layer.kernel) if not equal(size, 1)]
        if len(axes) < 2:
            raise RewriteError(f"its kernel of {'x'.join(map(str, layer.kernel))} lies along one axis already")
        strides = [axis for axis, size in enumerate(layer.stride) if axis not in axes and not equal(size, 1)]
        windows = [_along(layer, [axis, *(strides if axis == axes[0] else [])]) for axis in axes]
        names = [f"{step.node.name}.{_NAMES[len(layer.kernel)][axis]}" for axis in axes]
        c_o = step.output_shapes[0][1]
        layers: list[Layer] = [with_fields(layer, **windows[0])]
        layers += [self._next(layer, c_o, window, is_depthwise=is_depthwise(step)) for window in windows[1:]]
        pieces = [Piece(names[0], layers[0])]
        for (before, name), each in zip(pairwise(names), layers[1:], strict=True):
            pieces += again(graph, step, before) if self.between == "same" else []
            pieces.append(Piece(name, each))
        return in_a_row(graph, [step], pieces)

    def _next(self, layer: Layer, channels: Dim, window: dict[str, Any], *, is_depthwise: bool) -> Layer:
        if is_depthwise or self.second == "per_channel":
            return per_channel(layer, channels, **window)
        return with_fields(layer, **window)


_NAMES: Final = {2: ("vertical", "horizontal"), 3: ("deep", "vertical", "horizontal")}


def _along(layer: Any, axes: list[int]) -> dict[str, Any]:
    """The part of a window that lies along some axes."""

    def part(values: tuple[Any, ...], otherwise: Any) -> tuple[Any, ...]:
        return tuple(value if axis in axes else otherwise for axis, value in enumerate(values))

    padding = layer.padding if isinstance(layer.padding, str) else part(layer.padding, (0, 0))
    return {
        "kernel": part(layer.kernel, 1),
        "stride": part(layer.stride, 1),
        "padding": padding,
        "dilation": part(layer.dilation, 1),
    }
