"""The record of a search as a study of Optuna's: in memory, or in a file that a later run goes on with."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from costmodel.errors import MissingExtraError, shorten
from costmodel.sizing.searches.history import History, Places
from costmodel.sizing.searches.study_file import NAME, StudyFile, configurations
from costmodel.sizing.spaces.axes import Axis, Range


class Record:
    """An Optuna study of a search: each configuration a trial, with its costs, and the budgets as constraints.

    With a path, trials are appended to a file in the format of Optuna's journal, a batch at a time. What a file holds
    is read as places of values and nothing else; Optuna is given what this search makes of them.
    """

    def __init__(self, axes: Sequence[Axis], fingerprint: str, path: str | os.PathLike[str] | None) -> None:
        self._optuna = _optuna()
        self._axes = axes
        self._distributions = {each.name: self._distribution(each) for each in axes}
        self._lines = _Lines()
        self.stored: Places = np.empty((0, len(axes)), dtype=np.int64)
        self._file = None if path is None else StudyFile(Path(path))
        try:
            whole = self._file.read() if self._file else b""
            self._lines.is_kept = not whole
            with _quiet(self._optuna):
                storage = self._optuna.storages.JournalStorage(self._lines)
                self.study = self._optuna.create_study(storage=storage, study_name=NAME, direction="maximize")
                self.study.set_user_attr(NAME, fingerprint)
            if whole and self._file:
                self.stored = configurations(whole, self._file.name, {NAME: fingerprint}, self._places)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the file to others; the study stays."""
        if self._file:
            self._file.close()

    def add(self, batch: History, costs: Mapping[str, Any], budgets: Sequence[str], *, is_stored: int = 0) -> None:
        """The trials of a batch, of which the first `is_stored` are in the file already."""
        create, states = self._optuna.trial.create_trial, self._optuna.trial.TrialState
        excess = np.nan_to_num(batch.ratios - 1, nan=1e9)
        with _quiet(self._optuna):
            for row, places in enumerate(batch.places):
                is_built = bool(np.isfinite(batch.objective[row]))
                trial = create(
                    state=states.COMPLETE if is_built else states.FAIL,
                    value=float(batch.objective[row]) if is_built else None,
                    params={
                        each.name: _param(each, int(place)) for each, place in zip(self._axes, places, strict=True)
                    },
                    distributions=self._distributions,
                    user_attrs={name: float(column[row]) for name, column in costs.items() if is_built},
                    system_attrs={"constraints": [float(each) for each in excess[row]]} if len(budgets) else {},
                )
                self._lines.is_kept = row >= is_stored
                self.study.add_trial(trial)
        if self._file:
            self._file.append(self._lines.taken())

    def _distribution(self, axis: Axis) -> Any:
        """Whole numbers with one step between them, other numbers between two ends, or choices."""
        distributions = self._optuna.distributions
        if not axis.is_numeric:
            return distributions.CategoricalDistribution([axis.value(place) for place in range(axis.size)])
        step = _step(axis)
        low, high = min(_ends(axis)), max(_ends(axis))
        if step is None:
            return distributions.FloatDistribution(low, high)
        return distributions.IntDistribution(int(low), int(high), step=step)

    def _places(self, params: Mapping[str, object]) -> list[int]:
        """The places of a trial's values as Optuna's journal has them."""
        if list(params) != [each.name for each in self._axes]:
            raise ValueError(f"a trial must have a value for each axis, in order (got {shorten(', '.join(params))})")
        return [_place(each, params[each.name]) for each in self._axes]


class _Lines:
    """What Optuna's storage reads and writes, in memory, and which lines of it the file is still to have."""

    def __init__(self) -> None:
        self.is_kept = True
        self._all: list[dict[str, Any]] = []
        self._new: list[dict[str, Any]] = []

    def read_logs(self, log_number_from: int) -> list[dict[str, Any]]:
        """For Optuna: the operations from one on."""
        return self._all[log_number_from:]

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """For Optuna: more operations."""
        self._all += logs
        self._new += logs if self.is_kept else []

    def taken(self) -> bytes:
        """The lines that the file does not have yet, which it then has."""
        lines, self._new = self._new, []
        return b"".join(json.dumps(each, separators=(",", ":")).encode() + b"\n" for each in lines)


def _place(axis: Axis, number: object) -> int:
    """The place of a value as Optuna's journal has it: a number, or the place of a choice."""
    if isinstance(number, (int, float)) and not isinstance(number, bool):
        if not axis.is_numeric:
            found = [int(number)] if number in range(axis.size) else []
        else:
            found = np.flatnonzero(axis.settings(np.arange(axis.size)) == number).tolist()
        if found:
            return found[0]
    raise ValueError(f"{axis.name!r} has no value {shorten(repr(number))}")


def _param(axis: Axis, place: int) -> Any:
    """A value as Optuna takes it."""
    value = axis.value(place)
    return value if isinstance(value, (str, bool, int)) and (not axis.is_numeric or _step(axis)) else float(value)


def _ends(axis: Axis) -> list[float]:
    """The values of an axis of numbers; of a range its ends."""
    places = [0, axis.size - 1] if isinstance(axis.values, Range) else range(axis.size)
    return [float(Fraction(axis.value(place))) for place in places]


def _step(axis: Axis) -> int | None:
    """The step between the values where they are whole and one step apart, in rising order."""
    if isinstance(axis.values, Range):
        step, first = axis.values.step, axis.values.start
        return step if isinstance(step, int) and isinstance(first, int) and step > 0 else None
    values = [value for value in axis.values if isinstance(value, int)]
    steps = {after - before for before, after in pairwise(values)} or {1}
    step = min(steps)
    return step if len(values) == axis.size and len(steps) == 1 and step > 0 else None


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise MissingExtraError("optuna", "search") from None
    return optuna


@contextmanager
def _quiet(optuna: Any) -> Iterator[None]:
    """Without Optuna's messages about studies that are made."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
