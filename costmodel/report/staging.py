"""The stages of a network: the layers that work on feature maps of one size, and what they cost by their classes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import log2
from types import MappingProxyType
from typing import Final, NamedTuple

from costmodel.algebra import Dim
from costmodel.counting import NodeCost
from costmodel.errors import SizingError, UnknownNameError
from costmodel.latency import Latency, kernel_class
from costmodel.network import Network

COSTS: Final = ("macs", "flops", "params", "activations", "latency_s")
"""What layers cost each by themselves."""
HEAD: Final = "head"
"""What follows the last map of features: pooling, the classifier."""
OTHER: Final = "other layers"
GROUPS: Final[Mapping[str, str]] = MappingProxyType({
    "conv": "convolutions", "pointwise": "pointwise convolutions", "depthwise": "depthwise convolutions",
    "grouped": "grouped convolutions", "transposed": "transposed convolutions", "linear": "linear layers",
    "matmul": "matrix products",
})  # fmt: skip
"""What the classes of layers are called; all further ones are other layers."""


class Share(NamedTuple):
    """What the layers of one class cost in one stage."""

    stage: str
    group: str
    amount: float


def stage_shares(costed: Network | Latency, cost: str = "macs", by: str = "size") -> tuple[Share, ...]:
    """A cost by stage and class of layer, in the order in which the network runs; each pair once.

    `by` says how stages are told apart: by the "size" of their feature maps, by its "factor" of the input's to the next
    power of two, or by the first part of their layers' "name". A layer without a map (such as those that gate channels)
    is of the stage that it is in.

    Raises `UnknownNameError` for a cost that layers do not have, `SizingError` for symbols.

    >>> from costmodel import zoo
    >>> stage_shares(zoo.lenet_5())[0]
    Share(stage='24x24', group='convolutions', amount=288000.0)
    """
    if cost not in COSTS:
        raise UnknownNameError("cost of a stage", cost, COSTS)
    network = network_of(costed)
    nodes = network.cost().nodes
    stage_of = dict(zip([node.name for node in nodes], _stages(network, nodes, by), strict=True))
    found: dict[tuple[str, str], float] = {}
    for stage, group, amount in _amounts(costed, network, nodes, cost, stage_of):
        if not isinstance(amount, (int, float)):
            raise SizingError(f"{network.name} has symbols; give them numbers to see what its stages cost")
        found[stage, group] = found.get((stage, group), 0.0) + amount
    return tuple(Share(stage, group, amount) for (stage, group), amount in found.items())


def network_of(costed: Network | Latency) -> Network:
    """The network itself, or the one that a latency was predicted of."""
    if isinstance(costed, Network):
        return costed
    if costed.memory is None:
        raise SizingError("the latency of kernels alone has no stages; predict that of a network")
    return costed.memory.network


def has_maps(network: Network) -> bool:
    """Whether the network works on feature maps of several sizes."""
    return len({size for size in map(_map_size, network.cost().nodes) if size}) > 1


def _amounts(
    costed: Network | Latency, network: Network, nodes: Sequence[NodeCost], cost: str, stage_of: Mapping[str, str]
) -> Iterable[tuple[str, str, Dim]]:
    """(stage, class, amount) of each layer, or of each kernel where the cost is time."""
    if isinstance(costed, Network):
        if cost == "latency_s":
            raise SizingError(f"the time of {network.name} needs a device; name one (see costmodel devices)")
        layers = {node.name: node.layer for node in network.nodes}
        convention = network.cost().convention
        for node in nodes:
            group = kernel_class(layers[node.name], node.input_shapes, node.ledger)
            amount = node.flops(convention) if cost == "flops" else getattr(node, cost)
            yield stage_of[node.name], GROUPS.get(group, OTHER), amount
        return
    if cost != "latency_s" or costed.memory is None:
        raise SizingError(f"{cost} is of a network, and not of its latency")
    stage = next(iter(stage_of.values()), HEAD)
    for kernel, time in zip(costed.memory.kernels, costed.kernels, strict=True):
        stage = stage_of.get(kernel.nodes[0] if kernel.nodes else "", stage)
        yield stage, GROUPS.get(kernel.kernel_class, OTHER), time.latency_s


def _stages(network: Network, nodes: Sequence[NodeCost], by: str) -> list[str]:
    """The stage of each node."""
    if by == "name":
        return [re.split(r"[./]", node.name.strip("/"))[0] for node in nodes]
    sizes = [_map_size(node) for node in nodes]
    last = max((index for index, size in enumerate(sizes) if size), default=-1)
    known = next((size for size in sizes if size), None)
    stages = []
    for index, size in enumerate(sizes):
        known = size or known
        stages.append(HEAD if index > last or known is None else _called(known, network, by))
    return stages


def _called(size: tuple[int, int], network: Network, by: str) -> str:
    """112x112, or as a part of the input's height, to the next power of two, 1/2."""
    inputs = [shape[2] for shape in network.inputs.values() if len(shape) == 4 and isinstance(shape[2], int)]
    if by == "size" or not inputs:
        return f"{size[0]}x{size[1]}"
    power = round(log2(inputs[0] / size[0]))
    return f"1/{2**power}" if power >= 0 else f"{2**-power}x"


def _map_size(node: NodeCost) -> tuple[int, int] | None:
    """Height and width of the map of features that a node writes; None for vectors, sequences and single positions."""
    shape = node.output_shapes[0] if node.output_shapes else ()
    if len(shape) != 4 or not all(isinstance(size, int) for size in shape[2:]) or shape[2:] == (1, 1):
        return None
    return shape[2], shape[3]
