"""timm's benchmark tables: parameters, activations and multiply-accumulates of the networks that the zoo has too.

The columns `params_m`, `macts` and `gmacs` are of timm's modules at the row's image size, to two decimals: millions of
parameters; of elements that convolutions and linear layers write; and thousands of millions of fvcore's operations.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from costmodel import Network, zoo
from costmodel.algebra.types import Dim
from costmodel.counting.tools import tool
from costmodel.textbook import Printed

NAMES = {
    "mobilenetv2": "mobilenet_v2",
    "mobilenetv3_large": "mobilenet_v3_large",
    "mobilenetv3_large_minimal": "mobilenet_v3_large_minimalistic",
    "mobilenetv3_small": "mobilenet_v3_small",
    "mobilenetv3_small_minimal": "mobilenet_v3_small_minimalistic",
    "mnasnet": "mnasnet_b1",
    "semnasnet": "mnasnet_a1",
    "ghostnet": "ghostnet",
}
"""The zoo's names of networks whose width timm appends, in hundredths."""
OTHERS = {
    "mobilenetv3_small_050",  # its first convolution keeps 16 channels
    *("regnetx_004", "regnety_008", "regnety_080"),  # torchvision's, which the zoo has, are wider
}
"""Rows about networks that differ from the zoo's."""


class Row(NamedTuple):
    """What a table says about a network at an image size."""

    network: str
    resolution: int
    params: str
    activations: str
    macs: str


def rows(shared: Path) -> list[Row]:
    with (shared / "data" / "gpu" / "throughput.csv").open(encoding="utf-8", newline="") as file:
        found = {
            Row(row["network"], int(row["img_size"]), row["params_m"], row["macts"], row["gmacs"])
            for row in csv.DictReader(file)
            if row["gmacs"] and row["network"] not in OTHERS
        }
    return sorted(row for row in found if built(row))


def built(row: Row) -> Network | None:
    """The zoo's network, if it has that."""
    name = row.network.removeprefix("tf_")
    if name in zoo.families():
        return zoo.find(name)(resolution=row.resolution)
    base, _, size = name.rpartition("_")
    if base in NAMES and size.isdigit():
        return zoo.find(NAMES[base])(resolution=row.resolution, width=str(Decimal(size) / 100))
    if base in ("regnetx", "regnety"):
        flops = f"{int(size)}00mf" if int(size) < 10 else f"{int(size) / 10:g}gf".replace(".", "_")
        name = f"regnet_{base[-1]}_{flops}"
        return zoo.find(name)(resolution=row.resolution) if name in zoo.families() else None
    return None


def written_by_weights(network: Network) -> Dim:
    """Elements that convolutions and linear layers write."""
    return sum(node.output_elements for node in network.cost().nodes if node.macs)


def counted_by_fvcore(network: Network) -> Dim:
    """Its operations; timm squeezes by `x.mean`, which it does not count."""
    has_gates = any(node.layer.kind == "multiply" for node in network.nodes)
    convention = tool("fvcore").where("operator" if has_gates else "module")
    return network.cost(convention=convention).flops


def prints(printed: str, value: Dim, unit: int) -> bool:
    """Whether the value prints so to two decimals, with trailing zeros left out."""
    return Printed.parse(str(Decimal(printed).quantize(Decimal("0.01")))).times(unit).is_rounded_from(value)


@pytest.fixture(scope="module")
def table(shared: Path) -> list[Row]:
    return rows(shared)


def test_every_row_is_reproduced(table: list[Row]) -> None:
    differing = []
    for row in table:
        network = built(row)
        assert network is not None
        same = (
            prints(row.params, network.cost().params, 10**6),
            prints(row.activations, written_by_weights(network), 10**6),
            prints(row.macs, counted_by_fvcore(network), 10**9),
        )
        if not all(same):
            differing.append((row, same))
    assert differing == []


def test_the_tables_have_the_networks(table: list[Row]) -> None:
    networks = {row.network for row in table}
    assert {f"tf_efficientnet_b{index}" for index in range(8)} <= networks
    assert {f"tf_efficientnet_lite{index}" for index in range(5)} <= networks
    assert {"ghostnet_050", "ghostnet_100", "ghostnet_130", "semnasnet_100", "mnasnet_100"} <= networks
    assert {"tf_mobilenetv3_large_minimal_100", "tf_mobilenetv3_small_minimal_100"} <= networks
    assert len(table) == 117
