"""The cost of a network: every layer and the totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import SerializeAsAny

from costmodel.counting import Convention, Cost, Ledger, NodeCost
from costmodel.layers import kind
from costmodel.network import Network, TrainingCost
from costmodel.network.training import ASSUMPTIONS as TRAINING_ASSUMPTIONS
from costmodel.report.record import Count, Record, count, distinct

ASSUMPTIONS: Final = (
    "traffic: every node reads its inputs and writes its outputs once",
    "peak memory: activations alive at the worst moment, in-place activations overwriting their input, no weights",
)


_READABLE: Final = 80
_MOST: Final = 6


class LayerRecord(Record):
    """One node."""

    name: str
    kind: str
    input_shapes: tuple[tuple[Count, ...], ...]
    output_shapes: tuple[tuple[Count, ...], ...]
    macs: Count
    flops: Count
    params: Count
    buffers: Count
    activations: Count
    additions: Count
    multiplications: Count
    comparisons: Count
    divisions: Count
    transcendentals: Count


class Totals(Record):
    """The whole network."""

    macs: Count
    flops: Count
    params: Count
    buffers: Count
    activations: Count
    weight_bytes: Count
    input_bytes: Count
    output_bytes: Count
    peak_memory_bytes: Count
    additions: Count
    multiplications: Count
    comparisons: Count
    divisions: Count
    transcendentals: Count


class TrainingTotals(Totals):
    """The whole network, and a training step of one batch."""

    training_forward_macs: Count
    training_input_gradient_macs: Count
    training_weight_gradient_macs: Count
    training_macs: Count


class Summary(Record):
    """The cost of a network under a convention of what a FLOP is."""

    network: str
    source: str
    holds_where: tuple[str, ...]
    """For which symbols the model that the network was read from runs."""
    parameters: dict[str, str]
    convention: str
    totals: SerializeAsAny[Totals]
    layers: tuple[LayerRecord, ...]
    uncounted: tuple[str, ...]
    assumptions: tuple[str, ...]


def summarize(
    network: Network, cost: Cost, training: TrainingCost | None = None, parameters: Mapping[str, str] | None = None
) -> Summary:
    """The cost of a network as a record; `parameters` are those that the user gave, as text.

    >>> from costmodel import zoo
    >>> network = zoo.resnet(depth=50)
    >>> summarize(network, network.cost()).totals.params
    25557032
    """
    totals = totals_record(cost)
    stored = f"activations are stored in {cost.activation_type}, weights in {cost.weight_type}"
    return Summary(
        network=network.name,
        source=network.source,
        holds_where=network.holds_where,
        parameters=dict(parameters or {}),
        convention=cost.convention.name,
        totals=_with_training(totals, training) if training else totals,
        layers=tuple(_layer(node, cost.convention) for node in cost.nodes),
        uncounted=cost.uncounted,
        assumptions=(*counting_assumptions(network), stored, *ASSUMPTIONS, *(TRAINING_ASSUMPTIONS if training else ())),
    )


def described(network: Network) -> str:
    """Where a network comes from, and the conditions on its symbols under which it is the model that was read."""
    conditions = f"holds where {readable(network.holds_where)}" if network.holds_where else ""
    return "; ".join(part for part in (network.source, conditions) if part)


def readable(conditions: Sequence[str]) -> str:
    """The conditions that fit on a line, and how many others there are."""
    short = [each for each in conditions if len(each) <= _READABLE][:_MOST]
    left = len(conditions) - len(short)
    return ", ".join([*short, *([f"and {left} more (--json lists all)"] if left else [])])


def counting_assumptions(network: Network) -> tuple[str, ...]:
    """What the formulas of the network's layers take for granted, each once."""
    classes = dict.fromkeys(kind(node.layer.kind) for node in network.nodes)
    return distinct(sentence for layer in classes for sentence in layer.assumptions)


def totals_record(cost: Cost) -> Totals:
    """What a network costs in all."""
    return Totals(
        macs=count(cost.macs),
        flops=count(cost.flops),
        params=count(cost.params),
        buffers=count(cost.buffers),
        activations=count(cost.activations),
        weight_bytes=count(cost.weight_bytes),
        input_bytes=count(cost.input_bytes),
        output_bytes=count(cost.output_bytes),
        peak_memory_bytes=count(cost.peak_memory_bytes),
        **_operations(cost.ledger),
    )


def _with_training(totals: Totals, step: TrainingCost) -> TrainingTotals:
    return TrainingTotals(
        **totals.model_dump(),
        training_forward_macs=count(step.forward_macs),
        training_input_gradient_macs=count(step.input_gradient_macs),
        training_weight_gradient_macs=count(step.weight_gradient_macs),
        training_macs=count(step.macs),
    )


def _layer(node: NodeCost, convention: Convention) -> LayerRecord:
    return LayerRecord(
        name=node.name,
        kind=node.kind,
        input_shapes=tuple(tuple(map(count, shape)) for shape in node.input_shapes),
        output_shapes=tuple(tuple(map(count, shape)) for shape in node.output_shapes),
        macs=count(node.macs),
        flops=count(node.flops(convention)),
        params=count(node.params),
        buffers=count(node.buffers),
        activations=count(node.activations),
        **_operations(node.ledger),
    )


def _operations(ledger: Ledger) -> dict[str, Count]:
    """Every entry of the ledger but the multiply-accumulates, by name."""
    entries = ledger._asdict()
    del entries["macs"]
    return {entry: count(value) for entry, value in entries.items()}
