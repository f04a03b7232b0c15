"""Large fully connected heads as global average pooling."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from costmodel.algebra import equal, product
from costmodel.errors import RewriteError
from costmodel.layers import (
    AdaptiveAvgPool2d,
    AvgPool2d,
    BatchNorm,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Layer,
    Linear,
    LogSoftmax,
    PointwiseConv2d,
    Reshape,
    Softmax,
)
from costmodel.layers.activation import Activation
from costmodel.network import Step
from costmodel.transform.base import Replacement
from costmodel.transform.edits import Edit, Piece, in_a_row
from costmodel.transform.graph import Graph

_WITHIN = (Linear, Activation, Dropout, BatchNorm)


class GlobalAveragePool(Replacement):
    """A head of flattened maps and linear layers as the mean of each map and one linear layer.

    The linear layers, with what is between them, become the last one, on c features where the first had c h w. With
    `classifier="conv"`, a 1x1 convolution to the classes comes first and the maps are averaged then, as in Network in
    Network: the same weights, h w times the MACs. Pooling to a fixed size before the flattening goes too. Source: Lin,
    Chen and Yan, Network in Network, arXiv 1312.4400, section 3.2.
    """

    name: ClassVar[str] = "global_average_pool"
    of: ClassVar[tuple[type[Layer], ...]] = (Linear,)
    classifier: Literal["linear", "conv"] = "linear"

    def edit(self, step: Step, graph: Graph) -> Edit:
        head = _before(step, graph)
        head += [step, *graph.after(step, *_WITHIN)]
        end = [head[-1], *graph.after(head[-1], Softmax, LogSoftmax)][-1]
        if end.outputs[0] not in graph.network.outputs:
            raise RewriteError("it is no part of the network's head")
        while not isinstance(head[-1].node.layer, Linear):
            head.pop()
        last: Any = head[-1].node
        features, bias = last.layer.out_features, last.layer.bias
        if len(head[0].input_shapes[0]) == 4 and self.classifier == "conv":
            conv = Piece(f"{last.name}.conv", PointwiseConv2d(out_channels=features, bias=bias))
            pieces = [conv, Piece(f"{last.name}.pool", GlobalAvgPool(keepdims=False))]
        else:
            pool = Piece(f"{last.name}.pool", GlobalAvgPool(keepdims=False))
            pieces = [pool, Piece(last.name, last.layer)]
        return in_a_row(graph, head, pieces, last.name)


def _before(step: Step, graph: Graph) -> list[Step]:
    """From the flattening of the maps to what comes before a linear layer; raises where none is flattened."""
    found: list[Step] = []
    before = graph.preceding(step)
    while before is not None and isinstance(before.node.layer, _WITHIN):
        found.insert(0, before)
        before = graph.preceding(before)
    if before is None or not isinstance(before.node.layer, (Flatten, Reshape)) or not _flattens(before):
        raise RewriteError("it is no part of a head that flattens maps")
    if before.inputs[0] in graph.network.inputs:
        raise RewriteError("its head flattens the network's input")
    found.insert(0, before)
    pool = graph.preceding(before)
    if pool is not None and _only_resizes(pool):
        found.insert(0, pool)
    return found


def _flattens(step: Step) -> bool:
    """Whether maps of more than one element become features of each image."""
    (shape,), (features,) = step.input_shapes, step.output_shapes
    is_flat = len(shape) > 2 and len(features) == 2 and equal(features[0], shape[0])
    return is_flat and not all(equal(size, 1) for size in shape[2:]) and equal(features[1], product(shape[1:]))


def _only_resizes(step: Step) -> bool:
    """Whether a layer pools to the size that the head needs: adaptively, or as an exporter writes that."""
    layer = step.node.layer
    exported = isinstance(layer, AvgPool2d) and layer.kernel == layer.stride
    return isinstance(layer, AdaptiveAvgPool2d) or exported
