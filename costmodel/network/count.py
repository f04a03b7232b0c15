"""Counting a network: each node's ledger, weights and traffic."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from costmodel.algebra import Dim, total
from costmodel.counting.conventions import Convention
from costmodel.counting.cost import Cost, NodeCost, Shape
from costmodel.errors import GraphError
from costmodel.network.memory import peak_memory

if TYPE_CHECKING:
    from costmodel.network.graph import Network, Step


def count(network: Network, *, convention: Convention, activation_type: str, weight_type: str) -> Cost:
    """The cost of one forward pass; every formula is evaluated, nothing is remembered between calls."""
    nodes = [_node_cost(step) for step in network.steps]
    return Cost(
        network=network.name,
        nodes=tuple(_with_shared_weights(network, nodes)),
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
    read, written = (0, 0) if layer.view else (_elements(input_shapes), _elements(output_shapes))
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


def _elements(shapes: tuple[Shape, ...]) -> Dim:
    """Elements of all tensors of these shapes."""
    return prod(shapes[0]) if len(shapes) == 1 else total(map(prod, shapes))


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
