"""A rewritten network: what changed layer by layer and in total, what did not and why, as a record."""

from __future__ import annotations

from collections.abc import Mapping

from costmodel.algebra import Dim
from costmodel.network import Network
from costmodel.report.record import Count, Record, count
from costmodel.transform import Amounts, Change, Placed, Rewritten


class AmountsRecord(Record):
    """What adds up over layers; bytes are those of float32."""

    macs: Count
    additions: Count
    multiplications: Count
    comparisons: Count
    divisions: Count
    transcendentals: Count
    params: Count
    buffers: Count
    activations: Count
    weight_bytes: Count
    input_bytes: Count
    output_bytes: Count


class TotalsRecord(AmountsRecord):
    """A whole network."""

    peak_memory_bytes: Count


class PlacedRecord(Record):
    """A layer before or after."""

    name: str
    kind: str


class ChangeRecord(Record):
    """Layers, and those that stand in their place."""

    name: str
    rewrites: tuple[str, ...]
    layers_before: tuple[PlacedRecord, ...]
    layers_after: tuple[PlacedRecord, ...]
    before: AmountsRecord
    after: AmountsRecord
    saved: AmountsRecord


class KeptRecord(Record):
    """A layer that was selected and stays."""

    name: str
    reason: str
    rewrite: str


class RewritingRecord(Record):
    """What rewrites make of a network."""

    network: str
    source: str
    parameters: dict[str, str]
    rewrites: tuple[str, ...]
    only: str | None
    before: TotalsRecord
    after: TotalsRecord
    saved: TotalsRecord
    changes: tuple[ChangeRecord, ...]
    kept: tuple[KeptRecord, ...]
    file: str | None
    """The file that the rewritten network was written to."""


def describe_rewriting(
    made: Rewritten,
    rewrites: tuple[str, ...],
    parameters: Mapping[str, str] | None = None,
    *,
    only: str | None = None,
    file: str | None = None,
) -> RewritingRecord:
    """A rewritten network as a record; `parameters` are those that the user gave, as text.

    >>> from costmodel import rewrite, zoo
    >>> made = rewrite(zoo.alexnet(), "fc=global_average_pool")
    >>> describe_rewriting(made, ("fc=global_average_pool",)).saved.params
    58374144
    """
    peaks = [network.cost().peak_memory_bytes for network in (made.before, made.after)]
    return RewritingRecord(
        network=made.before.name,
        source=made.before.source,
        parameters=dict(parameters or {}),
        rewrites=rewrites,
        only=only,
        before=_totals(made.before, peaks[0]),
        after=_totals(made.after, peaks[1]),
        saved=TotalsRecord(**_counts(made.saved), peak_memory_bytes=count(peaks[0] - peaks[1])),
        changes=tuple(_change(change) for change in made.changes),
        kept=tuple(KeptRecord(name=each.name, reason=each.reason, rewrite=each.rewrite) for each in made.kept),
        file=file,
    )


def _totals(network: Network, peak: Dim) -> TotalsRecord:
    return TotalsRecord(**_counts(Amounts.of_cost(network.cost())), peak_memory_bytes=count(peak))


def _change(change: Change) -> ChangeRecord:
    before, after = change.cost_before, change.cost_after
    return ChangeRecord(
        name=change.name,
        rewrites=change.rewrites,
        layers_before=tuple(map(_placed, change.before)),
        layers_after=tuple(map(_placed, change.after)),
        before=AmountsRecord(**_counts(before)),
        after=AmountsRecord(**_counts(after)),
        saved=AmountsRecord(**_counts(before - after)),
    )


def _placed(placed: Placed) -> PlacedRecord:
    return PlacedRecord(name=placed.name, kind=placed.kind)


def _counts(amounts: Amounts) -> dict[str, Count]:
    return {name: count(amount) for name, amount in amounts._asdict().items()}
