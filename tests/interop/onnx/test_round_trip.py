"""Networks written as ONNX are valid, run under ONNX Runtime, and cost the same when they are read back."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from costmodel import symbols, zoo
from costmodel.errors import SpecError, UnsupportedError
from costmodel.interop.onnx import read_model, to_onnx, write_onnx
from costmodel.interop.onnx.writing import WRITERS
from costmodel.layers import Add, Conv2d, Linear, ReLU, kinds, parse_layer
from costmodel.network import Builder, Network
from tests.layers.strategies import STRATEGIES
from tests.network.graphs import networks

UNWRITTEN = {"atan2", "unfold", "reduce_variance", "roll", "uncounted", "detection_output"}
"""Kinds that no operation of ONNX stands for."""
FEW = settings(max_examples=max(10, settings().max_examples // 10), suppress_health_check=[HealthCheck.filter_too_much])
NUMPY = {1: np.float32, 7: np.int64, 9: np.bool_}


def alone(kind: str, fields: Mapping[str, Any], shapes: list[Any]) -> Network:
    """A network of one layer."""
    builder = Builder(kind)
    inputs = [builder.input(f"x{index}", shape) for index, shape in enumerate(shapes)]
    return builder.build(*builder.add_many(parse_layer({"kind": kind, **fields}), *inputs, name="layer"))


def costs(network: Network) -> tuple[object, ...]:
    """What a round trip keeps."""
    cost = network.cost()
    return cost.ledger, cost.params, cost.buffers


def run(model: onnx.ModelProto) -> list[tuple[int, ...]]:
    """The shapes of what ONNX Runtime computes for inputs of ones."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    feeds: dict[str, Any] = {}
    for info in model.graph.input:
        kind = info.type.tensor_type
        sizes = [dim.dim_value or 2 for dim in kind.shape.dim]
        make = np.zeros if kind.elem_type == 7 else np.ones
        feeds[info.name] = make(sizes, dtype=NUMPY[kind.elem_type])
    return [np.shape(output) for output in session.run(None, feeds)]


def test_every_kind_is_written_or_known_not_to_be() -> None:
    library = {name for name, layer in kinds().items() if layer.__module__.startswith("costmodel.")}
    assert library - set(WRITERS) == UNWRITTEN


@pytest.mark.parametrize("kind", sorted(WRITERS))
@FEW
@given(data=st.data())
def test_a_layer_costs_the_same_when_it_is_read_back(kind: str, data: st.DataObject) -> None:
    fields, shapes = data.draw(STRATEGIES[kind], label="fields, input shapes")
    network = alone(kind, fields, shapes)
    try:
        model = to_onnx(network)
    except UnsupportedError:
        reject()
    onnx.checker.check_model(model)
    assert costs(read_model(model, kind)) == costs(network)


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "shufflenet_v1", "squeezenet1_1", "mobilenet_v3_small"])
def test_a_network_of_the_zoo_runs_and_costs_the_same(name: str) -> None:
    network = zoo.find(name)(resolution=64)
    model = to_onnx(network)
    onnx.checker.check_model(model)
    assert run(model) == [network.shapes[output] for output in network.outputs]
    assert costs(read_model(model, name)) == costs(network)


@FEW
@given(network=networks())
def test_a_random_network_costs_the_same(network: Network) -> None:
    model = to_onnx(network)
    onnx.checker.check_model(model)
    assert run(model) == [network.shapes[output] for output in network.outputs]
    assert costs(read_model(model, network.name)) == costs(network)


def test_a_symbolic_batch_stays_one() -> None:
    network = zoo.mobilenet_v1(batch=symbols("batch"), resolution=64)
    model = to_onnx(network, weights="absent")
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    assert costs(read_model(model, "mobilenet_v1")) == costs(network)


def test_absent_weights_are_named_and_not_there() -> None:
    network = zoo.lenet_5()
    model = to_onnx(network, weights="absent")
    assert {tensor.data_location for tensor in model.graph.initializer if tensor.data_type == 1} == {1}
    assert len(model.SerializeToString()) < 10_000
    assert costs(read_model(model, "lenet_5")) == costs(network)


def test_weights_that_are_shared_or_borrowed_are_stored_once(tmp_path: Any) -> None:
    builder = Builder("shared")
    x = builder.input("x", (1, 4, 8, 8))
    first = builder.add(Conv2d(out_channels=4, kernel=3, padding=1), x, name="first")
    second = builder.add(Conv2d(out_channels=4, kernel=3, padding=1), first, name="second", shares="first")
    network = builder.build(builder.add(Add(), first, second, name="sum"))
    write_onnx(network, tmp_path / "shared.onnx")
    model = onnx.load(tmp_path / "shared.onnx")
    assert len(model.graph.initializer) == 2
    assert costs(read_model(model, "shared")) == costs(network)


def test_a_symbol_inside_a_layer_has_to_be_bound() -> None:
    builder = Builder("open")
    x = builder.input("x", (1, "n", "m"))
    network = builder.build(x.then(parse_layer({"kind": "tile", "repeats": ("n", 1, 1)}), ReLU()))
    with pytest.raises(SpecError, match="its repeats must be a number to be written to ONNX"):
        to_onnx(network)


def test_other_weights_are_refused() -> None:
    with pytest.raises(SpecError, match="'weights' must be 'random', 'absent' or a function"):
        to_onnx(alone("linear", {"out_features": 3}, [(1, 2)]), weights="trained")  # type: ignore[arg-type]


def test_a_linear_layer_on_several_axes_runs() -> None:
    network = alone("linear", dict(Linear(out_features=3)) | {"kind": "linear"}, [(2, 5, 4)])
    assert run(to_onnx(network)) == [(2, 5, 3)]
