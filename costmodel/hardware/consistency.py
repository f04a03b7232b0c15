"""Numbers of a profile that contradict each other: mostly units mixed up."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from costmodel.counting.datatypes import BITS

if TYPE_CHECKING:
    from costmodel.hardware.profile import Profile
    from costmodel.hardware.quantity import Quantity

MOST_WATTS: Final = 1e5
"""More than any one device takes: arithmetic at its peak, and traffic at the full bandwidth, take less."""

_RATIO: Final = 500.0
"""How much more a multiplication takes than an addition at most; published are 3 to 50."""


def contradictions(profile: Profile) -> Iterator[str]:
    """Sentences about what cannot be, each naming the fields and their values."""
    yield from _memories(profile)
    yield from _powers(profile)
    yield from _arithmetic(profile)


def _memories(profile: Profile) -> Iterator[str]:
    """The cache is no larger than the memory behind it."""
    cache, ram = profile.cache_bytes, profile.ram_bytes
    if cache and ram and cache.si > ram.si:
        yield f"'cache_bytes' must be at most 'ram_bytes' (got {_shown(cache)} and {_shown(ram)})"


def _powers(profile: Profile) -> Iterator[str]:
    """What arithmetic at its peak and traffic at the full bandwidth would take, and idling against working."""
    energy = profile.energy
    if energy is None:
        return
    if energy.idle_w and energy.active_w and energy.idle_w.si > energy.active_w.si:
        got = f"{_shown(energy.idle_w)} and {_shown(energy.active_w)}"
        yield f"'energy.idle_w' must be at most 'energy.active_w' (got {got})"
    rates = [
        (
            f"operations_per_s.{name}",
            peak.si,
            f"energy.joules_per_operation.{name}",
            energy.joules_per_operation.get(name),
        )
        for name, peak in profile.operations_per_s.items()
    ]
    if profile.bytes_per_s:
        rates.append(("bytes_per_s", profile.bytes_per_s.si, "energy.joules_per_byte", energy.joules_per_byte))
    for rate_name, rate, name, joules in rates:
        if joules is not None and rate * joules.si > MOST_WATTS:
            yield (
                f"'{name}' times '{rate_name}' must be at most {MOST_WATTS:g} W, and is {rate * joules.si:.3g} W: "
                f"look at the units (p, n, u, m)"
            )


def _arithmetic(profile: Profile) -> Iterator[str]:
    """Wider types take no less than narrower ones, and a multiplication takes about as much as some additions."""
    energy = profile.energy
    if energy is None:
        return
    tables = {
        "joules_per_operation": energy.joules_per_operation,
        "joules_per_multiplication": energy.joules_per_multiplication,
        "joules_per_addition": energy.joules_per_addition,
    }
    for field, table in tables.items():
        for family in ("int", "float"):
            ordered = sorted((name for name in table if name.startswith(family)), key=BITS.__getitem__)
            for narrow, wide in pairwise(ordered):
                if table[narrow].si > table[wide].si:
                    got = f"{_shown(table[narrow])} and {_shown(table[wide])}"
                    yield f"'energy.{field}' must not fall from {narrow} to {wide} (got {got})"
    for name, product in energy.joules_per_multiplication.items():
        addition = energy.joules_per_addition.get(name)
        if addition is not None and not 1 / _RATIO <= product.si / addition.si <= _RATIO:
            got = f"{_shown(product)} and {_shown(addition)}"
            field = f"'energy.joules_per_multiplication.{name}'"
            yield f"{field} must be within a factor of {_RATIO:g} of the addition's (got {got})"


def _shown(quantity: Quantity) -> str:
    return f"{quantity.value:g} {quantity.unit}"
