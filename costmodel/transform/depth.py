"""Deeper and shallower: the blocks that keep their shape, more often or less."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, ClassVar

from pydantic import BeforeValidator

from costmodel.algebra import ceiling
from costmodel.algebra.types import Dim
from costmodel.layers import Layer
from costmodel.network import Node
from costmodel.transform.base import Plan, Scaling
from costmodel.transform.blocks import Block, stages
from costmodel.transform.changes import Kept
from costmodel.transform.edits import Edit
from costmodel.transform.graph import Graph
from costmodel.transform.selection import select
from costmodel.zoo.family import Number

_FACTOR = Number("times as many blocks", real=True, symbolic=False, most=16)


class Depth(Scaling):
    """Every stage with a factor times as many blocks, rounded up: EfficientNet's depth coefficient.

    A stage is blocks in a row that write the same shape; a block is what a network's names divide it into (layer1.0,
    block5, conv3_2). The last block with one input, and an output of its shape, is repeated; below a factor of 1, the
    last of these are left out. A copy is named after its block, with a number, and has weights of its own. Source: Tan
    and Le, EfficientNet, arXiv 1905.11946, equation 3.
    """

    name: ClassVar[str] = "depth"
    factor: Annotated[Dim, BeforeValidator(_FACTOR.convert)]

    def plan(self, graph: Graph) -> Plan:
        """Copies behind the last block of each stage that can be repeated."""
        meant = select(graph, self.what, self.only, (Layer,)) if self.what or self.only else graph.network.steps
        chosen = {step.node.name for step in meant}
        edits: list[Edit] = []
        kept: list[Kept] = []
        for stage in stages(graph):
            blocks = [block for block in stage if any(step.node.name in chosen for step in block.steps)]
            able = [block for block in blocks if not block.reason_to_stay(graph)]
            more = ceiling(Fraction(self.factor) * len(blocks)) - len(blocks)
            if not able or more == 0:
                kept += [Kept(block.name, self._why(block, graph), str(self)) for block in blocks]
            elif more > 0:
                edits.append(_repeated(graph, able[-1], more))
            else:
                edits += [_left_out(block) for block in able[max(0, len(able) + more) :]]
        return Plan(tuple(edits), tuple(kept))

    def _why(self, block: Block, graph: Graph) -> str:
        return block.reason_to_stay(graph) or f"its stage has as many blocks at {self.factor} times the depth"


def _repeated(graph: Graph, block: Block, times: int) -> Edit:
    """A block so many times again, each behind the other."""
    (result,) = block.results
    added: list[Node] = []
    tensor = result
    number = 2
    for _ in range(times):
        while not _is_free(graph, block, number):
            number += 1
        added += _copy(block, number, tensor)
        tensor = _renamed(block, number, result)
        number += 1
    return Edit(block.steps[-1].node.name, (), tuple(added), {result: tensor}, block.name)


def _left_out(block: Block) -> Edit:
    """Nothing in the place of a block: who read its output reads its input."""
    (source,), (result,) = block.sources, block.results
    removed = tuple(step.node.name for step in block.steps)
    return Edit(removed[-1], removed, (), {result: source}, block.name)


def _copy(block: Block, number: int, tensor: str) -> list[Node]:
    """The nodes of a block under other names, reading another tensor."""
    own = {step.node.name for step in block.steps}
    nodes = []
    for step in block.steps:
        inputs = tuple(tensor if name in block.sources else _renamed(block, number, name) for name in step.inputs)
        shares = step.node.shares
        lender = _renamed(block, number, shares) if shares is not None and shares in own else shares
        fields = {"name": _renamed(block, number, step.node.name), "inputs": inputs, "shares": lender}
        nodes.append(step.node.model_copy(update={**fields, "borrowed_elements": 0}))
    return nodes


def _renamed(block: Block, number: int, name: str) -> str:
    """The name of a node or tensor in a copy: layer1.2.conv1 is layer1.2_2.conv1."""
    if name.startswith(block.name):
        return f"{block.name}_{number}{name[len(block.name) :]}"
    owner, colon, index = name.partition(":")
    return f"{owner}_{number}{colon}{index}"


def _is_free(graph: Graph, block: Block, number: int) -> bool:
    return not any(_renamed(block, number, step.node.name) in graph.names for step in block.steps)
