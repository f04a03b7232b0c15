"""Searches in files: cut anywhere they go on to the same trials; other searches' and hostile files are refused."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from costmodel.errors import CostModelError, FileFormatError
from costmodel.sizing.searches.searching import Searched, search

optuna = pytest.importorskip("optuna")

OVER: dict[str, Any] = {"w1": "8:64:8", "w2": "16,40,24", "t3": "inverted,fused,conv", "w7": "8:416:8"}
N = 44


def found(path: Path | None, evaluations: int = N, **options: Any) -> Searched:
    given = {"maximize": "macs", "max_params": "3M", "seed": 5, **options}
    return search("staged", given.pop("over", OVER), evaluations=evaluations, storage=path, **given)


def trials(study: Any) -> list[Any]:
    return [(trial.params, trial.values, trial.user_attrs, trial.system_attrs) for trial in study.trials]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], bytes]:
    path = tmp_path_factory.mktemp("search") / "study.jsonl"
    return trials(found(path).study), path.read_bytes()


@pytest.mark.parametrize("part", [0.0, 0.003, 0.01, 0.11, 0.35, 0.5, 0.77, 0.9999])
def test_a_file_that_was_cut_off_anywhere_goes_on_to_the_same_trials(
    tmp_path: Path, uninterrupted: tuple[list[Any], bytes], part: float
) -> None:
    expected, raw = uninterrupted
    path = tmp_path / "study.jsonl"
    path.write_bytes(raw[: int(part * len(raw))])
    assert trials(found(path).study) == expected
    assert len([json.loads(line) for line in path.read_bytes().splitlines()]) == N + 2


def test_what_a_file_has_of_a_batch_counts_though_it_was_proposed_otherwise(
    tmp_path: Path, uninterrupted: tuple[list[Any], bytes]
) -> None:
    path, lines = tmp_path / "study.jsonl", uninterrupted[1].splitlines(keepends=True)
    header, batch, later = lines[:2], lines[2:10], lines[10:]
    path.write_bytes(b"".join([*header, later[0], batch[3], batch[0]]))
    made = trials(found(path).study)
    expected = uninterrupted[0]
    assert made[:3] == [expected[8], expected[3], expected[0]]
    assert len({tuple(sorted(params.items())) for params, *_ in made}) == len(made) == N


def test_a_search_that_is_done_goes_on_to_more_evaluations(
    tmp_path: Path, uninterrupted: tuple[list[Any], bytes]
) -> None:
    path = tmp_path / "study.jsonl"
    assert trials(found(path, 19).study) == uninterrupted[0][:19]
    assert trials(found(path).study) == uninterrupted[0]
    size = path.stat().st_size
    assert found(path).evaluations == N
    assert path.stat().st_size == size


def test_optuna_opens_the_file_as_its_own(tmp_path: Path, uninterrupted: tuple[list[Any], bytes]) -> None:
    path = tmp_path / "study.jsonl"
    path.write_bytes(uninterrupted[1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        backend = optuna.storages.journal.JournalFileBackend(str(path))
        study = optuna.load_study(study_name="costmodel", storage=optuna.storages.JournalStorage(backend))
    assert trials(study) == uninterrupted[0]
    best = found(None)
    assert study.best_value == best.answer.objective
    assert study.best_params == best.parameters
    kinds = {name: type(each).__name__ for name, each in study.trials[0].distributions.items()}
    assert kinds == {
        "t3": "CategoricalDistribution",
        "w1": "IntDistribution",
        "w2": "FloatDistribution",  # 16, 40, 24 are no row of steps
        "w7": "IntDistribution",
    }


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 6},
        {"max_params": "2M"},
        {"maximize": "params"},
        {"over": {**OVER, "w1": "8:72:8"}},
        {"settings": {"resolution": 128}},
        {"max_macs": 1e9},
        {"data_type": "int8"},
    ],
)
def test_a_file_of_another_search_is_refused_and_stays(
    tmp_path: Path, uninterrupted: tuple[list[Any], bytes], other: dict[str, Any]
) -> None:
    path = tmp_path / "study.jsonl"
    path.write_bytes(uninterrupted[1])
    with pytest.raises(FileFormatError, match=r"^study\.jsonl is of another search: .* write to another file$"):
        found(path, **other)
    assert path.read_bytes() == uninterrupted[1]


PARAMS: dict[str, Any] = {"t3": 0, "w1": 8.0, "w2": 16.0, "w7": 8.0}
TRIAL: dict[str, Any] = {"op_code": 4, "params": PARAMS}


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["hello"], "is no study of a search|line 1 is no line"),
        (["{}", "{}"], "is no study of a search"),
        (["[" * 100_000, "{}"], "line 1 is no line of a study"),
        ([None, None, "nonsense"], "line 3 is no line of a study"),
        ([None, None, json.dumps({"op_code": 1, "study_id": 0})], "line 3 must be a trial with its parameters"),
        ([None, None, json.dumps({**TRIAL, "params": [1]})], "line 3 must be a trial"),
        ([None, None, json.dumps({**TRIAL, "params": {"w1": 8}})], "line 3: a trial must have a value for each axis"),
        *(
            (
                [None, None, json.dumps({**TRIAL, "params": {**PARAMS, name: value}})],
                f"line 3: '{name}' has no",
            )
            for name, value in (("w1", 9), ("w1", "8"), ("w1", True), ("t3", 3), ("t3", -1), ("t3", 0.5), ("w7", 1e999))
        ),
        ([None, None, json.dumps(TRIAL), json.dumps(TRIAL)], "has a configuration twice"),
    ],
)
def test_a_file_that_is_no_study_is_refused_and_stays(
    tmp_path: Path, uninterrupted: tuple[list[Any], bytes], lines: list[str | None], sentence: str
) -> None:
    path, own = tmp_path / "study.jsonl", uninterrupted[1].decode().splitlines()
    text = "".join(f"{own[place] if line is None else line}\n" for place, line in enumerate(lines))
    path.write_text(text)
    with pytest.raises(FileFormatError, match=sentence) as caught:
        found(path)
    assert "\n" not in str(caught.value)
    assert path.read_text() == text


def test_nothing_of_a_file_but_the_values_is_believed(tmp_path: Path, uninterrupted: tuple[list[Any], bytes]) -> None:
    path = tmp_path / "study.jsonl"
    lines = uninterrupted[1].decode().splitlines()
    lie = json.loads(lines[2])
    lie |= {"value": 1e99, "user_attrs": {"params": 0}, "distributions": {}, "datetime_start": "never", "state": 7}
    path.write_text("\n".join([*lines[:2], json.dumps(lie), *lines[3:]]) + "\n")
    assert trials(found(path).study) == uninterrupted[0]


def test_a_file_that_another_process_writes_is_refused(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "study.jsonl"
    with path.open("ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(CostModelError, match="is being written by another process"):
            found(path)


@pytest.mark.parametrize("name", ["missing/study.jsonl", ".", "/dev/null"])
def test_a_place_that_cannot_be_written_gets_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileFormatError, match="cannot be written"):
        found(tmp_path / name)
