"""The steps of a network for lowering: composite layers as their parts, and what is only another name for a tensor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from costmodel.algebra import Dim
from costmodel.counting import Ledger
from costmodel.layers import Composite, Layer
from costmodel.layers.base import Shapes
from costmodel.network import Network
from costmodel.network.parts import parts_of


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
    is_free: bool
    """Whether it is no kernel: a view, what is stored, or in place without an operation."""


def ops(network: Network) -> Iterator[Op]:
    """The nodes in execution order, composite ones as their parts."""
    for step, cost in zip(network.steps, network.cost().nodes, strict=True):
        for part in parts_of(step):
            layer = part.layer
            if isinstance(step.node.layer, Composite):
                ledger, params, buffers = layer.formulas.evaluate(layer.symbols(part.input_shapes, part.output_shapes))
                weights = params + buffers
            else:
                ledger = cost.ledger
                weights = cost.output_elements if layer.looked_up else cost.weight_elements
            nothing = all(isinstance(count, int) and count == 0 for count in ledger)
            is_free = part.is_view or layer.stored or (layer.in_place and nothing)
            yield Op(*part, ledger, weights, is_free)


def memories(ops: tuple[Op, ...]) -> dict[str, str]:
    """For every tensor that is another's memory, that other."""
    memory: dict[str, str] = {}
    for op in ops:
        if op.is_free and op.inputs:
            source = memory.get(op.inputs[0], op.inputs[0])
            memory.update(dict.fromkeys(op.outputs, source))
    return memory
