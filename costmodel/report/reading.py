"""What the name of a device was read as, for a person to see what was misread."""

from __future__ import annotations

from costmodel.calibration import Reading
from costmodel.hardware import Chip, Cluster, Core
from costmodel.report.numbers import with_prefix
from costmodel.report.record import Record
from costmodel.report.table import Column, Row, Table


class SourceRecord(Record):
    """A chip or a GPU, where it is published, and whether somebody has looked there."""

    name: str
    source: str
    is_checked: bool


class ClusterRecord(Record):
    """Equal cores; what is neither said nor published is None."""

    core: str
    count: int | None
    clock_hz: float | None
    float_lanes_per_cycle: int | None
    has_float16: bool | None
    out_of_order: bool | None
    source: str
    is_checked: bool


class ReadingRecord(Record):
    """The data sheet that a name leads to, and what of it is not known."""

    clusters: tuple[ClusterRecord, ...]
    gpu: SourceRecord | None
    chip: SourceRecord | None
    peak_macs_per_s: float | None
    not_known: tuple[str, ...]


def describe_reading(found: Reading | None) -> ReadingRecord | None:
    """The reading as a record; None for none."""
    if found is None:
        return None
    return ReadingRecord(
        clusters=tuple(map(_cluster, found.sheet.clusters)),
        gpu=_named(found.sheet.gpu),
        chip=_named(found.sheet.chip),
        peak_macs_per_s=found.peak_macs_per_s,
        not_known=found.not_known,
    )


def reading_table(found: Reading | None) -> list[Table]:
    """The cores or the GPU that the name was read as, with what is not known and the sources; none for no reading."""
    if found is None:
        return []
    columns = (
        Column("the name was read as"), Column("cores", True), Column("clock", True), Column("MACs a cycle", True),
        Column("float16"),
    )  # fmt: skip
    rows = [
        Row((
            each.core.name, _text(each.count), with_prefix(each.clock_hz, "Hz") if each.clock_hz else "?",
            _text(each.core.float_lanes_per_cycle), _text(each.core.has_float16),
        ))
        for each in found.sheet.clusters
    ]  # fmt: skip
    if found.sheet.gpu:
        rows.append(Row((found.sheet.gpu.name, "", "", "", _text(found.sheet.gpu.has_float16))))
    return [Table(columns, tuple(rows) or (Row(("nothing known", "?", "?", "?", "?")),), notes=_notes(found))]


def _notes(found: Reading) -> tuple[str, ...]:
    peak = found.peak_macs_per_s
    sheet = found.sheet
    named = {each.name: each for each in (sheet.chip, sheet.gpu, *(part.core for part in sheet.clusters)) if each}
    return (
        *([f"at most {with_prefix(peak, 'MAC/s')} on one core"] if peak else []),
        *([f"not known, and taken as usual: {', '.join(found.not_known)}"] if found.not_known else []),
        *(
            f"{name}: {each.source}{'' if each.checked else ' (from memory, not checked)'}"
            for name, each in named.items()
        ),
    )


def _cluster(cluster: Cluster) -> ClusterRecord:
    core = cluster.core
    return ClusterRecord(
        core=core.name,
        count=cluster.count,
        clock_hz=cluster.clock_hz,
        float_lanes_per_cycle=core.float_lanes_per_cycle,
        has_float16=core.has_float16,
        out_of_order=core.out_of_order,
        source=core.source,
        is_checked=core.checked,
    )


def _named(each: Chip | Core | None) -> SourceRecord | None:
    return SourceRecord(name=each.name, source=each.source, is_checked=each.checked) if each else None


def _text(value: int | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "?" if value is None else str(value)
