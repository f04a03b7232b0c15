"""Measuring many networks under several runtimes, where some cannot be run and some were measured before."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from costmodel import zoo
from costmodel.errors import MeasuringError, MissingExtraError
from costmodel.measuring import COLUMNS, Journal, Session, StoppingRule, Subject, Work, key, measure, network_work
from costmodel.measuring.machine import available_cores, load, pinned, processor_name
from costmodel.measuring.runners import Runner, Runtime, WeightsOf
from costmodel.measuring.session import quiet

QUICK = StoppingRule(min_runs=3, min_s=0, max_s=0.001, warm_up_s=0)
FAKE = Runtime("fake", ("numpy",), "measure")
ABSENT = Runtime("fake", ("a_package_that_is_not_there",), "measure")


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A runtime that runs nothing, refuses AlexNet and runs out of memory on VGG; what it prepared."""
    prepared: list[str] = []

    def prepare(subject: Subject, threads: int, weights: WeightsOf | None = None) -> Runner:
        prepared.append(subject.network.name)
        if subject.network.name == "alexnet":
            raise MeasuringError("the fake runtime cannot run alexnet")
        if subject.network.name == "vgg11":
            raise MemoryError
        os.write(2, b"noise of a library")
        return Runner(lambda: None, list, "random")

    module = SimpleNamespace(prepare=prepare)
    monkeypatch.setitem(sys.modules, "costmodel.measuring.runners.fake", module)
    return prepared


def work(name: str) -> Work:
    return network_work(name, zoo.find(name)(), {})


def session(path: Path, *names: str, runtimes: tuple[Runtime, ...] = (FAKE,), threads: int = 1) -> Session:
    with Journal(path, COLUMNS, key) as journal:
        return measure(list(map(work, names)), runtimes, journal, device="mine", threads=threads, rule=QUICK)


def test_every_row_says_what_was_measured_and_how(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    session(path, "lenet_5", "squeezenet")
    with Journal(path, COLUMNS, key) as journal:
        first = journal.rows[0]
    expected = {"device": "mine", "runtime": "fake", "threads": "1", "precision": "float32", "batch": "1",
                "network": "lenet_5", "family": "lenet_5", "weights": "random"}  # fmt: skip
    assert {name: first[name] for name in expected} == expected
    assert first["version"] == FAKE.version()
    assert int(first["runs"]) >= 3


def test_what_was_measured_is_not_measured_again(tmp_path: Path, runs: list[str]) -> None:
    path = tmp_path / "rows.csv"
    session(path, "lenet_5")
    again = session(path, "lenet_5", "squeezenet")
    assert runs == ["lenet_5", "squeezenet"]
    assert (len(again.measured), again.kept) == (1, 1)


def test_what_cannot_be_run_is_told_and_left_out(tmp_path: Path) -> None:
    found = session(tmp_path / "rows.csv", "alexnet", "lenet_5", "vgg11")
    assert [each.label for each in found.measured] == ["lenet_5"]
    assert [(each.label, each.runtime) for each in found.refused] == [("alexnet", "fake"), ("vgg11", "fake")]
    assert "more memory" in found.refused[1].reason


def test_where_nothing_could_be_run_the_reason_is_the_error(tmp_path: Path) -> None:
    with pytest.raises(MeasuringError, match="the fake runtime cannot run alexnet"):
        session(tmp_path / "rows.csv", "alexnet")


def test_a_runtime_that_is_not_installed_is_told_before_anything_is_measured(tmp_path: Path, runs: list[str]) -> None:
    with pytest.raises(MissingExtraError, match=r"costmodel\[measure\]"):
        session(tmp_path / "rows.csv", "lenet_5", runtimes=(FAKE, ABSENT))
    assert runs == []


@pytest.mark.parametrize("threads", [0, -1, available_cores() + 1])
def test_threads_without_a_core_are_refused(tmp_path: Path, threads: int) -> None:
    with pytest.raises(MeasuringError, match=r"'threads' must lie between 1 and \d+, the cores of this process"):
        session(tmp_path / "rows.csv", "lenet_5", threads=threads)


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system pins no process")
def test_the_process_stays_on_as_many_cores_as_it_has_threads_and_gets_them_all_back() -> None:
    before = os.sched_getaffinity(0)
    with pinned(1):
        assert len(os.sched_getaffinity(0)) == 1
        assert os.sched_getaffinity(0) <= before
    assert os.sched_getaffinity(0) == before


def test_libraries_are_not_heard(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet():
        os.write(2, b"noise")
    os.write(2, b"speech")
    assert capfd.readouterr().err == "speech"


def test_the_machine_has_a_name_and_a_load() -> None:
    assert processor_name() == " ".join(processor_name().split()) != ""
    busy = load()
    assert busy is None or busy >= 0


def test_a_network_that_the_machine_cannot_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: list[str]
) -> None:
    monkeypatch.setattr("costmodel.measuring.session.physical_memory_bytes", lambda: 100_000_000)
    found = session(tmp_path / "rows.csv", "lenet_5", "resnet18")
    assert runs == ["lenet_5"]
    assert "resnet18 needs 0.1" in found.refused[0].reason
    assert "this machine has 0.1 GB" in found.refused[0].reason


def test_a_file_of_integers_says_so_under_the_runtime_that_runs_it_as_it_is(shared: Path) -> None:
    from costmodel.interop.files import read

    folder = shared / "data" / "ncnn" / "params"
    found = {
        name: network_work(name, read(folder / name), {}, folder / name).precisions
        for name in ("squeezenet.param", "squeezenet_int8.param")
    }
    assert found == {"squeezenet.param": {}, "squeezenet_int8.param": {"ncnn": "int8"}}
