"""What is known of a device: peaks, bandwidth, overhead, energy, each with its source.

A number that nobody has published is absent, and what needs it refuses in one sentence.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from costmodel.errors import HardwareError
from costmodel.hardware.consistency import contradictions
from costmodel.hardware.energies import DataType, Energy
from costmodel.hardware.fitted import Calibration
from costmodel.hardware.quantity import (
    Bytes,
    BytesPerSecond,
    OperationsPerSecond,
    Quantity,
    Seconds,
    Text,
)

FORMAT_VERSION: Final = 1
"""The format of profile files that this library writes, and the newest that it reads."""


KernelClass = Literal[
    "conv", "pointwise", "depthwise", "grouped", "transposed", "linear", "matmul", "pool", "norm", "softmax",
    "elementwise", "copy",
]  # fmt: skip
"""What a kernel does, as far as its speed depends on it."""

_FROZEN = ConfigDict(frozen=True, extra="forbid")


class Efficiency(BaseModel):
    """The fraction of a peak that is reached, measured by somebody; without one it is declared to be 1."""

    model_config = _FROZEN

    value: Annotated[float, Field(strict=True, gt=0, le=1, allow_inf_nan=False)]
    source: Text
    url: str | None = None
    derivation: Text | None = None
    data_type: DataType | None = None
    """The data type that it was measured with, for which alone it holds; None for all."""


class Profile(BaseModel):
    """A device.

    `operations_per_s` counts two operations in a multiply-accumulate. `bytes_per_s` is the bandwidth of the
    memory that holds weights and activations. `overhead_s` is spent once for every kernel.

    >>> from costmodel.hardware import find_profile
    >>> find_profile("v100").peak("float32")
    15700000000000.0
    """

    model_config = _FROZEN

    version: Literal[1] = 1
    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
    title: Text
    description: Text | None = None
    operations_per_s: dict[DataType, OperationsPerSecond] = Field(default_factory=dict)
    bytes_per_s: BytesPerSecond | None = None
    overhead_s: Seconds | None = None
    cache_bytes: Bytes | None = None
    ram_bytes: Bytes | None = None
    flash_bytes: Bytes | None = None
    efficiency: dict[KernelClass | Literal["memory"], Efficiency] = Field(default_factory=dict)
    energy: Energy | None = None
    calibration: Calibration | None = None

    @model_validator(mode="after")
    def _does_not_contradict_itself(self) -> Self:
        for sentence in contradictions(self):
            raise ValueError(sentence)
        return self

    def peak(self, data_type: str) -> float:
        """Operations per second in a data type, two in a multiply-accumulate."""
        if data_type in self.operations_per_s:
            return self.operations_per_s[data_type].si
        if not self.operations_per_s and self.energy is not None:
            raise HardwareError(
                f"{self.name} has no published peak for {data_type}, because it is a technology, of which only "
                f"energies are known; name it beside a device, as its technology"
            )
        known_types = ", ".join(self.operations_per_s) or "none"
        raise HardwareError(
            f"{self.name} has no published peak for {data_type} (it has: {known_types}); choose one of these, or "
            f"give operations_per_s.{data_type} with its source in a profile of your own"
        )

    def bandwidth(self) -> float:
        """Bytes per second between memory and processor."""
        return self._required("bytes_per_s", self.bytes_per_s)

    def overhead(self) -> float:
        """Seconds spent once for every kernel; 0 where nothing is published."""
        return self.overhead_s.si if self.overhead_s else 0.0

    def efficiency_of(self, kernel_class: KernelClass | Literal["memory"], data_type: str) -> float:
        """The fraction of its peak that a kernel class reaches; 1 where nothing is published.

        `memory` is the fraction of the bandwidth.
        """
        known = self.efficiency.get(kernel_class)
        return known.value if known and known.data_type in {None, data_type} else 1.0

    @property
    def on_chip_bytes(self) -> float | None:
        """Bytes of the memory on the chip: the cache, or a microcontroller's RAM, which has flash; None if unknown."""
        memory = self.ram_bytes if self.flash_bytes else self.cache_bytes
        return memory.si if memory else None

    def _required(self, field: str, quantity: Quantity | None) -> float:
        if quantity is None:
            raise HardwareError(
                f"{self.name} has no {field}, because none is published; give it with its source in a profile of "
                f"your own"
            )
        return quantity.si
