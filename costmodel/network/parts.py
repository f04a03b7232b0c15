"""The parts of a network: its nodes, composite ones as the layers that they consist of.

What is written, what is alive and what runs as a kernel is a question about parts: a composite layer writes the
outputs of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from costmodel.layers.base import Layer, Shapes
from costmodel.layers.composite import Composite

if TYPE_CHECKING:
    from costmodel.network.graph import Step


class PlacedPart(NamedTuple):
    """A node that is no composite, or a part of one, and the tensors that it reads and writes."""

    node: str
    name: str
    """The node's name, and for a part of a composite its number after a slash."""
    layer: Layer
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    input_shapes: Shapes
    output_shapes: Shapes

    @property
    def is_view(self) -> bool:
        """Whether its output is its input's memory."""
        return self.layer.is_view(self.input_shapes, self.output_shapes)


def placed_parts(steps: Iterable[Step]) -> Iterator[PlacedPart]:
    """The parts of all nodes, in execution order."""
    for step in steps:
        yield from parts_of(step)


def parts_of(step: Step) -> tuple[PlacedPart, ...]:
    """The node, or the parts of a composite one, of which the last writes the node's output."""
    node, inputs, outputs, input_shapes, output_shapes, _ = step
    layer = node.layer
    if not isinstance(layer, Composite):
        return (PlacedPart(node.name, node.name, layer, inputs, outputs, input_shapes, output_shapes),)
    parts = layer.expand(input_shapes)
    tensors = list(inputs)
    found = []
    for index, part in enumerate(parts, start=1):
        name = f"{node.name}/{index}"
        # No name in a network ends like this one: a tensor inside a node is nobody else's.
        output = node.name if index == len(parts) else f"{name}\0"
        reads = tuple(tensors[each] for each in part.reads)
        found.append(PlacedPart(node.name, name, part.layer, reads, (output,), part.input_shapes, (part.output_shape,)))
        tensors.append(output)
    return tuple(found)
