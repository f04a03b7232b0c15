"""What a network needs of a device beside time: memory and energy, as records and as lines of a table."""

from __future__ import annotations

from typing import Final

from costmodel.algebra import Dim
from costmodel.algebra.text import to_text
from costmodel.latency import EnergyUse, Memory
from costmodel.report.numbers import count_text, with_prefix
from costmodel.report.record import Amount, Count, Record, amount, count

ENERGIES: Final = {"arithmetic": "arithmetic", "on_chip": "on the chip", "memory": "memory", "static": "over time"}
"""What an energy consists of, and what a table calls it."""


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


def describe_energy(energy: EnergyUse | None) -> EnergyRecord | None:
    """The record of what an energy consists of."""
    if energy is None:
        return None
    parts = {f"{name}_j": amount(getattr(energy.parts, f"{name}_j")) for name in ENERGIES}
    return EnergyRecord(technology=energy.technology, **parts, sources=energy.sources)


def describe_memory(memory: Memory | None) -> MemoryRecord | None:
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


def energy_parts(energy: EnergyUse) -> str:
    """The shares of an energy's parts, those that are nothing left out, and whose numbers it rests on."""
    shares = {name: share(getattr(energy.parts, f"{part}_j"), energy.total_j) for part, name in ENERGIES.items()}
    told = [f"{name} {share}" for name, share in shares.items() if share not in {"", "0.0 %", "100.0 %"}]
    return "; ".join([*([", ".join(told)] if told else []), f"by the numbers of {energy.technology}"])


def memory_rows(memory: Memory | None) -> list[tuple[str, str, str]]:
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


def quantity_text(value: Dim, unit: str = "s") -> str:
    """Seconds or joules as a person reads them; an expression with four digits of each number."""
    if value is None:
        return ""
    return with_prefix(value, unit) if isinstance(value, (int, float)) else to_text(value.evalf(4))


def share(part: Dim, whole: Dim) -> str:
    """The share in percent; nothing where it is not a number."""
    if not isinstance(part, (int, float)) or not isinstance(whole, (int, float)) or not whole:
        return ""
    return f"{100 * part / whole:.1f} %"
