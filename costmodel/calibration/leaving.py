"""What is left out at a time when a fit is tested on what it has not seen."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Final

from costmodel.calibration.measurements import Key
from costmodel.calibration.namesakes import one_network
from costmodel.calibration.table import Table
from costmodel.errors import CalibrationError, UnknownNameError, shorten

WAYS: Final = ("network", "family", "fold:K", "column:NAME")
"""What can be left out: one (network, width, resolution), one family, a K-th of the networks, one value of a column."""


def groups(table: Table, leave_out: str) -> tuple[Hashable, ...]:
    """The group of each row; the rows of a group are left out together, one network under all of its names.

    `fold:K` deals a setup's networks into K folds, in the order of a checksum of name, width and resolution: every
    run has the same folds, and near-duplicates do not follow one another.
    """
    if leave_out == "network":
        return one_network(table)
    if leave_out == "family":
        return table.families
    if fold := re.fullmatch(r"fold:(\d{1,6})", leave_out, re.ASCII):
        count = int(fold[1])
        if count < 2:
            raise CalibrationError(f"'fold' must have at least 2 folds (got {count})")
        return dealt(one_network(table), count)
    if leave_out.startswith("column:"):
        return _column(table, leave_out.removeprefix("column:"))
    raise UnknownNameError("way of leaving out", leave_out, WAYS)


def dealt(keys: Sequence[Key], count: int) -> tuple[int, ...]:
    """What was measured dealt into so many groups, in the order of a checksum; each its own where there are fewer."""
    place = {key: index for index, key in enumerate(sorted(set(keys), key=_checksum))}
    return tuple(place[key] % count for key in keys)


def _column(table: Table, column: str) -> tuple[str, ...]:
    """The value of a column in each row."""
    for row in table.rows:
        if column not in row.cells:
            raise UnknownNameError("column to leave out by", column, row.cells)
        if not row.cells[column]:
            raise CalibrationError(f"line {row.line}: {shorten(repr(column))} is empty, and is what is left out by")
    return tuple(row.cells[column] for row in table.rows)


@lru_cache(maxsize=10_000)
def _checksum(key: Key) -> str:
    return hashlib.sha256("\x1f".join(key).encode()).hexdigest()
