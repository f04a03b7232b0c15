"""Counting a network: each node's ledger, weights and traffic."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from costmodel.counting.conventions import Convention
from costmodel.counting.cost import Cost, NodeCost
from costmodel.errors import GraphError
from costmodel.network.memory import peak_memory
from costmodel.algebra import Dim, total

if TYPE_CHECKING:
    from costmodel.network.graph import Network, Step


def count(network: Network, *, convention: Convention, activation_type: str, weight_type: str) -> Cost:
    """The cost of one forward pass; every formula is evaluated, nothing is remembered between calls."""
    elements: dict[str, Dim] = {name: prod(shape) for name, shape in network.inputs.items()}
    inputs = total(elements.values())
    nodes = [_node_cost(step, elements) for step in network.steps]
    return Cost(
        network=network.name,
        nodes=tuple(_with_shared_weights(network, nodes)),
        input_elements=inputs,
        peak_elements=lambda: peak_memory(network).elements,
        activation_type=activation_type,
        weight_type=weight_type,
        convention=convention,
    )


def _node_cost(step: Step, elements: dict[str, Dim]) -> NodeCost:
    """What a node costs by itself; notes the elements of its outputs."""
    node, inputs, outputs, input_shapes, output_shapes = step
    layer = node.layer
    symbols = layer.symbols(input_shapes, output_shapes)
    ledger, params, buffers = layer.formulas.evaluate(symbols)
    elements.update(zip(outputs, map(prod, output_shapes), strict=True))
    read, written = (0, 0) if layer.view else (_sum_of(elements, inputs), _sum_of(elements, outputs))
    return NodeCost(
        node.name,
        layer.kind,
        ledger,
        params,
        buffers,
        params + buffers,
        read,
        written,
        layer.in_place,
        input_shapes,
        output_shapes,
        symbols,
    )


def _sum_of(elements: dict[str, Dim], names: tuple[str, ...]) -> Dim:
    return elements[names[0]] if len(names) == 1 else total([elements[name] for name in names])


def _with_shared_weights(network: Network, nodes: list[NodeCost]) -> list[NodeCost]:
    """The nodes with the weights of those that use another node's counted there only."""
    borrowers = {step.node.name: step.node.shares for step in network.steps if step.node.shares is not None}
    if not borrowers:
        return nodes
    owned = {node.name: (node.kind, node.weight_elements) for node in nodes}
    for name, owner in borrowers.items():
        _check_shared(network, name, owner, owned)
    return [node._replace(params=0, buffers=0) if node.name in borrowers else node for node in nodes]


def _check_shared(network: Network, name: str, owner: str, owned: dict[str, tuple[str, Dim]]) -> None:
    """A node can only use weights of its own kind, and as many as it needs."""
    if owned[owner] != owned[name]:
        (kind, size), (own_kind, own_size) = owned[owner], owned[name]
        raise GraphError(
            f"{network.name}, {name}: shared weights must be of one kind and size"
            f" (got {own_size} of {own_kind} for {size} of {kind} in {owner!r})"
        )
