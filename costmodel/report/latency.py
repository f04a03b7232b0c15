"""A predicted latency: the whole, its interval, and every kernel with what bounds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from costmodel.algebra import Dim
from costmodel.latency import Latency
from costmodel.report.record import Amount, Count, Record, amount, count
from costmodel.report.resources import (
    EnergyRecord,
    MemoryRecord,
    describe_energy,
    describe_memory,
    energy_parts,
    memory_rows,
    quantity_text,
    share,
)
from costmodel.report.table import Column, Row, Table, facts

PARTS: Final = ("compute", "memory", "overhead")
"""What a kernel's time consists of."""


class KernelRecord(Record):
    """A kernel: its time, its parts, and which of them it waits for (None where a time is an expression)."""

    name: str
    latency_s: Amount
    bound_by: str | None
    compute_s: Amount | None
    memory_s: Amount | None
    overhead_s: Amount | None
    energy_j: Amount | None


class Prediction(Record):
    """The latency and energy of a network on a device; what is not known is None."""

    network: str
    parameters: dict[str, str]
    device: str
    batch: Count
    latency_s: Amount
    low_s: Amount | None
    high_s: Amount | None
    interval: float | None
    throughput_per_s: Amount | None
    energy_j: Amount | None
    energy: EnergyRecord | None
    memory: MemoryRecord | None
    kernels: tuple[KernelRecord, ...]
    assumptions: tuple[str, ...]


def describe_latency(network: str, latency: Latency, parameters: Mapping[str, str] | None = None) -> Prediction:
    """The prediction as a record; `parameters` are those of the network that the user gave, as text."""
    return Prediction(
        network=network,
        parameters=dict(parameters or {}),
        device=latency.device,
        batch=count(latency.batch),
        latency_s=amount(latency.latency_s),
        low_s=_known(latency.low_s),
        high_s=_known(latency.high_s),
        interval=latency.interval,
        throughput_per_s=_known(_throughput(latency)),
        energy_j=_known(latency.energy_j),
        energy=describe_energy(latency.energy),
        memory=describe_memory(latency.memory),
        kernels=tuple(
            KernelRecord(
                name=kernel.name,
                latency_s=amount(kernel.latency_s),
                bound_by=kernel.bound_by,
                compute_s=_known(kernel.compute_s),
                memory_s=_known(kernel.memory_s),
                overhead_s=_known(kernel.overhead_s),
                energy_j=_known(energy_j),
            )
            for kernel, energy_j in zip(latency.kernels, _kernel_energies(latency), strict=True)
        ),
        assumptions=_assumptions(latency),
    )


def _kernel_energies(latency: Latency) -> tuple[Dim, ...]:
    """Each kernel's joules; None where they are not known."""
    if latency.energy is None:
        return (None,) * len(latency.kernels)
    return tuple(kernel.total_j for kernel in latency.energy.kernels)


def _assumptions(latency: Latency) -> tuple[str, ...]:
    return (*latency.assumptions, *(latency.energy.assumptions if latency.energy else ()))


def latency_tables(network: str, latency: Latency, parameters: Mapping[str, str] | None = None) -> tuple[Table, ...]:
    """Every kernel, the total with its interval, and what it takes for granted."""
    shown = "".join(f", {name}={value}" for name, value in (parameters or {}).items())
    title = f"{network}{shown} on {latency.device}"
    is_number = isinstance(latency.latency_s, (int, float))
    return (
        _kernels(latency, title) if is_number else _expressions(latency, title),
        facts(("latency", quantity_text(latency.latency_s), _interval(latency)), *_more(latency)),
        facts(
            *_named("assumes", _assumptions(latency)),
            *_named("sources", latency.energy.sources if latency.energy else ()),
        ),
    )


def _named(name: str, sentences: tuple[str, ...]) -> list[tuple[str, str]]:
    """Sentences as rows, the first with a name."""
    return [(name if index == 0 else "", text) for index, text in enumerate(sentences)]


def _kernels(latency: Latency, title: str) -> Table:
    """Every kernel with the parts of its time, those that are nowhere left out."""
    parts = [part for part in PARTS if any(getattr(kernel, f"{part}_s") for kernel in latency.kernels)]
    columns = [Column("kernel"), Column("waits for"), *(Column(part, is_number=True) for part in parts)]
    columns += [Column("latency", is_number=True), Column("share", is_number=True)]
    rows = []
    for kernel in latency.kernels:
        cells = [kernel.name, kernel.bound_by or "", *(quantity_text(getattr(kernel, f"{part}_s")) for part in parts)]
        rows.append(Row((*cells, quantity_text(kernel.latency_s), share(kernel.latency_s, latency.latency_s))))
    last = (
        "total",
        "",
        *[""] * len(parts),
        quantity_text(latency.latency_s),
        share(latency.latency_s, latency.latency_s),
    )
    return Table(tuple(columns), tuple(rows), title, last)


def _expressions(latency: Latency, title: str) -> Table:
    """The kernels of a network with symbols: which time is the longest depends on them."""
    rows = tuple(Row((kernel.name, quantity_text(kernel.latency_s))) for kernel in latency.kernels)
    return Table((Column("kernel"), Column("seconds")), rows, title)


def _interval(latency: Latency) -> str:
    if not isinstance(latency.latency_s, (int, float)):
        return "seconds"
    if latency.interval is None or latency.low_s is None or latency.high_s is None:
        if latency.is_calibrated:
            return "calibrated; too few networks were measured for an interval"
        return "by the roofline from data sheets, not calibrated: a bound, without an interval"
    low, high = quantity_text(latency.low_s), quantity_text(latency.high_s)
    return f"{100 * latency.interval:.0f} % of measurements lie between {low} and {high}"


def _more(latency: Latency) -> list[tuple[str, str, str]]:
    more = []
    throughput = _throughput(latency)
    if isinstance(throughput, (int, float)):
        more.append(("throughput", f"{throughput:.3g} /s", f"at a batch of {latency.batch}"))
    if latency.energy is not None:
        more.append(("energy", quantity_text(latency.energy_j, "J"), energy_parts(latency.energy)))
    return [*more, *memory_rows(latency.memory)]


def _throughput(latency: Latency) -> Dim:
    """Inputs per second; None for a network that takes no time because it has no kernel."""
    return None if latency.latency_s == 0 else latency.throughput_per_s


def _known(value: Dim) -> Amount | None:
    return None if value is None else amount(value)
