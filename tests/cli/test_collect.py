"""`collect`, as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.collecting.test_ncnn import RUN, line


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    runs = line("alexnet", 1, 3, 2) + line("vgg16", 0, 3, 2)
    path.write_text(f"## Board\n{RUN.format(threads=4, gpu=-1)}{runs}", encoding="utf-8")
    return path


def test_json_lists_setups_and_what_was_not_read(costmodel: Run, page: Path, tmp_path: Path) -> None:
    target = tmp_path / "rows.csv"
    done = costmodel("collect", str(page), "--set", "note=warm", "-o", str(target), "--json").json
    assert (done["file"], done["rows"]) == (str(target), 1)
    (setup,) = done["setups"]
    assert (setup["device"], setup["threads"], setup["n"]) == ("Board", "4", 1)
    (skipped,) = done["skipped"]
    assert (skipped["source"], skipped["line"]) == ("page.md", 8)
    assert "vgg16: 'min' must be a time" in skipped["reason"]
    assert "warm" in target.read_text(encoding="utf-8")


def test_tables_say_the_same(costmodel: Run, page: Path, tmp_path: Path) -> None:
    done = costmodel("collect", str(page), "-o", str(tmp_path / "rows.csv"))
    assert done.status == 0
    assert "1 measured time written to" in done.output
    assert "Board" in done.output
    assert "vgg16: 'min' must be a time" in done.output


def test_evaluate_reads_what_it_writes(costmodel: Run, tmp_path: Path) -> None:
    path, target = tmp_path / "page.md", tmp_path / "rows.csv"
    times = {"alexnet": 10, "vgg16": 100, "resnet18": 20, "mobilenet_v1": 7, "squeezenet1_1": 8, "resnet50": 50}
    runs = "".join(line(name, time, 1.2 * time, 1.1 * time) for name, time in times.items())
    path.write_text(f"## Board\n{RUN.format(threads=4, gpu=-1)}{runs}", encoding="utf-8")
    assert costmodel("collect", str(path), "-o", str(target)).status == 0
    assert costmodel("evaluate", str(target), "--json").json["n"] == len(times)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--format", "nccn"], "there is no format of benchmark output named 'nccn'"),
        (["--set", "latency_ms=5"], "'latency_ms' holds what was measured, and cannot be set"),
    ],
)
def test_mistake_is_one_sentence_and_writes_nothing(
    costmodel: Run, page: Path, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    done = costmodel("collect", str(page), "-o", str(tmp_path / "rows.csv"), *arguments)
    assert done.status == 1
    assert sentence in done.errors
    assert done.errors.count("\n") == 1
    assert not (tmp_path / "rows.csv").exists()


def test_what_is_read_is_not_overwritten(costmodel: Run, page: Path) -> None:
    before = page.read_bytes()
    done = costmodel("collect", str(page), "-o", str(page))
    assert (done.status, done.output) == (1, "")
    assert "is what is read, and would be overwritten" in done.errors
    assert page.read_bytes() == before


def test_layers_become_rows_that_calibrate_reads(costmodel: Run, tmp_path: Path) -> None:
    from tests.collecting.test_layers import CONV, called
    from tests.collecting.test_torch import trace

    events = [
        called("aten::linear", {"Input Dims": [[1, size], [size, size], []]}, 10_000 * size, 2 + size * size / 1000)
        for size in (100, 200, 300, 400, 500)
    ]
    (tmp_path / "trace.json").write_text(trace(*events, called("aten::conv2d", CONV, 1e9, 30)), encoding="utf-8")
    target = tmp_path / "layers.csv"
    done = costmodel(
        "collect", str(tmp_path / "trace.json"), "--layers", "--device", "mine", "-o", str(target), "--json"
    )
    assert done.json["rows"] == 6
    assert costmodel("evaluate", str(target), "--json").json["n"] == 6
