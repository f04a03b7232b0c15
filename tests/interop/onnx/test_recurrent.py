"""Recurrent layers and attention of ONNX: shapes as the operators' documentation has them, costs as the layers' own."""

from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, numpy_helper

from costmodel.errors import CostModelError
from costmodel.layers import GRU, LSTM, RNN, Attention, Layer
from costmodel.network import Network
from tests.interop.onnx.models import network, node, numbers, stored

L, N, C, H = 7, 3, 5, 4
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def first_state(value: float, batch: int = N) -> TensorProto:
    """A stored first state of equal numbers."""
    return numpy_helper.from_array(np.full((1, batch, H), value, dtype=np.float32), "first")


def recurrent(op: str, directions: int = 1, **attributes: Any) -> Network:
    """One operator with all of its weights, on (7, 3, 5)."""
    g = GATES[op]
    weights = [stored("w", directions, g * H, C), stored("r", directions, g * H, H), stored("b", directions, 2 * g * H)]
    outputs = ["y", "h", "c"] if op == "LSTM" else ["y", "h"]
    made = node(op, ["x", "w", "r", "b"], outputs, hidden_size=H, **attributes)
    return network([made], {"x": [L, N, C]}, outputs, weights)


@pytest.mark.parametrize(
    ("op", "attributes", "layer"),
    [
        ("LSTM", {}, LSTM(hidden_size=H)),
        ("GRU", {}, GRU(hidden_size=H, reset="before")),
        ("GRU", {"linear_before_reset": 1}, GRU(hidden_size=H, reset="after")),
        ("RNN", {}, RNN(hidden_size=H)),
        ("RNN", {"activations": ["Relu"]}, RNN(hidden_size=H, activation="relu")),
    ],
)
@pytest.mark.parametrize("directions", [1, 2])
def test_the_cost_is_that_of_the_layer(op: str, attributes: dict[str, object], layer: Layer, directions: int) -> None:
    given = dict(attributes)
    if directions == 2:
        given["direction"] = "bidirectional"
        if "activations" in given:
            given["activations"] = ["Relu", "Relu"]
        layer = layer.model_copy(update={"bidirectional": True})
    read, cost = recurrent(op, directions, **given).cost(), layer.cost((L, N, C))
    assert (read.ledger, read.params) == (cost.ledger, cost.params)


@pytest.mark.parametrize("op", GATES)
def test_the_shapes_are_those_of_the_operator(op: str) -> None:
    """Y: [seq_length, num_directions, batch_size, hidden_size]; Y_h, Y_c: [num_directions, batch_size, hidden_size]."""
    read = recurrent(op, 2, direction="bidirectional")
    shapes = [read.shapes[name] for name in read.outputs]
    assert shapes == [(L, 2, N, H), *[(2, N, H)] * (2 if op == "LSTM" else 1)]


def test_functions_without_a_rule_are_refused() -> None:
    with pytest.raises(CostModelError, match=r"has a rule for the activations Tanh or Relu \(got \['Elu'\]\)"):
        recurrent("RNN", activations=["Elu"])
    with pytest.raises(CostModelError, match=r"has a rule for the activations Sigmoid, Tanh, Tanh \(got"):
        recurrent("LSTM", activations=["Sigmoid", "Tanh", "Relu"])


def test_weights_that_are_put_together_from_stored_ones_are_counted_once() -> None:
    """PyTorch's exporter writes the gates in ONNX's order with Slice, Concat and Unsqueeze."""
    slices = [node("Slice", ["w", f"from_{k}", f"to_{k}", "zero"], [f"w_{k}"], name=f"slice_{k}") for k in range(4)]
    bounds = [numbers(f"{end}_{k}", (k + step) * H) for k in range(4) for step, end in enumerate(("from", "to"))]
    nodes = [
        *slices,
        node("Concat", ["w_0", "w_3", "w_1", "w_2"], ["sorted"], axis=0),
        node("Unsqueeze", ["sorted", "zero"], ["weight"]),
        node("LSTM", ["x", "weight", "r", "b", "", "first", "first"], ["y"], hidden_size=H),
    ]
    weights = [stored("w", 4 * H, C), stored("r", 1, 4 * H, H), stored("b", 1, 8 * H), first_state(0.0)]
    read = network(nodes, {"x": [L, N, C]}, ["y"], [*weights, *bounds, numbers("zero", 0)]).cost()
    cost = LSTM(hidden_size=H).cost((L, N, C))
    assert (read.ledger, read.params) == (cost.ledger, cost.params)


def test_a_state_that_is_computed_is_an_input() -> None:
    weights = [stored("w", 1, 3 * H, C), stored("r", 1, 3 * H, H)]
    read = network(
        [node("GRU", ["x", "w", "r", "", "", "h"], ["y"], hidden_size=H)],
        {"x": [L, N, C], "h": [1, N, H]},
        ["y"],
        weights,
    )
    (gru,) = [each for each in read.nodes if each.layer.kind == "gru"]
    assert gru.inputs == ("x", "h")
    assert read.cost().params == GRU(hidden_size=H, bias=False).cost((L, N, C)).params


@pytest.mark.parametrize("batch", [1, 2])
def test_a_learned_state_is_a_parameter_for_any_batch(batch: int) -> None:
    """An exporter expands it over the batch, which for a batch of one is what it was."""
    nodes = [node("Expand", ["first", "shape"], ["h"]), node("GRU", ["x", "w", "r", "", "", "h"], ["y"], hidden_size=H)]
    weights = [stored("w", 1, 3 * H, C), stored("r", 1, 3 * H, H), first_state(0.5, batch=1)]
    read = network(nodes, {"x": [L, batch, C]}, ["y"], [*weights, numbers("shape", 1, batch, H)])
    assert read.cost().params == GRU(hidden_size=H, bias=False).cost((L, batch, C)).params + H


def test_attention_of_flat_heads() -> None:
    """Attention of opset 23: (batch, length, heads x size), grouped queries."""
    made = node("Attention", ["q", "k", "v"], ["y"], q_num_heads=4, kv_num_heads=2, is_causal=1)
    read = network([made], {"q": [2, 6, 32], "k": [2, 9, 16], "v": [2, 9, 16]}, ["y"], opset=23)
    assert read.shapes[read.outputs[0]] == (2, 6, 32)
    assert read.cost().macs == Attention(causal=True).cost((2, 4, 6, 8), (2, 2, 9, 8), (2, 2, 9, 8)).macs


@pytest.mark.parametrize(("value", "params"), [(0.0, 0), (0.5, N * H)])
def test_a_stored_first_state_is_a_parameter_unless_it_is_zero(value: float, params: int) -> None:
    weights = [stored("w", 1, 3 * H, C), stored("r", 1, 3 * H, H), first_state(value)]
    made = node("GRU", ["x", "w", "r", "", "", "first"], ["y"], hidden_size=H)
    read = network([made], {"x": [L, N, C]}, ["y"], weights)
    assert read.cost().params == GRU(hidden_size=H, bias=False).cost((L, N, C)).params + params


def test_a_state_of_another_size_is_refused() -> None:
    """PyTorch writes an LSTM with projections so, which ONNX does not have."""
    weights = [stored("w", 1, 4 * H, C), stored("r", 1, 4 * H, H), stored("h0", 1, N, H), stored("c0", 1, N, 3 * H)]
    made = node("LSTM", ["x", "w", "r", "", "", "h0", "c0"], ["y"], hidden_size=H)
    with pytest.raises(CostModelError, match=f"first states of {H} elements"):
        network([made], {"x": [L, N, C]}, ["y"], weights)
