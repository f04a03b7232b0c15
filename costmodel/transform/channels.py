"""How the channels of a network depend on each other: which layers must agree when their widths change.

The channels of every tensor are a sum of widths of layers, each times a number: 2*conv1 + conv2. What follows for the
widths (that both sides of an addition are equal, that groups divide) is kept beside them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from costmodel.algebra import Dim

Form = Mapping[str, Dim]
"""Numbers of widths by the name of the layer; "" stands for a constant."""
CONSTANT = ""


class Widths:
    """The widths of a network's layers, and the equations between them."""

    def __init__(self) -> None:
        self.before: dict[str, Dim] = {}
        """The width of each layer as it is."""
        self.reasons: dict[str, str] = {}
        """Why a layer's width stays."""
        self._solved: dict[str, Form] = {}
        self._users: dict[str, set[str]] = defaultdict(set)
        """The solved widths that are written with each width."""
        self._divisible: list[tuple[Form, int]] = []

    def add(self, name: str, width: Dim) -> Form:
        """A layer with a width of its own."""
        self.before[name] = width
        return {name: 1}

    def fix(self, form: Form, reason: str) -> None:
        """Every width of a sum stays as it is."""
        for name in self._free(self._now(form)):
            self.reasons.setdefault(name, reason)
            self._set(name, {CONSTANT: self.before[name]})

    def equate(self, one: Form, other: Form, reason: str) -> None:
        """Two sums must be the same: one width follows from the others, or all of them stay."""
        difference = added([self._now(one), times(self._now(other), -1)])
        for name in reversed(self._free(difference)):
            factor = difference[name]
            rest = {each: -Fraction(1) * value / factor for each, value in difference.items() if each != name}
            if not any(_is_negative(value) for value in rest.values()):
                self.reasons.setdefault(name, reason)
                self._set(name, rest)
                return
        self.fix(difference, reason)

    def divide(self, form: Form, number: Dim) -> None:
        """A sum must be a multiple of a number."""
        if isinstance(number, int):
            self._divisible.append((form, number))

    def multiples(self) -> dict[str, int]:
        """The number of which the width of each layer must be a multiple."""
        needed = dict.fromkeys(self.before, 1)
        for form, number in self._divisible:
            for name, factor in self._now(form).items():
                if name != CONSTANT and isinstance(factor, (int, Fraction)):
                    exact = Fraction(factor)
                    whole = number * exact.denominator
                    needed[name] = lcm(needed[name], whole // gcd(whole, abs(exact.numerator)))
        return needed

    def free(self) -> list[str]:
        """The layers whose widths decide all others."""
        return [name for name in self.before if name not in self._solved]

    def all(self, chosen: Mapping[str, Dim]) -> dict[str, Dim]:
        """Every layer's width, where the free ones are as chosen."""
        return {name: self.size({name: 1}, chosen) for name in self.before}

    def size(self, form: Form, chosen: Mapping[str, Dim]) -> Dim:
        """A sum of widths, where the free ones are as chosen."""
        terms = (value * (1 if name == CONSTANT else chosen[name]) for name, value in self._now(form).items())
        found: Any = sum(terms)
        return found.numerator if isinstance(found, Fraction) and found.denominator == 1 else found

    def _free(self, form: Form) -> list[str]:
        return [name for name in form if name != CONSTANT]

    def _now(self, form: Form) -> Form:
        """A sum in terms of free widths."""
        return added(
            times(self._solved[name], value) if name in self._solved else {name: value} for name, value in form.items()
        )

    def _set(self, name: str, form: Form) -> None:
        changed = self._users.pop(name, set())
        self._solved[name] = form
        for other in changed:
            self._solved[other] = self._now(self._solved[other])
        for free in self._free(form):
            self._users[free] |= {name, *changed}


def times(form: Form, factor: Dim) -> Form:
    """A sum so many times."""
    return {name: value * factor for name, value in form.items()}


def added(forms: Iterable[Form]) -> Form:
    """The sum of sums."""
    found: dict[str, Dim] = {}
    for form in forms:
        for name, value in form.items():
            found[name] = found.get(name, 0) + value
    return {name: value for name, value in found.items() if value != 0}


def _is_negative(value: Dim) -> bool:
    return isinstance(value, (int, Fraction)) and value < 0
