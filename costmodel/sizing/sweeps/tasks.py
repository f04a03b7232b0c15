"""The four things that become of a sweep's rows: all of them or their Pareto front, in memory or in a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from costmodel.sizing.sweeps.blocks import (
    Answer,
    Block,
    Column,
    Encode,
    Job,
    Objectives,
    Swept,
    blocks,
    columns,
    costs_at,
    kept,
)
from costmodel.sizing.sweeps.outputs import Output
from costmodel.sizing.sweeps.running import running
from costmodel.sizing.sweeps.tally import Tally, TallyFile

Progress = Callable[[int, int], None]
"""Is told how many configurations are done, and how many there are."""


@dataclass(frozen=True)
class Outcome:
    """What became of the configurations."""

    rows: int
    left_out: int
    first_left_out: int | None
    pareto: int | None
    resumed: int = 0
    table: Mapping[str, Column] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """A sweep, and all that was asked of it but where its rows go."""

    compiled: Swept
    objectives: Objectives
    block: int
    workers: int = 1
    client: Any = None
    progress: Progress | None = None

    def in_memory(self) -> Outcome:
        """All rows as columns."""
        tally, parts = Tally(self.objectives.front()), list[tuple[Column, ...]]()

        def take(answer: Answer) -> None:
            tally.take(answer)
            if answer.encoded is not None:
                parts.append(answer.encoded.columns)

        self._each(0, self.compiled.size, self.block, kept, take)
        return self._table(tally, [np.concatenate(each) for each in zip(*parts, strict=True)])

    def front_in_memory(self) -> Outcome:
        """The rows of the front as columns."""
        tally = Tally(self.objectives.front(), is_asked=True)
        self._each(0, self.compiled.size, self.block, None, tally.take)
        return self._table(tally, self._front_columns(tally))

    def into(self, file: Output) -> Outcome:
        """All rows into a file, from where it is."""
        size, block, resumed = self.compiled.size, file.manifest.block, file.manifest.done
        saved = TallyFile(file.front_path, self._key)
        if file.manifest.is_finished:
            saved.remove()
            return _in_file(file, size)
        tally = saved.load(Tally(self.objectives.front()))
        if tally.front is not None:
            self._each(tally.done, resumed, block, None, tally.take)

        def take(answer: Answer) -> None:
            if answer.encoded is not None:
                file.append(answer, answer.encoded)
            tally.take(answer)
            saved.save_now_and_then(tally)

        self._each(resumed, size, block, file.encode, take)
        file.finish(tally.pareto)
        saved.remove()
        return _in_file(file, resumed)

    def front_into(self, file: Output) -> Outcome:
        """The rows of the front into a file, which is written at the end."""
        size = self.compiled.size
        saved = TallyFile(file.front_path, self._key)
        if file.manifest.is_finished:
            saved.remove()
            return _in_file(file, size)
        tally = saved.load(Tally(self.objectives.front(), is_asked=True))
        resumed = tally.done

        def take(answer: Answer) -> None:
            tally.take(answer)
            saved.save_now_and_then(tally)

        self._each(resumed, size, self.block, None, take)
        if not file.manifest.blocks_done:
            found = self._front_columns(tally)
            answer = Answer(Block(0, size), len(found[0]), tally.left_out, tally.first_left_out)
            file.append(answer, file.encode(self._names, found))
        file.finish(file.manifest.rows)
        saved.remove()
        return _in_file(file, resumed)

    @property
    def _names(self) -> tuple[str, ...]:
        return (*self.compiled.parameters, *self.compiled.costs)

    @property
    def _key(self) -> str:
        return f"{self.compiled.fingerprint} {self.objectives}"

    def _each(self, start: int, stop: int, block: int, encode: Encode | None, take: Callable[[Answer], None]) -> None:
        """Take the answers for the configurations start to stop - 1, in order."""
        job = Job(self.compiled, encode, self.objectives)
        if start >= stop:
            return
        workers = min(self.workers, -(-(stop - start) // block))
        with running(job, blocks(start, stop, block), workers, self.client) as answers:
            for answer in answers:
                take(answer)
                if self.progress is not None:
                    self.progress(answer.block.stop, self.compiled.size)

    def _front_columns(self, tally: Tally) -> list[Column]:
        """The parameters and costs of the front's rows."""
        rows = np.empty(0, np.int64) if tally.front is None else tally.front.rows
        return columns(self.compiled, rows, costs_at(self.compiled, rows))

    def _table(self, tally: Tally, found: list[Column]) -> Outcome:
        table = dict(zip(self._names, found, strict=True))
        return Outcome(len(found[0]), tally.left_out, tally.first_left_out, tally.pareto, table=table)


def _in_file(file: Output, resumed: int) -> Outcome:
    """What the manifest says."""
    done = file.manifest
    return Outcome(done.rows, done.left_out, done.first_left_out, done.pareto, resumed)
