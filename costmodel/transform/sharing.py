"""Weights that layers share, followed through a rewrite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from costmodel.network import Network, Node
from costmodel.transform.changes import Kept
from costmodel.transform.edits import Edit
from costmodel.transform.graph import Graph


def with_shared_weights(graph: Graph, edits: Sequence[Edit], rewrite: str) -> tuple[list[Edit], list[Kept]]:
    """The edits that treat layers with shared weights alike, which then share again, and why the others are not made.

    A layer that uses another's weights can only be replaced together with it, by as many layers of the same kinds.
    """
    pairs = [(step.node.name, step.node.shares) for step in graph.network.steps if step.node.shares is not None]
    kept: list[Kept] = []
    left = list(edits)
    while pairs:
        refused = _refused(pairs, {name: edit for edit in left for name in edit.removed})
        if not refused:
            break
        kept += [Kept(name, reason, rewrite) for name, reason in refused.items()]
        left = [edit for edit in left if edit.name not in refused]
    by_removed = {name: edit for edit in left for name in edit.removed}
    return [_sharing(graph, edit, by_removed) for edit in left], kept


def owning(network: Network) -> Network:
    """The network with all borrowed weights owned: what a rewrite makes of a layer borrows none, and lends none."""
    nodes = tuple(node.model_copy(update={"borrowed_elements": 0}) for node in network.nodes)
    return network if nodes == network.nodes else Network(**{**dict(network), "nodes": nodes})


def _refused(pairs: Iterable[tuple[str, str]], by_removed: Mapping[str, Edit]) -> dict[str, str]:
    """The edits that cannot be made, as far as layers with the weights of others go, and why."""
    refused: dict[str, str] = {}
    for pair in pairs:
        edits = [by_removed.get(name) for name in pair]
        for edit, partner, other in zip(edits, reversed(edits), reversed(pair), strict=True):
            if edit is None:
                continue
            if partner is None:
                refused[edit.name] = f"it shares its weights with {other!r}, which would not be replaced"
            elif [node.layer for node in partner.added] != [node.layer for node in edit.added]:
                refused[edit.name] = f"it shares its weights with {other!r}, which would be replaced by other layers"
    return refused


def _sharing(graph: Graph, edit: Edit, by_removed: dict[str, Edit]) -> Edit:
    """The edit with the new layers of one that shared weights sharing those of the other's."""
    own = {name for name in edit.removed if graph.steps[name].node.shares is None}
    owners = {graph.steps[name].node.shares for name in edit.removed} - {None}
    added: tuple[Node, ...] = edit.added
    for owner in owners:
        lenders = by_removed[str(owner)].added
        added = tuple(
            node.model_copy(update={"shares": lender.name}) if _has_weights(node) and node.name not in own else node
            for node, lender in zip(added, lenders, strict=True)
        )
    return edit._replace(added=added)


def _has_weights(node: Node) -> bool:
    formulas = node.layer.formulas
    return formulas.params is not None or formulas.buffers is not None
