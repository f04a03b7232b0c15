"""The rows of a sweep in a folder of Parquet files, one for each block; needs the extra `parquet`."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from costmodel.errors import FileFormatError, shorten
from costmodel.files import locked, reason
from costmodel.sizing.sweeps.blocks import Answer, Encode, Encoded
from costmodel.sizing.sweeps.manifest import DIFFERENT, Manifest, check_same, read_manifest, write_manifest
from costmodel.sizing.sweeps.parquet_part import ParquetEncode, joined, widened

BLOCK: Final = 1 << 20
"""Configurations in a block, whose rows are a file."""
MANIFEST: Final = "_manifest.json"
"""Readers of Parquet folders leave out files whose names begin with an underscore."""
FRONT: Final = "_front.npz"
_OURS: Final = re.compile(r"part-\d{6,}\.parquet|\.part-\d{6,}\.parquet\.tmp|_manifest\.json|_front\.npz|\..*\.tmp")


class ParquetOutput:
    """A folder of `part-NNNNNN.parquet` and its manifest, held by this process alone until it is closed.

    Raises `FileFormatError` for a folder that holds anything else, that is another sweep's, or is being written.
    """

    def __init__(self, path: Path, wanted: Manifest, *, overwrite: bool = False) -> None:
        self.path = path
        self.name = shorten(path.name)
        self.front_path = path / FRONT
        self._descriptor = self._open()
        try:
            self.manifest = self._resumed(wanted, overwrite=overwrite)
        except OSError as problem:
            self.close()
            raise FileFormatError(f"{self.name} cannot be written: {reason(problem)}") from None
        except BaseException:
            self.close()
            raise
        self.encode: Encode = ParquetEncode(self.manifest.types)

    def append(self, answer: Answer, encoded: Encoded) -> None:
        """Write the rows of the next block, and then that they are there."""
        done = self.manifest
        types = joined(done.types, encoded.types)
        has_older = encoded.types != types or (types != done.types and done.blocks_done > 0)
        try:
            self._write(self._part(done.blocks_done), encoded.data)
            self._record(done.after(answer, types=types, has_older_types=done.has_older_types or has_older))
        except (OSError, FileFormatError) as problem:
            raise self._stopped(problem) from None

    def finish(self, pareto: int | None) -> None:
        """Give all files the same types; then say that all rows are there, and how many are on the Pareto front."""
        try:
            if self.manifest.has_older_types:
                for number in range(self.manifest.blocks_done):
                    self._widen(self._part(number))
            changes = {"has_older_types": False, "pareto": pareto, "is_finished": True}
            self._record(self.manifest.model_copy(update=changes))
        except (OSError, FileFormatError) as problem:
            raise self._stopped(problem) from None

    def close(self) -> None:
        """Let other processes write the folder."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self) -> int:
        try:
            self.path.mkdir(exist_ok=True)
            # Only where folders can be opened can they be locked and synced.
            descriptor = os.open(self.path, os.O_RDONLY) if os.name == "posix" else -1
        except (OSError, ValueError) as problem:
            what = "it is no folder" if isinstance(problem, FileExistsError) else reason(problem)
            raise FileFormatError(f"{self.name} cannot be made a folder of Parquet files: {what}") from None
        if descriptor >= 0 and not locked(descriptor):
            os.close(descriptor)
            raise FileFormatError(f"{self.name} is being written by another process; wait for it, or end it")
        return descriptor

    def _resumed(self, wanted: Manifest, *, overwrite: bool) -> Manifest:
        """The manifest of the files that are there, or a new one; what a sweep left uncounted is removed."""
        manifest_path = self.path / MANIFEST
        names = {each.name for each in self.path.iterdir()}
        others = sorted(name for name in names if not _OURS.fullmatch(name))
        if others:
            raise FileFormatError(
                f"{self.name} has other files than those of a sweep ({shorten(others[0])}); write to another folder"
            )
        found = None if overwrite else read_manifest(manifest_path)
        if found is None and not overwrite and any(name.startswith("part-") for name in names):
            raise FileFormatError(
                f"{self.name} has files already, and without {MANIFEST} nobody knows of what sweep; {DIFFERENT}"
            )
        if found is not None:
            check_same(found, wanted, self.name)
        manifest = found or wanted
        kept = {self._part(number).name for number in range(manifest.blocks_done)} | {MANIFEST, FRONT}
        if not kept - {MANIFEST, FRONT} <= names:
            missing = min(kept - {MANIFEST, FRONT} - names)
            raise FileFormatError(f"{self.name} has lost {missing} since its sweep wrote it; {DIFFERENT}")
        if found is None:
            # Without its manifest, a folder that is half emptied holds no sweep.
            kept = set()
        for name in sorted(names - kept, key=lambda name: name != MANIFEST):
            (self.path / name).unlink()
        if found is None:
            write_manifest(manifest_path, manifest)
        return manifest

    def _part(self, number: int) -> Path:
        return self.path / f"part-{number:06d}.parquet"

    def _widen(self, path: Path) -> None:
        """Write a file anew where its columns have other types than the sweep."""
        before = path.read_bytes()
        after = widened(before, self.manifest.types)
        if after != before:
            self._write(path, after)

    def _write(self, path: Path, data: bytes) -> None:
        """Put a file there, whole or not at all."""
        temporary = path.with_name(f".{path.name}.tmp")
        try:
            with temporary.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        if self._descriptor >= 0:
            os.fsync(self._descriptor)

    def _record(self, manifest: Manifest) -> None:
        """Put a changed manifest there."""
        write_manifest(self.path / MANIFEST, manifest)
        self.manifest = manifest

    def _stopped(self, problem: OSError | FileFormatError) -> FileFormatError:
        why = reason(problem) if isinstance(problem, OSError) else str(problem)
        return FileFormatError(
            f"{self.name} could not be written on ({why}); its first {self.manifest.blocks_done:,} files are whole, "
            "and the same sweep goes on with them"
        )
