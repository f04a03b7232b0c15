"""What other tools report, measured by running them: the tables in ../shared/reference."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from costmodel import Network, zoo
from costmodel.counting import TOOLS
from costmodel.layers import AdaptiveAvgPool2d
from costmodel.network.graph import Node


class Reported(NamedTuple):
    """A tool's number for a model."""

    model: str
    tool: str
    number: int


def reported(shared: Path) -> Iterator[Reported]:
    """The rows of `peer_counts.csv` that we reproduce, by our names for the tools, and the truth."""
    with (shared / "reference" / "peer_counts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            tool = row["peer"].replace(":", "-")
            if tool in TOOLS or tool == "TRUTH":
                yield Reported(row["model"], tool, int(float(row["reported_number"])))


def network(model: str) -> Network:
    """The zoo's network for a model of the tables, as the implementation that was measured has it."""
    made: Network = getattr(zoo, "alexnet_torchvision" if model == "alexnet" else model)()
    return with_pooling(made) if model == "vgg16" else made


def with_pooling(vgg: Network) -> Network:
    """VGG with torchvision's adaptive pooling to 7x7 before the classifier, which keeps a 7x7 map as it is."""
    at = next(index for index, node in enumerate(vgg.nodes) if node.layer.kind == "flatten")
    flatten = vgg.nodes[at]
    pool = Node(name="avgpool", layer=AdaptiveAvgPool2d(output_size=7), inputs=flatten.inputs)
    nodes = (*vgg.nodes[:at], pool, flatten.model_copy(update={"inputs": ("avgpool",)}), *vgg.nodes[at + 1 :])
    return Network(**{**dict(vgg), "nodes": nodes})
