"""The file of a search: lines of Optuna's journal, of which nothing is read but places of values."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Mapping
from io import RawIOBase
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from costmodel.errors import FileFormatError, shorten
from costmodel.files import locked, reason
from costmodel.sizing.searches.history import Places

NAME: Final = "costmodel"
"""The name of a study, and of the attribute that says what it is of."""
MAX_BYTES: Final = 1 << 30
"""A larger file is not gone on with."""
CREATE_STUDY, SET_USER_ATTRIBUTE, CREATE_TRIAL = 0, 2, 4
"""Operations of Optuna's journal."""
OTHER: Final = "write to another file"
PlacesOf: TypeAlias = Callable[[Mapping[str, object]], list[int]]
"""The places of a trial's values as the journal has them; raises ValueError where an axis has no such value."""


class StudyFile:
    """A file of lines that one process writes at a time."""

    def __init__(self, path: Path) -> None:
        self.name = shorten("".join(letter if letter.isprintable() else "?" for letter in path.name or str(path)))
        try:
            self._stream: RawIOBase = path.open("a+b", buffering=0)
        except (OSError, ValueError) as problem:
            raise FileFormatError(f"{self.name} cannot be written: {reason(problem)}") from None
        if not stat.S_ISREG(os.fstat(self._stream.fileno()).st_mode):
            self._stream.close()
            raise FileFormatError(f"{self.name} cannot be written: it is no regular file")
        if not locked(self._stream.fileno()):
            self._stream.close()
            raise FileFormatError(f"{self.name} is being written by another process; wait for it, or end it")

    def read(self) -> bytes:
        """The whole lines; a line that was never finished is cut off."""
        self._stream.seek(0)
        parts, size = [], 0
        while part := self._stream.read(min(1 << 20, MAX_BYTES + 1 - size)):
            parts.append(part)
            size += len(part)
            if size > MAX_BYTES:
                raise FileFormatError(f"{self.name} is larger than {MAX_BYTES} bytes; {OTHER}")
        raw = b"".join(parts)
        whole = raw[: raw.rfind(b"\n") + 1]
        if raw and not (whole or raw.startswith(b'{"op_code":0,')):
            raise FileFormatError(f"{self.name} is no study of a search; {OTHER}")
        if whole.count(b"\n") == 1 and b'"study_name":"costmodel"' in whole:  # killed between its first two lines
            whole = b""
        if len(whole) < len(raw):
            self._stream.truncate(len(whole))
        return whole

    def append(self, lines: bytes) -> None:
        """Write lines, and wait until they are on the disk."""
        while lines:
            try:
                written = self._stream.write(lines)
                os.fsync(self._stream.fileno())
            except OSError as problem:
                raise FileFormatError(f"{self.name} cannot be written: {reason(problem)}") from None
            lines = lines[written or 0 :]

    def close(self) -> None:
        """Let others write the file."""
        self._stream.close()


def configurations(whole: bytes, name: str, attribute: Mapping[str, str], places_of: PlacesOf) -> Places:
    """The configurations of a file of the search that this attribute is of."""
    lines = whole.decode("utf-8", errors="replace").split("\n")[:-1]
    first, second = (_parsed(line, name, number) for number, line in enumerate([*lines, "", ""][:2], 1))
    if first.get("op_code") != CREATE_STUDY or second.get("op_code") != SET_USER_ATTRIBUTE:
        raise FileFormatError(f"{name} is no study of a search; {OTHER}")
    if second.get("user_attr") != attribute:
        raise FileFormatError(
            f"{name} is of another search: family, axes, budgets, objective, device and seed must be the same; {OTHER}"
        )
    rows = [_trial(_parsed(line, name, number), name, number, places_of) for number, line in enumerate(lines[2:], 3)]
    if len({*map(tuple, rows)}) < len(rows):
        raise FileFormatError(f"{name} has a configuration twice; {OTHER}")
    return np.array(rows, dtype=np.int64).reshape(len(rows), -1 if rows else 0)


def _parsed(line: str, name: str, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise FileFormatError(f"{name}, line {number} is no line of a study; {OTHER}")
    return found


def _trial(line: dict[str, Any], name: str, number: int, places_of: PlacesOf) -> list[int]:
    """The places of a trial's values."""
    params = line.get("params")
    if line.get("op_code") != CREATE_TRIAL or not isinstance(params, dict):
        raise FileFormatError(f"{name}, line {number} must be a trial with its parameters; {OTHER}")
    try:
        return places_of(params)
    except ValueError as problem:
        raise FileFormatError(f"{name}, line {number}: {problem}; {OTHER}") from None
