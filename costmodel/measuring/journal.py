"""A file of rows that grows line by line, and that a later run goes on with."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Mapping, Sequence
from io import RawIOBase
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from costmodel.errors import FileFormatError, shorten
from costmodel.files import locked

MAX_BYTES: Final = 64 * 1024 * 1024
"""A larger file is not gone on with."""


class Journal:
    r"""CSV rows that are on the disk as soon as they are known, each whole: a line is written at once or not at all.

    A file that ends within a line, because its writer was killed, is cut back to its last whole line and gone on with.
    Raises `FileFormatError` for a file that holds anything else than rows with these columns.

    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "rows.csv"
    >>> with Journal(path, ("what", "ms"), lambda cells: (cells["what"],)) as journal:
    ...     journal.append({"what": "conv", "ms": "2"})
    >>> _ = path.write_bytes(path.read_bytes() + b"half a l")
    >>> with Journal(path, ("what", "ms"), lambda cells: (cells["what"],)) as journal:
    ...     ("conv",) in journal, path.read_text()
    (True, 'what,ms\nconv,2\n')
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        columns: Sequence[str],
        key: Callable[[Mapping[str, str]], tuple[str, ...]],
    ) -> None:
        self.path = Path(path)
        self.columns = tuple(columns)
        self._key = key
        name = self.path.name or str(self.path)
        self._name = shorten("".join(letter if letter.isprintable() else "?" for letter in name))
        self._stream = self._open()
        try:
            self.rows = self._recover()
        except BaseException:
            self._stream.close()
            raise
        self._keys = {key(row) for row in self.rows}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __len__(self) -> int:
        return len(self.rows)

    def append(self, row: Mapping[str, str]) -> None:
        """Write a row."""
        self._write([row[column] for column in self.columns])
        self.rows.append(dict(row))
        self._keys.add(self._key(row))

    def _open(self) -> RawIOBase:
        """The file, made where there is none; what is in it stays."""
        try:
            stream = self.path.open("a+b", buffering=0)
        except OSError as problem:
            raise FileFormatError(f"{self._name} cannot be written: {problem.strerror or problem}") from None
        if not locked(stream.fileno()):
            stream.close()
            raise FileFormatError(f"{self._name} is being written by another process; wait for it, or end it")
        return stream

    def _recover(self) -> list[dict[str, str]]:
        """The rows that the file has, after cutting off a line that was never finished."""
        self._stream.seek(0)
        raw = self._stream.read(MAX_BYTES + 1) or b""
        if len(raw) > MAX_BYTES:
            raise FileFormatError(f"{self._name} is larger than {MAX_BYTES} bytes; write to another file")
        whole = raw[: raw.rfind(b"\n") + 1]
        header = self._line(self.columns)
        if not whole and not header.startswith(raw):
            raise FileFormatError(f"{self._name} is no file of measurements; write to another file")
        rows = self._parsed(whole) if whole else []
        if len(whole) < len(raw):
            self._stream.truncate(len(whole))
        if not whole:
            self._write(self.columns)
        return rows

    def _parsed(self, raw: bytes) -> list[dict[str, str]]:
        """The rows in whole lines, the first of which must be the header."""
        try:
            lines = list(csv.reader(io.StringIO(raw.decode("utf-8"), newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error):
            raise FileFormatError(f"{self._name} is not CSV in UTF-8; write to another file") from None
        if tuple(lines[0]) != self.columns:
            raise FileFormatError(
                f"{self._name} has other columns than those that are written here; write to another file"
            )
        for number, cells in enumerate(lines, start=1):
            if len(cells) != len(self.columns):
                raise FileFormatError(
                    f"{self._name}, line {number}: a row must have {len(self.columns)} cells (got {len(cells)}); "
                    "take the line out, or write to another file"
                )
        return [dict(zip(self.columns, cells, strict=True)) for cells in lines[1:]]

    def _write(self, cells: Sequence[str]) -> None:
        """One line, in one call of the system."""
        line = self._line(cells)
        if self._stream.write(line) != len(line):
            raise FileFormatError(f"{self._name} could not be written to its end; is the disk full?")

    @staticmethod
    def _line(cells: Sequence[str]) -> bytes:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(cells)
        return text.getvalue().encode("utf-8", errors="replace")
