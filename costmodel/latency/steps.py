"""The operations of a network for lowering: composite layers as their parts, and what is free under a set of rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from costmodel.algebra import Dim, product, total
from costmodel.counting import Ledger
from costmodel.layers import Composite, Layer
from costmodel.layers.base import Shapes
from costmodel.network import Network, Step
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
    for step in network.steps:
        node, inputs, outputs, input_shapes, output_shapes, symbols = step
        layer = node.layer
        if isinstance(layer, Composite):
            yield from _parts(step)
            continue
        ledger, params, buffers = layer.formulas.evaluate(symbols)
        weights = 0 if layer.stored else params + buffers
        if layer.looked_up:
            weights = total(map(product, output_shapes))
        is_view = layer.is_view(input_shapes, output_shapes) or (layer.in_place and not any(ledger))
        name = node.name
        yield Op(
            (name,), name, layer.kind, layer, inputs, outputs, input_shapes, output_shapes, ledger, weights, is_view
        )


def _parts(step: Step) -> Iterator[Op]:
    """The parts of a composite node."""
    for part in parts_of(step):
        layer = part.layer
        ledger, params, buffers = layer.formulas.evaluate(layer.symbols(part.input_shapes, part.output_shapes))
        is_view = part.is_view or (layer.in_place and not any(ledger))
        yield Op((part.node,), part.name, layer.kind, *part[2:], ledger, params + buffers, is_view)
