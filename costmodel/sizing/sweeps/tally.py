"""The Pareto front of what a sweep has done so far, and a file in which it outlives the process."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Final
from zipfile import BadZipFile

import numpy as np

from costmodel.errors import SizingError
from costmodel.sizing.fronts.front import Front
from costmodel.sizing.sweeps.blocks import Answer

SAVE_EVERY_S: Final = 5.0
"""How much of the work on a front is lost at most when it is killed, once a block is done."""
MOST: Final = 10_000_000
"""Rows of a front that is kept."""
MAX_BYTES: Final = 1 << 30
"""No front that is gone on with is larger."""


@dataclass
class Tally:
    """What is known of the first `done` configurations."""

    front: Front | None
    done: int = 0
    left_out: int = 0
    first_left_out: int | None = None
    is_asked: bool = False
    """Whether the front was asked for, and is not only counted."""
    merged: int = 0
    """Points that came, at least as many as there are on the front."""

    def take(self, answer: Answer) -> None:
        """Take the next block into account."""
        if self.front is not None and answer.front is not None:
            self.front.merge(answer.front)
            self.merged += len(answer.front)
            if self.merged > MOST:
                self._check(len(self.front))
        self.done = answer.block.stop
        self.left_out += answer.left_out
        if self.first_left_out is None:
            self.first_left_out = answer.first_left_out

    def _check(self, count: int) -> None:
        """Give up a front that does not fit into memory: raise where it was asked for, else count it no more."""
        self.merged = count
        if count <= MOST:
            return
        if self.is_asked:
            raise SizingError(
                f"more than {MOST:,} configurations are on the front, which is kept in memory; many have equal costs, "
                "or there are many costs: give fewer of them, or fewer values"
            )
        self.front = None

    @property
    def pareto(self) -> int | None:
        """How many rows are on the front, if there is one."""
        return None if self.front is None else len(self.front)


class TallyFile:
    """A file from which a sweep knows its front when it goes on; `key` says of which front."""

    def __init__(self, path: Path, key: str) -> None:
        self.path = path
        self._key = key
        self._saved_s = monotonic()

    def save_now_and_then(self, tally: Tally) -> None:
        """Save the tally, if the last time is long ago.

        Without the file a sweep makes its front anew, so it is no harm where this fails.
        """
        if tally.front is None or monotonic() - self._saved_s < SAVE_EVERY_S:
            return
        first = -1 if tally.first_left_out is None else tally.first_left_out
        counts = np.array([tally.done, tally.left_out, first])
        temporary = self.path.with_name(f".{self.path.name}.tmp")
        with suppress(OSError):
            with temporary.open("wb") as stream:
                front = tally.front
                np.savez(stream, rows=front.rows, costs=front.costs, counts=counts, key=np.array(self._key))
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(self.path)
        self._saved_s = monotonic()

    def load(self, empty: Tally) -> Tally:
        """The tally that was saved; the empty one where there is none of this front."""
        if empty.front is None:
            return empty
        front = Front(len(empty.front.maximize), empty.front.maximize)
        try:
            if self.path.stat().st_size > MAX_BYTES:
                return empty
            with self.path.open("rb") as stream, np.load(stream, allow_pickle=False) as found:
                if str(found["key"]) != self._key:
                    return empty
                front.add(found["rows"], found["costs"])
                done, left_out, first = (int(count) for count in found["counts"])
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return empty
        return replace(empty, front=front, done=done, left_out=left_out, first_left_out=None if first < 0 else first)

    def remove(self) -> None:
        """Forget the tally."""
        for path in (self.path, self.path.with_name(f".{self.path.name}.tmp")):
            with suppress(OSError):
                path.unlink(missing_ok=True)
