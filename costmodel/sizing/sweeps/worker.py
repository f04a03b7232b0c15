"""What a worker process of a sweep runs: it reads a job and then blocks from its input, and writes their answers."""

from __future__ import annotations

import os
import pickle
import sys
from typing import BinaryIO

from costmodel.errors import CostModelError
from costmodel.sizing.sweeps.blocks import Block, Job


def main() -> None:
    """Do blocks until the input ends, as it does when the process that wrote it is gone."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed goes to standard error, and not among the answers
    try:
        work(sys.stdin.buffer, answers)
    except BrokenPipeError:
        os._exit(1)  # nobody reads


def work(blocks: BinaryIO, answers: BinaryIO) -> None:
    """Answer each block; a refusal is a sentence."""
    job: Job = pickle.load(blocks)
    known = job.known()
    while True:
        try:
            block = Block(*pickle.load(blocks))
        except EOFError:
            return
        try:
            answer: object = job(block, known)
        except CostModelError as problem:
            answer = str(problem)
        pickle.dump(answer, answers, protocol=pickle.HIGHEST_PROTOCOL)
        answers.flush()
