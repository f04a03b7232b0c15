"""Benchmark output of any known format, as one measurement file."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from costmodel.calibration.measurements import MAX_BYTES, SETUP_COLUMNS, Measurements, parse_measurements
from costmodel.collecting import mlperf_tiny, ncnn, onnxruntime, tflite, torch
from costmodel.collecting.rows import Format, Found, Row, Skipped, Source, cell
from costmodel.errors import FileFormatError, UnknownNameError, shorten
from costmodel.files import read_text, write_whole

FORMATS: Final[Mapping[str, Format]] = MappingProxyType({
    module.FORMAT.name: module.FORMAT for module in (ncnn, tflite, onnxruntime, torch, mlperf_tiny)
})  # fmt: skip
"""The formats that are read, by name."""

MAX_LINES: Final = 2_000_000
MAX_ROWS: Final = 200_000
MAX_SKIPPED: Final = 10_000
"""What a file may hold: more lines, rows, or what cannot be read are taken for a mistake."""

_FIRST_COLUMNS: Final = (*SETUP_COLUMNS, "loop_count", "runs", "network", "layer", "input_shape")
_MEASURED: Final = ("latency_ms", "latency_min_ms", "latency_max_ms", "latency_avg_ms", "latency_first_ms", "energy_mj")
_LAST_COLUMNS: Final = (*_MEASURED, "source")


@dataclass(frozen=True)
class Left:
    """What could not be read, where, and why."""

    source: str
    line: int | None
    reason: str


@dataclass(frozen=True)
class Collected:
    """The measurement file that was made: its text, its rows, and what is not in it."""

    text: str
    measurements: Measurements
    skipped: tuple[Left, ...]

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the measurement file, whole or not at all."""
        write_whole(path, self.text)


def read_source(path: str | os.PathLike[str]) -> Source:
    """A file of benchmark output; raises `FileFormatError` for one that is too large or no text."""
    target = Path(path)
    name = cell(target.name or target)
    text = read_text(target, shorten(name), "benchmark's output", MAX_BYTES)
    folders = [cell(part) for part in reversed(target.absolute().parent.parts)]
    return Source(name, tuple(folders), text)


def recognize(source: Source) -> Format:
    """The format of the text; raises `FileFormatError` where it has none of them, or signs of several."""
    found = [each for each in FORMATS.values() if each.recognizes(source)]
    if len(found) == 1:
        return found[0]
    titles = "; ".join(f"{each.name}: {each.title}" for each in found or FORMATS.values())
    what = "could be several formats" if found else "is none of the formats that are read"
    raise FileFormatError(f"{shorten(source.name)} {what}; name one with --format ({titles})")


def collect(
    sources: Iterable[Source],
    *,
    format_name: str | None = None,
    given: Mapping[str, str] | None = None,
    layers: bool = False,
) -> Collected:
    r"""The rows of all sources as one measurement file.

    `given` are cells of every row, such as the device or the network, in place of what a file tells once for all of
    its rows. With `layers` there is a row for each layer of a trace. What looks like a measurement and cannot be read
    is listed in the result. Raises `FileFormatError` where no row remains, and where one has no device or network.

    >>> page = "### My board\n        alexnet  min = 20.10  max = 20.90  avg = 20.40\n"
    >>> print(collect([Source("page.md", (), page)]).text)
    device,runtime,precision,batch,run_id,network,latency_min_ms,latency_max_ms,latency_avg_ms,source
    My board,ncnn,default_float,1,0,alexnet,20.1,20.9,20.4,page.md
    <BLANKLINE>
    """
    cells = _checked(given or {})
    if format_name is not None and format_name not in FORMATS:
        raise UnknownNameError("format of benchmark output", format_name, FORMATS)
    rows: list[dict[str, str]] = []
    skipped: list[Left] = []
    runs = 0
    for source in sources:
        if source.text.count("\n") > MAX_LINES:
            raise FileFormatError(
                f"{shorten(source.name)} has more than {MAX_LINES} lines: no benchmark prints so many"
            )
        form = FORMATS[format_name] if format_name else recognize(source)
        first_run = runs
        told: dict[str, set[str]] = {}
        for found in _reader(form, layers=layers)(source):
            if isinstance(found, Skipped):
                skipped.append(Left(source.name, found.line, found.reason))
            else:
                rows.append(_cells(found, first_run, cells, source))
                _check_given(source, cells, found.cells, told)
                runs = max(runs, first_run + (found.run or 0))
            _check_size(source, len(rows), len(skipped))
    if not rows:
        raise FileFormatError(_nothing(skipped))
    text = _text(rows)
    return Collected(text, parse_measurements(text.encode(), "what was collected"), tuple(skipped))


def _reader(form: Format, *, layers: bool) -> Callable[[Source], Iterator[Found]]:
    """What reads networks, or layers, from a format."""
    if not layers:
        return form.read
    if form.read_layers is None:
        raise FileFormatError(f"the format {form.name} tells no times of single layers; leave out --layers")
    return form.read_layers


def _checked(given: Mapping[str, str]) -> dict[str, str]:
    """Cells that a user gives: of any column but those of what was measured."""
    for column in given:
        if column.startswith(("latency", "energy")):
            raise FileFormatError(f"column {shorten(repr(column))} holds what was measured, and cannot be set")
    return {cell(column): cell(value, 2000) for column, value in given.items()}


def _cells(row: Row, first_run: int, given: Mapping[str, str], source: Source) -> dict[str, str]:
    """All cells of a row, of which the device and the network must be known."""
    run = {} if row.run is None else {"run_id": str(first_run + row.run)}
    cells = {**row.cells, **run, "source": source.name, **given}
    where = shorten(source.name) if row.line is None else f"{shorten(source.name)}, line {row.line}"
    if not cells.get("device"):
        raise FileFormatError(f"{where}: nothing says which device was measured; name it with --device NAME")
    if not cells.get("network") and not cells.get("layer"):
        raise FileFormatError(f"{where}: nothing says which network was measured; name it with --set network=NAME")
    return cells


def _check_given(source: Source, given: Mapping[str, str], own: Mapping[str, str], told: dict[str, set[str]]) -> None:
    """Refuse one cell for all rows where a file tells several apart by that column; `told` collects what it tells."""
    for column in given:
        if column in own:
            told.setdefault(column, set()).add(own[column])
        if len(told.get(column, ())) > 1:
            raise FileFormatError(
                f"{shorten(source.name)} tells {shorten(repr(column))} of each measurement itself, and it differs:"
                " it cannot be set for all"
            )


def _check_size(source: Source, rows: int, skipped: int) -> None:
    if rows > MAX_ROWS or skipped > MAX_SKIPPED:
        raise FileFormatError(
            f"{shorten(source.name)} holds more than {MAX_ROWS} measurements, or {MAX_SKIPPED} that cannot be read"
        )


def _nothing(skipped: Sequence[Left]) -> str:
    """The sentence for files without a row."""
    if not skipped:
        return "no measurement was found"
    first = skipped[0]
    where = shorten(first.source) if first.line is None else f"{shorten(first.source)}, line {first.line}"
    return f"no measurement could be read; {where}: {first.reason}"


def _text(rows: Sequence[dict[str, str]]) -> str:
    """The rows as CSV, with the columns that they have.

    Where some rows have a `latency_ms` and others only a mean beside their shortest time, the mean is theirs.
    """
    if any("latency_ms" in row for row in rows):
        rows = [row if "latency_ms" in row else row | {"latency_ms": row["latency_avg_ms"]} for row in rows]
    there = dict.fromkeys(column for row in rows for column in row if row[column])
    others = [column for column in there if column not in _FIRST_COLUMNS + _LAST_COLUMNS]
    columns = [column for column in (*_FIRST_COLUMNS, *others, *_LAST_COLUMNS) if column in there]
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
