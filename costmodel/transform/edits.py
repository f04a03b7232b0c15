"""Edits: nodes in place of others, and the network that comes of them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple

from costmodel.algebra import equal
from costmodel.errors import RewriteError, ShapeError
from costmodel.layers import Layer
from costmodel.layers.base import Shape, shape_text
from costmodel.network import Network, Node, Step
from costmodel.transform.graph import Graph


class Piece(NamedTuple):
    """A layer of those that come in the place of others, under the name that it gets."""

    name: str
    layer: Layer


class Edit(NamedTuple):
    """Some nodes in the place of others, or where none is removed, behind one."""

    name: str
    """The node that the rewrite was asked to change; what is added stands where it stood."""
    removed: tuple[str, ...]
    added: tuple[Node, ...]
    renamed: Mapping[str, str]
    """Tensors that others read, and what they read now."""
    label: str = ""
    """What to call the change, where it is not called after the node."""


def in_a_row(graph: Graph, region: Sequence[Step], pieces: Sequence[Piece], name: str = "") -> Edit:
    """The pieces, one after another, in the place of steps in a row; raises `RewriteError` for another shape."""
    first, last = region[0], region[-1]
    old = {step.node.name: step.node for step in region}
    shape: Shape = first.input_shapes[0]
    tensor = first.inputs[0]
    added = []
    for piece in pieces:
        try:
            (shape,) = piece.layer.infer((shape,))
        except ShapeError as problem:
            raise RewriteError(f"its shape cannot be kept: {problem}") from None
        own = piece.name if piece.name in old else graph.fresh(piece.name)
        same = old.get(piece.name)
        kept = same is not None and same.layer == piece.layer
        node = same if same is not None and kept else Node(name=own, layer=piece.layer, inputs=(tensor,))
        added.append(node.model_copy(update={"inputs": (tensor,)}))
        tensor = own
    wanted = last.output_shapes[0]
    if not same_shape(shape, wanted):
        raise RewriteError(f"its output of {shape_text(wanted)} cannot be kept (it would be {shape_text(shape)})")
    return Edit(name or first.node.name, tuple(old), tuple(added), {last.outputs[0]: tensor})


def same_shape(one: Shape, other: Shape) -> bool:
    """Whether two shapes are equal, however their expressions are written."""
    return len(one) == len(other) and all(equal(a, b) for a, b in zip(one, other, strict=True))


def edited(network: Network, edits: Iterable[Edit]) -> Network:
    """The network with all of the edits made, its shapes inferred and checked again."""
    edits = tuple(edits)
    renamed = {old: new for edit in edits for old, new in edit.renamed.items() if old != new}
    places = _places(network, edits)
    removed = {name for edit in edits for name in edit.removed}
    nodes: list[Node] = []
    for step in network.steps:
        if step.node.name not in removed:
            nodes.append(_reading(step.node, renamed))
        for edit in places.get(step.node.name, ()):
            nodes += [_reading(node, renamed, edit.renamed) for node in edit.added]
    outputs = tuple(_now(name, renamed) for name in network.outputs)
    return Network(**{**dict(network), "nodes": tuple(nodes), "outputs": outputs})


def tensors_now(edits: Iterable[Edit]) -> dict[str, str | None]:
    """What became of the tensors that edits touch: another tensor, or None where it is gone."""
    edits = tuple(edits)
    gone: dict[str, str | None] = {name: None for edit in edits for name in edit.removed}
    renamed = {old: new for edit in edits for old, new in edit.renamed.items()}
    others = {old: new for old, new in renamed.items() if old != new}
    return gone | {old: _now(old, others) for old in renamed}


def _places(network: Network, edits: tuple[Edit, ...]) -> dict[str, list[Edit]]:
    """The edits by the node where what they add stands: the last that they remove, or the one that they name."""
    position = {step.node.name: index for index, step in enumerate(network.steps)}
    places: dict[str, list[Edit]] = {}
    for edit in edits:
        last = max(edit.removed, key=position.__getitem__, default=edit.name)
        places.setdefault(last, []).append(edit)
    return places


def _reading(node: Node, renamed: Mapping[str, str], own: Container[str] = ()) -> Node:
    """A node that reads what its inputs are called now, but for those that its own edit renames."""
    inputs = tuple(name if name in own else _now(name, renamed) for name in node.inputs)
    return node if inputs == node.inputs else node.model_copy(update={"inputs": inputs})


def _now(name: str, renamed: Mapping[str, str]) -> str:
    """What a tensor is called after all edits, of which one may rename what another has renamed."""
    while name in renamed:
        name = renamed[name]
    return name
