"""How far a sweep is: a small file beside its rows, with which a sweep that was killed goes on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from costmodel.errors import FileFormatError, shorten
from costmodel.files import read_text, write_whole
from costmodel.sentences import one_sentence
from costmodel.sizing.sweeps.blocks import Answer

MAX_BYTES: Final = 1 << 20
"""No manifest is larger."""
ROWS: Final = "rows"
"""What of a sweep says which configurations become rows; all else that decides them is in the fingerprint."""
DIFFERENT: Final = "write to another file, or overwrite this one"


class Manifest(BaseModel):
    """What a sweep is of, and which of its rows are on the disk.

    Rows count only when the manifest says so, and it says so when they are synced: what is behind them in the file was
    being written when the sweep was killed, and is cut off.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal["costmodel sweep"] = "costmodel sweep"
    version: Literal[1] = 1
    fingerprint: str
    """A digest of all that decides the rows."""
    sweep: dict[str, str]
    """What the sweep is of, to be compared and read."""
    configurations: int
    block: int
    """Configurations in a block."""
    blocks_done: int = 0
    rows: int = 0
    """Those that are written."""
    left_out: int = 0
    """Configurations of the blocks that are done that cannot be built."""
    first_left_out: int | None = None
    """The first of them."""
    bytes_done: int = 0
    crc32: int = 0
    """Of a CSV file: the checksum of these bytes."""
    types: tuple[str, ...] = ()
    """Of Parquet files: those of the columns."""
    has_older_types: bool = False
    """Of Parquet files: whether some have other types still."""
    pareto: int | None = None
    is_finished: bool = False

    @property
    def done(self) -> int:
        """Configurations that are done."""
        return min(self.blocks_done * self.block, self.configurations)

    def after(self, answer: Answer, **changes: object) -> Manifest:
        """The manifest once the rows of one more block are there."""
        done = {
            "blocks_done": self.blocks_done + 1,
            "rows": self.rows + answer.rows,
            "left_out": self.left_out + answer.left_out,
            "first_left_out": answer.first_left_out if self.first_left_out is None else self.first_left_out,
        }
        return self.model_copy(update=done | changes)


def read_manifest(path: Path) -> Manifest | None:
    """The manifest in a file; none where there is no file."""
    if not path.exists():
        return None
    name = shorten(path.name)
    text = read_text(path, name, "manifest", MAX_BYTES)
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as problem:
        raise FileFormatError(f"{name} is no manifest of a sweep: {one_sentence(problem)}; {DIFFERENT}") from None


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Put the manifest in the place of the one before, whole or not at all."""
    write_whole(path, manifest.model_dump_json(indent=1) + "\n")


def clear_unfinished(path: Path) -> None:
    """Remove what a killed process was writing in the place of this file."""
    for each in path.parent.iterdir():
        if each.name.startswith(f".{path.name}.") and each.suffix == ".tmp":
            with suppress(OSError):
                each.unlink()


def check_same(found: Manifest, wanted: Manifest, name: str) -> None:
    """Raise `FileFormatError`, naming what differs, for the manifest of another sweep."""
    if found.fingerprint == wanted.fingerprint and found.sweep.get(ROWS) == wanted.sweep.get(ROWS):
        return
    difference = _difference(found.sweep, wanted.sweep)
    if difference is None and found.configurations != wanted.configurations:
        difference = f"it has {found.configurations:,} configurations, and not {wanted.configurations:,}"
    if difference is None:
        difference = "the costs of its network or device are others"
    raise FileFormatError(f"{name} holds another sweep: {difference}; {DIFFERENT}")


def _difference(found: Mapping[str, str], wanted: Mapping[str, str]) -> str | None:
    """The first thing in which two sweeps differ."""
    for key in dict.fromkeys((*wanted, *found)):
        was, now = found.get(key, "nothing"), wanted.get(key, "nothing")
        if was != now:
            return f"its {shorten(key)} is {shorten(was)}, and not {shorten(now)}"
    return None
