"""Blocks worked on by the workers of a Dask cluster, and their answers in order; needs the extra `distributed`."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from typing import Any, Final
from uuid import uuid4

from costmodel.errors import MissingExtraError, SweepError, shorten
from costmodel.sizing.sweeps.blocks import Answer, Block, Job
from costmodel.sizing.sweeps.workers import AHEAD, in_order

ATTEMPTS: Final = 5
"""How often a block is sent anew where the cluster gives it up: it does so when four of its workers were lost."""


def cluster_answers(client: Any, job: Job, blocks: Iterable[Block]) -> Generator[Answer]:
    """The answers for the blocks in their order, from the workers of the cluster that a `distributed.Client` knows.

    A worker that is lost costs the blocks that it had, which others do; one that joins gets some.
    """
    run = uuid4().hex

    def submit(block: Block) -> _Pending:
        _must_run(client)
        return _Pending(client, job, block, f"costmodel-sweep-{run}-{block.start}")

    def most() -> int:
        _must_run(client)
        threads: int = sum(client.nthreads().values())
        return AHEAD * max(1, threads)

    with _told():
        yield from in_order(submit, blocks, most)


class _Pending:
    """A block that the cluster has, and an answer that comes later."""

    def __init__(self, client: Any, job: Job, block: Block, key: str) -> None:
        self._client, self._job, self._block, self._key = client, job, block, key
        self._future = self._submit(0)

    def result(self) -> Answer:
        from distributed import KilledWorker

        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer: Answer = self._future.result()
            except KilledWorker:
                if attempt == ATTEMPTS:
                    break
                self._future = self._submit(attempt)
            except RuntimeError:
                _must_run(self._client)
                raise
            else:
                return answer
        raise SweepError(
            f"the Dask cluster gave up the configurations {self._block.start:,} to {self._block.stop - 1:,} "
            f"{ATTEMPTS} times, with every worker that had them lost (out of memory?); use smaller blocks"
        )

    def cancel(self) -> object:
        with suppress(RuntimeError, OSError, TimeoutError, CancelledError):  # the client is closed, its loop too
            self._future.cancel()
        return None

    def _submit(self, attempt: int) -> Any:
        return self._client.submit(self._job, self._block, key=f"{self._key}-{attempt}", pure=False)


def _must_run(client: Any) -> None:
    """Raise where nothing more comes from the cluster; its client says so in several ways."""
    if client.status != "running":
        raise ConnectionError(f"its client is {client.status}")


@contextmanager
def _told() -> Iterator[None]:
    """Turn the loss of the cluster into a sentence."""
    try:
        yield
    except (CancelledError, OSError, TimeoutError) as problem:
        raise SweepError(f"the Dask cluster cannot be reached any more: {shorten(str(problem) or 'lost')}") from None


def connected(address: str) -> Any:
    """A client of the scheduler at an address; raises `SweepError` where there is none."""
    try:
        from distributed import Client
    except ImportError:
        raise MissingExtraError("distributed", "distributed") from None
    try:
        return Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as problem:
        raise SweepError(
            f"there is no Dask scheduler at {shorten(address)}: {shorten(str(problem))}; start one with: dask scheduler"
        ) from None
