"""The cost of a network as tables for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from costmodel.algebra import Dim, total
from costmodel.counting import Convention, Cost, NodeCost
from costmodel.layers.base import shape_text
from costmodel.network import TrainingCost
from costmodel.report.numbers import count_text, percent, with_prefix
from costmodel.report.table import Column, Row, Table, facts

SameLine = Callable[[NodeCost, NodeCost], bool]
"""Whether a node shares the line that the first began."""


class Line(NamedTuple):
    """Some nodes in a row, as one line of the table."""

    name: str
    nodes: tuple[NodeCost, ...]

    @property
    def kinds(self) -> str:
        """The kind of the first, and how many others are with it."""
        counts = Counter(node.kind for node in self.nodes)
        if counts.total() > _SHORT and any(_has_macs(node) for node in self.nodes[1:]):
            return f"{counts.total()} layers"
        first = self.nodes[0].kind
        return f"{first} +{counts.total() - 1}" if counts.total() > 1 else first

    def sum(self, quantity: Callable[[NodeCost], Dim]) -> Dim:
        """A quantity over all of its nodes."""
        return total(map(quantity, self.nodes))


_SHORT: Final = 4
MAX_LINES: Final = 2000
"""Lines beyond this number nobody reads, and they take long to lay out."""


def follows(first: NodeCost, node: NodeCost) -> bool:
    """A batch-norm or an activation that is named after its convolution: conv1, conv1.batch_norm, conv1.relu."""
    return node.name.startswith(f"{first.name}.")


def every_node(first: NodeCost, node: NodeCost) -> bool:
    """Each node has a line of its own, names being distinct."""
    return first.name == node.name


def without_macs(first: NodeCost, node: NodeCost) -> bool:
    """Nodes without multiply-accumulates share the line of the one with some that they come after.

    That is how networks of other tools' files are shown, in which shapes and functions take many small nodes each.
    """
    return _has_macs(first) and not _has_macs(node)


def _has_macs(node: NodeCost) -> bool:
    return not (isinstance(node.macs, int) and node.macs == 0)


def same_scope(depth: int) -> SameLine:
    """Nodes whose names agree in their first parts, which dots or slashes end: layer1.0.conv1 and layer1.0.relu."""

    def same(first: NodeCost, node: NodeCost) -> bool:
        return first.scope[:depth] == node.scope[:depth]

    return same


def lines(nodes: Iterable[NodeCost], same_line: SameLine) -> list[Line]:
    """The nodes in lines; a line is called after its first node."""
    groups: list[list[NodeCost]] = []
    for node in nodes:
        if groups and same_line(groups[-1][0], node):
            groups[-1].append(node)
        else:
            groups.append([node])
    named_first = same_line is without_macs
    return [Line(group[0].name if named_first else _common_name(group), tuple(group)) for group in groups]


def summary_tables(
    cost: Cost,
    training: TrainingCost | None = None,
    *,
    parameters: Mapping[str, str] | None = None,
    source: str = "",
    same_line: SameLine = follows,
) -> tuple[Table, ...]:
    """Every layer, the totals, and where asked for the training step."""
    shown = "".join(f", {name}={value}" for name, value in (parameters or {}).items())
    layers = _layers(cost, lines(cost.nodes, same_line), f"{cost.network}{shown}", source)
    partial = [_uncounted(cost)] if cost.uncounted else []
    return (layers, *partial, _totals(cost), *([_training(training)] if training else []))


def _uncounted(cost: Cost) -> Table:
    """What the totals leave out."""
    rows = [Row((node.name, _outputs(Line(node.name, (node,))))) for node in cost.nodes if not node.counted]
    columns = (Column("operation without a rule"), Column("output"))
    return Table(columns, tuple(rows), "not in the totals, which are partial")


def _layers(cost: Cost, grouped: Sequence[Line], title: str, source: str) -> Table:
    """A line for some nodes; shares are of the convention's number where that is more than MACs, else of these."""
    quantities: list[tuple[str, Callable[[NodeCost], Dim], Dim]] = [
        ("parameters", lambda node: node.params, cost.params),
        ("MACs", lambda node: node.macs, cost.macs),
    ]
    if _is_more_than_macs(cost.convention):
        quantities.append((cost.convention.unit, lambda node: node.flops(cost.convention), cost.flops))
    whole = quantities[-1][2]
    has_shares = isinstance(whole, int)
    rows = []
    for line in grouped[:MAX_LINES]:
        values = [line.sum(quantity) for _, quantity, _ in quantities]
        cells = [line.name, line.kinds, _outputs(line), *map(count_text, values)]
        is_nothing = isinstance(values[-1], int) and values[-1] == 0
        rows.append(Row((*cells, *([percent(values[-1], whole)] if has_shares else [])), is_faint=is_nothing))
    columns = [Column("layer"), Column("kind"), Column("output")]
    columns += [Column(heading, is_number=True) for heading, _, _ in quantities]
    columns += [Column("share", is_number=True)] if has_shares else []
    last = ["total", "", "", *(count_text(total) for _, _, total in quantities)]
    last += [percent(whole, whole)] if has_shares else []
    return Table(tuple(columns), tuple(rows), title, tuple(last), _notes(grouped, source))


def _notes(grouped: Sequence[Line], source: str) -> tuple[str, ...]:
    is_folded = any("+" in line.kinds for line in grouped)
    folded = "+1, +2: with the layers after it that go with it, such as batch-norm and activation; --all lists each"
    left_out = f"{len(grouped) - MAX_LINES:,} more lines are left out; --json lists every layer"
    notes = (source, folded if is_folded else "", left_out if len(grouped) > MAX_LINES else "")
    return tuple(note for note in notes if note)


def _totals(cost: Cost) -> Table:
    used = cost.convention
    pairs = [
        ("MACs", count_text(cost.macs), _short(cost.macs)),
        (used.unit if used.unit != "MACs" else "FLOPs", count_text(cost.flops), f"{used.name}: {used.meaning}"),
        ("parameters", count_text(cost.params), _short(cost.params)),
        ("buffers", count_text(cost.buffers), _short(cost.buffers)),
        ("activations", count_text(cost.activations), f"{_short(cost.activations)} elements written".strip()),
        ("weights", count_text(cost.weight_bytes), f"{_short(cost.weight_bytes, 'B')} in {cost.weight_type}".strip()),
        ("read", count_text(cost.input_bytes), f"{_short(cost.input_bytes, 'B')} by all layers".strip()),
        ("written", count_text(cost.output_bytes), f"{_short(cost.output_bytes, 'B')} by all layers".strip()),
        (
            "peak memory",
            count_text(cost.peak_memory_bytes, limit=100),
            f"{_short(cost.peak_memory_bytes, 'B')} of activations in {cost.activation_type}".strip(),
        ),
    ]
    pairs += [
        (name, count_text(value), _short(value)) for name, value in cost.ledger._asdict().items() if name != "macs"
    ]
    return facts(*pairs)


def _training(step: TrainingCost) -> Table:
    ratio = f"{step.macs / step.forward_macs:.3f} x forward" if isinstance(step.macs, int) and step.forward_macs else ""
    return facts(
        ("forward", count_text(step.forward_macs), _short(step.forward_macs)),
        ("gradients of inputs", count_text(step.input_gradient_macs), _short(step.input_gradient_macs)),
        ("gradients of weights", count_text(step.weight_gradient_macs), _short(step.weight_gradient_macs)),
        ("training step", count_text(step.macs), f"{_short(step.macs)} {ratio}".strip()),
        title="MACs of a training step",
    )


def _short(value: Dim, unit: str = "") -> str:
    """The number with a prefix where that is shorter; nothing for an expression."""
    return with_prefix(value, unit) if isinstance(value, int) and (value >= 1000 or unit) else ""


def _outputs(line: Line) -> str:
    return ", ".join(map(shape_text, line.nodes[-1].output_shapes[:3])) + (
        ", ..." if len(line.nodes[-1].output_shapes) > 3 else ""
    )


def _is_more_than_macs(convention: Convention) -> bool:
    """Whether the convention's number is not simply a multiple of the MACs."""
    return bool(convention.rules) or set(convention.weights) != {"macs"}


def _common_name(nodes: Sequence[NodeCost]) -> str:
    """The first name, or of nodes in a scope the scope's: layer1.0.conv1 and layer1.1.relu are layer1."""
    first = nodes[0].name
    if all(follows(nodes[0], node) for node in nodes[1:]):
        return first
    parts = [node.scope for node in nodes]
    common = []
    for column in zip(*parts, strict=False):
        if len(set(column)) > 1:
            break
        common.append(column[0])
    return ".".join(common) or first
