"""What a picture that was written shows, as a record and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from costmodel.errors import shorten
from costmodel.report.candidates import Candidates
from costmodel.report.numbers import with_prefix
from costmodel.report.pictures.style import quantity
from costmodel.report.record import Record
from costmodel.report.table import Column, Row, Table, facts


class MemberRecord(Record):
    """A member of a Pareto front."""

    name: str
    costs: dict[str, int | float]


class PictureRecord(Record):
    """A picture: its file, and what is in it."""

    file: str
    kind: str
    networks: tuple[str, ...]
    costs: tuple[str, ...]
    points: int
    front: tuple[MemberRecord, ...]
    budgets: dict[str, float]
    left_out: tuple[str, ...]


def describe_picture(
    file: str,
    kind: str,
    networks: Sequence[str],
    costs: Sequence[str],
    points: int,
    candidates: Candidates | None = None,
    budgets: Mapping[str, float] | None = None,
) -> PictureRecord:
    """The record of a picture; `points` are its points, bars or evaluated configurations."""
    return PictureRecord(
        file=file,
        kind=kind,
        networks=tuple(networks),
        costs=tuple(costs),
        points=points,
        front=_members(candidates) if candidates else (),
        budgets=dict(budgets or {}),
        left_out=candidates.left_out if candidates else (),
    )


def picture_tables(record: PictureRecord) -> tuple[Table, ...]:
    """What was written, the front where there is one, and what is not in it."""
    written = facts((record.kind, f"{record.points:,} points, bars or configurations"), ("written", record.file))
    if not record.front:
        return (written,)
    columns = (Column("on the front"), *(Column(cost, True) for cost in record.costs))
    rows = [Row((each.name, *(_text(cost, value) for cost, value in each.costs.items()))) for each in record.front[:50]]
    more = (f"and {len(record.front) - 50:,} more",) if len(record.front) > 50 else ()
    missing = (f"not compared: {shorten(', '.join(record.left_out), 300)}",) if record.left_out else ()
    return (Table(columns, tuple(rows), notes=(*more, *missing)), written)


def _text(cost: str, value: float) -> str:
    """A cost with its SI prefix and unit, a score as it is."""
    shown = quantity(cost)
    return with_prefix(value, shown.unit) if shown.has_prefixes else f"{value:g}"


def _members(candidates: Candidates) -> tuple[MemberRecord, ...]:
    return tuple(
        MemberRecord(
            name=candidates.names[index],
            costs={
                cost: int(value) if value.is_integer() else value
                for cost, value in zip(candidates.costs, candidates.points[:, index].tolist(), strict=True)
            },
        )
        for index in candidates.front
    )
