"""Pooling against stride: a pool as the stride of the convolution before it, and a stride as a pool."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from costmodel.algebra import Dim, equal
from costmodel.errors import RewriteError
from costmodel.layers import AvgPool1d, AvgPool2d, AvgPool3d, BatchNorm, Dropout, Layer, MaxPool1d, MaxPool2d, MaxPool3d
from costmodel.layers.activation import Activation
from costmodel.network import Step
from costmodel.transform.base import Replacement
from costmodel.transform.convolution import behind, windowed, with_fields
from costmodel.transform.edits import Edit, Piece, in_a_row, same_shape
from costmodel.transform.graph import Graph
from costmodel.transform.selection import CONVOLUTIONS, POOLS

Sides = tuple[Dim, Dim]


class Strided(Replacement):
    """A pooling layer left out, its stride given to the convolution before it.

    Between the two may be batch-norm, activations and dropout, which then work on fewer elements. Where the shape would
    not stay, the convolution's padding is changed, along each axis as little as possible. Source: Springenberg et al.,
    Striving for simplicity: the all convolutional net, arXiv 1412.6806, section 2.
    """

    name: ClassVar[str] = "stride"
    of: ClassVar[tuple[type[Layer], ...]] = POOLS

    def edit(self, step: Step, graph: Graph) -> Edit:
        pool: Any = step.node.layer
        if all(equal(stride, 1) for stride in pool.stride):
            raise RewriteError("it has no stride")
        row = [step]
        while (before := graph.preceding(row[0])) is not None:
            row.insert(0, before)
            if isinstance(before.node.layer, CONVOLUTIONS):
                break
            if not isinstance(before.node.layer, (BatchNorm, Activation, Dropout)):
                raise RewriteError(f"it follows {before.node.layer.kind} and no convolution")
        conv = row[0]
        if not isinstance(conv.node.layer, CONVOLUTIONS):
            raise RewriteError("no convolution comes before it alone")
        layer = _with_stride(conv, pool.stride, step.output_shapes[0])
        pieces = [Piece(conv.node.name, layer), *(Piece(each.node.name, each.node.layer) for each in row[1:-1])]
        return in_a_row(graph, row, pieces, step.node.name)


class Pooled(Replacement):
    """A convolution with a stride as one without, and a pool of that stride behind it and its activation.

    The pool has windows of the stride's size, the last of which may reach beyond the border: ceil(h / s) of them, as
    many as the strided convolution has positions. Source: the same, read the other way.
    """

    name: ClassVar[str] = "pool"
    pool: Literal["max", "average"] = "max"

    def edit(self, step: Step, graph: Graph) -> Edit:
        layer: Any = step.node.layer
        stride = layer.stride
        if all(equal(each, 1) for each in stride):
            raise RewriteError("it has no stride")
        row = [step, *behind(graph, step)]
        dense = with_fields(layer, stride=1)
        (shape,) = dense.infer(step.input_shapes)
        is_even = all(isinstance(size, int) and size % s == 0 for size, s in zip(shape[2:], stride, strict=True))
        kinds = {"max": (MaxPool1d, MaxPool2d, MaxPool3d), "average": (AvgPool1d, AvgPool2d, AvgPool3d)}
        pool = kinds[self.pool][len(stride) - 1](kernel=stride, stride=stride, ceil_mode=not is_even)
        pieces = [Piece(step.node.name, dense), *(Piece(each.node.name, each.node.layer) for each in row[1:])]
        return in_a_row(graph, row, [*pieces, Piece(f"{step.node.name}.pool", pool)])


def _with_stride(step: Step, factor: tuple[Dim, ...], wanted: tuple[Dim, ...]) -> Layer:
    """A convolution with so many times its stride, and a padding with which it has the wanted shape."""
    layer: Any = step.node.layer
    stride = tuple(one * other for one, other in zip(layer.stride, factor, strict=True))
    strided: Layer = with_fields(layer, stride=stride)
    (shape,) = strided.infer(step.input_shapes)
    if same_shape(shape[2:], wanted[2:]):
        return strided
    general = windowed(layer)
    if isinstance(general.padding, str):
        raise RewriteError("its shape cannot be kept with a padding that follows the size")
    sizes = step.input_shapes[0][2:]
    axes = zip(sizes, wanted[2:], stride, general.kernel, general.dilation, general.padding, strict=True)
    padded: Layer = with_fields(general, stride=stride, padding=tuple(_fitting(*axis) for axis in axes))
    return padded


def _fitting(size: Dim, wanted: Dim, stride: Dim, kernel: Dim, dilation: Dim, sides: Sides) -> Sides:
    """The padding nearest to the given one with which a window has the wanted number of positions."""
    if not all(isinstance(each, int) for each in (size, wanted, stride, kernel, dilation, *sides)):
        raise RewriteError("its shape cannot be kept for all values of the symbols")
    before, after = sides
    least = (wanted - 1) * stride + dilation * (kernel - 1) + 1 - size
    whole = min(max(before + after, least, 0), least + stride - 1)
    if whole < 0:
        raise RewriteError(f"its shape cannot be kept: {wanted} positions with a stride of {stride} leave a border out")
    before = min(before, whole) if whole < before + after else before + (whole - before - after) // 2
    return before, whole - before
