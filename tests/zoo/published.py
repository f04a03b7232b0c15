"""Published figures replayed: which part of a network and which quantity a row of a table is about."""

from __future__ import annotations

import csv
from collections.abc import Callable
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from costmodel.algebra.types import Dim
from costmodel.counting import NodeCost
from costmodel.counting.conventions import TWO_PER_MAC
from costmodel.network import Network, peak_memory
from costmodel.textbook import Printed
from tests.zoo.published_names import LAYER_ROWS, NETWORKS, NOT_IN_ZOO

WEIGHTED = ("conv2d", "pointwise_conv2d", "depthwise_conv2d", "depthwise_separable_conv2d", "linear")


class Row(NamedTuple):
    """One row of `published_tables.csv`."""

    network: str
    layer_or_total: str
    quantity: str
    value: str
    unit: str
    precision_as_printed: str
    source: str

    @property
    def name(self) -> str:
        """What the row is about: "network", or "network > layer"."""
        return self.network if self.layer_or_total == "total" else f"{self.network} > {self.layer_or_total}"

    @property
    def printed(self) -> Printed:
        """The number, in units of one."""
        return Printed.parse(self.value).times(UNITS.get(self.unit, 1))


UNITS = {"million": 10**6, "MFLOPs(=MMACs)": 10**6, "billion": 10**9}


class Part(NamedTuple):
    """The nodes of a network that a row is about, and the network's input where it belongs to them."""

    network: Network
    nodes: tuple[NodeCost, ...]
    inputs: Dim = 0

    def without(self, *names: str) -> Part:
        """The part without the nodes that have one of these words in their names."""
        kept = tuple(node for node in self.nodes if not any(name in node.name.split(".") for name in names))
        return self._replace(nodes=kept)

    def of(self, *kinds: str) -> Part:
        """The nodes of these kinds."""
        return self._replace(nodes=tuple(node for node in self.nodes if node.kind in kinds))


Count = Callable[[Part], Dim]


def rows(shared: Path) -> list[Row]:
    """Every row of the shared table."""
    with (shared / "reference" / "published_tables.csv").open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file)]


# Which quantity


def macs(part: Part) -> Dim:
    """Multiply-accumulates."""
    return sum(node.macs for node in part.nodes)


def flops(part: Part) -> Dim:
    """Two for each multiply-accumulate."""
    return sum(node.flops(TWO_PER_MAC) for node in part.nodes)


def params(part: Part) -> Dim:
    """Learnable elements."""
    return sum(node.params for node in part.nodes)


def stored(part: Part) -> Dim:
    """Learnable elements and running statistics."""
    return sum(node.params + node.buffers for node in part.nodes)


def weights(part: Part) -> Dim:
    """Kernels and matrices, without biases and batch-norm."""
    return sum(node.params - node.symbols["b"] * node.symbols["c_o"] for node in part.of(*WEIGHTED).nodes)


def params_without_batch_norm(part: Part) -> Dim:
    """Kernels, matrices and biases."""
    return params(part.of(*WEIGHTED))


def activations(part: Part) -> Dim:
    """Elements written, and the network's input where it belongs to the part."""
    return part.inputs + sum(node.activations for node in part.nodes)


def share(of: Count, part: Part) -> Fraction:
    """The part's percentage of its whole network."""
    return Fraction(100 * of(part), of(whole(part.network)))


QUANTITIES: dict[str, Count] = {
    "MACs": macs,
    "MAdds": macs,
    "mult_adds": macs,
    "complexity": macs,
    "FLOPs(=MACs)": macs,
    "FLOPs(=multiply-adds)": macs,
    "MACs/ops (tool convention)": macs,
    "FLOPs": flops,
    "params": params,
    "params (incl. BN stats)": stored,
    "weights": weights,
    "weights_no_bias": weights,
    "activation_elements": activations,
    "peak_activation_elements": lambda part: peak_memory(part.network).elements,
    "size_fp32": lambda part: 4 * params(part),
    "size_before": lambda part: 4 * params(part),
    "size_int8": params,
    "share_mult_adds": partial(share, macs),
    "share_params": partial(share, weights),
    "output_channels": lambda part: part.nodes[-1].output_shapes[0][1],
}

COMPRESSION = frozenset(
    {
        *("density_P", "weight_bits_PQ", "weight_bits_PQH", "index_bits_PQ", "index_bits_PQH", "rate_PQ", "rate_PQH"),
        *("size_after_PQH", "compression_ratio", "params_nonzero"),
    }
)
"""Quantities after pruning, quantization and coding, which are not replayed."""


# Which part

CS231N = {
    **{f"conv3-{64 * 2**block}_{index}": f"conv{block + 1}_{index}" for block in range(4) for index in range(1, 4)},
    **{f"conv3-512_{index + 3}": f"conv5_{index}" for index in range(1, 4)},
    **{f"pool2_{block}": f"pool{block}" for block in range(1, 6)},
}
"""VGG-16's layers by the names that the course notes give them."""
KINDS = {
    "Conv 1x1": "pointwise_conv2d",
    "Conv DW 3x3": "depthwise_conv2d",
    "Conv 3x3": "conv2d",
    "Fully Connected": "linear",
}


def is_replayed(row: Row) -> bool:
    """Whether the row is about a plain quantity of a network that the zoo should have."""
    return row.network not in NOT_IN_ZOO and row.quantity not in COMPRESSION


def whole(network: Network) -> Part:
    """All of a network, its input included."""
    cost = network.cost()
    return Part(network, cost.nodes, cost.input_elements)


@cache
def _built(name: str, layer: str) -> Part:
    build = LAYER_ROWS[layer] if name == "MobileNet-layer" else NETWORKS[name.removesuffix(" DeepCompression")]
    return whole(build())


def part(row: Row) -> Part:
    """The part of a network that a row is about."""
    everything = _built(row.network, row.layer_or_total)
    layer = CS231N.get(row.layer_or_total, row.layer_or_total)
    if layer == "total" or row.network == "MobileNet-layer":
        return everything
    if layer in ("INPUT", "image"):
        return everything._replace(nodes=())
    if layer in KINDS:
        found = tuple(node for node in everything.nodes if node.kind == KINDS[layer])
    else:
        found = tuple(node for node in everything.nodes if f"{node.name}.".startswith(f"{layer}."))
    if not found:
        raise LookupError(f"{row.network} of the zoo has no part named {row.layer_or_total!r}")
    return Part(everything.network, found)


def exact(row: Row) -> Fraction:
    """The row's quantity, as the library counts it."""
    return Fraction(QUANTITIES[row.quantity](part(row)))
