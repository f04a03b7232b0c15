"""A fitted model: its coefficients, what they predict, and how far a network lies from those that were measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from costmodel.calibration.features import Term, disjoint, term
from costmodel.calibration.solver import Matrix, Vector, fit_nonnegative
from costmodel.calibration.table import Table


class Coefficient(NamedTuple):
    """A fitted coefficient, in seconds for one unit of its feature, and its interval."""

    term: Term
    value: float
    low: float | None
    high: float | None


class Prediction(NamedTuple):
    """Seconds, and between which the measured time lies with the fit's `interval`; None where too few were measured."""

    latency_s: float
    low_s: float | None
    high_s: float | None


class Model(NamedTuple):
    """Positive coefficients by term, and the spread matrix of their shares."""

    values: dict[str, float]
    spread: Matrix

    def predict(self, amounts: Mapping[str, float]) -> tuple[float, float]:
        """Seconds, and the leverage: how far the network's mix of terms lies from those of the fit.

        The leverage is u' C u, u_j = b_j x_j / sum_l b_l x_l the share of term j in the predicted time, and
        C = (S' S)^-1 with the shares S (m x k) of the m measurements of the fit.
        """
        columns = disjoint(amounts, self.values)
        seconds = np.array([self.values[name] * columns[name] for name in self.values])
        total = float(seconds.sum())
        shares = seconds / total if total else seconds
        return total, max(0.0, float(shares @ self.spread @ shares))


def fit_model(table: Table, names: Sequence[str], start: Vector | None = None) -> tuple[Model, Vector]:
    """The model of the terms with a positive coefficient, and every coefficient, for a later start.

    A part that takes no time of its own goes back to the term that it is part of, which is then fitted anew.
    """
    everything = values = fit_nonnegative(table.matrix(names), table.latencies_s, start)
    while True:
        free = [name for name, value in zip(names, values, strict=True) if value == 0 and term(name).part_of in names]
        if not free:
            break
        names = [name for name in names if name != free[0]]
        values = fit_nonnegative(table.matrix(names), table.latencies_s)
    kept = {name: float(value) for name, value in zip(names, values, strict=True) if value > 0}
    return Model(kept, _spread(table, kept)), everything


def _spread(table: Table, values: Mapping[str, float]) -> Matrix:
    """C = (S' S)^-1 of the terms' shares in the fitted times."""
    seconds = table.matrix(list(values)) * list(values.values())
    shares = seconds / seconds.sum(axis=1, keepdims=True)
    spread: Matrix = np.linalg.pinv(shares.T @ shares, hermitian=True)
    return spread
