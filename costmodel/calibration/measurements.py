"""Measurement files: CSV rows of measured times, read without trusting what is in them."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from costmodel.errors import CalibrationError, FileFormatError, UnknownNameError, shorten

MAX_BYTES: Final = 64 * 1024 * 1024
"""The largest measurement file that is read; 2,600 rows have half a megabyte."""

MAX_COLUMNS: Final = 1000
"""A table with more columns is no measurement file."""

MAX_THREADS: Final = 4096
"""More threads than any machine of one memory has; how they speed up is learned from 1 to 128."""

SETUP_COLUMNS: Final = (
    "device", "runtime", "processor", "backend", "gpu_name", "threads", "powersave", "precision", "batch", "run_id",
)  # fmt: skip
"""The columns that make a setup, those that a file has."""

LATENCY_COLUMNS: Final = ("latency_ms", "latency_min_ms")
"""Where the measured milliseconds stand; the first that a file has."""

_LATENCY_RANGE_MS: Final = (1e-6, 1e9)
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_MAX_CELL: Final = 64 * 1024

Setup = tuple[tuple[str, str], ...]
"""A combination of values of the setup columns: (column, value) pairs, in the order of the columns."""

Key = tuple[str, ...]
"""What is measured: (network, width, resolution), or (layer, input shape); it is left out of a fit as one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measured time, of what `key` names. `cells` holds every column, by its name."""

    line: int
    setup: Setup
    key: Key
    latency_s: float
    cells: Mapping[str, str] = field(repr=False)

    @property
    def label(self) -> str:
        """The network, width and resolution, or the layer and its input, for a person."""
        return shorten(" ".join(part for part in self.key if part))


@dataclass(frozen=True)
class Measurements:
    """The rows of a measurement file, with the name and the checksum of the file."""

    name: str
    sha256: str
    rows: tuple[Row, ...]

    def setups(self) -> dict[Setup, tuple[Row, ...]]:
        """The rows of each setup, setups in the order of their first row."""
        found: dict[Setup, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.setup, []).append(row)
        return {setup: tuple(rows) for setup, rows in found.items()}

    def only(self, wanted: Mapping[str, str]) -> Measurements:
        """The measurements whose cells have these values, a thread count as its leading integer."""
        rows = self.rows
        for column, value in wanted.items():
            known = {_setup_value(column, row.cells.get(column, "")) for row in self.rows if column in row.cells}
            if not known:
                raise UnknownNameError(f"column in {self.name}", column, self.rows[0].cells)
            if _setup_value(column, value) not in known:
                raise UnknownNameError(f"{column} in {self.name}", value, known)
            rows = tuple(row for row in rows if _setup_value(column, row.cells[column]) == _setup_value(column, value))
        if not rows:
            raise CalibrationError(
                f"{self.name} has no row with {_pairs(wanted)}; each value is there, but not together"
            )
        return Measurements(self.name, self.sha256, rows)

    def one_setup(self) -> tuple[Setup, tuple[Row, ...]]:
        """The only setup and its rows; raises, naming what tells them apart, where there are several."""
        setups = self.setups()
        if len(setups) > 1:
            values = {column: sorted({dict(setup).get(column, "") for setup in setups}) for column in SETUP_COLUMNS}
            differ = [f"{name} ({shorten(', '.join(each), 120)})" for name, each in values.items() if len(each) > 1]
            raise CalibrationError(f"{self.name} holds {len(setups)} setups; choose one by its {' and '.join(differ)}")
        return next(iter(setups.items()))


def read_measurements(path: str | os.PathLike[str]) -> Measurements:
    """The measurements in a CSV file; raises `FileFormatError` with one sentence where it holds none."""
    target = Path(path)
    name = shorten("".join(_plain(letter) for letter in target.name or str(target)))
    try:
        with target.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as problem:
        raise FileFormatError(f"{name} cannot be read: {problem.strerror}") from None
    if len(raw) > MAX_BYTES:
        raise FileFormatError(f"{name} is larger than {MAX_BYTES} bytes, the most that a measurement file may have")
    return parse_measurements(raw, name)


def _plain(letter: str) -> str:
    """The letter of a file's name; a question mark for one that is not printed, or that leads into a folder."""
    return letter if letter.isprintable() and letter != "\\" else "?"


def parse_measurements(raw: bytes, name: str = "the measurements") -> Measurements:
    r"""The measurements in the bytes of a CSV file; `name` names it in errors.

    >>> parse_measurements(b"device,network,latency_ms\nmine,alexnet,20\n").rows[0].latency_s
    0.02
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise FileFormatError(f"{name} must be UTF-8 text, and byte {problem.start} is not") from None
    lines = _lines(text, name)
    if not lines:
        raise FileFormatError(f"{name} is empty; it must hold a header and rows of measurements")
    header, latency = _header(lines[0][1], name)
    if len(lines) == 1:
        raise FileFormatError(f"{name} holds a header and no measurement")
    rows = tuple(_row(line, header, latency, cells, name) for line, cells in lines[1:])
    return Measurements(name, hashlib.sha256(raw).hexdigest(), rows)


def named_setup(cells: Mapping[str, str]) -> Setup:
    """The setup of columns that stand in no file; raises `CalibrationError` for what no file could have.

    >>> named_setup({"threads": "4 (big)", "device": "mine"})
    (('device', 'mine'), ('threads', '4'))
    """
    if strange := [column for column in cells if column not in SETUP_COLUMNS]:
        raise UnknownNameError("column of a setup", strange[0], SETUP_COLUMNS)
    try:
        _check_lengths(cells, "the setup")
        return _setup({column: cell.strip() for column, cell in cells.items()}, "the setup")
    except FileFormatError as problem:
        raise CalibrationError(str(problem)) from None


def _lines(text: str, name: str) -> list[tuple[int, list[str]]]:
    """(line number, cells) of each line that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as problem:
        raise FileFormatError(f"{name}, line {reader.line_num}, is not valid CSV: {problem}") from None


def _header(cells: Sequence[str], name: str) -> tuple[list[str], str]:
    """The names of the columns, and the one that holds the time."""
    header = [cell.strip() for cell in cells]
    if len(header) > MAX_COLUMNS:
        raise FileFormatError(f"{name} must have at most {MAX_COLUMNS} columns (got {len(header)})")
    repeated = [column for column, count in Counter(header).items() if column and count > 1]
    if repeated:
        raise FileFormatError(f"{name} has two columns named {shorten(repr(repeated[0]))}; each must have its own name")
    has = f"(it has: {shorten(', '.join(header), 120)})"
    if "device" not in header:
        raise FileFormatError(f"{name} lacks the column 'device' {has}")
    if "network" not in header and "layer" not in header:
        raise FileFormatError(f"{name} lacks the column 'network', or 'layer' with 'input_shape' {has}")
    if "layer" in header and "input_shape" not in header:
        raise FileFormatError(f"{name} has a column 'layer' and lacks the column 'input_shape' {has}")
    for latency in LATENCY_COLUMNS:
        if latency in header:
            return header, latency
    raise FileFormatError(f"{name} lacks the column 'latency_ms' or 'latency_min_ms' {has}")


def _row(line: int, header: Sequence[str], latency: str, cells: Sequence[str], name: str) -> Row:
    """A checked row."""
    where = f"{name}, line {line}"
    if len(cells) != len(header):
        raise FileFormatError(f"{where}: a row must have {len(header)} cells, as the header has (got {len(cells)})")
    values = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
    _check_lengths(values, where)
    if not values.get("network") and not values.get("layer"):
        raise FileFormatError(f"{where}: 'network' must not be empty")
    for column in ("width", "resolution"):
        if values.get(column):
            _positive(column, values[column], where, whole=column != "width")
    setup = _setup(values, where)
    milliseconds = _positive(latency, values[latency], where)
    if not _LATENCY_RANGE_MS[0] <= milliseconds <= _LATENCY_RANGE_MS[1]:
        low, high = _LATENCY_RANGE_MS
        raise FileFormatError(
            f"{where}: '{latency}' must lie between {low:g} and {high:g} milliseconds (got {milliseconds:g})"
        )
    return Row(line, setup, _key(values), milliseconds / 1000, values)


def number(cell: str) -> float | None:
    """The number in a cell; None where there is none.

    >>> number("2.5"), number("nan"), number("")
    (2.5, None, None)
    """
    value = float(cell) if _NUMBER.fullmatch(cell) else math.inf
    return value if value < math.inf else None


def _positive(column: str, cell: str, where: str, *, whole: bool = False) -> float:
    """The cell as a positive, finite number."""
    value = float(cell) if _NUMBER.fullmatch(cell) else math.nan
    if not 0 < value < math.inf or (whole and value != int(value)):
        kind = "integer" if whole else "number"
        raise FileFormatError(f"{where}: '{column}' must be a positive {kind} (got {shorten(repr(cell))})")
    return value


def _check_lengths(values: Mapping[str, str], where: str) -> None:
    for column, cell in values.items():
        if len(cell) > _MAX_CELL:
            raise FileFormatError(f"{where}: '{column}' must have at most {_MAX_CELL} characters (got {len(cell)})")


def _setup(values: Mapping[str, str], where: str) -> Setup:
    """The setup that a row with these cells is of."""
    if not values["device"]:
        raise FileFormatError(f"{where}: 'device' must not be empty")
    if values.get("batch"):
        _positive("batch", values["batch"], where, whole=True)
    threads = _setup_value("threads", values.get("threads", ""))
    if re.fullmatch(r"\d+", threads, re.ASCII) and int(threads) > MAX_THREADS:
        raise FileFormatError(f"{where}: 'threads' must be at most {MAX_THREADS} (got {shorten(values['threads'])})")
    return tuple((column, _setup_value(column, values[column])) for column in SETUP_COLUMNS if column in values)


def _key(values: Mapping[str, str]) -> Key:
    """What a row with these cells measures."""
    if values.get("layer"):
        return (values["layer"], values["input_shape"])
    return tuple(_canonical(values.get(column, "")) for column in ("network", "width", "resolution"))


def _canonical(cell: str) -> str:
    """The cell, a number in one way of writing it: 0.50 as 0.5."""
    return f"{float(cell):.12g}" if _NUMBER.fullmatch(cell) else cell


def _setup_value(column: str, cell: str) -> str:
    """The cell, a thread count as its leading integer."""
    if column == "threads":
        leading = re.match(r"0*(\d{1,9})", cell.strip(), re.ASCII)
        return str(int(leading[1])) if leading else cell.strip()
    return cell.strip()


def _pairs(wanted: Mapping[str, str]) -> str:
    return ", ".join(f"{column} {shorten(repr(value), 40)}" for column, value in wanted.items())
