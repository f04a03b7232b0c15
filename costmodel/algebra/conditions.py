"""Conditions under which a smooth expression is exact, and which of them imply others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from costmodel.algebra.text import to_text
from costmodel.algebra.types import Dim


class Multiple(NamedTuple):
    """`value` is an integer multiple of `step`."""

    value: Dim
    step: Dim

    def __str__(self) -> str:
        return f"{to_text(self.value)} is an integer" if self.step == 1 else f"{to_text(self.value)} % {self.step} == 0"

    def implies(self, other: Condition) -> bool:
        """Whether the other follows: 32*width is an integer, so 64*width is one too."""
        if not isinstance(other, Multiple):
            return False
        ratio = (other.value / other.step) / (self.value / self.step)
        return bool(ratio.is_Integer)


class AtLeast(NamedTuple):
    """`value` is at least `bound`, a positive number."""

    value: Dim
    bound: Dim

    def __str__(self) -> str:
        return f"{to_text(self.value)} >= {to_text(self.bound)}"

    def implies(self, other: Condition) -> bool:
        """Whether the other follows: 32*width >= 8, so 64*width >= 8 too."""
        if not isinstance(other, AtLeast):
            return False
        ratio = (other.value / other.bound) / (self.value / self.bound)
        return bool(ratio.is_Rational and ratio >= 1)


class AtMost(NamedTuple):
    """`value` is at most `bound`, a positive number."""

    value: Dim
    bound: Dim

    def __str__(self) -> str:
        return f"{to_text(self.value)} <= {to_text(self.bound)}"

    def implies(self, other: Condition) -> bool:
        """Whether the other follows: 64*width <= 8, so 32*width <= 8 too."""
        if not isinstance(other, AtMost):
            return False
        ratio = (other.value / other.bound) / (self.value / self.bound)
        return bool(ratio.is_Rational and ratio <= 1)


Condition = Multiple | AtLeast | AtMost


def strongest(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """The conditions without those that another of them implies, sorted by their text."""
    kept: list[Condition] = []
    for condition in sorted(set(conditions), key=lambda each: (len(str(each)), str(each))):
        if not any(other.implies(condition) for other in kept):
            kept = [other for other in kept if not condition.implies(other)]
            kept.append(condition)
    return tuple(sorted(kept, key=str))
