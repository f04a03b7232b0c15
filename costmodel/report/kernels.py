"""The kernels of a network under a runtime's rules, with what each computes and moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from costmodel.algebra import total
from costmodel.latency import FusionRules, Kernel
from costmodel.report.numbers import count_text
from costmodel.report.record import Count, Record, count
from costmodel.report.table import Column, Row, Table, facts


class KernelRecord(Record):
    """A kernel; amounts are integers, or the text of expressions."""

    name: str
    kernel_class: str
    kind: str
    joined: tuple[str, ...]
    activation: str | None
    nodes: tuple[str, ...]
    input_shapes: tuple[tuple[Count, ...], ...]
    output_shape: tuple[Count, ...]
    macs: Count
    other: Count
    transcendentals: Count
    input_bytes: Count
    joined_input_bytes: Count
    output_bytes: Count
    weight_bytes: Count


class Kernels(Record):
    """A network's kernels, in the order in which they run."""

    network: str
    parameters: dict[str, str]
    runtime: str
    source: str | None
    kernels: tuple[KernelRecord, ...]


def describe_kernels(
    network: str, kernels: Sequence[Kernel], rules: FusionRules, parameters: Mapping[str, str] | None = None
) -> Kernels:
    """The kernels as a record; `parameters` are those of the network that the user gave, as text."""
    return Kernels(
        network=network,
        parameters=dict(parameters or {}),
        runtime=rules.name,
        source=rules.source,
        kernels=tuple(map(_record, kernels)),
    )


def kernels_tables(
    network: str, kernels: Sequence[Kernel], rules: FusionRules, parameters: Mapping[str, str] | None = None
) -> tuple[Table, ...]:
    """A line for each kernel, and where the rules come from."""
    shown = "".join(f", {name}={value}" for name, value in (parameters or {}).items())
    columns = (
        Column("kernel"), Column("class"), Column("joined by"), Column("MACs", True), Column("bytes", True),
    )  # fmt: skip
    rows = tuple(
        Row((each.name, each.kernel_class, ", ".join(each.joined), _text(each.macs), _text(each.traffic_bytes)))
        for each in kernels
    )
    macs, moved = (total(values) for values in ([k.macs for k in kernels], [k.traffic_bytes for k in kernels]))
    last = (f"{len(kernels)} kernels", "", "", _text(macs), _text(moved))
    title = f"{network}{shown} under {rules.title or rules.name}"
    return (
        Table(columns, rows, title, last),
        facts(*((("rules after", rules.source),) if rules.source else ())),
    )


def _record(kernel: Kernel) -> KernelRecord:
    return KernelRecord(
        name=kernel.name,
        kernel_class=kernel.kernel_class,
        kind=kernel.layer.kind,
        joined=kernel.joined,
        activation=kernel.activation,
        nodes=kernel.nodes,
        input_shapes=tuple(tuple(map(count, shape)) for shape in kernel.input_shapes),
        output_shape=tuple(map(count, kernel.output_shape)),
        macs=count(kernel.macs),
        other=count(kernel.other),
        transcendentals=count(kernel.transcendentals),
        input_bytes=count(kernel.input_bytes),
        joined_input_bytes=count(kernel.joined_input_bytes),
        output_bytes=count(kernel.output_bytes),
        weight_bytes=count(kernel.weight_bytes),
    )


def _text(value: object) -> str:
    return count_text(value, 60)
