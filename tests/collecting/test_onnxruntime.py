"""A profile that ONNX Runtime writes here and now, and others that are broken."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from costmodel import zoo
from costmodel.calibration import finder
from costmodel.collecting import collect, read_source
from costmodel.interop.onnx import write_onnx
from tests.collecting.reading import found


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The profile of three runs of LeNet-5 on two threads, its channels not padded to fill vectors."""
    folder = tmp_path_factory.mktemp("profile")
    write_onnx(zoo.lenet_5(), folder / "lenet.onnx")
    options = onnxruntime.SessionOptions()
    options.enable_profiling = True
    options.profile_file_prefix = str(folder / "trace")
    options.intra_op_num_threads = 2
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    session = onnxruntime.InferenceSession(folder / "lenet.onnx", options, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    for _ in range(3):
        session.run(None, {given.name: np.zeros((1, 1, 28, 28), np.float32)})
    return Path(session.end_profiling())


def test_real_profile_becomes_a_row(profile: Path) -> None:
    collected = collect([read_source(profile)], given={"device": "here", "network": "lenet_5"})
    assert not collected.skipped
    (row,) = collected.measurements.rows
    durations = [event["dur"] for event in json.loads(profile.read_text()) if event["name"] == "model_run"]
    assert len(durations) == 3
    assert row.latency_s == pytest.approx(sorted(durations)[1] / 1e6)
    assert {name: row.cells[name] for name in ("runtime", "backend", "threads", "precision", "runs")} == {
        "runtime": "onnxruntime", "backend": "cpu", "threads": "2", "precision": "float32", "runs": "3",
    }  # fmt: skip
    assert finder()(row).cost().macs == 2_293_000


def test_layers_of_a_real_profile_are_those_of_the_network(profile: Path) -> None:
    collected = collect([read_source(profile)], given={"device": "here"}, layers=True)
    networks = [finder()(row) for row in collected.measurements.rows]
    assert sum(network.cost().macs for network in networks) == 2_293_000
    assert {row.cells["runs"] for row in collected.measurements.rows} == {"3"}
    assert {left.reason.partition(" ")[0] for left in collected.skipped} == {"MaxPool", "Flatten"}


def test_narrowest_type_is_the_precision() -> None:
    nodes = [
        {"ph": "X", "cat": "Node", "name": "n", "dur": 1, "args": {"input_type_shape": [{kind: [1]}]}}
        for kind in ("float", "uint8")
    ]
    (row,), _ = found("onnxruntime", json.dumps([*nodes, run(5)]))
    assert row["precision"] == "int8"


@pytest.mark.parametrize(
    ("statistics", "threads"), [("", "1"), ({"sub_threads": {}}, "1"), ({"sub_threads": {"7": {}}}, "2"), (7, None)]
)
def test_threads_are_those_of_the_pool_and_one(statistics: object, threads: str | None) -> None:
    arguments = {"thread_scheduling_stats": statistics}
    node = {"ph": "X", "cat": "Node", "name": "n", "dur": 1, "args": arguments}
    (row,), _ = found("onnxruntime", json.dumps([node, run(5)]))
    assert row.get("threads") == threads


def run(duration: object) -> dict[str, object]:
    return {"ph": "X", "cat": "Session", "name": "model_run", "dur": duration}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "no event 'model_run'"),
        ("[1, null, []]", "no event 'model_run'"),
        (json.dumps([run("x")]), "'dur' must be a time"),
        (json.dumps([run(None)]), "'dur' must be a time"),
        (json.dumps([run(-5)]), "'dur' must be a time"),
        (json.dumps([run(True)]), "'dur' must be a time"),
        ('[{"ph": "X", "cat": "Session", "name": "model_run", "dur": NaN}]', "'dur' must be a time"),
        (f'[{{"ph": "X", "cat": "Session", "name": "model_run", "dur": {"9" * 5000}}}]', "'dur' must be a time"),
    ],
)
def test_what_cannot_be_read_is_listed(text: str, reason: str) -> None:
    rows, (skipped,) = found("onnxruntime", text)
    assert not rows
    assert reason in skipped.reason
