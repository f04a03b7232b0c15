"""What an estimate of latency says."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from costmodel.algebra import Dim
from costmodel.errors import HardwareError
from costmodel.hardware import Profile, find_profile
from costmodel.latency.energy import EnergyUse, energy_use
from costmodel.latency.memory import Memory
from costmodel.latency.roofline import Bound, throughput


class KernelLatency(NamedTuple):
    """One kernel's share: its time, and what most of it is (None where a time is an expression)."""

    name: str
    latency_s: Dim
    bound_by: Bound | None
    compute_s: Dim = None
    memory_s: Dim = None
    overhead_s: Dim = None


@dataclass(frozen=True, slots=True)
class Latency:
    """The time and energy of one forward pass on a device.

    `low_s` and `high_s` hold the measured time with probability `interval`; all three are None where nothing was
    calibrated. `energy` is None where the profile has none. `assumptions` says what the figure rests on.
    """

    device: str
    latency_s: Dim
    kernels: tuple[KernelLatency, ...]
    batch: Dim = 1
    low_s: Dim = None
    high_s: Dim = None
    interval: float | None = None
    energy: EnergyUse | None = field(default=None, repr=False)
    assumptions: tuple[str, ...] = ()
    is_calibrated: bool = False
    """Whether it was fitted to measured times, and is not the roofline's bound."""
    memory: Memory | None = field(default=None, repr=False, compare=False)
    """What the network takes of the device's RAM and flash, computed when asked for; None for kernels alone."""

    def __str__(self) -> str:
        """The time and its interval in one line, and what does not fit the device."""
        if not isinstance(self.latency_s, (int, float)):
            return f"{self.latency_s} s on {self.device}"
        return "; ".join((f"{1e3 * self.latency_s:.3g} ms on {self.device}, {self._said()}", *self.misfits))

    def _said(self) -> str:
        """What the time rests on, and its interval."""
        if self.interval is None:
            return "calibrated without an interval" if self.is_calibrated else "by the roofline, not calibrated"
        low, high = 1e3 * self.low_s, 1e3 * self.high_s
        return f"{100 * self.interval:.0f} % of measurements between {low:.3g} and {high:.3g} ms"

    @property
    def energy_j(self) -> Dim:
        """Joules of one forward pass; None where the profile has no energies."""
        return self.energy.total_j if self.energy else None

    def with_technology(self, technology: str | os.PathLike[str] | Profile) -> Latency:
        """The same with the energies of a technology, on this device's memories.

        >>> from costmodel import zoo
        >>> latency = zoo.mobilenet_v2().latency("pixel-1").with_technology("horowitz-45nm")
        >>> f"{latency.energy_j * 1e3:.1f} mJ"
        '9.6 mJ'
        """
        if self.memory is None:
            raise HardwareError("a latency of kernels alone has no data type; use costmodel.latency.energy_use")
        times = [kernel.latency_s for kernel in self.kernels]
        memory = self.memory
        profile = find_profile(technology)
        energy = energy_use(memory.kernels, memory.profile, memory.data_type, times, technology=profile)
        return replace(self, energy=energy)

    @property
    def misfits(self) -> tuple[str, ...]:
        """What of the network does not fit the device's memory, in sentences; empty where all does, or is not known."""
        return self.memory.misfits if self.memory else ()

    @property
    def throughput_per_s(self) -> Dim:
        """Inputs per second: batch / latency."""
        return throughput(self.latency_s, self.batch)
