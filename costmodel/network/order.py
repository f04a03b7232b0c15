"""The order in which a network's nodes run."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from costmodel.errors import GraphError, UnknownNameError

if TYPE_CHECKING:
    from costmodel.network.graph import Network, Node


def execution_order(network: Network) -> tuple[Node, ...]:
    """The nodes as given where every one follows what it reads, else sorted so that it does.

    Raises `GraphError` for duplicate or missing names and for cycles.
    """
    _check_names(network)
    known = set(network.inputs)
    for node in network.nodes:
        if any(_producer(known, name) is None for name in node.inputs):
            return _sorted(network)
        known.add(node.name)
    return network.nodes


def _check_names(network: Network) -> None:
    seen = set(network.inputs)
    for node in network.nodes:
        if node.name in seen:
            raise GraphError(f"{network.name}: two inputs or nodes are named {node.name!r}; give each its own name")
        seen.add(node.name)


def _producer(known: set[str], name: str) -> str | None:
    """The node or input that a tensor's name refers to."""
    if name in known:
        return name
    owner = name.rpartition(":")[0]
    return owner if owner in known else None


def _sorted(network: Network) -> tuple[Node, ...]:
    names = {*network.inputs, *(node.name for node in network.nodes)}
    by_name = {node.name: node for node in network.nodes}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for node in network.nodes:
        producers = []
        for name in node.inputs:
            producer = _producer(names, name)
            if producer is None:
                problem = UnknownNameError("input or node", name, names)
                raise GraphError(f"{network.name}, {node.name}: {problem}")
            producers.append(producer)
        sorter.add(node.name, *producers)
    try:
        order = list(sorter.static_order())
    except CycleError as problem:
        cycle = " -> ".join(reversed(problem.args[1][:8]))
        raise GraphError(f"{network.name}: the nodes {cycle} form a cycle") from None
    return tuple(by_name[name] for name in order if name in by_name)
