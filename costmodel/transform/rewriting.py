"""Rewriting: rewrites made one after another, each checked, and what they save."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from costmodel.errors import RewriteError, SpecError, shorten
from costmodel.layers.base import Shape, shape_text
from costmodel.network import Network
from costmodel.transform.amounts import Amounts
from costmodel.transform.base import Plan, Rewrite
from costmodel.transform.changes import Change, Kept, changes_of, in_order, joined
from costmodel.transform.edits import edited, same_shape, tensors_now
from costmodel.transform.graph import Graph
from costmodel.transform.selection import Predicate
from costmodel.transform.sharing import owning, with_shared_weights
from costmodel.transform.text import parse_rewrite


@dataclass(frozen=True)
class Rewritten:
    """A network before and after some rewrites, what they changed and what they did not."""

    before: Network
    after: Network
    changes: tuple[Change, ...]
    kept: tuple[Kept, ...]
    """Layers that were selected and stay, with the reason."""

    @property
    def saved(self) -> Amounts:
        """What the changes save, summed over the layers by their own formulas; below zero where they cost more."""
        return Amounts.sum(change.saved for change in self.changes)


def rewrite(network: Network, *rewrites: str | Rewrite, only: str | Predicate = "") -> Rewritten:
    """The network with rewrites made one after another, each checked for shape.

    A rewrite is a text (see `parse_rewrite`) or a `Rewrite`; `only` limits all of them to some layers. Raises
    `RewriteError` for one that changes nothing or would change shapes that have to stay.

    >>> from costmodel import zoo
    >>> made = rewrite(zoo.vgg16(), "conv=depthwise_separable", "fc=global_average_pool")
    >>> made.before.cost().macs, made.after.cost().macs, made.saved.macs
    (15470264320, 1863145472, 13607118848)
    >>> made.kept[0].reason
    "it reads the network's input of 3 channels; first=true changes it too"
    """
    if not rewrites:
        raise RewriteError(f"{network.name}: a rewrite must be given, such as 'conv=depthwise_separable'")
    made = Rewritten(network, network, (), ())
    for each in rewrites:
        asked = parse_rewrite(each) if isinstance(each, str) else each
        if not isinstance(asked, Rewrite):
            raise RewriteError(f"{network.name}: a rewrite must be a text or a Rewrite (got {shorten(repr(asked))})")
        if only:
            asked = asked.restricted(only)
        done = _rewritten(made.after, asked)
        changes = joined(made.changes, done.changes)
        made = Rewritten(network, done.after, changes, (*made.kept, *done.kept))
    return replace(made, changes=in_order(made.changes, network))


def _rewritten(network: Network, asked: Rewrite) -> Rewritten:
    """One rewrite of a network."""
    graph = Graph(network)
    try:
        plan = _plan(graph, asked)
        after = plan.network or edited(network, plan.edits)
    except RewriteError:
        raise
    except SpecError as problem:
        place = "" if str(problem).startswith(network.name) else f"{network.name}: "
        raise RewriteError(f"{place}{problem}, after {asked}") from None
    loses_weights = any(
        graph.steps[name].node.layer.formulas.params is not None for edit in plan.edits for name in edit.removed
    )
    after = owning(after) if loses_weights else after
    _check(network, after, asked, plan)
    after = after.renamed(network.name, source="; ".join(filter(None, [network.source, f"rewritten: {asked}"])))
    return Rewritten(network, after, changes_of(network, after, plan.edits, str(asked)), plan.kept)


def _plan(graph: Graph, asked: Rewrite) -> Plan:
    """What a rewrite does to a network, shared weights followed; raises where that is nothing."""
    plan = asked.plan(graph)
    edits, unshared = with_shared_weights(graph, plan.edits, str(asked))
    plan = plan._replace(edits=tuple(edits), kept=(*plan.kept, *unshared))
    if not (plan.edits or plan.network):
        raise RewriteError(f"{graph.network.name}: {asked} changes nothing: {_reasons(plan.kept)}")
    return plan


def _check(before: Network, after: Network, asked: Rewrite, plan: Plan) -> None:
    """Raise unless the shapes that have to stay did."""
    new = after.shapes
    now = tensors_now(plan.edits)
    if asked.keeps_shapes:
        for name, shape in before.shapes.items():
            tensor = now.get(name, None if now.get(name.partition(":")[0], name) is None else name)
            if tensor is not None:
                _same(before, name, shape, new[tensor], asked)
    if asked.keeps_outputs:
        for name, tensor in zip(before.outputs, after.outputs, strict=True):
            shapes = before.shapes[name], new[tensor]
            parts = [shape if len(shape) < 3 or asked.keeps_shapes else shape[:2] for shape in shapes]
            _same(before, name, parts[0], parts[1], asked)


def _same(network: Network, name: str, before: Shape, after: Shape, asked: Rewrite) -> None:
    if not same_shape(before, after):
        raise RewriteError(
            f"{network.name}, {name}: {asked} would change its shape of {shape_text(before)} to {shape_text(after)}"
        )


def _reasons(kept: tuple[Kept, ...]) -> str:
    """Why layers stay, those with the same reason together."""
    first = {each.reason: each.name for each in reversed(kept)}
    counts = Counter(each.reason for each in kept)
    found = [
        f"{first[reason]}{f' and {count - 1} more' if count > 1 else ''}: {reason}"
        for reason, count in counts.most_common(3)
    ]
    more = f", and {len(counts) - 3} more reasons" if len(counts) > 3 else ""
    return shorten("; ".join(found) + more, 600) or "there is nothing that it is about"
