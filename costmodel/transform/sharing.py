"""Weights that layers share, followed through a rewrite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from costmodel.network import Network, Node
from costmodel.transform.changes import Kept
from costmodel.transform.edits import Edit
from costmodel.transform.graph import Graph


def with_shared_weights(graph: Graph, edits: Sequence[Edit], rewrite: str) -> tuple[list[Edit], list[Kept]]:
    """The edits that treat layers with shared weights alike, which then share again, and why the others are not made.

    A layer that uses another's weights can only be replaced together with it, by as many layers of the same kinds.
    """
    kept: list[Kept] = []
    left = list(edits)
    while True:
        refused = {edit.name: reason for edit in left if (reason := _reason(graph, edit, left))}
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


def _reason(graph: Graph, edit: Edit, edits: Iterable[Edit]) -> str:
    """Why an edit cannot be made, as far as shared weights go; "" where it can."""
    by_removed = {name: each for each in edits for name in each.removed}
    for step in graph.network.steps:
        user, owner = step.node.name, step.node.shares
        if owner is None or edit not in (by_removed.get(user), by_removed.get(owner)):
            continue
        other = owner if by_removed.get(user) == edit else user
        partner = by_removed.get(other)
        if partner is None:
            return f"it shares its weights with {other!r}, which would not be replaced"
        if [node.layer for node in partner.added] != [node.layer for node in edit.added]:
            return f"it shares its weights with {other!r}, which would be replaced by other layers"
    return ""


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
