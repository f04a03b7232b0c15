"""Conditions under which a smooth expression is exact, and which of them imply others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from costmodel.algebra.text import to_text
from costmodel.algebra.types import Dim

Evaluation = Callable[[Dim], Any]
"""What an expression stands for."""


@dataclass(frozen=True)
class Multiple:
    """`value` is an integer multiple of `step`."""

    value: Dim
    step: Dim

    def __str__(self) -> str:
        if self.step == 1:
            return f"{to_text(self.value)} is an integer"
        return f"{_operand(self.value)} % {_operand(self.step)} == 0"

    def holds(self, number: Evaluation) -> Any:
        """Where it holds, with numbers (or arrays of them) for expressions."""
        return number(self.value) % number(self.step) == 0

    def implies(self, other: Condition) -> bool:
        """Whether the other follows: 32*width is an integer, so 64*width is one too, and at least 2."""
        times = other.value / self.value
        if isinstance(other, Multiple):
            return bool((times * self.step / other.step).is_Integer)
        if isinstance(other, AtLeast) and self.value.is_positive and times.is_Rational and times.is_positive:
            return bool((times * self.step - other.bound).is_nonnegative)
        return False


@dataclass(frozen=True)
class AtLeast:
    """`value` is at least `bound`."""

    value: Dim
    bound: Dim

    def __str__(self) -> str:
        return f"{to_text(self.value)} >= {to_text(self.bound)}"

    def holds(self, number: Evaluation) -> Any:
        """Where it holds, with numbers (or arrays of them) for expressions."""
        return number(self.value) >= number(self.bound)

    def implies(self, other: Condition) -> bool:
        """Whether the other follows: 32*width >= 8, so 64*width >= 8 too."""
        times = other.value / self.value
        if not isinstance(other, AtLeast) or not (times.is_Rational and times.is_positive):
            return False
        return bool((times * self.bound - other.bound).is_nonnegative)


@dataclass(frozen=True)
class AtMost:
    """`value` is at most `bound`."""

    value: Dim
    bound: Dim

    def __str__(self) -> str:
        return f"{to_text(self.value)} <= {to_text(self.bound)}"

    def holds(self, number: Evaluation) -> Any:
        """Where it holds, with numbers (or arrays of them) for expressions."""
        return number(self.value) <= number(self.bound)

    def implies(self, other: Condition) -> bool:
        """Whether the other follows: 64*width <= 8, so 32*width <= 8 too."""
        times = other.value / self.value
        if not isinstance(other, AtMost) or not (times.is_Rational and times.is_positive):
            return False
        return bool((times * self.bound - other.bound).is_nonpositive)


Condition = Multiple | AtLeast | AtMost


def strongest(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """The conditions without those that another of them implies, sorted by their text."""
    kept: list[Condition] = []
    for condition in sorted(set(conditions), key=lambda each: (len(str(each)), str(each))):
        if not any(other.implies(condition) for other in kept):
            kept = [other for other in kept if not condition.implies(other)]
            kept.append(condition)
    return tuple(sorted(kept, key=str))


def _operand(value: Dim) -> str:
    """The value as an operand of %, which binds like *: a sum in parentheses."""
    return f"({to_text(value)})" if getattr(value, "is_Add", False) else to_text(value)
