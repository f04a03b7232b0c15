"""A number that can be checked: its value, its unit and where it was published."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
"""A sentence or two; never empty."""

Date = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d\d(-\d\d)?)?$")]
"""A year, a month or a day: 2020, 2020-05, 2020-05-14."""

PREFIXES: Final = {
    "p": Decimal("1e-12"),
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal("1e3"),
    "M": Decimal("1e6"),
    "G": Decimal("1e9"),
    "T": Decimal("1e12"),
    "P": Decimal("1e15"),
}
"""What a prefix multiplies by."""

BINARY_PREFIXES: Final = {"Ki": Decimal(1024), "Mi": Decimal(1024**2), "Gi": Decimal(1024**3)}
"""The prefixes of memory sizes."""

BASE_UNITS: Final = ("op/s", "B/s", "B", "s", "J/op", "J/B", "W")
"""Units without a prefix. `op` is one scalar operation: a multiply-accumulate is two."""

_UNITS: Final = (
    {prefix + base: (base, factor) for base in BASE_UNITS for prefix, factor in PREFIXES.items()}
    | {prefix + "B": ("B", factor) for prefix, factor in BINARY_PREFIXES.items()}
    | {"1": ("1", Decimal(1))}
)


def to_base(value: float, unit: str) -> tuple[float, str]:
    """The value in the base unit, and that unit; exact in decimal before it is rounded to a float.

    >>> to_base(15.7, "Top/s")
    (15700000000000.0, 'op/s')
    >>> to_base(320, "KiB")
    (327680.0, 'B')
    """
    base, factor = _UNITS[unit]
    return float(Decimal(repr(value)) * factor), base


def _not_vanishing(value: float) -> float:
    if value < 1e-30:
        raise ValueError("must be at least 1e-30")
    return value


class Quantity(BaseModel):
    """A published number.

    `source` names the document and the place in it; `derivation` is the arithmetic, where the number itself is
    not printed there; `checked` is false where the number was written from memory of the source, which nobody has
    looked up since.

    >>> Quantity(value=900, unit="GB/s", source="NVIDIA Tesla V100 data sheet").si
    900000000000.0
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    value: Annotated[float, Field(strict=True, gt=0, le=1e30), AfterValidator(_not_vanishing)]
    unit: str
    source: Text
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=500)] | None = None
    date: Date | None = None
    derivation: Text | None = None
    checked: Literal[False] | None = None

    @field_validator("unit")
    @classmethod
    def _must_be_known(cls, unit: str) -> str:
        if unit not in _UNITS:
            raise ValueError(f"must be 1 or one of {', '.join(BASE_UNITS)}, with or without a prefix such as G")
        return unit

    @property
    def si(self) -> float:
        """The value in the base unit."""
        return to_base(self.value, self.unit)[0]


RANGES: Final = {
    "op/s": (1e3, 1e18),
    "B/s": (1e2, 1e16),
    "B": (1.0, 1e15),
    "s": (1e-12, 10.0),
    "J/op": (1e-17, 1e-5),
    "J/B": (1e-16, 1e-3),
    "W": (1e-9, 1e5),
}
"""Between what the numbers of any device lie, from an 8-bit microcontroller to a rack, with room on both sides."""


def _measured_in(base: str) -> Callable[[Quantity], Quantity]:
    """A check that a quantity has the base unit, with or without a prefix, and that some device may have it."""
    least, most = RANGES[base]

    def check(quantity: Quantity) -> Quantity:
        if to_base(quantity.value, quantity.unit)[1] != base:
            raise ValueError(f"must have the unit {base}, with or without a prefix, and not {quantity.unit}")
        if not least <= quantity.si <= most:
            raise ValueError(
                f"must be between {least:g} and {most:g} {base}, and {quantity.value:g} {quantity.unit} is not: "
                f"look at the prefix of the unit"
            )
        return quantity

    return check


OperationsPerSecond = Annotated[Quantity, AfterValidator(_measured_in("op/s"))]
BytesPerSecond = Annotated[Quantity, AfterValidator(_measured_in("B/s"))]
Bytes = Annotated[Quantity, AfterValidator(_measured_in("B"))]
Seconds = Annotated[Quantity, AfterValidator(_measured_in("s"))]
JoulesPerOperation = Annotated[Quantity, AfterValidator(_measured_in("J/op"))]
JoulesPerByte = Annotated[Quantity, AfterValidator(_measured_in("J/B"))]
Watts = Annotated[Quantity, AfterValidator(_measured_in("W"))]
