"""Rows of single layers, from the traces of two runtimes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.calibration.targets import layer_network
from costmodel.collecting import Source, collect, read_source
from costmodel.collecting.layers import outermost
from costmodel.errors import FileFormatError
from tests.collecting.reading import layers
from tests.collecting.test_collection import PAGE
from tests.collecting.test_torch import trace

CONV = {
    "Input Dims": [[1, 4, 9, 9], [8, 2, 3, 3], [8], [], [], [], []],
    "Concrete Inputs": ["", "", "", "[2, 2]", "[1, 1]", "[1, 1]", "2"],
}
MACS = 8 * 5 * 5 * 2 * 9
"""8 channels of 5x5 outputs, each of 2 channels of a 3x3 window."""


def called(name: str, arguments: Any, start: float = 0, duration: float = 5000) -> dict[str, Any]:
    return {
        "ph": "X", "cat": "cpu_op", "name": name, "ts": start, "dur": duration, "tid": 1, "args": arguments,
    }  # fmt: skip


def node(operator: str, inputs: list[list[int]], output: list[int]) -> dict[str, Any]:
    arguments = {
        "op_name": operator,
        "input_type_shape": [{"float": shape} for shape in inputs],
        "output_type_shape": [{"float": output}],
    }
    return {"ph": "X", "cat": "Node", "name": "n_kernel_time", "dur": 5000, "args": arguments}


def macs(row: Any) -> object:
    return layer_network(row["layer"], row["input_shape"]).cost().macs


class TestTorch:
    """Operators of PyTorch."""

    def test_convolution_is_that_of_its_arguments(self) -> None:
        (row,), skipped = layers("torch", trace(called("aten::conv2d", CONV)))
        assert not skipped
        assert macs(row) == MACS
        assert json.loads(row["layer"])["bias"] is True
        assert (row["latency_ms"], row["operator"]) == ("5", "conv2d")

    def test_equal_calls_are_one_row_of_their_median(self) -> None:
        events = [called("aten::conv2d", CONV, 10_000 * index, 1000 * index) for index in (1, 2, 9)]
        (row,), _ = layers("torch", trace(*events))
        assert (row["latency_ms"], row["latency_max_ms"], row["runs"]) == ("2", "9", "3")

    def test_operator_that_another_calls_is_part_of_it(self) -> None:
        inner = called("aten::relu", {"Input Dims": [[1, 4]]}, start=10, duration=20)
        rows, skipped = layers("torch", trace(called("aten::conv2d", CONV), inner))
        assert len(rows) == 1
        assert not skipped

    @pytest.mark.parametrize(
        ("name", "arguments", "kind"),
        [
            ("aten::linear", {"Input Dims": [[2, 8], [3, 8], []]}, "linear"),
            ("aten::relu_", {"Input Dims": [[2, 8]]}, "relu"),
            ("aten::hardtanh_", {"Input Dims": [[2, 8], [], []], "Concrete Inputs": ["", "0", "6"]}, "relu6"),
            ("aten::softmax", {"Input Dims": [[2, 8], [], []], "Concrete Inputs": ["", "-1", ""]}, "softmax"),
            ("aten::layer_norm", {"Input Dims": [[2, 8], [], [8]], "Concrete Inputs": ["", "[8]", ""]}, "layer_norm"),
            (
                "aten::adaptive_avg_pool2d",
                {"Input Dims": [[1, 8, 7, 7], []], "Concrete Inputs": ["", "[1, 1]"]},
                "global_avg_pool",
            ),
            (
                "aten::max_pool2d",
                {
                    "Input Dims": [[1, 8, 8, 8], [], [], [], [], []],
                    "Concrete Inputs": ["", "[2, 2]", "[]", "[0, 0]", "[1, 1]", "False"],
                },
                "max_pool2d",
            ),
        ],
    )
    def test_operator_is_a_kind(self, name: str, arguments: Any, kind: str) -> None:
        (row,), skipped = layers("torch", trace(called(name, arguments)))
        assert not skipped
        assert json.loads(row["layer"])["kind"] == kind
        layer_network(row["layer"], row["input_shape"])

    @pytest.mark.parametrize(
        ("events", "reason"),
        [
            ([called("aten::mystery", CONV)], "mystery (1 call): no layer is made of this operator"),
            ([called("aten::relu", {})], "relu (1 call): the trace does not say the shape that it read"),
            ([called("aten::relu", None)], "relu (1 call): the trace does not say the shape that it read"),
            ([called("aten::conv2d", {"Input Dims": [[1, 4, 9, 9]]})], "the shape of its weights"),
            ([called("aten::conv2d", CONV | {"Concrete Inputs": [""] * 7})], "the values of its arguments"),
            ([called("aten::conv2d", CONV | {"Input Dims": [[1, 5, 9, 9], [8, 2, 3, 3]]})], "conv2d (1 call): "),
            ([called("aten::relu", {"Input Dims": [[1, 8]]}, duration=-5)], "relu (1 call): 'dur' must be a time"),
            ([called("aten::relu", {"Input Dims": [[1, 8]]}), {"cat": "kernel"}], "kernels ran on a GPU"),
        ],
    )
    def test_what_is_no_layer_is_listed(self, events: list[Any], reason: str) -> None:
        rows, (skipped,) = layers("torch", trace(*events))
        assert not rows
        assert reason in skipped.reason

    def test_trace_of_here_becomes_layers(self, tmp_path: Path) -> None:
        from tests.interop.torch.installed import nn, torch

        module = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 10))
        image = torch.zeros(1, 3, 16, 16)
        with (
            torch.no_grad(),
            torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], record_shapes=True) as profiled,
        ):
            module(image)
        profiled.export_chrome_trace(str(tmp_path / "trace.json"))
        collected = collect([read_source(tmp_path / "trace.json")], given={"device": "here"}, layers=True)
        found = {row.cells["operator"]: macs(row.cells) for row in collected.measurements.rows}
        assert found == {"conv2d": 8 * 8 * 8 * 27, "relu": 0, "linear": 5120}
        assert [left.reason for left in collected.skipped] == ["flatten (1 call): no layer is made of this operator"]


class TestOnnxRuntime:
    """Nodes of ONNX Runtime."""

    @pytest.mark.parametrize(
        ("inputs", "output"),
        [
            ([[1, 4, 9, 9], [8, 2, 3, 3], [8]], [1, 8, 5, 5]),
            ([[1, 4, 10, 10], [8, 2, 3, 3]], [1, 8, 5, 5]),
            ([[1, 4, 7, 7], [8, 2, 3, 3]], [1, 8, 5, 5]),
        ],
    )
    def test_convolution_has_the_operations_of_its_shapes(self, inputs: list[list[int]], output: list[int]) -> None:
        """With padding and stride, and without either."""
        (row,), skipped = layers("onnxruntime", json.dumps([node("Conv", inputs, output)]))
        assert not skipped
        assert macs(row) == MACS

    @given(size=st.integers(1, 60), kernel=st.integers(1, 7), stride=st.integers(1, 4))
    def test_every_stride_of_half_padding_is_found(self, size: int, kernel: int, stride: int) -> None:
        written = (size + 2 * (kernel // 2) - kernel) // stride + 1
        if kernel % 2:
            text = json.dumps([node("Conv", [[1, 2, size], [3, 2, kernel]], [1, 3, written])])
            (row,), _ = layers("onnxruntime", text)
            assert macs(row) == 3 * written * 2 * kernel

    @pytest.mark.parametrize(
        ("operator", "inputs", "output", "count"),
        [
            ("MatMul", [[1, 7, 8]], [1, 7, 10], 560),
            ("MatMul", [[1, 7, 8], [8, 10]], [1, 7, 10], 560),
            ("Gemm", [[1, 8], [10, 8], [10]], [1, 10], 80),
            ("Gemm", [[1, 8], [10]], [1, 10], 80),
            ("Relu", [[1, 8]], [1, 8], 0),
            ("GlobalAveragePool", [[1, 8, 7, 7]], [1, 8, 1, 1], 0),
        ],
    )
    def test_node_is_a_layer(self, operator: str, inputs: list[list[int]], output: list[int], count: int) -> None:
        (row,), _ = layers("onnxruntime", json.dumps([node(operator, inputs, output)]))
        assert macs(row) == count

    @pytest.mark.parametrize(
        ("event", "reason"),
        [
            (node("MatMul", [[2, 7, 8], [2, 8, 7]], [2, 7, 7]), "a product of two activations"),
            (node("Conv", [[1, 4, 9, 9]], [1, 8, 5, 5]), "the shape of its weights"),
            (node("Conv", [[1, 4, 9, 9], [8, 2, 3, 3]], [1, 8, 400, 5]), "how its window moves"),
            (node("Conv", [[1, 4, 9, 9], [8, 2, 3, 3]], [1, 9, 5, 5]), "how its window moves"),
            (node("Add", [[1, 8], [1, 8]], [1, 8]), "no layer is made of this operator"),
        ],
    )
    def test_what_is_no_layer_is_listed(self, event: dict[str, Any], reason: str) -> None:
        rows, (skipped,) = layers("onnxruntime", json.dumps([event]))
        assert not rows
        assert reason in skipped.reason


def test_formats_without_layers_say_so() -> None:
    with pytest.raises(FileFormatError, match="the format ncnn tells no times of single layers; leave out --layers"):
        collect([Source("a", (), PAGE)], layers=True)


def test_events_of_other_threads_lie_in_none() -> None:
    found: list[dict[str, Any]] = [
        {"ts": 0, "dur": 10, "tid": 1},
        {"ts": 2, "dur": 5, "tid": 2},
        {"ts": 3, "dur": 5, "tid": 1},
        {"ts": None},
    ]
    assert list(outermost(found)) == found[:2]
