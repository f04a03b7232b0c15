"""The operations of a network for lowering: composite layers as their parts, and what is free under a set of rules."""

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
    """A node, a part of a composite one, or several that a pattern made one."""

    nodes: tuple[str, ...]
    name: str
    kind: str
    layer: Layer
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    input_shapes: Shapes
    output_shapes: Shapes
    ledger: Ledger
    weights: Dim
    is_view: bool
    """Whether its output is its input's memory: a view, or in place without an operation."""


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
            is_view = part.is_view or (layer.in_place and not any(ledger))
            yield Op((part.node,), part.name, layer.kind, *part[2:], ledger, weights, is_view)
