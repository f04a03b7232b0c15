"""The table that a fit sees: measured times, and the amounts of each term in what was timed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from costmodel.algebra import Dim
from costmodel.calibration.measurements import Key, Row
from costmodel.calibration.solver import Matrix, Vector
from costmodel.calibration.targets import Finder
from costmodel.calibration.terms import TERMS, Term, data_type, features
from costmodel.errors import CalibrationError


@dataclass(frozen=True, eq=False)
class Table:
    """Measured seconds and, by the name of a term, the amounts that were timed; one entry for each row."""

    rows: tuple[Row, ...]
    families: tuple[str, ...]
    latencies_s: Vector
    amounts: Mapping[str, Vector]

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """What each row measured."""
        return tuple(row.key for row in self.rows)

    def matrix(self, terms: Sequence[Term]) -> Matrix:
        """The amounts of the terms as columns."""
        return np.column_stack([self.amounts[term.name] for term in terms])

    def take(self, chosen: Iterable[bool]) -> Table:
        """The rows that are chosen."""
        mask = np.fromiter(chosen, dtype=bool, count=len(self))
        indices = np.flatnonzero(mask).tolist()
        return Table(
            rows=tuple(self.rows[index] for index in indices),
            families=tuple(self.families[index] for index in indices),
            latencies_s=self.latencies_s[mask],
            amounts={name: column[mask] for name, column in self.amounts.items()},
        )


def tabulate(rows: Sequence[Row], find: Finder, terms: Sequence[Term] = TERMS) -> Table:
    """The table of measured rows; `find` gives each row's network, whose dimensions must be numbers."""
    known: dict[tuple[int, str, str], dict[str, Dim]] = {}
    networks = [find(row) for row in rows]
    measured = []
    for row, network in zip(rows, networks, strict=True):
        setup = dict(row.setup)
        precision, runtime = data_type(setup.get("precision", "")), setup.get("runtime", "")
        place = (id(network), precision, runtime)
        if place not in known:
            known[place] = features(network, precision, runtime, terms)
        if not all(isinstance(amount, int) for amount in known[place].values()):
            raise CalibrationError(f"line {row.line}: {row.label} has dimensions that are symbols; give them numbers")
        measured.append(known[place])
    return Table(
        rows=tuple(rows),
        families=tuple(row.cells.get("family") or network.family for row, network in zip(rows, networks, strict=True)),
        latencies_s=np.array([row.latency_s for row in rows], dtype=np.float64),
        amounts={
            term.name: np.array([float(amounts[term.name]) for amounts in measured], dtype=np.float64) for term in terms
        },
    )
