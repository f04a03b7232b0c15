"""A layer kind's formulas: pure functions of textbook symbols, one for each quantity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from operator import itemgetter

from costmodel.algebra import Dim, notation
from costmodel.algebra.vocabulary import MEANING
from costmodel.counting.ledger import ENTRIES, Ledger
from costmodel.errors import SpecError, UnknownNameError

Formula = Callable[..., Dim]
Symbols = Mapping[str, Dim]
_QUANTITIES = len(ENTRIES) + 2


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
        quantities = enumerate((*ENTRIES, "params", "buffers"))
        steps = [(index, _step(getattr(self, name))) for index, name in quantities if getattr(self, name) is not None]
        object.__setattr__(self, "_steps", tuple(steps))

    def items(self) -> list[tuple[str, Formula]]:
        """(quantity, formula) for every quantity that has one."""
        names = (field.name for field in fields(self) if field.name != "free")
        return [(name, formula) for name in names if (formula := getattr(self, name)) is not None]

    def formula(self, quantity: str) -> Formula:
        """The formula of one quantity; zero where the kind declares none."""
        if quantity not in (*ENTRIES, "params", "buffers"):
            raise UnknownNameError("quantity", quantity, (*ENTRIES, "params", "buffers"))
        return getattr(self, quantity) or _zero

    def evaluate(self, symbols: Symbols) -> tuple[Ledger, Dim, Dim]:
        """(ledger, params, buffers) for these values of the symbols."""
        counts: list[Dim] = [0] * _QUANTITIES
        try:
            for index, step in self._steps:  # type: ignore[attr-defined]
                counts[index] = step(symbols)
        except KeyError as missing:
            raise SpecError(f"a formula uses {missing}, of which the layer's 'symbols' must give the value") from None
        return Ledger(*counts[:-2]), counts[-2], counts[-1]

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


def _step(formula: Formula) -> Callable[[Symbols], Dim]:
    """A function of the symbols by name that calls the formula with its own ones."""
    names = parameters(formula)
    if len(names) == 1:
        (name,) = names
        return lambda symbols: formula(symbols[name])
    pick = itemgetter(*names)
    return lambda symbols: formula(*pick(symbols))
