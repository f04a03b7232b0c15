"""Processes that work on blocks: one that is lost costs its block, and none outlives the sweep."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from costmodel.errors import SizingError, SweepError
from costmodel.sizing.sweeps.blocks import Answer, Block, Job, blocks
from costmodel.sizing.sweeps.sweeping import run_sweep
from costmodel.sizing.sweeps.workers import ATTEMPTS, Crew, in_order
from tests.conftest import ROOT
from tests.patience import patience
from tests.sizing.sweeps.spaces import Grid, csv_text

GRID = Grid(wait_s=0.01)


class Deadly(Grid):
    """Ends the process that evaluates it."""

    def evaluate(self, start: int, stop: int) -> Any:
        os._exit(1)


class Refusing(Grid):
    def evaluate(self, start: int, stop: int) -> Any:
        raise SizingError("no configuration of these")


@pytest.fixture(autouse=True)
def _no_hang() -> Iterator[None]:
    with patience():
        yield


def is_alive(process_id: int) -> bool:
    """Whether a process runs; one that ended and that nobody waited for does not."""
    try:
        os.kill(process_id, 0)
        status = Path(f"/proc/{process_id}/stat")
        return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_a_worker_that_is_killed_costs_its_block_and_nothing_else() -> None:
    answers: list[Answer] = []
    with Crew(Job(GRID), 2) as crew:
        for answer in crew.answers(blocks(0, GRID.size, 100)):
            answers.append(answer)
            if len(answers) in {3, 20}:
                os.kill(crew.process_ids[-1], signal.SIGKILL)
        processes = crew.process_ids
    assert [answer.block for answer in answers] == list(blocks(0, GRID.size, 100))
    assert len(processes) == 2
    assert not any(map(is_alive, processes))


def test_a_block_that_ends_every_worker_is_named() -> None:
    with pytest.raises(SweepError, match=rf"{ATTEMPTS} worker processes ended while .* configurations 0 to 499 \(ki"):
        run_sweep(Deadly(), block=500, workers=2)


def test_what_a_worker_refuses_is_said_as_it_says_it() -> None:
    with pytest.raises(SweepError, match=r"^no configuration of these$"):
        run_sweep(Refusing(), block=500, workers=2)


def test_an_interrupted_sweep_leaves_no_process() -> None:
    with Crew(Job(Grid(wait_s=0.2)), 2) as crew:
        answers = crew.answers(blocks(0, GRID.size, 10))
        next(answers)
        processes = crew.process_ids
    assert not any(map(is_alive, processes))


SCRIPT = """
import sys
from costmodel.sizing.sweeps.blocks import Job, blocks
from costmodel.sizing.sweeps.workers import Crew
from tests.sizing.sweeps.spaces import Grid
grid = Grid(wait_s=0.05)
with Crew(Job(grid), 2) as crew:
    answers = crew.answers(blocks(0, grid.size, 10))
    next(answers), next(answers)
    print(*crew.process_ids, flush=True)
    for _ in answers:
        pass
"""


def test_workers_end_with_the_process_that_started_them() -> None:
    command = [sys.executable, "-c", SCRIPT]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        workers = [int(each) for each in process.stdout.readline().split()]
        process.kill()
    assert workers
    while any(map(is_alive, workers)):
        time.sleep(0.01)


def test_no_process_is_started_for_a_single_block(capsys: pytest.CaptureFixture[str]) -> None:
    run_sweep(Talking(), workers=2)
    assert capsys.readouterr().out == "evaluating"


def test_what_is_printed_where_rows_are_evaluated_is_not_among_the_answers(tmp_path: Path) -> None:
    grid = Talking()
    run_sweep(grid, output=tmp_path / "rows.csv", block=500, workers=2)
    assert (tmp_path / "rows.csv").read_text() == csv_text(grid.rows())


class Talking(Grid):
    def evaluate(self, start: int, stop: int) -> Any:
        sys.stdout.write("evaluating")
        return super().evaluate(start, stop)


class Later:
    """An answer that is there at once; counts how many are under way."""

    under_way = 0
    most = 0

    def __init__(self, block: Block) -> None:
        self.block = block
        Later.under_way += 1
        Later.most = max(Later.most, Later.under_way)

    def result(self) -> int:
        Later.under_way -= 1
        return self.block.start

    def cancel(self) -> None:
        Later.under_way -= 1


def test_answers_come_in_order_and_no_more_are_under_way_than_may_be() -> None:
    answers = in_order(Later, blocks(0, 100, 1), lambda: 5)
    assert [next(answers) for _ in range(50)] == list(range(50))
    answers.close()
    assert (Later.most, Later.under_way) == (5, 0)
