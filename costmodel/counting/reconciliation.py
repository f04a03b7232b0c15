"""Reconciliation: why tools disagree, from the exact count to each tool's number, layer kind by layer kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, get_args

from costmodel.algebra import Dim, total
from costmodel.counting.conventions import Rule
from costmodel.counting.cost import Cost, NodeCost
from costmodel.counting.tools import Tool, tools
from costmodel.counting.tools.tool import Way
from costmodel.errors import UnknownNameError


class LayerDifference(NamedTuple):
    """What a tool counts for one layer beyond its multiply-accumulates; negative where it counts less."""

    name: str
    amount: Dim


@dataclass(frozen=True)
class Difference:
    """What a rule of a tool adds to the exact count, or leaves out of it, over all layers of a kind."""

    kind: str
    count: str
    """The rule: an expression."""
    meaning: str
    layers: tuple[LayerDifference, ...]

    @property
    def amount(self) -> Dim:
        """The sum over the layers."""
        return total(layer.amount for layer in self.layers)


@dataclass(frozen=True)
class Reported:
    """A number that a tool reports of a network: `per_mac` times the exact count, and the differences."""

    tool: Tool
    exact_macs: Dim
    differences: tuple[Difference, ...]
    refusal: str = ""
    """Why the tool refuses the network, and gives no number."""

    @property
    def number(self) -> Dim | None:
        """What the tool reports; None where it refuses."""
        if self.refusal:
            return None
        return self.tool.per_mac * self.exact_macs + total(difference.amount for difference in self.differences)


@dataclass(frozen=True)
class Reconciliation:
    """The exact multiply-accumulates of a network, and what each tool reports instead."""

    network: str
    macs: Dim
    tools: tuple[Reported, ...]
    uncounted: tuple[str, ...] = ()
    """Operations without a rule: what tools count for them is not known either."""


def reconcile(
    cost: Cost, counted_by: Iterable[Tool] | None = None, written: Mapping[str, Way] | None = None
) -> Reconciliation:
    """What tools report of a network, and which layers and rules make up the difference from its exact count.

    number = per_mac x macs + sum of the differences, exactly. `written` says how the PyTorch model writes a layer
    kind, or the layer of a name, where that is not as a module: as a "function" or an "operator". Raises
    `UnknownNameError` for a name that neither the network nor a tool's rules have, or another way.

    >>> from costmodel import zoo
    >>> from costmodel.counting.tools import tools
    >>> (fvcore,) = reconcile(zoo.mobilenet_v2().cost(), tools("fvcore")).tools
    >>> fvcore.number, [(each.kind, each.amount, len(each.layers)) for each in fvcore.differences]
    (314193216, [('batch_norm', 13356224, 52), ('global_avg_pool', 62720, 1)])
    """
    chosen = tools() if counted_by is None else tuple(counted_by)
    ways = written or {}
    _check_ways(cost, ways, chosen)
    reported = tuple(_reported(cost, tool, ways) for tool in chosen)
    return Reconciliation(cost.network, cost.macs, reported, cost.uncounted)


def _check_ways(cost: Cost, written: Mapping[str, Way], chosen: Iterable[Tool]) -> None:
    """Raise for a name that is no layer or kind, or a way that is none: it would change nothing."""
    known = {name for node in cost.nodes for name in (node.name, node.kind)}
    for tool in (*tools(), *chosen):
        known.update(tool.rules, tool.functions, tool.operators)
    for name, way in written.items():
        if name not in known:
            raise UnknownNameError("layer kind or layer", name, known)
        if way not in get_args(Way):
            raise UnknownNameError("way to write an operation", way, get_args(Way))


def _reported(cost: Cost, tool: Tool, written: Mapping[str, Way]) -> Reported:
    """One tool's number with its differences, the largest first."""
    tools_by_way = {way: tool.where(way) for way in ("module", *written.values())}
    by_rule: dict[tuple[str, Rule], list[LayerDifference]] = {}
    for node in cost.nodes:
        found = tools_by_way[written.get(node.name, written.get(node.kind, "module"))]
        amount = _difference(node, found)
        if amount != 0:
            layers = by_rule.setdefault((node.kind, found.rules[node.kind]), [])
            layers.append(LayerDifference(node.name, amount))
    differences = [
        Difference(kind, rule.count, rule.meaning, tuple(layers)) for (kind, rule), layers in by_rule.items()
    ]
    return Reported(tool, cost.macs, tuple(sorted(differences, key=_size)), _refusal(cost, tool))


def _refusal(cost: Cost, tool: Tool) -> str:
    """Why the tool refuses the network, if it does."""
    if tool.needs_params and cost.params == 0:
        return "it refuses a model without parameters"
    refused = [node.name for node in cost.nodes if node.kind in tool.refused]
    return f"it has no rule for {refused[0]}" if refused else ""


def _difference(node: NodeCost, tool: Tool) -> Dim:
    """What the tool counts for a node beyond its multiply-accumulates."""
    return node.flops(tool) - tool.per_mac * node.macs if node.kind in tool.rules else 0


def _size(difference: Difference) -> tuple[bool, int]:
    """A key that sorts numbers from the largest to the smallest, and leaves expressions behind them."""
    amount = difference.amount
    return (False, -abs(amount)) if isinstance(amount, int) else (True, 0)
