"""The memory that a network needs where it runs: activations and weights, against a device's RAM and flash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from costmodel.algebra import Dim, product, total
from costmodel.counting import bytes_of
from costmodel.hardware import Profile
from costmodel.latency.kernels import Kernel
from costmodel.latency.liveness import kernel_moments
from costmodel.latency.storage import stored_bytes
from costmodel.network import Network, PeakMemory
from costmodel.network.memory import worst


@dataclass(frozen=True, eq=False)
class Memory:
    """What a network takes of a device's RAM and flash; computed when asked for.

    `activation_bytes` is the largest sum of activations that are alive at one time, kernel by kernel (`peak_kernel`).
    `weight_bytes` are the stored elements in their type, batch-norms folded as the kernels have it, and the biases of
    integer networks in 32 bits, as TensorFlow Lite stores them. Weights lie in flash where the device has one, else in
    RAM: `peak_ram_bytes` is the activations, and the weights where they lie there.

    Not counted: buffers that kernels need for themselves, the runtime's code and its own variables, and what a model
    file has beside the weights (the graph, scales of quantization).

    >>> from costmodel import zoo
    >>> from costmodel.hardware import find_profile
    >>> from costmodel.latency import lower
    >>> net = zoo.mobilenet_v2()
    >>> memory = Memory(net, lower(net), find_profile("cortex-m7"), "int8", "int8")
    >>> memory.activation_bytes, memory.peak_kernel, memory.fits_ram
    (1505280, 'block2.depthwise', False)
    >>> memory.weight_bytes, memory.fits_flash
    (3541984, False)
    """

    network: Network
    kernels: Sequence[Kernel]
    profile: Profile
    data_type: str = "float32"
    weight_type: str = "float32"

    @cached_property
    def _peak(self) -> PeakMemory:
        return worst(kernel_moments(self.network, self.kernels), total(map(product, self.network.inputs.values())))

    @property
    def activation_bytes(self) -> Dim:
        """Bytes of the activations alive at the worst moment; an unevaluated maximum where sizes are symbols."""
        return bytes_of(self._peak.elements, self.data_type)

    @property
    def peak_kernel(self) -> str | None:
        """The kernel that runs then; None where sizes are symbols."""
        return self._peak.node

    @cached_property
    def weight_bytes(self) -> Dim:
        """Bytes of the weights as stored."""
        return stored_bytes(self.network, self.kernels, self.weight_type)

    @property
    def peak_ram_bytes(self) -> Dim:
        """Bytes in RAM at the worst moment: the activations, and the weights of a device without flash."""
        return self.activation_bytes + (0 if self.flash_bytes else self.weight_bytes)

    @property
    def ram_bytes(self) -> int | None:
        """Bytes of RAM that the device has; None where nothing is published."""
        return round(self.profile.ram_bytes.si) if self.profile.ram_bytes else None

    @property
    def flash_bytes(self) -> int | None:
        """Bytes of flash that the device has; None where it has none, or nothing is published."""
        return round(self.profile.flash_bytes.si) if self.profile.flash_bytes else None

    @property
    def fits_ram(self) -> bool | None:
        """Whether it fits; None where a size is not known, or is an expression."""
        return _fits(self.peak_ram_bytes, self.ram_bytes) if self.ram_bytes else None

    @property
    def fits_flash(self) -> bool | None:
        """Whether the weights fit; None where a size is not known, or is an expression."""
        return _fits(self.weight_bytes, self.flash_bytes) if self.flash_bytes else None

    @property
    def misfits(self) -> tuple[str, ...]:
        """What does not fit, in sentences; empty where all does, or nothing is known."""
        lying = "activations" if self.flash_bytes else "weights and activations"
        checks = (
            (self.fits_ram, lying, self.peak_ram_bytes, "RAM", self.ram_bytes),
            (self.fits_flash, "weights", self.weight_bytes, "flash", self.flash_bytes),
        )
        return tuple(
            f"{what} of {needed} bytes do not fit the {where} of {self.profile.name} ({available} bytes)"
            for fits, what, needed, where, available in checks
            if fits is False
        )


def _fits(needed: Dim, available: int) -> bool | None:
    return needed <= available if isinstance(needed, int) else None
