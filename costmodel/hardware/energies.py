"""What a device's or a technology's operations, memory traffic and time take of energy."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from costmodel.counting.datatypes import BITS
from costmodel.hardware.quantity import Bytes, JoulesPerByte, JoulesPerOperation, Quantity, Watts

_FROZEN = ConfigDict(frozen=True, extra="forbid")


def _known(data_type: str) -> str:
    if data_type not in BITS:
        raise ValueError(f"must be one of {', '.join(BITS)}")
    return data_type


DataType = Annotated[str, AfterValidator(_known)]
"""What a multiply-accumulate multiplies; tfloat32 is float32 in memory and shorter in the multiplier."""

ACCUMULATORS: Final = {
    "int2": "int32", "int4": "int32", "int8": "int32", "uint8": "int32", "float8": "float32", "bfloat16": "float32",
}  # fmt: skip
"""What products are added up in, where it is another type: gemmlowp and TensorFlow Lite for integers of 8 bits, the
TPU's matrix unit for bfloat16."""


SIGNED: Final = {"uint8": "int8"}
"""Whose energies hold where a type has none of its own: multipliers of as many bits."""


class OnChipMemory(BaseModel):
    """A memory on the chip: what it holds, and what it takes to move a byte into or out of it."""

    model_config = _FROZEN

    bytes: Bytes
    joules_per_byte: JoulesPerByte


class Energy(BaseModel):
    """What arithmetic, memory traffic and time take.

    A multiply-accumulate takes `joules_per_multiplication` of its data type and `joules_per_addition` of the type that
    its products are added up in (`ACCUMULATORS`); where only `joules_per_operation` is published, twice that.
    `joules_per_byte` is of the memory outside of the chip, `on_chip` are memories on it, from small to large.
    `active_w` is what a device takes while it works, or the limit that it works at, `idle_w` what it takes anyway.

    >>> from costmodel.hardware import find_profile
    >>> round(find_profile("horowitz-45nm").energy.mac("int8") * 1e12, 3)  # 0.2 pJ and, in int32, 0.1 pJ
    0.3
    """

    model_config = _FROZEN

    joules_per_operation: dict[DataType, JoulesPerOperation] = Field(default_factory=dict)
    joules_per_multiplication: dict[DataType, JoulesPerOperation] = Field(default_factory=dict)
    joules_per_addition: dict[DataType, JoulesPerOperation] = Field(default_factory=dict)
    joules_per_byte: JoulesPerByte | None = None
    on_chip: tuple[OnChipMemory, ...] = ()
    active_w: Watts | None = None
    idle_w: Watts | None = None

    @model_validator(mode="after")
    def _grow(self) -> Self:
        """Larger memories take more for a byte, and the one outside of the chip the most."""
        outside = [self.joules_per_byte.si] if self.joules_per_byte else []
        sizes = [memory.bytes.si for memory in self.on_chip]
        costs = [memory.joules_per_byte.si for memory in self.on_chip] + outside
        if sizes != sorted(set(sizes)) or costs != sorted(costs):
            raise ValueError("on_chip must go from small to large memories, and energies for a byte must not fall")
        return self

    @property
    def data_types(self) -> tuple[str, ...]:
        """The data types whose arithmetic has an energy of its own."""
        named = dict.fromkeys((*self.joules_per_operation, *self.joules_per_multiplication))
        return tuple(name for name in named if self.mac(name) is not None)

    def multiplication(self, data_type: str) -> float | None:
        """Joules of a multiplication; None where none are published."""
        product = self._product(data_type)
        return None if product is None else product.si

    def addition(self, data_type: str) -> float | None:
        """Joules of an addition, in the type that products are added up in; None where none are published."""
        addition = self._sum(data_type)
        return None if addition is None else addition.si

    def mac(self, data_type: str) -> float | None:
        """Joules of a multiply-accumulate; None where they are not published.

        >>> from costmodel.hardware import find_profile
        >>> round(find_profile("horowitz-45nm").energy.mac("float32") * 1e12, 3)
        4.6
        """
        product, addition = self.multiplication(data_type), self.addition(data_type)
        return None if product is None or addition is None else product + addition

    def memory_of(self, capacity_bytes: float) -> OnChipMemory | None:
        """The smallest memory on the chip that holds so much, else the largest; None where none is published."""
        held = (memory for memory in self.on_chip if memory.bytes.si >= capacity_bytes)
        return next(held, self.on_chip[-1] if self.on_chip else None)

    def sources(self, data_type: str, memory: OnChipMemory | None = None) -> tuple[str, ...]:
        """Where the numbers for a data type and a memory on the chip are published, each place once."""
        near = memory.joules_per_byte if memory else None
        used = (self._product(data_type), self._sum(data_type), near, self.joules_per_byte, self.idle_w)
        return tuple(dict.fromkeys(quantity.source for quantity in used if quantity is not None))

    def _product(self, data_type: str) -> Quantity | None:
        names = (data_type, SIGNED.get(data_type, data_type))
        return _first(names, self.joules_per_multiplication, self.joules_per_operation)

    def _sum(self, data_type: str) -> Quantity | None:
        wide = ACCUMULATORS.get(data_type, data_type)
        narrow = (data_type, SIGNED.get(data_type, data_type))
        return _first((wide, *narrow), self.joules_per_addition) or _first(narrow, self.joules_per_operation)


def _first(names: tuple[str, ...], *tables: dict[str, Quantity]) -> Quantity | None:
    """The first number under any of the names, table by table."""
    return next((table[name] for table in tables for name in names if name in table), None)
