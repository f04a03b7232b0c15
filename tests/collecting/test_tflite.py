"""What benchmark_model prints, by the log statements of its source (`tensorflow/lite/tools/benchmark`)."""

from __future__ import annotations

import pytest

from tests.collecting.reading import found

RUN = """STARTING!
Log parameter values verbosely: [0]
Graph: [/data/local/tmp/mobilenet_v1.tflite]
Num threads: [4]
{delegate}The input model file size (MB): 16.9
Initialized session in 12.345ms.
Running benchmark for at least 1 iterations and at least 0.5 seconds but terminate if exceeding 150 seconds.
count=9 first=70000 curr=60000 min=59000 max=70000 avg=61000 std=3000

Running benchmark for at least 50 iterations and at least 1 seconds but terminate if exceeding 150 seconds.
count=50 first=50500 curr=50100 min=50000 max=51000 avg=50250.5 std=200

Inference timings in us: Init: 12345, First inference: 70000, Warmup (avg): 61000, Inference (avg): 50250.5
"""


def test_row_has_the_statistics_of_the_timed_runs() -> None:
    (row,), skipped = found("tflite", RUN.format(delegate=""))
    assert not skipped
    assert row == {
        "runtime": "TFLite", "backend": "cpu", "threads": "4", "network": "mobilenet_v1", "runs": "50",
        "latency_ms": "50.2505", "latency_min_ms": "50", "latency_max_ms": "51", "latency_first_ms": "50.5",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("delegate", "backend"),
    [("Use gpu: [1]\n", "gpu"), ("Use NNAPI: [true]\n", "nnapi"), ("Use xnnpack: [1]\n", "xnnpack"),
     ("Use gpu: [0]\n", "cpu"), ("Use caching: [1]\n", "cpu")],
)  # fmt: skip
def test_delegate_is_the_backend(delegate: str, backend: str) -> None:
    (row,), _ = found("tflite", RUN.format(delegate=delegate))
    assert row["backend"] == backend


def test_every_run_of_a_log_is_a_row() -> None:
    log = "".join(f"I/tflite  (1234): {line}\n" for line in (2 * RUN.format(delegate="")).splitlines())
    rows, skipped = found("tflite", log)
    assert [row["latency_ms"] for row in rows] == ["50.2505", "50.2505"]
    assert not skipped


def test_runs_of_equal_times_say_only_one() -> None:
    text = RUN.format(delegate="").replace("count=50 first=50500 curr=50100 min=50000 max=51000 avg=50250.5 std=200",
                                           "count=50 curr=50000 (all same)")  # fmt: skip
    (row,), _ = found("tflite", text)
    assert row["latency_min_ms"] == "50"
    assert "latency_max_ms" not in row


def test_means_of_older_versions_are_read() -> None:
    (row,), _ = found("tflite", "Average inference timings in us: Warmup: 9000, Init: 500, no stats: 8000\n")
    assert row["latency_ms"] == "8"


def test_line_of_means_alone_is_a_row_without_a_network() -> None:
    (row,), _ = found("tflite", RUN.format(delegate="").splitlines()[-1])
    assert row["latency_ms"] == "50.2505"
    assert "network" not in row


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (RUN.format(delegate="").partition("Inference timings")[0], 2, "the run ends without"),
        (RUN.format(delegate="").replace("avg): 50250.5", "avg): 0"), 13, "'Inference (avg)' must be a time"),
        ("Operator-wise Profiling Info for Regular Benchmark Runs:\n", 1, "says no shapes"),
    ],
)
def test_what_cannot_be_read_is_listed(text: str, line: int, reason: str) -> None:
    rows, (skipped,) = found("tflite", text)
    assert not rows
    assert skipped.line == line
    assert reason in skipped.reason
