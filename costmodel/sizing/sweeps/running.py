"""Where the blocks of a sweep are worked on: in this process, in several, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from costmodel.sizing.sweeps.blocks import Answer, Block, Job


@contextmanager
def running(job: Job, blocks: Iterable[Block], workers: int = 1, client: Any = None) -> Iterator[Iterator[Answer]]:
    """The answers for the blocks in their order, and at the end of the context nothing that runs any more."""
    if client is not None:
        from costmodel.sizing.sweeps.cluster import cluster_answers

        with closing(cluster_answers(client, job, blocks)) as answers:
            yield answers
    elif workers > 1:
        from costmodel.sizing.sweeps.workers import Crew

        with Crew(job, workers) as crew, closing(crew.answers(blocks)) as answers:
            yield answers
    else:
        known = job.known()
        yield (job(block, known) for block in blocks)
