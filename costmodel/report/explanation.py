"""A predicted latency by the terms of its model."""

from __future__ import annotations

from collections.abc import Mapping

from costmodel.calibration import Explanation, Part
from costmodel.report.numbers import count_text, with_prefix
from costmodel.report.record import Amount, Count, Record, amount, count
from costmodel.report.resources import quantity_text
from costmodel.report.table import Column, Row, Table, facts


class PartRecord(Record):
    """A term's part of a prediction; what depends on a symbol, or is not told, is None."""

    name: str
    meaning: str
    resource: str
    amount: Count
    coefficient: float
    low: float | None
    high: float | None
    unit: str
    latency_s: Amount
    share: float | None
    most_share: float | None
    is_seen: bool


class ExplanationRecord(Record):
    """A prediction, and the terms that make it, the largest first."""

    network: str
    parameters: dict[str, str]
    device: str
    latency_s: Amount
    low_s: Amount | None
    high_s: Amount | None
    interval: float | None
    terms: tuple[PartRecord, ...]
    assumptions: tuple[str, ...]


def describe_explanation(
    network: str, explanation: Explanation, parameters: Mapping[str, str] | None = None
) -> ExplanationRecord:
    """The explanation as a record; `parameters` are those of the network that the user gave, as text."""
    latency = explanation.latency
    return ExplanationRecord(
        network=network,
        parameters=dict(parameters or {}),
        device=latency.device,
        latency_s=amount(latency.latency_s),
        low_s=None if latency.low_s is None else amount(latency.low_s),
        high_s=None if latency.high_s is None else amount(latency.high_s),
        interval=latency.interval,
        terms=tuple(map(_part, explanation.parts)),
        assumptions=latency.assumptions,
    )


def _part(part: Part) -> PartRecord:
    return PartRecord(
        name=part.term.name,
        meaning=part.term.meaning,
        resource=part.term.resource,
        amount=count(part.amount),
        coefficient=part.coefficient.value,
        low=part.coefficient.low,
        high=part.coefficient.high,
        unit=part.term.unit,
        latency_s=amount(part.latency_s),
        share=part.share,
        most_share=part.most_share,
        is_seen=part.is_seen,
    )


def explanation_tables(
    network: str, explanation: Explanation, parameters: Mapping[str, str] | None = None
) -> tuple[Table, ...]:
    """Every term with its amount, its coefficient, and what it takes; the total, and what it takes for granted."""
    latency = explanation.latency
    shown = "".join(f", {name}={value}" for name, value in (parameters or {}).items())
    columns = (
        Column("term"), Column("amount", is_number=True), Column("each takes", is_number=True),
        Column("latency", is_number=True), Column("share", is_number=True), Column("at most", is_number=True),
    )  # fmt: skip
    rows = tuple(map(_row, explanation.parts))
    total = ("total", "", "", quantity_text(latency.latency_s), "", "")
    notes = ("at most: the largest share of any time that was measured",)
    assumptions = [("assumes" if index == 0 else "", text) for index, text in enumerate(latency.assumptions)]
    return (Table(columns, rows, f"{network}{shown} on {latency.device}", total, notes), facts(*assumptions))


def _row(part: Part) -> Row:
    most = "never" if not part.is_seen else "" if part.most_share is None else _percent(part.most_share)
    share = "" if part.share is None else _percent(part.share)
    each = with_prefix(part.coefficient.value, part.term.unit)
    return Row((part.term.name, count_text(part.amount, 60), each, quantity_text(part.latency_s), share, most))


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"
