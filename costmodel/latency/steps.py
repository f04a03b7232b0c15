"""The steps of a network for lowering: composite layers as their parts, and what is only another name for a tensor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from costmodel.algebra import Dim
from costmodel.counting import Ledger
from costmodel.layers import Composite, Layer
from costmodel.layers.base import Shapes
from costmodel.network import Network


class Op(NamedTuple):
    """A node, or a part of a composite one."""

    node: str
    name: str
    layer: Layer
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    input_shapes: Shapes
    output_shapes: Shapes
    ledger: Ledger
    weights: Dim

    @property
    def is_free(self) -> bool:
        """Whether it is no kernel: a view, what is stored, or in place without an operation."""
        nothing = all(isinstance(count, int) and count == 0 for count in self.ledger)
        return self.layer.view or self.layer.stored or (self.layer.in_place and nothing)


def ops(network: Network) -> Iterator[Op]:
    """The nodes in execution order, composite ones as their parts."""
    for (node, inputs, outputs, input_shapes, output_shapes, _), cost in zip(
        network.steps, network.cost().nodes, strict=True
    ):
        if isinstance(node.layer, Composite):
            yield from _parts(node.name, node.layer, inputs, input_shapes)
        else:
            yield Op(
                node.name, node.name, node.layer, inputs, outputs, input_shapes, output_shapes,
                cost.ledger, cost.output_elements if node.layer.looked_up else cost.weight_elements,
            )  # fmt: skip


def _parts(node: str, layer: Composite, inputs: tuple[str, ...], shapes: Shapes) -> Iterator[Op]:
    """The layers of a composite one; the last writes the node's output."""
    parts = layer.expand(shapes)
    tensors = list(inputs)
    for index, (part, reads, part_shapes, shape) in enumerate(parts, start=1):
        output = node if index == len(parts) else f"{node}/{index}"
        cost = part.cost(*part_shapes)
        yield Op(
            node, f"{node}/{index}", part, tuple(tensors[each] for each in reads), (output,), part_shapes, (shape,),
            cost.ledger, cost.params + cost.buffers,
        )  # fmt: skip
        tensors.append(output)


def memories(ops: tuple[Op, ...]) -> dict[str, str]:
    """For every tensor that is another's memory, that other."""
    memory: dict[str, str] = {}
    for op in ops:
        if op.is_free and op.inputs:
            source = memory.get(op.inputs[0], op.inputs[0])
            memory.update(dict.fromkeys(op.outputs, source))
    return memory
