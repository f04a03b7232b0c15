"""The rows of a sweep in one CSV file, which is cut back to its last whole block before it is gone on with."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from zlib import crc32

from costmodel.errors import FileFormatError, shorten
from costmodel.files import locked, reason
from costmodel.sizing.sweeps.blocks import Answer, Column, Encode, Encoded
from costmodel.sizing.sweeps.csv_text import csv_header, csv_lines
from costmodel.sizing.sweeps.manifest import (
    DIFFERENT,
    Manifest,
    check_same,
    clear_unfinished,
    read_manifest,
    write_manifest,
)

BLOCK: Final = 1 << 18
"""Configurations in a block: some 10 MB of text, written and synced at once."""
_LINES: Final = 1 << 14
"""Rows that are made text together, in the processor's cache."""
_READ: Final = 1 << 20


def csv_encoded(_names: Sequence[str], columns: Sequence[Column]) -> Encoded:
    """The rows as lines."""
    parts = range(0, len(columns[0]), _LINES)
    return Encoded(b"".join(csv_lines([column[start : start + _LINES] for column in columns]) for start in parts))


class CsvOutput:
    """A CSV file and its manifest `NAME.manifest.json`, held by this process alone until it is closed.

    Raises `FileFormatError` for a file that is no sweep's, is another sweep's, was changed since, or is being written.
    """

    def __init__(self, path: Path, wanted: Manifest, columns: Sequence[str], *, overwrite: bool = False) -> None:
        self.path = path
        self.encode: Encode = csv_encoded
        self.name = shorten(path.name)
        self.manifest_path = path.with_name(f"{path.name}.manifest.json")
        self.front_path = path.with_name(f"{path.name}.front.npz")
        self._descriptor = self._open()
        try:
            if overwrite:
                for each in (self.manifest_path, self.front_path):
                    each.unlink(missing_ok=True)
                os.ftruncate(self._descriptor, 0)
            self.manifest = self._resumed(wanted, csv_header(columns))
        except OSError as problem:
            self.close()
            raise FileFormatError(f"{self.name} cannot be written: {reason(problem)}") from None
        except BaseException:
            self.close()
            raise

    def append(self, answer: Answer, encoded: Encoded) -> None:
        """Write the rows of the next block, and then that they are there."""
        done = self.manifest
        changes = {"bytes_done": done.bytes_done + len(encoded.data), "crc32": crc32(encoded.data, done.crc32)}
        self._write(encoded.data, done.after(answer, **changes))

    def finish(self, pareto: int | None) -> None:
        """Say that all rows are there, and how many of them are on the Pareto front."""
        self._write(b"", self.manifest.model_copy(update={"pareto": pareto, "is_finished": True}))

    def close(self) -> None:
        """Let other processes write the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self) -> int:
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        except (OSError, ValueError) as problem:
            raise FileFormatError(f"{self.name} cannot be written: {reason(problem)}") from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileFormatError(f"{self.name} cannot be written: it is no regular file")
        if not locked(descriptor):
            os.close(descriptor)
            raise FileFormatError(f"{self.name} is being written by another process; wait for it, or end it")
        return descriptor

    def _resumed(self, wanted: Manifest, header: bytes) -> Manifest:
        """The manifest of the rows that are there, behind which the file is cut off; a new one with its header."""
        clear_unfinished(self.manifest_path)
        found = read_manifest(self.manifest_path)
        size = os.fstat(self._descriptor).st_size
        if found is None and size:
            raise FileFormatError(
                f"{self.name} is there already, and without {shorten(self.manifest_path.name)} "
                f"nobody knows what sweep it is of; {DIFFERENT}"
            )
        if found is None or size == 0:
            self.manifest = wanted
            write_manifest(self.manifest_path, wanted)
            self._write(header, wanted.model_copy(update={"bytes_done": len(header), "crc32": crc32(header)}))
            return self.manifest
        check_same(found, wanted, self.name)
        if self._checksum(found.bytes_done) != found.crc32:
            raise FileFormatError(f"{self.name} was changed since its sweep wrote it; {DIFFERENT}")
        if size > found.bytes_done:
            os.ftruncate(self._descriptor, found.bytes_done)
        self.manifest = found
        if found.bytes_done == 0:
            self._write(header, found.model_copy(update={"bytes_done": len(header), "crc32": crc32(header)}))
        return self.manifest

    def _checksum(self, count: int) -> int | None:
        """The checksum of the first bytes; none where there are fewer."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        found = 0
        while count:
            piece = os.read(self._descriptor, min(count, _READ))
            if not piece:
                return None
            found = crc32(piece, found)
            count -= len(piece)
        return found

    def _write(self, data: bytes, manifest: Manifest) -> None:
        """Put the bytes behind those that are done, onto the disk, and then the manifest that counts them."""
        done = self.manifest.bytes_done
        try:
            os.lseek(self._descriptor, done, os.SEEK_SET)
            left = memoryview(data)
            while left:
                left = left[os.write(self._descriptor, left) :]
            os.fsync(self._descriptor)
            write_manifest(self.manifest_path, manifest)
        except (OSError, FileFormatError) as problem:
            with suppress(OSError):
                os.ftruncate(self._descriptor, done)
            why = reason(problem) if isinstance(problem, OSError) else str(problem)
            raise FileFormatError(
                f"{self.name} could not be written on ({why}); its first {self.manifest.rows:,} rows are whole, "
                "and the same sweep goes on with them"
            ) from None
        self.manifest = manifest
