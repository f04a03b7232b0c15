"""A predicted latency: the whole, its interval, and every kernel with what bounds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from costmodel.algebra import Dim
from costmodel.algebra.text import to_text
from costmodel.latency import EnergyUse, Latency, Memory
from costmodel.report.numbers import count_text, with_prefix
from costmodel.report.record import Amount, Count, Record, amount, count
from costmodel.report.table import Column, Row, Table, facts

PARTS: Final = ("compute", "memory", "overhead")
"""What a kernel's time consists of."""

ENERGIES: Final = {"arithmetic": "arithmetic", "on_chip": "on the chip", "memory": "memory", "static": "over time"}
"""What an energy consists of, and what a table calls it."""


class KernelRecord(Record):
    """A kernel: its time, its parts, and which of them it waits for (None where a time is an expression)."""

    name: str
    latency_s: Amount
    bound_by: str | None
    compute_s: Amount | None
    memory_s: Amount | None
    overhead_s: Amount | None
    energy_j: Amount | None


class EnergyRecord(Record):
    """Of what the energy consists, whose numbers it rests on, and where they are published."""

    technology: str
    arithmetic_j: Amount
    on_chip_j: Amount
    memory_j: Amount
    static_j: Amount
    sources: tuple[str, ...]


class MemoryRecord(Record):
    """The memory that a network needs, and what the device has (None where it has none, or nothing is published)."""

    activation_bytes: Count
    peak_ram_bytes: Count
    ram_bytes: int | None
    fits_ram: bool | None
    weight_bytes: Count
    flash_bytes: int | None
    fits_flash: bool | None


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
        energy=_energy(latency.energy),
        memory=_memory(latency.memory),
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


def _energy(energy: EnergyUse | None) -> EnergyRecord | None:
    """The record of what an energy consists of."""
    if energy is None:
        return None
    parts = {f"{name}_j": amount(getattr(energy.parts, f"{name}_j")) for name in ENERGIES}
    return EnergyRecord(technology=energy.technology, **parts, sources=energy.sources)


def _kernel_energies(latency: Latency) -> tuple[Dim, ...]:
    """Each kernel's joules; None where they are not known."""
    if latency.energy is None:
        return (None,) * len(latency.kernels)
    return tuple(kernel.total_j for kernel in latency.energy.kernels)


def _assumptions(latency: Latency) -> tuple[str, ...]:
    return (*latency.assumptions, *(latency.energy.assumptions if latency.energy else ()))


def _memory(memory: Memory | None) -> MemoryRecord | None:
    """The record of what a network needs of a device's memory."""
    if memory is None:
        return None
    return MemoryRecord(
        activation_bytes=count(memory.activation_bytes),
        peak_ram_bytes=count(memory.peak_ram_bytes),
        ram_bytes=memory.ram_bytes,
        fits_ram=memory.fits_ram,
        weight_bytes=count(memory.weight_bytes),
        flash_bytes=memory.flash_bytes,
        fits_flash=memory.fits_flash,
    )


def latency_tables(network: str, latency: Latency, parameters: Mapping[str, str] | None = None) -> tuple[Table, ...]:
    """Every kernel, the total with its interval, and what it takes for granted."""
    shown = "".join(f", {name}={value}" for name, value in (parameters or {}).items())
    title = f"{network}{shown} on {latency.device}"
    is_number = isinstance(latency.latency_s, (int, float))
    return (
        _kernels(latency, title) if is_number else _expressions(latency, title),
        facts(("latency", _time(latency.latency_s), _interval(latency)), *_more(latency)),
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
        cells = [kernel.name, kernel.bound_by or "", *(_time(getattr(kernel, f"{part}_s")) for part in parts)]
        rows.append(Row((*cells, _time(kernel.latency_s), _share(kernel.latency_s, latency.latency_s))))
    last = ("total", "", *[""] * len(parts), _time(latency.latency_s), _share(latency.latency_s, latency.latency_s))
    return Table(tuple(columns), tuple(rows), title, last)


def _expressions(latency: Latency, title: str) -> Table:
    """The kernels of a network with symbols: which time is the longest depends on them."""
    rows = tuple(Row((kernel.name, _time(kernel.latency_s))) for kernel in latency.kernels)
    return Table((Column("kernel"), Column("seconds")), rows, title)


def _interval(latency: Latency) -> str:
    if not isinstance(latency.latency_s, (int, float)):
        return "seconds"
    if latency.interval is None or latency.low_s is None or latency.high_s is None:
        if latency.is_calibrated:
            return "calibrated; too few networks were measured for an interval"
        return "by the roofline from data sheets, not calibrated: a bound, without an interval"
    low, high = _time(latency.low_s), _time(latency.high_s)
    return f"{100 * latency.interval:.0f} % of measurements lie between {low} and {high}"


def _more(latency: Latency) -> list[tuple[str, str, str]]:
    more = []
    throughput = _throughput(latency)
    if isinstance(throughput, (int, float)):
        more.append(("throughput", f"{throughput:.3g} /s", f"at a batch of {latency.batch}"))
    if latency.energy is not None:
        more.append(("energy", _time(latency.energy_j, "J"), _energy_parts(latency.energy)))
    return [*more, *_memory_rows(latency.memory)]


def _energy_parts(energy: EnergyUse) -> str:
    """The shares of an energy's parts, those that are nothing left out, and whose numbers it rests on."""
    shares = {name: _share(getattr(energy.parts, f"{part}_j"), energy.total_j) for part, name in ENERGIES.items()}
    told = [f"{name} {share}" for name, share in shares.items() if share not in {"", "0.0 %", "100.0 %"}]
    return "; ".join([*([", ".join(told)] if told else []), f"by the numbers of {energy.technology}"])


def _memory_rows(memory: Memory | None) -> list[tuple[str, str, str]]:
    """What a network needs of RAM and flash, and whether the device has it."""
    if memory is None:
        return []
    held = "activations" if memory.flash_bytes else "weights and activations"
    rows = [("RAM", *_fit(held, memory.peak_ram_bytes, memory.ram_bytes, fits=memory.fits_ram))]
    if memory.flash_bytes:
        rows.append(("flash", *_fit("weights", memory.weight_bytes, memory.flash_bytes, fits=memory.fits_flash)))
    return rows


def _fit(what: str, needed: Dim, available: int | None, *, fits: bool | None) -> tuple[str, str]:
    """What needs how much of a memory, and whether it fits."""
    size = with_prefix(needed, "B") if isinstance(needed, int) else count_text(needed, 60)
    if available is None:
        return size, f"{what}; the size of the device's memory is not published"
    if fits is None:
        return size, f"{what}; there are {available:,} bytes"
    verdict = "fits" if fits else "does not fit"
    return size, f"{verdict}: {what} need {needed:,} bytes, there are {available:,}"


def _throughput(latency: Latency) -> Dim:
    """Inputs per second; None for a network that takes no time because it has no kernel."""
    return None if latency.latency_s == 0 else latency.throughput_per_s


def _known(value: Dim) -> Amount | None:
    return None if value is None else amount(value)


def _time(value: Dim, unit: str = "s") -> str:
    if value is None:
        return ""
    return with_prefix(value, unit) if isinstance(value, (int, float)) else to_text(value.evalf(4))


def _share(part: Dim, whole: Dim) -> str:
    if not isinstance(part, (int, float)) or not isinstance(whole, (int, float)) or not whole:
        return ""
    return f"{100 * part / whole:.1f} %"
