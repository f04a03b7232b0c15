"""What benchncnn prints, by the format strings of its source (`benchmark/benchncnn.cpp`, `src/gpu.cpp`)."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from costmodel.collecting import Source, collect
from tests.collecting.reading import found

RUN = """loop_count = 8
num_threads = {threads}
powersave = 2
gpu_device = {gpu}
cooling_down = 1
"""


def line(network: str, low: float, high: float, mean: float) -> str:
    """As `fprintf` of benchncnn.cpp writes it."""
    return f"{network:>20}  min = {low:7.2f}  max = {high:7.2f}  avg = {mean:7.2f}\n"


def test_settings_belong_to_the_lines_after_them() -> None:
    text = RUN.format(threads=4, gpu=-1) + line("alexnet", 20, 30, 25) + RUN.format(threads=1, gpu=-1)
    (first, second), skipped = found("ncnn", text + line("alexnet", 40, 60, 50))
    assert not skipped
    assert (first["threads"], first["powersave"], first["backend"], first["loop_count"]) == ("4", "2", "cpu", "8")
    assert (second["threads"], second["latency_min_ms"], second["latency_avg_ms"]) == ("1", "40", "50")


def test_heading_names_the_device_and_ends_the_settings() -> None:
    text = f"### Board A\n```\n{RUN.format(threads=4, gpu=-1)}{line('alexnet', 1, 3, 2)}```\n## Board B (2 cores)\n"
    (first, second), _ = found("ncnn", text + line("alexnet", 1, 3, 2))
    assert (first["device"], second["device"]) == ("Board A", "Board B (2 cores)")
    assert "threads" not in second


def test_prompt_of_a_root_shell_is_no_heading() -> None:
    text = f"### Board A\n```\n# ./benchncnn 8 4 2\n# cat notes\n{RUN.format(threads=4, gpu=-1)}"
    (row,), _ = found("ncnn", text + line("alexnet", 1, 3, 2) + "```\n")
    assert row["device"] == "Board A"


def test_gpu_is_the_one_of_its_number() -> None:
    listed = "[0 Mali-G52]  queueC=0[2]  queueG=0[2]  queueT=0[2]\n[1 llvmpipe (LLVM 15)]  queueC=0[1]  queueG=0[1]\n"
    (row,), _ = found("ncnn", listed + RUN.format(threads=4, gpu=1) + line("alexnet", 1, 3, 2))
    assert (row["backend"], row["gpu_name"]) == ("vulkan", "llvmpipe (LLVM 15)")


def test_name_tells_the_precision() -> None:
    rows, _ = found("ncnn", line("resnet18_int8", 1, 3, 2) + line("resnet18", 1, 3, 2))
    assert [row["precision"] for row in rows] == ["int8", "default_float"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("  alexnet  min =    0.00  max =    3.00  avg =    2.00", "'min' must be a time"),
        ("  alexnet  min =     nan  max =    3.00  avg =    2.00", "'min' must be a time"),
        ("  alexnet  min =    5.00  max =    3.00  avg =    4.00", "the mean must lie between"),
        ("  alexnet  min =    1.00  max =    3.00  avg =", "it is no line"),
        ("  two words  min =    1.00  max =    3.00  avg =  2.00", "it is no line"),
    ],
)
def test_what_cannot_be_read_is_listed_with_its_line(text: str, reason: str) -> None:
    rows, (skipped,) = found("ncnn", f"\n{text}\n")
    assert not rows
    assert skipped.line == 2
    assert reason in skipped.reason


def test_the_page_of_our_measurements_gives_our_measurements(shared: Path) -> None:
    """The shared file, written as ncnn writes a page, and read back."""
    with (shared / "data/ncnn/measurements.csv").open(encoding="utf-8", newline="") as stream:
        measured = list(csv.DictReader(stream))
    collected = collect([Source("page.md", (), page(measured))])
    assert not collected.skipped
    columns = ("device", "backend", "gpu_name", "threads", "powersave", "precision", "batch", "network")
    times = ("latency_min_ms", "latency_max_ms", "latency_avg_ms")
    expected = [[row[name] for name in columns] + [float(row[name]) for name in times] for row in measured]
    read = [row.cells for row in collected.measurements.rows]
    assert [[row[name] for name in columns] + [float(row[name]) for name in times] for row in read] == expected
    runs = defaultdict(set)
    for row, given in zip(read, measured, strict=True):
        runs[given["run_id"]].add(row["run_id"])
    assert all(len(numbers) == 1 for numbers in runs.values())


def page(measured: list[dict[str, str]]) -> str:
    """The rows as a page: a heading for each device, a code block for each run."""
    lines, run = [], ""
    for row in measured:
        if row["run_id"] != run:
            run = row["run_id"]
            gpu = -1 if row["backend"] == "cpu" else 0
            listed = "" if gpu else f"[0 {row['gpu_name']}]  queueC=0[1]  queueG=0[1]  queueT=0[1]\n"
            settings = RUN.format(threads=row["threads"], gpu=gpu).replace("save = 2", f"save = {row['powersave']}")
            lines.append(f"```\n\n### {row['device']}\n\n```\n{listed}{settings}")
        lines.append(line(row["network"], *(float(row[f"latency_{name}_ms"]) for name in ("min", "max", "avg"))))
    return "".join(lines).removeprefix("```\n") + "```\n"
