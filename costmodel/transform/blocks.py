"""Blocks: the parts that a network's names divide it into, with one input and one output each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, takewhile
from typing import NamedTuple

from costmodel.layers import BatchNorm, Dropout
from costmodel.layers.activation import Activation
from costmodel.network import Step
from costmodel.transform.edits import same_shape
from costmodel.transform.graph import Graph


class Block(NamedTuple):
    """Steps under one name, such as layer1.2, with the activations that follow them."""

    name: str
    steps: tuple[Step, ...]
    sources: tuple[str, ...]
    """The tensors that it reads of others."""
    results: tuple[str, ...]
    """The tensors that others read of it."""

    @property
    def has_products(self) -> bool:
        """Whether it has multiply-accumulates: a convolution, a linear layer, attention."""
        return any(step.node.layer.formulas.macs is not None for step in self.steps)

    def reason_to_stay(self, graph: Graph) -> str:
        """Why it cannot be repeated; "" where its output can be its input."""
        if len(self.sources) != 1:
            return f"it reads {len(self.sources)} tensors"
        if len(self.results) != 1:
            return f"{len(self.results)} of its tensors are read by others"
        shapes = graph.shapes
        if not same_shape(shapes[self.sources[0]], shapes[self.results[0]]):
            return "its output has another shape than its input"
        return "" if len(shapes[self.sources[0]]) > 2 else "it works on features and not on maps"


def blocks(graph: Graph) -> list[Block]:
    """The blocks of a network in order.

    Names are divided at points and slashes; a scope of numbered ones, such as layer1.0 and layer1.1, is as many blocks.
    """
    groups: list[list[Step]] = []
    names = []
    for part in _divided(graph.network.steps, 0):
        if groups and all(isinstance(step.node.layer, (Activation, BatchNorm, Dropout)) for step in part):
            producers = {step.node.name for step in groups[-1]}
            if all(tensor.partition(":")[0] in producers for tensor in part[0].inputs):
                groups[-1].extend(part)
                continue
        groups.append(list(part))
        names.append(_label([step.node.name for step in part]))
    return [_block(graph, name, steps) for name, steps in zip(names, groups, strict=True)]


def stages(graph: Graph) -> list[list[Block]]:
    """Blocks with multiply-accumulates that follow each other and write the same shape."""
    found: list[list[Block]] = []
    shapes = graph.shapes
    previous = None
    for block in blocks(graph):
        shape = shapes[block.results[0]] if block.has_products and len(block.results) == 1 else None
        if shape is None:
            previous = None
            if block.has_products:
                found.append([block])
            continue
        if previous is not None and same_shape(previous, shape):
            found[-1].append(block)
        else:
            found.append([block])
        previous = shape
    return found


def _path(name: str) -> list[str]:
    """The parts of a name; exporters repeat them: of layer1/layer1.0/conv1 they are layer1, 0 and conv1."""
    parts: list[str] = []
    before = ""
    for piece in name.strip("/").split("/"):
        parts += piece.removeprefix(f"{before}.").split(".") if before else piece.split(".")
        before = piece
    return parts


def _divided(steps: Sequence[Step], depth: int) -> list[list[Step]]:
    """Steps by the parts of their names from a depth on."""
    found: list[list[Step]] = []
    for _, group in groupby(steps, key=lambda step: _path(step.node.name)[: depth + 1]):
        part = list(group)
        below = [_path(step.node.name)[depth + 1 : depth + 2] for step in part]
        children = {each[0] for each in below if each}
        is_scope = all(below) and all(child.isdigit() for child in children)
        found += _divided(part, depth + 1) if is_scope else [part]
    return found


def _label(names: Sequence[str]) -> str:
    """What the names of a block have in common."""
    low, high = min(names), max(names)
    if all(name == low or name.startswith((f"{low}.", f"{low}/")) for name in names):
        return low
    same = takewhile(lambda pair: pair[0] == pair[1], zip(low, high, strict=False))
    prefix = "".join(one for one, _ in same)
    cut = max(prefix.rfind("."), prefix.rfind("/"))
    return prefix[:cut] if cut > 0 else names[0]


def _block(graph: Graph, name: str, steps: Sequence[Step]) -> Block:
    inside = {tensor for step in steps for tensor in step.outputs}
    own = {step.node.name for step in steps}
    sources = dict.fromkeys(tensor for step in steps for tensor in step.inputs if tensor not in inside)
    results = [
        tensor
        for step in steps
        for tensor in step.outputs
        if tensor in graph.network.outputs
        or any(reader.node.name not in own for reader in graph.readers.get(tensor, ()))
    ]
    return Block(name, tuple(steps), tuple(sources), tuple(results))
