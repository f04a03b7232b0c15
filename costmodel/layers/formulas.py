"""A layer kind's formulas: pure functions of textbook symbols, one for each quantity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from operator import itemgetter

from costmodel.counting.ledger import ENTRIES, Ledger
from costmodel.errors import SpecError, UnknownNameError
from costmodel.algebra import Dim, notation
from costmodel.algebra.vocabulary import MEANING

Formula = Callable[..., Dim]
Symbols = Mapping[str, Dim]


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
        plan = [_step(getattr(self, entry)) for entry in ENTRIES]
        object.__setattr__(self, "_ledger_plan", tuple(plan))
        object.__setattr__(self, "_params_plan", _step(self.params))
        object.__setattr__(self, "_buffers_plan", _step(self.buffers))

    def items(self) -> list[tuple[str, Formula]]:
        """(quantity, formula) for every quantity that has one."""
        names = (field.name for field in fields(self) if field.name != "free")
        return [(name, formula) for name in names if (formula := getattr(self, name)) is not None]

    def formula(self, quantity: str) -> Formula:
        """The formula of one quantity; zero where the kind declares none."""
        if quantity not in (*ENTRIES, "params", "buffers"):
            raise UnknownNameError("quantity", quantity, (*ENTRIES, "params", "buffers"))
        return getattr(self, quantity) or _zero

    def ledger(self, symbols: Symbols) -> Ledger:
        """Every booked operation, for these values of the symbols."""
        return Ledger(*[step(symbols) if step else 0 for step in self._ledger_plan])  # type: ignore[attr-defined]

    def weights(self, symbols: Symbols) -> tuple[Dim, Dim]:
        """(params, buffers) for these values of the symbols."""
        params, buffers = self._params_plan, self._buffers_plan  # type: ignore[attr-defined]
        return (params(symbols) if params else 0, buffers(symbols) if buffers else 0)

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


def _step(formula: Formula | None) -> Callable[[Symbols], Dim] | None:
    """A function of the symbols by name that calls the formula with its own ones."""
    if formula is None:
        return None
    names = parameters(formula)
    pick = itemgetter(*names)
    if len(names) == 1:
        return lambda symbols: formula(pick(symbols))
    return lambda symbols: formula(*pick(symbols))
