"""The cost of a network by stages: the scopes of its nodes' names, such as block3 of block3.depthwise."""

from __future__ import annotations

from typing import Final

from costmodel.algebra import Dim, total
from costmodel.counting import ENTRIES, Cost, NodeCost
from costmodel.counting.datatypes import bytes_of
from costmodel.errors import SpecError, UnknownNameError
from costmodel.network import Network

ADDED: Final = (
    "macs", "flops", "params", "buffers", "activations", "weight_bytes", "input_bytes", "output_bytes", *ENTRIES[1:],
)  # fmt: skip
"""What a network's total is the sum of; a peak of memory is none."""
INPUT: Final = "input"
"""The stage that holds the elements of the network's inputs, which are activations of no node."""


def stages(network: Network, quantity: str = "macs", depth: int = 1) -> dict[str, Dim]:
    """A quantity of each stage in execution order: of the nodes whose scopes begin with the same `depth` parts.

    Stages of no cost are left out; the rest add up to the network's total.

    >>> from costmodel import zoo
    >>> stages(zoo.lenet_5())
    {'conv1': 288000, 'conv2': 1600000, 'ip1': 400000, 'ip2': 5000}
    """
    if quantity not in ADDED:
        raise UnknownNameError(f"quantity of a stage of {network.name}", quantity, ADDED)
    if depth < 1:
        raise SpecError(f"{network.name}: stages have a depth of at least 1 (got {depth})")
    cost = network.cost()
    found: dict[str, list[Dim]] = {INPUT: [cost.input_elements]} if quantity == "activations" else {}
    for node in cost.nodes:
        found.setdefault(".".join(node.scope[:depth]), []).append(of_node(node, cost, quantity))
    sums = {name: total(parts) for name, parts in found.items()}
    return {name: value for name, value in sums.items() if value != 0}


def of_node(node: NodeCost, cost: Cost, quantity: str) -> Dim:
    """A node's part of a quantity."""
    if quantity in ENTRIES:
        return getattr(node.ledger, quantity)
    if quantity == "flops":
        return node.flops(cost.convention)
    if quantity == "weight_bytes":
        return bytes_of(node.params + node.buffers, cost.weight_type)
    if quantity.endswith("_bytes"):
        return bytes_of(getattr(node, quantity.replace("_bytes", "_elements")), cost.activation_type)
    return getattr(node, quantity)
