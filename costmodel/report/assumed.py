"""Sizes that a model makes equal where it runs, as sentences."""

from __future__ import annotations

from collections.abc import Iterator

from costmodel.algebra import equal, product
from costmodel.algebra.text import to_text
from costmodel.algebra.types import Dim
from costmodel.layers import Reshape
from costmodel.network import Network


def assumed_sizes(network: Network) -> Iterator[str]:
    """What holds only for some values of the network's symbols, in the order of its nodes, some more than once.

    >>> from costmodel.algebra import parse
    >>> from costmodel.network.graph import Node
    >>> halves = Node(name="halves", layer=Reshape(shape=("2*floor(h/2)",), assumed=True), inputs=("x",))
    >>> network = Network(name="even", inputs={"x": (parse("h"),)}, nodes=(halves,), outputs=("halves",))
    >>> list(assumed_sizes(network))
    ['the model runs where h = 2*floor(h/2)']
    """
    for step in network.steps:
        if not isinstance(step.node.layer, Reshape) or not step.node.layer.assumed:
            continue
        before, after = step.input_shapes[0], step.output_shapes[0]
        pairs = zip(before, after, strict=True) if len(before) == len(after) else [(product(before), product(after))]
        for one, other in pairs:
            if not equal(one, other):
                yield f"the model runs where {_sides(one, other)}"


def _sides(one: Dim, other: Dim) -> str:
    return " = ".join(sorted((to_text(one), to_text(other)), key=len))
