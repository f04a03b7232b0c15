"""Whatever a file holds, reading it gives rows or one of our errors, and rows can be read again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.collecting import FORMATS, Source, collect
from costmodel.errors import CostModelError
from tests.collecting.test_collection import SAMPLES
from tests.collecting.test_layers import CONV, called
from tests.collecting.test_torch import MEASUREMENTS, event, trace
from tests.mutations import CHANGES, Change, changed
from tests.patience import patience

GIVEN = {"device": "device", "network": "network"}
PIECES = st.sampled_from([line for text in (*SAMPLES.values(), MEASUREMENTS) for line in text.splitlines()])
REAL = {
    **SAMPLES,
    "onnxruntime": json.dumps([
        {"cat": "Session", "ph": "X", "name": "session_initialization", "dur": 1, "ts": 0, "pid": 1, "tid": 1},
        {"cat": "Session", "ph": "X", "name": "model_run", "dur": 30, "ts": 1, "pid": 1, "tid": 1},
        {
            "cat": "Node", "ph": "X", "name": "conv_kernel_time", "dur": 20, "ts": 2, "pid": 1, "tid": 1,
            "args": {
                "op_name": "Conv", "provider": "CPUExecutionProvider", "thread_scheduling_stats": "",
                "input_type_shape": [{"float": [1, 3, 8, 8]}, {"float": [4, 3, 3, 3]}],
                "output_type_shape": [{"float": [1, 4, 6, 6]}],
            },
        },
    ]),
    "torch": trace(
        event("net", 30),
        called("aten::conv2d", CONV, 1, 20),
        called("aten::linear", {"Input Dims": [[1, 8], [4, 8], [4]]}, 40, 5),
    ),
}  # fmt: skip
LINES = st.lists(st.one_of(PIECES, st.text(max_size=60)), max_size=30).map("\n".join)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
ARGUMENTS = (
    "provider", "thread_scheduling_stats", "op_name", "input_type_shape", "output_type_shape", "Input Dims",
    "Concrete Inputs",
)  # fmt: skip
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "ph": st.one_of(st.just("X"), VALUES),
        "cat": st.one_of(
            st.sampled_from(["Session", "Node", "cpu_op", "user_annotation", "gpu_user_annotation", "kernel"]), VALUES
        ),
        "name": st.one_of(
            st.sampled_from(["model_run", "net", "ProfilerStep#1", "aten::conv2d", "n_kernel_time"]), VALUES
        ),
        "ts": VALUES,
        "dur": st.one_of(st.integers(1, 10_000), VALUES),
        "args": st.one_of(
            st.fixed_dictionaries({}, optional=dict.fromkeys(ARGUMENTS, VALUES)),
            VALUES,
        ),
    },
)


def read(name: str, text: str, *, layers: bool = False) -> None:
    """Collect; the errors that may come are ours, and of one line."""
    refused = ""
    try:
        made = collect([Source("file", (), text)], format_name=name, given=GIVEN, layers=layers)
    except CostModelError as problem:
        refused = str(problem)
    assert "\n" not in refused
    assert len(refused) < 1000
    assert refused or len(made.text.splitlines()) == 1 + len(made.measurements.rows)


@pytest.mark.parametrize("name", FORMATS)
@given(text=LINES)
def test_text(name: str, text: str) -> None:
    read(name, text)


@pytest.mark.parametrize("name", FORMATS)
@given(changes=CHANGES, layers=st.booleans())
def test_a_few_changes(name: str, changes: list[Change], layers: bool) -> None:
    read(name, changed(REAL[name], changes), layers=layers)


@pytest.mark.parametrize("layers", [False, True])
@pytest.mark.parametrize("name", ["onnxruntime", "torch"])
@given(events=st.lists(EVENTS, max_size=6), fields=st.dictionaries(st.just("deviceProperties"), VALUES))
def test_traces(name: str, layers: bool, events: list[dict[str, Any]], fields: dict[str, Any]) -> None:
    document: object = events if name == "onnxruntime" else {"traceEvents": events} | fields
    read(name, json.dumps(document), layers=layers)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "piece",
    [
        "a: [",
        "avg =min = ",
        "inference timings in us: ",
        "Median throughput is ",
        "count=1 ",
        "[1 a]",
        "[",
        '{"a":',
        "\n",
    ],
)
def test_long_files_do_not_hang(name: str, piece: str) -> None:
    text = (piece * (1990 // len(piece)) + "]\n") * 4000
    with patience():
        read(name, text)
