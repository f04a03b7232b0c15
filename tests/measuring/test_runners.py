"""Every runtime computes the network: the shapes that we infer, and, with the same weights, the same numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from costmodel import Builder, zoo
from costmodel.calibration.targets import layer_network
from costmodel.errors import CostModelError, MeasuringError, MissingExtraError
from costmodel.interop.files import read
from costmodel.layers import AvgPool2d, Clip, Conv2d, LayerNorm, Linear, MatMul, Pad, PReLU, Reshape, Softmax
from costmodel.measuring import RUNTIMES, Subject, runtime
from costmodel.measuring.cases import shape_text
from costmodel.measuring.runners import Runtime
from costmodel.measuring.suite import operator_suite
from tests.measuring.runtimes import agree, need, outputs, weights

NAMES = sorted(RUNTIMES)
PAIRS = [("onnxruntime", "ncnn"), ("onnxruntime", "torch")]
NETWORKS = [
    ("lenet_5", {}),
    ("document_002", {}),
    ("document_000", {"resolution": 20}),
    ("mobilenet_v1", {"width": 0.25, "resolution": 64}),
    ("mobilenet_v2", {"width": 0.35, "resolution": 64}),
    ("mobilenet_v3_small", {"resolution": 64}),
    ("efficientnet_lite0", {"resolution": 64}),
    ("efficientnet_b0", {"resolution": 64}),
    ("shufflenet_v1", {"resolution": 64}),
    ("shufflenet_v2", {"resolution": 64}),
    ("squeezenet", {"resolution": 64}),
    ("ghostnet", {"resolution": 64}),
    ("nasnet_a_mobile", {"resolution": 64}),
    ("googlenet_paper", {"resolution": 96}),
    ("resnext50_32x4d", {"resolution": 64}),
]


@pytest.mark.parametrize("names", PAIRS, ids=" ".join)
@pytest.mark.parametrize(("name", "settings"), NETWORKS, ids=[name for name, _ in NETWORKS])
def test_a_network_gives_the_same_numbers_under_each_runtime(
    name: str, settings: dict[str, float], names: tuple[str, str]
) -> None:
    agree(zoo.find(name)(**settings), names)


SMALL = [case for case in operator_suite() if max(np.prod(shape) for shape in case.inputs) <= 64 * 64 * 64]
CASES = {case.operator: case for case in reversed(SMALL)}
"""The first small case of each operator of the suite."""


@pytest.mark.parametrize("names", PAIRS, ids=" ".join)
@pytest.mark.parametrize("operator", CASES)
def test_an_operator_of_the_suite_gives_the_same_numbers_under_each_runtime(
    operator: str, names: tuple[str, str]
) -> None:
    case = CASES[operator]
    network = layer_network(json.dumps(case.layers), shape_text(case.inputs))
    agree(network, names)


def test_one_layer_after_another_keeps_its_weights_apart() -> None:
    b = Builder("mixed")
    x = b.input("x", (1, 6, 9, 9))
    y = x.then(Pad(pads=((0, 0), (0, 0), (1, 2), (0, 1))), Conv2d(out_channels=6, kernel=3, stride=2), PReLU())
    y = y.then(PReLU(per_channel=True), Clip(min=-0.5), AvgPool2d(kernel=2, stride=1, padding=1))
    y = y.then(Reshape(shape=(1, 12, 15)), LayerNorm(), Linear(out_features=12), Softmax())
    network = b.build(b.add(MatMul(), y, y.then(Linear(out_features=5)).then(Reshape(shape=(1, 12, 5)))))
    agree(network, ("onnxruntime", "ncnn"))


@pytest.mark.parametrize("name", NAMES)
def test_a_runtime_that_is_not_installed_is_named_with_its_extra(name: str) -> None:
    absent = Runtime(name, ("a_package_that_is_not_there",), RUNTIMES[name].extra)
    with pytest.raises(MissingExtraError, match=rf"a_package_that_is_not_there .*costmodel\[{RUNTIMES[name].extra}\]"):
        absent.prepare(Subject(zoo.lenet_5()), 1)


@pytest.mark.parametrize("name", NAMES)
def test_sizes_that_are_symbols_are_refused(name: str) -> None:
    need(name)
    with pytest.raises(CostModelError, match=r"symbol|numbers"):
        runtime(name).prepare(Subject(zoo.lenet_5(batch="n")), 1)


def test_ncnn_refuses_a_batch() -> None:
    need("ncnn")
    with pytest.raises(CostModelError, match="no batch"):
        runtime("ncnn").prepare(Subject(zoo.lenet_5(batch=2)), 1)


@pytest.mark.parametrize("name", ["onnxruntime", "torch"])
def test_others_run_a_batch(name: str) -> None:
    need(name)
    (array,) = outputs(name, zoo.lenet_5(batch=3))
    assert array.shape == (3, 10)


@pytest.mark.parametrize("name", NAMES)
def test_a_kind_that_a_runtime_does_not_have_is_refused_by_name(name: str) -> None:
    need(name)
    network = layer_network('{"kind": "roll", "axes": [1], "shifts": [1]}', "1x8")
    with pytest.raises(CostModelError, match="'roll'"):
        runtime(name).prepare(Subject(network), 1)


class TestFiles:
    """Files of a runtime's own format run as they are."""

    def test_an_onnx_file_with_its_weights(self, tmp_path: Path) -> None:
        need("onnxruntime")
        from costmodel.interop.onnx.writing import write_onnx

        path = tmp_path / "net.onnx"
        write_onnx(zoo.lenet_5(), path, weights=weights)
        runner = runtime("onnxruntime").prepare(Subject(read(path), path), 1)
        assert runner.weights == "file"
        assert np.allclose(runner.outputs()[0], outputs("onnxruntime", zoo.lenet_5())[0])

    def test_an_onnx_file_without_its_weights_gets_random_ones(self, tmp_path: Path) -> None:
        need("onnxruntime")
        from costmodel.interop.onnx.writing import write_onnx

        path = tmp_path / "net.onnx"
        write_onnx(zoo.lenet_5(), path, weights="absent")
        runner = runtime("onnxruntime").prepare(Subject(read(path), path), 1)
        assert runner.weights == "random"
        assert runner.outputs()[0].shape == (1, 10)

    def test_a_param_file_with_zeros(self, shared: Path) -> None:
        need("ncnn")
        path = shared / "data" / "ncnn" / "params" / "squeezenet.param"
        runner = runtime("ncnn").prepare(Subject(read(path), path), 1)
        assert runner.weights == "zero"
        assert np.allclose(runner.outputs()[0], 1 / 1000)

    def test_a_param_file_with_its_weights(self, tmp_path: Path) -> None:
        need("ncnn")
        from costmodel.interop.ncnn.writing import to_ncnn

        model = to_ncnn(zoo.lenet_5(), weights)
        path = tmp_path / "net.param"
        path.write_text(model.param, encoding="utf-8")
        path.with_suffix(".bin").write_bytes(model.weights)
        runner = runtime("ncnn").prepare(Subject(read(path), path), 1)
        assert runner.weights == "file"
        assert np.allclose(runner.outputs()[0], outputs("ncnn", zoo.lenet_5())[0])


def test_weights_beyond_an_onnx_model_are_refused_before_they_are_made() -> None:
    """Two linear layers of 2^14 x 2^14 float32 numbers: 2.1 GB, where a protobuf message holds 2^31 - 1 bytes."""
    need("onnxruntime")
    b = Builder("wide")
    x = b.input("input", (1, 2**14))
    network = b.build(x.then(Linear(out_features=2**14)).then(Linear(out_features=2**14)))

    def never(name: str, shape: tuple[int, ...]) -> None:
        pytest.fail(f"made {name} of {shape}")

    with pytest.raises(MeasuringError, match=r"wide has 2\.15 GB of weights, .* holds 2\.15 GB; measure it under"):
        runtime("onnxruntime").prepare(Subject(network), 1, never)
