"""Counting a network: each node's ledger, weights and traffic."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from costmodel.algebra import Dim, total
from costmodel.counting.conventions import Convention
from costmodel.counting.cost import Cost, NodeCost, Shape
from costmodel.counting.datatypes import bits_of
from costmodel.layers import Composite, kind
from costmodel.network.memory import peak_memory
from costmodel.network.parts import parts_of

if TYPE_CHECKING:
    from costmodel.network.graph import Network, Step


def count(network: Network, *, convention: Convention, activation_type: str, weight_type: str) -> Cost:
    """The cost of one forward pass; every formula is evaluated, nothing is remembered between calls."""
    _check_names(convention, activation_type, weight_type)
    return Cost(
        network=network.name,
        nodes=tuple([_node_cost(step) for step in network.steps]),
        input_elements=total(map(prod, network.inputs.values())),
        peak_elements=lambda: peak_memory(network).elements,
        activation_type=activation_type,
        weight_type=weight_type,
        convention=convention,
    )


def _node_cost(step: Step) -> NodeCost:
    """What a node costs by itself."""
    node, _, _, input_shapes, output_shapes, symbols = step
    layer = node.layer
    ledger, params, buffers = layer.formulas.evaluate(symbols)
    if isinstance(layer, Composite):
        read, written, new = _moved_by_parts(step)
    elif layer.stored or layer.is_view(input_shapes, output_shapes):
        read = written = new = 0
    else:
        read, written = _elements(input_shapes), _elements(output_shapes)
        new = 0 if layer.in_place else written
    own_params, own_buffers = (params - node.borrowed_elements, buffers) if node.shares is None else (0, 0)
    return NodeCost(
        node.name,
        layer.kind,
        ledger,
        own_params,
        own_buffers,
        0 if layer.stored else params + buffers,
        read,
        written,
        new,
        layer.counted,
        input_shapes,
        output_shapes,
        symbols,
    )


def _moved_by_parts(step: Step) -> tuple[Dim, Dim, Dim]:
    """Elements that the parts of a composite node read, write, and write where nothing was before."""
    moving = [part for part in parts_of(step) if not part.is_view]
    new = [part for part in moving if not part.layer.in_place]
    return (
        total(_elements(part.input_shapes) for part in moving),
        total(_elements(part.output_shapes) for part in moving),
        total(_elements(part.output_shapes) for part in new),
    )


def _check_names(convention: Convention, *data_types: str) -> None:
    """Raise for a data type, or a kind in the convention's rules, that does not exist: it would count nothing."""
    for data_type in data_types:
        bits_of(data_type)
    for name in convention.rules:
        kind(name)


def _elements(shapes: tuple[Shape, ...]) -> Dim:
    """Elements of all tensors of these shapes."""
    return prod(shapes[0]) if len(shapes) == 1 else total(map(prod, shapes))
