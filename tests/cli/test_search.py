"""`costmodel search`: the answer that the library finds, a study that goes on, sentences for mistakes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from costmodel import search, zoo
from tests.cli.conftest import Run
from tests.cli.test_measure import heard
from tests.conftest import ROOT
from tests.patience import patience

STAGES = tuple(part for stage in range(1, 8) for part in ("--over", f"w{stage}=8:416:8"))
COMMAND = ("staged", *STAGES, "--maximize", "macs", "--device", "pixel-1", "--seed", "2")


def test_it_prints_what_the_library_finds(costmodel: Run) -> None:
    found = costmodel("search", *COMMAND, "--max-latency-ms", "80", "--evaluations", "40", "--json").json
    over = {f"w{stage}": "8:416:8" for stage in range(1, 8)}
    same = search("staged", over, maximize="macs", max_latency_s=0.08, device="pixel-1", evaluations=40, seed=2)
    network = zoo.staged(**found["parameters"])
    assert found["parameters"] == same.parameters
    assert found["macs"] == found["objective"] == network.cost().macs
    assert found["latency_s"] == network.latency("pixel-1").latency_s <= 0.08
    assert (found["evaluations"], found["seed"], found["study"]) == (40, 2, None)
    assert found["configurations"] == 52**7
    assert found["binding_constraint"] == "latency_s"
    assert found["budgets"][0]["share"] == pytest.approx(found["latency_s"] / 0.08)


def test_a_study_is_gone_on_with(costmodel: Run, tmp_path: Path) -> None:
    path = str(tmp_path / "study.jsonl")
    command = ("search", *COMMAND, "--max-params", "3M", "-o", path)
    first = costmodel(*command, "--evaluations", "10", "--json").json
    again = costmodel(*command, "--evaluations", "30", "--json").json
    assert again["study"] == first["study"] == path
    assert again["objective"] >= first["objective"]
    assert len(Path(path).read_text().splitlines()) == 32
    refused = costmodel(*command, "--evaluations", "30", "--max-macs", "1G")
    assert refused.status == 1
    assert "study.jsonl is of another search" in refused.errors


def test_the_table_says_what_was_found_and_how(costmodel: Run) -> None:
    shown = " ".join(costmodel("search", *COMMAND, "--max-latency-ms", "80", "--evaluations", "24").output.split())
    assert "staged on pixel-1: the largest macs" in shown
    assert "24 of 10^12.0 configurations were evaluated" in shown
    assert "the answer was counted again exactly" in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("--max-latency-ms", "1", "--evaluations", "9"),
            "no staged of 9 that were evaluated keeps max_latency_s",
        ),
        (("--evaluations", "0"), "'evaluations' must be an integer from 1 to 100000 (got 0)"),
        (("--seed", "-1"), "'seed' must be an integer from 0"),
        (("--over", "w8=1,2"), "there is no parameter of staged named 'w8'"),
        (("--max-macs", "-3"), "the budget of macs"),
        (("-o", "/nowhere/study.jsonl", "--evaluations", "9"), "study.jsonl cannot be written: No such file"),
    ],
)
def test_mistakes_get_a_sentence(costmodel: Run, arguments: tuple[str, ...], sentence: str) -> None:
    done = costmodel("search", *COMMAND, *arguments)
    assert done.status == 1
    assert sentence in done.errors
    assert done.errors.count("\n") == 1
    assert done.output == ""


def test_axes_and_an_objective_must_be_given(costmodel: Run) -> None:
    assert costmodel("search", "staged", "--maximize", "w1").status == 2
    assert costmodel("search", "staged", "--over", "w1=8,16").status == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda each: each.name)
def test_an_interrupted_search_goes_on_to_the_same_trials(
    costmodel: Run, tmp_path: Path, number: signal.Signals
) -> None:
    path, other = tmp_path / "study.jsonl", tmp_path / "other.jsonl"
    over = ("--over", "w7=8:416:8", "--over", "w6=8:416:8", "--maximize", "params", "--max-macs", "300M")
    command = [sys.executable, "-m", "costmodel", "search", "staged", *over, "--evaluations", "2000", "-o", str(path)]
    with (
        patience(),
        heard(signal.SIGINT),
        subprocess.Popen(
            command, cwd=ROOT, stderr=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}
        ) as process,
    ):
        while not path.exists() or path.read_bytes().count(b"\n") < 12:
            time.sleep(0.01)
        process.send_signal(number)
        _, errors = process.communicate()
    if number is signal.SIGKILL:
        assert errors == b""
    else:
        assert process.returncode == 1
        assert b"of 2,000 evaluations; the same command goes on with" in errors
        assert b"Traceback" not in errors
    count = max(40, path.read_bytes().count(b"\n"))
    for each in (path, other):
        costmodel("search", "staged", *over, "--evaluations", str(count), "-o", str(each))
    lines = [[json.loads(line) for line in each.read_text().splitlines()] for each in (path, other)]
    trials = [[(line["params"], line["value"], line["user_attrs"]) for line in each[2:]] for each in lines]
    assert trials[0] == trials[1]
    assert len(trials[0]) == count
