"""A layer kind's formulas: pure functions of textbook symbols, one for each quantity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from costmodel.algebra import Dim, notation
from costmodel.algebra.vocabulary import MEANING
from costmodel.counting.ledger import ENTRIES, Ledger
from costmodel.errors import SpecError, UnknownNameError

Formula = Callable[..., Dim]
Symbols = Mapping[str, Dim]
_QUANTITIES = (*ENTRIES, "params", "buffers")


def _computed() -> Any:
    """A field that is computed from the others."""
    return field(init=False, repr=False, compare=False)


@dataclass(frozen=True)
class Formulas:
    """The formulas of one layer kind; a quantity without one is zero, which must be declared.

    Each formula's parameters are symbols of `costmodel.algebra.vocabulary`, by name. A kind that books no
    operation says why in `free`.
    """

    macs: Formula | None = None
    additions: Formula | None = None
    multiplications: Formula | None = None
    comparisons: Formula | None = None
    divisions: Formula | None = None
    transcendentals: Formula | None = None
    params: Formula | None = None
    buffers: Formula | None = None
    free: str = ""
    _of_several: tuple[tuple[int, Formula, Callable[[Symbols], tuple[Dim, ...]]], ...] = _computed()
    _of_one: tuple[tuple[int, Formula, str], ...] = _computed()

    def __post_init__(self) -> None:
        booked = [entry for entry in ENTRIES if getattr(self, entry) is not None]
        if bool(booked) == bool(self.free):
            raise SpecError(
                "a layer kind declares formulas for its operations, or in 'free' why it does none"
                f" (got {', '.join(booked) or 'neither'})"
            )
        for quantity, formula in self.items():
            unknown = [name for name in parameters(formula) if name not in MEANING]
            if unknown:
                raise SpecError(f"the formula for {quantity} uses {unknown[0]!r}, which the vocabulary does not define")
            if not parameters(formula):
                raise SpecError(f"the formula for {quantity} must have symbols as its parameters (got none)")
        self._arrange()

    def items(self) -> list[tuple[str, Formula]]:
        """(quantity, formula) for every quantity that has one."""
        return [(name, formula) for name in _QUANTITIES if (formula := getattr(self, name)) is not None]

    def formula(self, quantity: str) -> Formula:
        """The formula of one quantity; zero where the kind declares none."""
        if quantity not in _QUANTITIES:
            raise UnknownNameError("quantity", quantity, _QUANTITIES)
        return getattr(self, quantity) or _zero

    def evaluate(self, symbols: Symbols) -> tuple[Ledger, Dim, Dim]:
        """(ledger, params, buffers) for these values of the symbols."""
        counts: list[Dim] = [0] * len(_QUANTITIES)
        try:
            for index, formula, pick in self._of_several:
                counts[index] = formula(*pick(symbols))
            for index, formula, name in self._of_one:
                counts[index] = formula(symbols[name])
        except KeyError as missing:
            raise SpecError(f"a formula uses {missing}, of which the layer's 'symbols' must give the value") from None
        buffers, params = counts.pop(), counts.pop()
        return Ledger._make(counts), params, buffers

    def _arrange(self) -> None:
        """Sort the formulas by how they take their symbols: looking up one or several at once differs."""
        found = [(index, formula, parameters(formula)) for index, formula in enumerate(map(self.formula, _QUANTITIES))]
        several = ((index, formula, itemgetter(*names)) for index, formula, names in found if len(names) > 1)
        one = ((index, formula, *names) for index, formula, names in found if len(names) == 1)
        object.__setattr__(self, "_of_several", tuple(several))
        object.__setattr__(self, "_of_one", tuple(one))

    def notation(self, quantity: str) -> notation.Notation | int:
        """The formula of one quantity as the textbook prints it."""
        formula = self.formula(quantity)
        printed: notation.Notation | int = formula(*map(notation.name, parameters(formula)))
        return printed


def parameters(formula: Formula) -> tuple[str, ...]:
    """The symbols that a formula uses, in order."""
    code = formula.__code__
    return code.co_varnames[: code.co_argcount]


def _zero() -> int:
    return 0
