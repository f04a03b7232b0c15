"""Conditions on expressions: their sentences, where they hold, and which of them imply others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from costmodel.algebra.operations import ceiling, floor, maximum, minimum
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

    @property
    def margin(self) -> Dim:
        """1 where it holds, else 0."""
        quotient = self.value / self.step
        return 1 + floor(quotient) - ceiling(quotient)

    def implies(self, other: Condition) -> bool:
        """Whether the other follows: 32*width is an integer, so 64*width is one too, and at least 2."""
        times = other.value / self.value
        if isinstance(other, Multiple):
            return bool((times * self.step / other.step).is_integer)
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

    @property
    def margin(self) -> Dim:
        """An integer that is at least 1 where it holds, and there only."""
        return 1 + floor(self.value - self.bound)

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

    @property
    def margin(self) -> Dim:
        """An integer that is at least 1 where it holds, and there only."""
        return 1 + floor(self.bound - self.value)

    def implies(self, other: Condition) -> bool:
        """Whether the other follows: 64*width <= 8, so 32*width <= 8 too."""
        times = other.value / self.value
        if not isinstance(other, AtMost) or not (times.is_Rational and times.is_positive):
            return False
        return bool((times * self.bound - other.bound).is_nonpositive)


@dataclass(frozen=True)
class Equal:
    """`value` is `other`."""

    value: Dim
    other: Dim

    def __str__(self) -> str:
        return f"{to_text(self.value)} == {to_text(self.other)}"

    def holds(self, number: Evaluation) -> Any:
        """Where it holds, with numbers (or arrays of them) for expressions."""
        return number(self.value) == number(self.other)

    @property
    def margin(self) -> Dim:
        """1 where it holds, and not above 0 elsewhere."""
        return 1 - _distance(self.value, self.other)

    def implies(self, other: Condition) -> bool:
        """Whether the other follows: only what is the same."""
        return self == other


@dataclass(frozen=True)
class Different:
    """`value` is not `other`."""

    value: Dim
    other: Dim

    def __str__(self) -> str:
        return f"{to_text(self.value)} != {to_text(self.other)}"

    def holds(self, number: Evaluation) -> Any:
        """Where it holds, with numbers (or arrays of them) for expressions."""
        return number(self.value) != number(self.other)

    @property
    def margin(self) -> Dim:
        """An integer that is at least 1 where it holds, and there only."""
        return _distance(self.value, self.other)

    def implies(self, other: Condition) -> bool:
        """Whether the other follows: only what is the same."""
        return self == other


Condition = Multiple | AtLeast | AtMost | Equal | Different


def margin(conditions: Iterable[Condition]) -> Dim:
    """One expression that is at least 1 exactly where all of the conditions hold: evaluated over arrays, it masks.

    >>> from costmodel.algebra import parse
    >>> str(margin([AtLeast(parse("h"), 7), Multiple(parse("h"), 2)]))
    'Min(h - 6, floor(h/2) - floor(h/2 + 1/2) + 1)'
    """
    margins = [each.margin for each in conditions]
    return minimum(*margins) if margins else 1


def _distance(a: Dim, b: Dim) -> Dim:
    """The smallest integer not below |a - b|."""
    return ceiling(maximum(a - b, b - a))


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
