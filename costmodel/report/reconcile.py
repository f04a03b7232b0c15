"""Why tools disagree: each tool's number, and what makes the difference from the exact count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from costmodel.algebra import Dim
from costmodel.counting import Difference, Reconciliation, Reported
from costmodel.counting.tools.tool import Way
from costmodel.report.numbers import count_text, with_prefix
from costmodel.report.record import Count, Record, count
from costmodel.report.table import Column, Row, Table


class LayerDifferenceRecord(Record):
    """What a tool counts for one layer beyond its multiply-accumulates."""

    name: str
    amount: Count


class DifferenceRecord(Record):
    """What a rule makes of the layers of one kind."""

    kind: str
    amount: Count
    rule: str
    meaning: str
    layers: tuple[LayerDifferenceRecord, ...]


class ToolRecord(Record):
    """A number that a tool reports."""

    name: str
    tool: str
    version: str
    number: Count | None
    unit: str
    per_mac: int
    differences: tuple[DifferenceRecord, ...]
    refusal: str
    meaning: str
    reads: str
    source: str
    notes: tuple[str, ...]


class ReconciliationRecord(Record):
    """The exact count of a network, and what tools report instead."""

    network: str
    parameters: dict[str, str]
    macs: Count
    written: dict[str, str]
    tools: tuple[ToolRecord, ...]
    uncounted: tuple[str, ...]


def describe_reconciliation(
    found: Reconciliation, written: Mapping[str, Way], parameters: Mapping[str, str] | None = None
) -> ReconciliationRecord:
    """A reconciliation as a record; `parameters` are those that the user gave, as text.

    >>> from costmodel import reconcile, zoo
    >>> describe_reconciliation(reconcile(zoo.vgg16().cost()), {}).tools[0].number
    15470264320
    """
    return ReconciliationRecord(
        network=found.network,
        parameters=dict(parameters or {}),
        macs=count(found.macs),
        written={kind: str(way) for kind, way in written.items()},
        tools=tuple(_tool(each) for each in found.tools),
        uncounted=found.uncounted,
    )


def reconciliation_tables(
    found: Reconciliation, written: Mapping[str, Way], remarks: Iterable[str] = ()
) -> Iterator[Table]:
    """One table: a row for each number, and one for each further difference."""
    columns = (
        Column("tool"), Column("number", True), Column("unit"), Column("to exact", True),
        Column("what makes the difference"),
    )  # fmt: skip
    rows = tuple(row for each in found.tools for row in _rows(each))
    title = f"{found.network}: {count_text(found.macs)} multiply-accumulates, exactly"
    yield Table(columns, rows, title, notes=(*_notes(found, written), *remarks))


def _tool(found: Reported) -> ToolRecord:
    tool, number = found.tool, found.number
    return ToolRecord(
        name=tool.name,
        tool=tool.tool,
        version=tool.version,
        number=None if number is None else count(number),
        unit=tool.unit,
        per_mac=tool.per_mac,
        differences=tuple(_difference(each) for each in found.differences),
        refusal=found.refusal,
        meaning=tool.meaning,
        reads=tool.reads,
        source=tool.source,
        notes=tool.notes,
    )


def _difference(difference: Difference) -> DifferenceRecord:
    return DifferenceRecord(
        kind=difference.kind,
        amount=count(difference.amount),
        rule=difference.count,
        meaning=difference.meaning,
        layers=tuple(LayerDifferenceRecord(name=name, amount=count(amount)) for name, amount in difference.layers),
    )


def _rows(found: Reported) -> Iterator[Row]:
    """The rows of one number: what it is, and the reasons one below the other."""
    if found.number is None:
        yield Row((found.tool.name, "none", "", "", found.refusal))
        return
    first, *others = list(_reasons(found)) or ["nothing: it is exact"]
    number = count_text(found.number, 60)
    yield Row((found.tool.name, number, found.tool.unit, _share(found.number, found.exact_macs), first))
    for reason in others:
        yield Row(("", "", "", "", reason))


def _reasons(found: Reported) -> Iterator[str]:
    """What makes the difference, in words."""
    if found.tool.per_mac != 1:
        yield f"x {found.tool.per_mac}: {found.tool.per_mac} for each multiply-accumulate"
    for difference in found.differences:
        layers = len(difference.layers)
        where = f"{layers} layer{'' if layers == 1 else 's'}"
        yield f"{_amount(difference.amount)}: {difference.kind}, {difference.meaning} ({where})"


def _amount(value: Dim) -> str:
    """A signed amount, short."""
    if not isinstance(value, int):
        return count_text(value, 60)
    size = abs(value)
    return f"{'-' if value < 0 else '+'}{with_prefix(size) if size >= 1000 else size}"


def _share(number: Dim, macs: Dim) -> str:
    """How many times the exact count a number is."""
    if not isinstance(number, int) or not isinstance(macs, int) or macs == 0:
        return ""
    return f"{number / macs:.4f}"


def _notes(found: Reconciliation, written: Mapping[str, Way]) -> Iterator[str]:
    for name, way in written.items():
        yield f"{name} is written as {'an operator' if way == 'operator' else f'a {way}'}"
    if found.uncounted:
        yield f"not counted, here or by the tools' rules: {', '.join(found.uncounted)}"
