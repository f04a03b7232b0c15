"""The energy of a forward pass: arithmetic, data moved on and off the chip, and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from costmodel.algebra import Dim, total
from costmodel.errors import HardwareError
from costmodel.hardware import Energy, Profile
from costmodel.latency.kernels import Kernel
from costmodel.latency.places import on_chip_traffic


def arithmetic_energy(
    macs: Dim, other: Dim, transcendentals: Dim, joules_per_multiplication: Dim, joules_per_addition: Dim
) -> Dim:
    """E = macs (E_mul + E_add) + (other - transcendentals) E_add + transcendentals E_mul.

    `other` are operations outside of multiply-accumulates, `transcendentals` those of them that are functions such as
    exp. Nobody publishes what these take; they are counted as a multiplication.

    Source: Horowitz, Computing's energy problem, ISSCC 2014.

    >>> round(arithmetic_energy(1, 0, 0, 3.7e-12, 0.9e-12) * 1e12, 9)
    4.6
    """
    adding = macs + other - transcendentals
    return (macs + transcendentals) * joules_per_multiplication + adding * joules_per_addition


def movement_energy(moved_bytes: Dim, joules_per_byte: Dim) -> Dim:
    """E = bytes x joules per byte.

    A network of 10^9 connections, each a 32-bit weight from DRAM at 160 pJ a byte, 20 times a second, takes 12.8 W
    (Han, Mao and Dally, Deep compression, ICLR 2016):

    >>> round(20 * movement_energy(10**9 * 4, 160e-12), 9)
    12.8
    """
    return moved_bytes * joules_per_byte


class KernelEnergy(NamedTuple):
    """A kernel's joules: arithmetic, data from memories on the chip and outside of it, and power over its time."""

    arithmetic_j: Dim = 0
    on_chip_j: Dim = 0
    memory_j: Dim = 0
    static_j: Dim = 0

    @property
    def total_j(self) -> Dim:
        """All of them."""
        return self.arithmetic_j + self.on_chip_j + self.memory_j + self.static_j


@dataclass(frozen=True)
class EnergyUse:
    """The energy of a forward pass: of each kernel, whose sum it is, with what it takes for granted."""

    technology: str
    """The profile that the energies are from."""
    kernels: tuple[KernelEnergy, ...]
    assumptions: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def parts(self) -> KernelEnergy:
        """The sums over all kernels of each part."""
        return KernelEnergy(*map(total, zip(*self.kernels, strict=True))) if self.kernels else KernelEnergy()

    @property
    def total_j(self) -> Dim:
        """Joules of one forward pass."""
        return self.parts.total_j


def energy_use(
    kernels: Sequence[Kernel],
    device: Profile,
    data_type: str,
    times_s: Sequence[Dim] | None = None,
    *,
    technology: Profile | None = None,
) -> EnergyUse:
    """The energy of kernels by those of the device or of a technology; `times_s` are the kernels' times.

    What stays on the chip moves at the energy of a memory of that size there (see `on_chip_traffic`), all else at that
    of the memory outside, flash included. A device of which only its power is known takes that for the kernels' times.
    Raises `HardwareError` where neither is known.

    >>> from costmodel import zoo
    >>> from costmodel.hardware import find_profile
    >>> from costmodel.latency import lower
    >>> kernels = lower(zoo.mobilenet_v1(), data_type="int8")
    >>> use = energy_use(kernels, find_profile("h100"), "int8", technology=find_profile("jouppi-7nm"))
    >>> round(use.total_j * 1e6), round(use.parts.arithmetic_j * 1e6)
    (83, 57)
    """
    profile = technology or device
    known = profile.energy
    if known is not None and known.joules_per_byte is not None and known.mac(data_type) is not None:
        return _by_operations(kernels, device, data_type, times_s, profile, known)
    if technology is not None or known is None or known.active_w is None or times_s is None:
        raise _unknown(profile, data_type)
    power = f"{known.active_w.value:g} {known.active_w.unit}"
    return EnergyUse(
        profile.name,
        tuple(KernelEnergy(static_j=known.active_w.si * seconds) for seconds in times_s),
        (f"energy: the device's power, {power}, for the whole time, whatever runs",),
        (known.active_w.source,),
    )


def known_energy(
    kernels: Sequence[Kernel], device: Profile, data_type: str, times_s: Sequence[Dim] | None = None
) -> EnergyUse | None:
    """The energy by `energy_use`; None where the device has not what it needs."""
    if device.energy is None:
        return None
    try:
        return energy_use(kernels, device, data_type, times_s)
    except HardwareError:
        return None


def _by_operations(
    kernels: Sequence[Kernel],
    device: Profile,
    data_type: str,
    times_s: Sequence[Dim] | None,
    profile: Profile,
    known: Energy,
) -> EnergyUse:
    """Joules of operations and bytes, and those of idling over the kernels' times."""
    capacity = device.on_chip_bytes
    memory = known.memory_of(capacity) if capacity is not None else None
    kept = on_chip_traffic(kernels, capacity if memory else None)
    product, addition = known.multiplication(data_type), known.addition(data_type)
    inside = memory.joules_per_byte.si if memory else 0
    outside = known.joules_per_byte.si if known.joules_per_byte else 0
    idle_w = known.idle_w.si if known.idle_w else 0
    found = tuple(
        KernelEnergy(
            arithmetic_energy(kernel.macs, kernel.other, kernel.transcendentals, product, addition),
            movement_energy(stays, inside),
            movement_energy(kernel.traffic_bytes - stays, outside),
            idle_w * seconds,
        )
        for kernel, stays, seconds in zip(kernels, kept, times_s or [0] * len(kernels), strict=True)
    )
    said = _said(kernels, capacity if memory else None, idles=idle_w > 0)
    return EnergyUse(profile.name, found, said, known.sources(data_type, memory))


def _said(kernels: Sequence[Kernel], capacity_bytes: float | None, *, idles: bool) -> tuple[str, ...]:
    """What an energy of operations and bytes takes for granted."""
    counted = (
        "of arithmetic, of data that moves, and of idling" if idles else "only of arithmetic and of data that moves"
    )
    if capacity_bytes is None:
        places = "all traffic leaves the chip, whose memory or its energy is not known"
    else:
        places = (
            f"activations of a kernel that fit {capacity_bytes:,.0f} bytes together stay on the chip; all else comes "
            f"from outside, weights in flash too"
        )
    functions = any(not isinstance(each.transcendentals, int) or each.transcendentals for each in kernels)
    return (
        f"energy: {counted}; not of instructions, control and clocks{'' if idles else ', nor of leakage'}",
        f"energy: {places}",
        *(["energy: a function such as exp takes a multiplication's: none is published"] if functions else []),
    )


def _unknown(profile: Profile, data_type: str) -> HardwareError:
    known = ", ".join(profile.energy.data_types) if profile.energy else ""
    return HardwareError(
        f"{profile.name} has no energies of {data_type} arithmetic (it has: {known or 'none'}) and memory traffic, "
        f"because none are published; name a technology such as horowitz-45nm, or give them with their source in a "
        f"profile of your own"
    )
