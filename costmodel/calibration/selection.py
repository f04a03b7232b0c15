"""Which terms a table of measurements can determine; the choice looks at what was measured, never at the times."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from costmodel.calibration.features import TERMS, Term
from costmodel.calibration.solver import Vector
from costmodel.calibration.table import Table

ROWS_PER_TERM: Final = 3
"""So many different networks must be there for each coefficient."""

INDEPENDENCE: Final = 0.05
"""The part of a term, of its length over the measurements, that the terms before it cannot make up."""


class Dropped(NamedTuple):
    """A term without a coefficient, and why."""

    name: str
    reason: str


class Choice(NamedTuple):
    """The terms to fit, in order, and those that are not."""

    names: tuple[str, ...]
    dropped: tuple[Dropped, ...]


def choose_terms(table: Table, terms: Iterable[Term] = TERMS) -> Choice:
    """The terms that the table determines.

    They are tried in their order. One is dropped where nothing measured has any of it, where the terms before it
    make up all but `INDEPENDENCE` of it, or where fewer than `ROWS_PER_TERM` different networks are there for each.
    The amounts are taken relative to the size of each network, as the fit is of relative errors.
    """
    room = max(1, len(set(table.keys)) // ROWS_PER_TERM)
    size = _size(table)
    names: list[str] = []
    dropped: list[Dropped] = []
    basis = np.empty((len(table), 0))
    for term in terms:
        column = table.amounts[term.name] / size
        length = float(np.linalg.norm(column))
        if length == 0:
            dropped.append(Dropped(term.name, "nothing measured has any"))
            continue
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        if np.linalg.norm(rest) < INDEPENDENCE * length:
            dropped.append(Dropped(term.name, f"the measurements cannot tell it from {' and '.join(names)}"))
        elif len(names) == room:
            count = len(set(table.keys))
            dropped.append(
                Dropped(term.name, f"{count} networks determine {room} coefficients, {ROWS_PER_TERM} for each")
            )
        else:
            names.append(term.name)
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
    return Choice(tuple(names), tuple(dropped))


def _size(table: Table) -> Vector:
    """A scale for each network: the sum of its amounts, each relative to that of the average network."""
    columns = [column / column.mean() for column in table.amounts.values() if column.any()]
    size: Vector = np.sum(columns, axis=0)
    return size
