"""The file of a sweep, by its suffix."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import Final, Protocol

from costmodel.errors import FileFormatError, shorten
from costmodel.sizing.sweeps import csv_output, parquet_output
from costmodel.sizing.sweeps.blocks import Answer, Encode, Encoded, Swept
from costmodel.sizing.sweeps.csv_output import CsvOutput
from costmodel.sizing.sweeps.manifest import Manifest
from costmodel.sizing.sweeps.parquet_output import ParquetOutput
from costmodel.sizing.sweeps.parquet_part import arrow_module, guessed_types

BLOCKS: Final = {".csv": csv_output.BLOCK, ".parquet": parquet_output.BLOCK}
"""Configurations in a block, by the suffix of the file."""


class Output(Protocol):
    """Rows on the disk, with the manifest that counts them; held by this process alone until it is closed."""

    name: str
    path: Path
    front_path: Path
    """Where the front of what is done outlives the process."""
    manifest: Manifest
    encode: Encode

    def append(self, answer: Answer, encoded: Encoded) -> None:
        """Write the rows of the next block, and then that they are there."""

    def finish(self, pareto: int | None) -> None:
        """Say that all rows are there, and how many of them are on the Pareto front."""

    def close(self) -> None:
        """Let other processes write."""


def output_path(output: str | os.PathLike[str]) -> Path:
    """The path of an output; raises `FileFormatError` where its suffix names no format."""
    text = os.fspath(output)
    if PurePath(text).suffix.lower() not in BLOCKS or "\0" in text:
        raise FileFormatError(
            f"the file of a sweep must end in .csv, or in .parquet for a folder of Parquet files "
            f"(got {shorten(repr(text))})"
        )
    return Path(text)


def opened(path: Path, wanted: Manifest, compiled: Swept, *, overwrite: bool) -> Output:
    """The rows that are there, to be gone on with; new ones where there are none, or they are to be overwritten."""
    names = (*compiled.parameters, *compiled.costs)
    if path.suffix.lower() == ".csv":
        return CsvOutput(path, wanted, names, overwrite=overwrite)
    arrow_module()
    types = guessed_types(compiled)
    return ParquetOutput(path, wanted.model_copy(update={"types": types}), overwrite=overwrite)
