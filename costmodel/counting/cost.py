"""Cost records: what each node and a whole network do, hold and move."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from costmodel.algebra import Dim, product, total
from costmodel.counting.conventions import TWO_PER_MAC, Convention
from costmodel.counting.datatypes import bytes_of
from costmodel.counting.ledger import Ledger, sum_ledgers

Shape = tuple[Dim, ...]


class NodeCost(NamedTuple):
    """One node's share of a cost."""

    name: str
    kind: str
    ledger: Ledger
    params: Dim
    """Learnable elements that the node owns: 0 where it uses another node's."""
    buffers: Dim
    weight_elements: Dim
    """Elements of weights that the node reads, its own or another's; 0 for a stored tensor, which others read."""
    input_elements: Dim
    """Elements that it reads from its inputs, a composite layer with those between its parts; 0 for a view."""
    output_elements: Dim
    """Elements that it writes to its outputs, a composite layer with those between its parts; 0 for a view."""
    activations: Dim
    """Elements written that were not there before: none for a view or an in-place activation."""
    counted: bool
    """Whether the ledger holds all that the node does."""
    input_shapes: tuple[Shape, ...]
    output_shapes: tuple[Shape, ...]
    symbols: dict[str, Dim]
    """The values of the textbook symbols of its formulas."""

    @property
    def macs(self) -> Dim:
        """Multiply-accumulates."""
        return self.ledger.macs

    @property
    def scope(self) -> tuple[str, ...]:
        """The parts of its name, between points or slashes: layer1, 0 and conv1 of layer1.0.conv1."""
        return tuple(re.split(r"[./]", self.name.strip("/")))

    def flops(self, convention: Convention) -> Dim:
        """The node's number under a convention."""
        if self.kind not in convention.rules:
            return convention.weigh(self.ledger)
        return convention.count(self.kind, self.ledger, {**self._general(), **self.symbols}, self.params)

    def _general(self) -> dict[str, Dim]:
        """What a convention's rule may use of every node."""
        first = self.output_shapes[0] if self.output_shapes else ()
        return {
            "weights": self.weight_elements,
            "batch": first[0] if first else 1,
            "input_elements": total(map(product, self.input_shapes)),
            "output_elements": total(map(product, self.output_shapes)),
        }


@dataclass(frozen=True)
class Cost:
    """What a network does (ledger), holds (params, buffers) and moves (bytes) in one forward pass.

    Totals are computed when asked for; integers for integer shapes, SymPy expressions otherwise.
    """

    network: str
    nodes: tuple[NodeCost, ...]
    input_elements: Dim
    """Elements of the network's inputs."""
    peak_elements: Callable[[], Dim] = field(repr=False, compare=False)
    """The largest sum of activations alive at one time, computed when called."""
    activation_type: str = "float32"
    weight_type: str = "float32"
    convention: Convention = TWO_PER_MAC

    @cached_property
    def ledger(self) -> Ledger:
        """Every operation of every node."""
        return sum_ledgers([node.ledger for node in self.nodes])

    @property
    def uncounted(self) -> tuple[str, ...]:
        """The nodes without a rule, whose operations are in no total; empty unless a network was read partially."""
        return tuple(node.name for node in self.nodes if not node.counted)

    @property
    def macs(self) -> Dim:
        """Multiply-accumulates of convolutions, linear layers and matrix products."""
        return self.ledger.macs

    @property
    def flops(self) -> Dim:
        """Operations under the cost's convention, two for each multiply-accumulate unless another was chosen."""
        if not self.convention.rules:
            return self.convention.weigh(self.ledger)
        return total(node.flops(self.convention) for node in self.nodes)

    @property
    def params(self) -> Dim:
        """Learnable elements, shared ones once."""
        return total([node.params for node in self.nodes])

    @property
    def buffers(self) -> Dim:
        """Stored elements that are not learned, such as running statistics."""
        return total([node.buffers for node in self.nodes])

    @property
    def activations(self) -> Dim:
        """Elements written: the network's inputs and every output that is neither a view nor in place."""
        return total([self.input_elements, *[node.activations for node in self.nodes]])

    @property
    def weight_bytes(self) -> Dim:
        """Bytes of parameters and buffers as stored."""
        return bytes_of(self.params + self.buffers, self.weight_type)

    @property
    def input_bytes(self) -> Dim:
        """Bytes that the nodes read from their inputs, each node by itself."""
        return bytes_of(total([node.input_elements for node in self.nodes]), self.activation_type)

    @property
    def output_bytes(self) -> Dim:
        """Bytes that the nodes write to their outputs."""
        return bytes_of(total([node.output_elements for node in self.nodes]), self.activation_type)

    @property
    def peak_memory_bytes(self) -> Dim:
        """Bytes of the activations that are alive at the worst moment, weights not included."""
        return bytes_of(self.peak_elements(), self.activation_type)
