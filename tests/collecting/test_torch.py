"""Traces and measurements that PyTorch writes here and now where it is installed, and others by hand."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from costmodel.collecting import collect, read_source
from tests.collecting.reading import found


def event(name: str, duration: object, category: str = "user_annotation") -> dict[str, object]:
    return {"ph": "X", "cat": category, "name": name, "dur": duration, "args": {}}


def trace(*events: object, **fields: object) -> str:
    return json.dumps({"schemaVersion": 1, "traceEvents": list(events)} | fields)


def test_range_is_a_run_of_the_network_of_its_name() -> None:
    text = trace(event("resnet18", 900), event("resnet18", 1000), event("resnet18", 5000), event("vgg16", 7000))
    (first, second), skipped = found("torch", text)
    assert not skipped
    assert first == {
        "runtime": "torch", "backend": "cpu", "network": "resnet18", "latency_ms": "1", "latency_min_ms": "0.9",
        "latency_max_ms": "5", "runs": "3",
    }  # fmt: skip
    assert (second["network"], second["latency_ms"]) == ("vgg16", "7")


def test_steps_are_runs_where_there_are_no_ranges() -> None:
    (row,), _ = found("torch", trace(event("ProfilerStep#2", 100), event("ProfilerStep#3", 300)))
    assert (row["latency_ms"], row["runs"]) == ("0.2", "2")
    assert "network" not in row


def test_ranges_of_the_optimizer_and_the_loader_are_no_networks() -> None:
    text = trace(event("Optimizer.step#SGD.step", 5), event("enumerate(DataLoader)#__next__", 5), event("net", 7))
    (row,), _ = found("torch", text)
    assert row["network"] == "net"


def test_on_a_gpu_the_range_there_is_what_counts() -> None:
    text = trace(
        event("net", 10),
        event("net", 90, "gpu_user_annotation"),
        event("volta_sgemm", 80, "kernel"),
        deviceProperties=[{"id": 0, "name": "Tesla T4"}],
    )
    (row,), _ = found("torch", text)
    assert (row["backend"], row["gpu_name"], row["latency_ms"]) == ("cuda", "Tesla T4", "0.09")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (trace(), "it has no range"),
        (trace(event("aten::conv2d", 5, "cpu_op")), "it has no range"),
        (trace(event("net", "fast")), "net: 'dur' must be a time"),
        (trace(event("net", 5), event("k", 5, "kernel")), "no range of it there"),
        (trace(event("net", 5), event("k", 5, "kernel"), deviceProperties=[7]), "no range of it there"),
    ],
)
def test_what_cannot_be_read_is_listed(text: str, reason: str) -> None:
    rows, (skipped,) = found("torch", text)
    assert not rows
    assert reason in skipped.reason


MEASUREMENTS = """
<torch.utils.benchmark.utils.common.Measurement object at 0x7f8a7c8c9050>
resnet18: batch 1
setup: import torch
  Median: 33.90 us
  IQR:    0.40 us (33.70 to 34.10)
  2 measurements, 1000 runs per measurement, 1 thread
<torch.utils.benchmark.utils.common.Measurement object at 0x7f8a7ba59690>
vgg16
  1.20 s
  1 measurement, 5 runs , 4 threads
"""


def test_printed_measurements_are_rows() -> None:
    (first, second), skipped = found("torch", MEASUREMENTS)
    assert not skipped
    assert first == {"runtime": "torch", "threads": "1", "network": "resnet18", "latency_ms": "0.0339"}
    assert second == {"runtime": "torch", "threads": "4", "network": "vgg16", "latency_ms": "1200"}


def test_measurement_that_is_cut_off_is_listed() -> None:
    rows, (skipped,) = found("torch", MEASUREMENTS.partition("  1 measurement,")[0])
    assert len(rows) == 1
    assert skipped.line == 8


class TestHere:
    """What the PyTorch that is installed writes."""

    def test_trace_becomes_a_row(self, tmp_path: Path) -> None:
        from tests.interop.torch.installed import nn, torch

        module, image = nn.Conv2d(3, 8, 3), torch.zeros(1, 3, 16, 16)
        with torch.no_grad(), torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiled:
            for _ in range(3):
                with torch.profiler.record_function("small_conv"):
                    module(image)
        profiled.export_chrome_trace(str(tmp_path / "trace.json"))
        collected = collect([read_source(tmp_path / "trace.json")], given={"device": "here"})
        (row,) = collected.measurements.rows
        assert not collected.skipped
        assert (row.cells["network"], row.cells["backend"], row.cells["runs"]) == ("small_conv", "cpu", "3")

    def test_measurement_becomes_a_row(self, tmp_path: Path) -> None:
        from tests.interop.torch.installed import torch

        timer = import_module("torch.utils.benchmark").Timer(
            "x + x", globals={"x": torch.zeros(10)}, label="sum of two", num_threads=2
        )
        (tmp_path / "times.txt").write_text(f"{timer.blocked_autorange(min_run_time=0.01)}\n{timer.timeit(3)}\n")
        collected = collect([read_source(tmp_path / "times.txt")], given={"device": "here"})
        assert not collected.skipped
        assert {(row.cells["network"], row.cells["threads"]) for row in collected.measurements.rows} == {
            ("sum of two", "2")
        }
        assert len(collected.measurements.rows) == 2
