"""Convolutions in groups."""

from __future__ import annotations

from typing import Any, ClassVar

from costmodel.algebra import equal
from costmodel.algebra.dimension import Dim
from costmodel.errors import RewriteError
from costmodel.layers import ChannelShuffle, DepthwiseConv2d
from costmodel.layers.base import Flag
from costmodel.network import Step
from costmodel.transform.base import Replacement
from costmodel.transform.convolution import is_depthwise, with_fields
from costmodel.transform.edits import Edit, Piece, in_a_row
from costmodel.transform.graph import Graph


class Grouped(Replacement):
    """The convolution in g groups: 1/g of its MACs and of its weights.

    With `shuffle`, the channels of the groups are interleaved behind it, as in ShuffleNet. A convolution of which g
    does not divide the input or output channels stays. Source: document 003, table of MACs: grouped convolution.
    """

    name: ClassVar[str] = "grouped"
    groups: Dim
    shuffle: Flag = False

    def edit(self, step: Step, graph: Graph) -> Edit:
        layer: Any = step.node.layer
        if isinstance(layer, DepthwiseConv2d) or is_depthwise(step):
            raise RewriteError("it is depthwise already")
        if not equal(layer.groups, 1):
            raise RewriteError(f"it has {layer.groups} groups already")
        for what, shape in (("input", step.input_shapes[0]), ("output", step.output_shapes[0])):
            if isinstance(shape[1], int) and isinstance(self.groups, int) and shape[1] % self.groups:
                raise RewriteError(f"{self.groups} groups do not divide its {shape[1]} {what} channels")
        pieces = [Piece(step.node.name, with_fields(layer, groups=self.groups))]
        if self.shuffle:
            pieces.append(Piece(f"{step.node.name}.shuffle", ChannelShuffle(groups=self.groups)))
        return in_a_row(graph, [step], pieces)
