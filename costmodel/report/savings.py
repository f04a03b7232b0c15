"""What a change of parameters saves at each stage, as a record and as tables."""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.reasoning import Savings, StageSaving
from costmodel.reasoning.writing import written
from costmodel.report.algebra import StepRecord, expression_cell, point_text, step_records, step_tables
from costmodel.report.numbers import count_text
from costmodel.report.record import Count, Record, count
from costmodel.report.table import Column, Row, Table


class StageSavingRecord(Record):
    """A stage before and after the change."""

    name: str
    before: Count
    after: Count
    saved: Count
    kept: float | None
    law: str | None
    law_latex: str | None


class SavingsRecord(Record):
    """What the change saves at each stage, and in total."""

    network: str
    quantity: str
    before: dict[str, str]
    after: dict[str, str]
    stages: tuple[StageSavingRecord, ...]
    total: StageSavingRecord
    valid_when: str | None
    steps: tuple[StepRecord, ...]


def describe_savings(found: Savings) -> SavingsRecord:
    """The savings as a record."""
    return SavingsRecord(
        network=found.network,
        quantity=found.quantity,
        before={name: str(value) for name, value in found.before.items()},
        after={name: str(value) for name, value in found.after.items()},
        stages=tuple(map(_stage, found.stages)),
        total=_stage(found.total),
        valid_when=" and ".join(found.valid_when) or None,
        steps=step_records(found.steps),
    )


def _stage(stage: StageSaving) -> StageSavingRecord:
    law = None if stage.law is None else written(stage.law)
    return StageSavingRecord(
        name=stage.name,
        before=count(stage.before),
        after=count(stage.after),
        saved=count(stage.saved),
        kept=None if stage.kept is None else float(stage.kept),
        law=None if law is None else str(law),
        law_latex=None if law is None else law.latex(),
    )


def savings_tables(found: Savings, formats: Sequence[str] = ("text",)) -> tuple[Table, ...]:
    """Each stage before and after, what it keeps, and its law; then the law of the total."""
    has_laws = found.total.law is not None
    columns = (
        Column("stage"), Column("before", is_number=True), Column("after", is_number=True),
        Column("saved", is_number=True), Column("kept", is_number=True), *([Column("law")] if has_laws else []),
    )  # fmt: skip
    rows = tuple(Row(_cells(stage, formats, has_law=has_laws)) for stage in found.stages)
    title = f"{found.quantity} of {found.network}: {point_text(found.after)}"
    if start := point_text({name: value for name, value in found.before.items() if name in found.after}):
        title += f" instead of {start}"
    notes = ("counts are those of the two networks as they are built; a law is without rounding",) if has_laws else ()
    total = _cells(found.total, formats, has_law=has_laws)
    where = " and ".join(found.valid_when)
    steps = step_tables(found.steps, formats, "the law", where) if found.steps else ()
    return (Table(columns, rows, title, total, notes), *steps)


def _cells(stage: StageSaving, formats: Sequence[str], *, has_law: bool) -> tuple[str, ...]:
    kept = "" if stage.kept is None else f"{100 * float(stage.kept):.1f} %"
    law = [expression_cell(stage.law, formats) if stage.law is not None else ""] if has_law else []
    return (stage.name, *(count_text(value, 60) for value in (stage.before, stage.after, stage.saved)), kept, *law)
