"""Counting a network: each node's ledger, weights and traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costmodel.counting.conventions import Convention
from costmodel.counting.cost import Cost, NodeCost
from costmodel.errors import GraphError
from costmodel.network.memory import peak_memory
from costmodel.algebra import Dim, product, total

if TYPE_CHECKING:
    from costmodel.network.graph import Network, Step


def count(network: Network, *, convention: Convention, activation_type: str, weight_type: str) -> Cost:
    """The cost of one forward pass; every formula is evaluated, nothing is remembered between calls."""
    elements: dict[str, Dim] = {name: product(shape) for name, shape in network.inputs.items()}
    inputs = total(elements.values())
    owned: dict[str, tuple[str, Dim]] = {}
    nodes = []
    for step in network.steps:
        for name, shape in zip(step.outputs, step.output_shapes, strict=True):
            elements[name] = product(shape)
        nodes.append(_node_cost(network, step, elements, owned))
    return Cost(
        network=network.name,
        nodes=tuple(nodes),
        input_elements=inputs,
        peak_elements=lambda: peak_memory(network).elements,
        activation_type=activation_type,
        weight_type=weight_type,
        convention=convention,
    )


def _node_cost(
    network: Network, step: Step, elements: dict[str, Dim], owned: dict[str, tuple[str, Dim]]
) -> NodeCost:
    node, input_names, output_names, input_shapes, output_shapes = step
    layer = node.layer
    symbols = layer.symbols(input_shapes, output_shapes)
    params, buffers = layer.formulas.weights(symbols)
    stored = params + buffers
    owned[node.name] = (layer.kind, stored)
    if node.shares is not None:
        _check_shared(network, node.name, node.shares, owned)
        params = buffers = 0
    return NodeCost(
        node.name,
        layer.kind,
        layer.formulas.ledger(symbols),
        params,
        buffers,
        stored,
        0 if layer.view else total([elements[name] for name in input_names]),
        0 if layer.view else total([elements[name] for name in output_names]),
        layer.in_place,
        input_shapes,
        output_shapes,
        symbols,
    )


def _check_shared(network: Network, name: str, owner: str, owned: dict[str, tuple[str, Dim]]) -> None:
    """A node can only use weights that are as many as it needs, of a node that runs before it."""
    if owner not in owned:
        raise GraphError(f"{network.name}, {name}: 'shares' must name a node that runs before it (got {owner!r})")
    if owned[owner] != owned[name]:
        (kind, size), (own_kind, own_size) = owned[owner], owned[name]
        raise GraphError(
            f"{network.name}, {name}: shared weights must be of one kind and size"
            f" (got {own_size} of {own_kind} for {size} of {kind} in {owner!r})"
        )
