"""The ledger: what a layer really does, operation by operation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from costmodel.algebra import Dim, total


class Ledger(NamedTuple):
    """Counts of scalar operations, each booked under one entry only.

    A multiply-accumulate is one entry of `macs`, not a multiplication and an addition. Conventions
    (`costmodel.counting.conventions`) are views over these entries.

    >>> Ledger(macs=6) + Ledger(macs=4, additions=2)
    Ledger(macs=10, additions=2, multiplications=0, comparisons=0, divisions=0, transcendentals=0)
    """

    macs: Dim = 0
    additions: Dim = 0
    multiplications: Dim = 0
    comparisons: Dim = 0
    divisions: Dim = 0
    transcendentals: Dim = 0

    def __add__(self, other: object) -> Ledger:
        if not isinstance(other, Ledger):
            return NotImplemented
        return Ledger(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def scaled(self, factor: Dim) -> Ledger:
        """Every entry times a factor."""
        return Ledger(*(factor * entry for entry in self))


ENTRIES = Ledger._fields
"""The names of the entries, in order."""


def sum_ledgers(ledgers: Iterable[Ledger]) -> Ledger:
    """The sum of the ledgers, entry by entry.

    >>> sum_ledgers([Ledger(macs=1), Ledger(divisions=2)]).divisions
    2
    """
    columns = list(zip(*ledgers, strict=True))
    return Ledger(*map(total, columns)) if columns else Ledger()
