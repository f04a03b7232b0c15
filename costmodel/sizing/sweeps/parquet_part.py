"""Rows of a sweep as the bytes of one Parquet file; needs the extra `parquet`.

A column is `int64` where all of its values are integers below 2^53, else `double`; choices are `bool`, or texts in a
dictionary. A sweep is written before all of its values are known: its types are guessed from rows here and there, and a
file whose values turn out to have a narrower type than the sweep's is written anew when all of them are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from costmodel.errors import MissingExtraError
from costmodel.sizing.sweeps.blocks import Column, Encoded, Swept, columns, costs_at, unbuildable
from costmodel.sizing.sweeps.csv_text import EXACT

INTEGER: Final = "int64"
NUMBER: Final = "double"
FLAG: Final = "bool"
TEXT: Final = "text"
_WIDER: Final = {(INTEGER, NUMBER): NUMBER, (FLAG, TEXT): TEXT}
_GUESSED: Final = 1 << 10
"""Rows from which the types are guessed."""


@dataclass(frozen=True)
class ParquetEncode:
    """Writes rows as columns of these types, or of wider ones where the values need them."""

    types: tuple[str, ...]

    def __call__(self, names: Sequence[str], columns: Sequence[Column]) -> Encoded:
        types = tuple(wider(least, type_of(column)) for least, column in zip(self.types, columns, strict=True))
        pa = arrow_module()
        arrays = [_array(pa, column, each) for column, each in zip(columns, types, strict=True)]
        return Encoded(_bytes(pa, pa.table(arrays, schema=schema(pa, names, types))), types)


def arrow_module() -> Any:
    """The package pyarrow; raises `MissingExtraError` where it is not installed."""
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("pyarrow", "parquet") from None
    return pa


def widened(data: bytes, types: Sequence[str]) -> bytes:
    """The bytes of a file with its columns turned into these types."""
    pa = arrow_module()
    table = pa.parquet.read_table(pa.BufferReader(data))
    wanted = schema(pa, table.column_names, types)
    arrays = []
    for column, field in zip(table.columns, wanted, strict=True):
        is_text = pa.types.is_dictionary(field.type) and pa.types.is_boolean(column.type)
        plain = column.cast(pa.string()).dictionary_encode() if is_text else column.cast(field.type)
        arrays.append(plain)
    return _bytes(pa, pa.table(arrays, schema=wanted))


def guessed_types(compiled: Swept) -> tuple[str, ...]:
    """The types of a sweep's columns in rows here and there."""
    rows = np.unique(np.linspace(0, max(0, compiled.size - 1), _GUESSED).astype(np.int64))[: compiled.size]
    costs = costs_at(compiled, rows)
    built = np.delete(np.arange(len(rows)), unbuildable(costs))
    return tuple(map(type_of, columns(compiled, rows[built], costs[:, built])))


def joined(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    """The types that hold the values of both."""
    return tuple(map(wider, first, second))


def wider(first: str, second: str) -> str:
    """The type that holds the values of both.

    >>> wider("int64", "double"), wider("text", "bool"), wider("int64", "int64")
    ('double', 'text', 'int64')
    """
    return first if first == second else _WIDER.get((first, second)) or _WIDER.get((second, first)) or TEXT


def type_of(column: Column) -> str:
    """The narrowest type of a column's values."""
    if column.dtype == object:
        return FLAG if all(isinstance(value, bool) for value in column.tolist()) else TEXT
    is_integer = bool(((np.rint(column) == column) & (np.abs(column) < EXACT)).all())
    return INTEGER if is_integer else NUMBER


def schema(pa: Any, names: Sequence[str], types: Sequence[str]) -> Any:
    """Names and types as pyarrow has them."""
    known = {
        INTEGER: pa.int64(),
        NUMBER: pa.float64(),
        FLAG: pa.bool_(),
        TEXT: pa.dictionary(pa.int32(), pa.string()),
    }
    return pa.schema([pa.field(name, known[each]) for name, each in zip(names, types, strict=True)])


def _array(pa: Any, column: Column, type_name: str) -> Any:
    if type_name == INTEGER:
        return pa.array(column.astype(np.int64))
    if type_name == TEXT:
        texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in column.tolist()]
        return pa.array(texts, pa.string()).dictionary_encode()
    return pa.array(column, pa.bool_() if type_name == FLAG else pa.float64())


def _bytes(pa: Any, table: Any) -> bytes:
    """A table as a Parquet file."""
    buffer = pa.BufferOutputStream()
    pa.parquet.write_table(table, buffer)
    data: bytes = buffer.getvalue().to_pybytes()
    return data
