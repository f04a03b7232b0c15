"""Blocks worked on by several processes, and their answers in order.

A process is started with Python's own command and talks through pipes: it imports neither the user's script nor SymPy,
ends when this process does, however that ends, and one that is killed costs the block that it had.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import Final, Protocol, Self, TypeVar

from costmodel.errors import SweepError
from costmodel.sizing.sweeps.blocks import Answer, Block, Job

ATTEMPTS: Final = 3
"""How many processes may be lost over one block."""
AHEAD: Final = 2
"""Blocks for each process that wait or are worked on: what is not yet written is bounded."""

A_co = TypeVar("A_co", covariant=True)
A = TypeVar("A")


class Pending(Protocol[A_co]):
    """An answer that comes later."""

    def result(self) -> A_co:
        """The answer, once it is there."""

    def cancel(self) -> object:
        """Nobody waits for it any more."""


def in_order(submit: Callable[[Block], Pending[A]], blocks: Iterable[Block], most: Callable[[], int]) -> Generator[A]:
    """The answers for the blocks in their order, with at most so many under way."""
    waiting: deque[Pending[A]] = deque()
    try:
        for block in blocks:
            while len(waiting) >= most():
                yield waiting.popleft().result()
            waiting.append(submit(block))
        while waiting:
            yield waiting.popleft().result()
    finally:
        for each in waiting:
            each.cancel()


class Crew:
    """So many processes that do a job's blocks."""

    def __init__(self, job: Job, count: int) -> None:
        self._job = pickle.dumps(job)
        self._count = count
        self._idle: SimpleQueue[_Worker | None] = SimpleQueue()
        for _ in range(count):
            self._idle.put(None)
        self._started: list[_Worker] = []
        self._threads = ThreadPoolExecutor(count)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._count = 0
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._end_all()
        self._threads.shutdown()
        self._end_all()  # one may have been started meanwhile

    def answers(self, blocks: Iterable[Block]) -> Generator[Answer]:
        """The answers for the blocks in their order."""
        return in_order(lambda block: self._threads.submit(self._ask, block), blocks, lambda: AHEAD * self._count)

    @property
    def process_ids(self) -> list[int]:
        """The processes that work now."""
        return [worker.process.pid for worker in self._started if worker.process.poll() is None]

    def _ask(self, block: Block) -> Answer:
        """A process's answer; a lost one is replaced."""
        for _ in range(ATTEMPTS):
            if not self._count:
                break
            worker = self._idle.get()
            try:
                worker = worker or self._start()
                answer = worker.answer(block)
            except (EOFError, OSError, pickle.UnpicklingError):
                if worker is not None:
                    worker.end()
                self._idle.put(None)
                continue
            self._idle.put(worker)
            if isinstance(answer, str):
                raise SweepError(answer)
            return answer
        raise SweepError(
            f"{ATTEMPTS} worker processes ended while they worked on the configurations {block.start:,} to "
            f"{block.stop - 1:,} (killed, or out of memory?); use fewer workers"
        )

    def _end_all(self) -> None:
        for worker in self._started:
            worker.end()

    def _start(self) -> _Worker:
        worker = _Worker(self._job)
        self._started.append(worker)
        return worker


class _Worker:
    """A process that does blocks, seen from outside."""

    def __init__(self, job: bytes) -> None:
        code = f"import sys; sys.path[:] = {sys.path!r}; from costmodel.sizing.sweeps.worker import main; main()"
        # In a group of its own, so that Ctrl-C is for this process alone, which then ends it.
        group = 0 if sys.platform != "win32" else None
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=group
        )
        self._job = job

    def answer(self, block: Block) -> Answer | str:
        """What it answers: a sentence where it refuses."""
        if self.process.stdin is None or self.process.stdout is None:
            raise EOFError
        self.process.stdin.write(self._job + pickle.dumps(tuple(block)))
        self.process.stdin.flush()
        self._job = b""
        answer: Answer | str = pickle.load(self.process.stdout)
        return answer

    def end(self) -> None:
        """End it now."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
