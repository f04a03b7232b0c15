"""Convolutions of any number of axes, as the rewrites of them need to see them."""

from __future__ import annotations

from typing import Any, TypeVar

from costmodel.algebra import Dim, equal
from costmodel.errors import RewriteError
from costmodel.layers import BatchNorm, Conv2d, DepthwiseConv2d, Layer, PointwiseConv2d
from costmodel.layers.activation import Activation
from costmodel.network import Step
from costmodel.transform.edits import Piece
from costmodel.transform.graph import Graph

Kind = TypeVar("Kind", bound=Layer)


def with_fields(layer: Kind, **fields: Any) -> Kind:
    """The layer with other values for some fields, all of them checked again."""
    return type(layer)(**{**dict(layer), **fields})


def windowed(layer: Any) -> Any:
    """A pointwise convolution as the general one that it is; another as it is."""
    if not isinstance(layer, PointwiseConv2d):
        return layer
    fields = {name: getattr(layer, name) for name in ("out_channels", "stride", "groups", "bias")}
    return Conv2d(kernel=1, **fields)


def is_pointwise(layer: Any) -> bool:
    """Whether a kernel has one element."""
    return all(equal(size, 1) for size in windowed(layer).kernel)


def is_depthwise(step: Step) -> bool:
    """Whether a convolution works on each input channel by itself."""
    layer: Any = step.node.layer
    c_i = step.input_shapes[0][1]
    return isinstance(layer, DepthwiseConv2d) or (equal(layer.groups, c_i) and not equal(c_i, 1))


def dense(step: Step) -> Any:
    """The layer of a regular convolution with a window; raises `RewriteError` with what else it is."""
    layer: Any = step.node.layer
    if is_pointwise(layer):
        raise RewriteError("its kernel is 1x1 already")
    if is_depthwise(step):
        raise RewriteError("it is depthwise already")
    if not equal(layer.groups, 1):
        raise RewriteError(f"it has {layer.groups} groups")
    return layer


def per_channel(layer: Any, channels: Dim, **fields: Any) -> Layer:
    """A convolution of each of so many channels by itself, with the window and the bias of a layer."""
    window = {name: getattr(layer, name) for name in ("kernel", "stride", "padding", "dilation", "bias")} | fields
    if isinstance(layer, (Conv2d, DepthwiseConv2d)):
        return DepthwiseConv2d(**window)
    return type(layer)(out_channels=channels, groups=channels, **window)  # type: ignore[no-any-return]


def across_channels(layer: Any) -> Layer:
    """A 1x1 convolution to the layer's output channels."""
    if isinstance(layer, Conv2d):
        return PointwiseConv2d(out_channels=layer.out_channels, bias=layer.bias)
    return type(layer)(out_channels=layer.out_channels, kernel=1, bias=layer.bias)  # type: ignore[no-any-return]


def behind(graph: Graph, step: Step) -> tuple[Step, ...]:
    """The batch-norm and the activation that follow a convolution."""
    return graph.after(step, BatchNorm, Activation)


def again(graph: Graph, step: Step, name: str) -> list[Piece]:
    """What follows a convolution once more, behind the layer of that name."""
    return [Piece(f"{name}.{each.node.layer.kind}", each.node.layer) for each in behind(graph, step)]
