"""Columns of a sweep as lines of CSV, a block at a time: digits by table, floats as their shortest text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from costmodel.errors import SpecError, shorten

Column = NDArray[Any]
"""The values of a column: float64, or objects (texts, bools) for choices."""
Cells = NDArray[np.uint8]
"""A row for each cell, its text in bytes from anywhere in the row; the other bytes are zero."""

EXACT: Final = 2.0**53
"""Integers are exact in float64 below this."""
_FEW: Final = 4
"""Texts are looked up where a value occurs so many times on average."""
_POWERS: Final = 10.0 ** np.arange(1, 16)
_FOUR_DIGITS: Final = np.array([f"{number:04d}" for number in range(10_000)], dtype="S4").view(np.uint32)


def csv_header(columns: Sequence[str]) -> bytes:
    r"""The line of names.

    >>> csv_header(["width", "macs"])
    b'width,macs\n'
    """
    return b",".join(map(_quoted, columns)) + b"\n"


def csv_lines(columns: Sequence[Column]) -> bytes:
    r"""A line for each row of the columns, all of one length.

    An integer below 2^53 has no decimal point; every other number is the shortest text that is read back as the same
    float64, so that an integer from 2^53 on, which may be rounded, has a point or an exponent. Texts are as they are,
    in quotes where CSV needs them; bools are true and false.

    >>> choices = np.array(["relu", "h-swish, fused"], dtype=object)
    >>> csv_lines([np.array([0.35, 1.0]), choices, np.array([1e6, 2.0**53])])
    b'0.35,relu,1000000\n1,"h-swish, fused",9007199254740992.0\n'
    """
    count = len(columns[0])
    parts: list[Cells] = []
    for column in columns:
        parts += [_cells(column), np.full((count, 1), ord(","), np.uint8)]
    parts[-1] = np.full((count, 1), ord("\n"), np.uint8)
    return np.concatenate(parts, axis=1).tobytes().translate(None, b"\0")


def _cells(column: Column) -> Cells:
    """The cells of a column; where its values come in runs, each run's text is made once."""
    starts = np.flatnonzero(np.concatenate([[True], column[1:] != column[:-1]]))
    if len(starts) * _FEW > len(column):
        return _texts(column) if column.dtype == object else _numbers(column)
    values = column[starts]
    cells = _texts(values) if column.dtype == object else _numbers(values)
    return np.repeat(cells, np.diff(starts, append=len(column)), axis=0)


def _texts(values: Column) -> Cells:
    """The cells of choices."""
    known: dict[tuple[type, object], bytes] = {}
    texts = []
    for value in values.tolist():
        key = (type(value), value)
        if key not in known:
            known[key] = _quoted(value)
        texts.append(known[key])
    return _matrix(texts)


def _numbers(values: Column) -> Cells:
    """The cells of float64 numbers."""
    is_integer = (np.rint(values) == values) & (np.abs(values) < EXACT)
    if is_integer.all():
        return _integers(values)
    if is_integer.any():
        integers, others = _integers(values[is_integer]), _numbers(values[~is_integer])
        cells = np.zeros((len(values), max(integers.shape[1], others.shape[1])), np.uint8)
        cells[is_integer, : integers.shape[1]] = integers
        cells[~is_integer, : others.shape[1]] = others
        return cells
    unique, index = np.unique(values, return_inverse=True)
    if len(unique) * _FEW > len(values):
        return _matrix([repr(value).encode() for value in values.tolist()])
    return _matrix([repr(value).encode() for value in unique.tolist()])[index]


def _integers(values: Column) -> Cells:
    """The cells of integers below 2^53, four digits at a time."""
    sizes = np.abs(values)
    digits = np.searchsorted(_POWERS, sizes, side="right") + 1
    groups = -(-int(digits.max(initial=1)) // 4)
    words = np.empty((len(values), groups), np.uint32)
    left = sizes.astype(np.uint64)
    for group in range(groups - 1, -1, -1):
        higher = left // np.uint64(10_000)
        words[:, group] = _FOUR_DIGITS[(left - higher * np.uint64(10_000)).astype(np.intp)]
        left = higher
    cells = words.view(np.uint8)
    cells[np.arange(4 * groups) < (4 * groups - digits)[:, None]] = 0
    is_negative = values < 0
    if not is_negative.any():
        return cells
    return np.concatenate([np.where(is_negative, np.uint8(ord("-")), np.uint8(0))[:, None], cells], axis=1)


def _matrix(texts: Sequence[bytes]) -> Cells:
    """Texts as cells."""
    table = np.array(texts)
    return table.view(np.uint8).reshape(len(texts), table.dtype.itemsize)


def _quoted(value: object) -> bytes:
    """A choice or a name as a cell of CSV (RFC 4180)."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "\0" in text:
        raise SpecError(f"a text in a CSV file must have no zero character (got {shorten(repr(text))})")
    if any(letter in text for letter in ',"\r\n'):
        text = '"' + text.replace('"', '""') + '"'
    return text.encode()
