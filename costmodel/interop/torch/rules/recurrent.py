"""Recurrent layers, and single steps of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costmodel.algebra import exact_div
from costmodel.interop.call import Call
from costmodel.interop.torch.arguments import dim, flag, optional_tensor, tensor, tensors
from costmodel.interop.torch.recurrence import GATES
from costmodel.interop.torch.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import GRU, LSTM, RNN, Layer, Reshape
from costmodel.layers.base import shape_text


@RULES.register(*(f"costmodel.{name}" for name in GATES), *(f"aten.{name}.input" for name in GATES))
def recurrent(call: Call) -> Sequence[Value]:
    """The layers of a recurrent network, in one or both directions."""
    cell = call.op.split(".")[1]
    states = tensors(call, "hx") if isinstance(call.attributes["hx"], list) else [tensor(call, "hx")]
    weights = tensors(call, "params")
    if not all(weight.is_learnable for weight in weights):
        call.refuse("has a rule for learned and stored weights only")
    x = tensor(call, "input")
    if len(x.shape) != 3:
        call.refuse(f"takes an input of shape (steps, n, c) or (n, steps, c) (got {shape_text(x.shape)})")
    hidden = exact_div(weights[1].shape[0], GATES[cell])
    fields: dict[str, Any] = {
        "hidden_size": hidden,
        "layers": dim(call, "num_layers"),
        "bidirectional": flag(call, "bidirectional"),
        "bias": flag(call, "has_biases"),
        "batch_first": flag(call, "batch_first"),
    }
    recurrent_size = weights[1].shape[1]
    layer = _layer(cell, fields, None if recurrent_size == hidden else recurrent_size)
    has_states = any(state.is_computed or state.weight is not None for state in states)
    return call.apply(layer, x, *(states if has_states else ()), weights=weights)


def _layer(cell: str, fields: dict[str, Any], projection: Any = None) -> Layer:
    """The kind of a cell."""
    if cell.startswith("lstm"):
        return LSTM(**fields, projection=projection)
    if cell.startswith("gru"):
        return GRU(**fields)
    return RNN(**fields, activation="relu" if "relu" in cell else "tanh")


@RULES.register("aten.lstm_cell", "aten.gru_cell", "aten.rnn_tanh_cell", "aten.rnn_relu_cell")
def cell(call: Call) -> Sequence[Value]:
    """One step of a recurrent layer: a sequence of length 1."""
    name = call.op.split(".")[1]
    x = tensor(call, "input")
    states = tensors(call, "hx") if isinstance(call.attributes["hx"], list) else [tensor(call, "hx")]
    weights = [tensor(call, "w_ih"), tensor(call, "w_hh"), optional_tensor(call, "b_ih"), optional_tensor(call, "b_hh")]
    if not all(weight is None or weight.is_learnable for weight in weights):
        call.refuse("has a rule for learned and stored weights only")
    hidden = weights[1].shape[1] if weights[1] is not None else 0
    layer = _layer(name, {"hidden_size": hidden, "bias": weights[2] is not None})
    steps = [call.apply(Reshape(shape=(1, *value.shape)), value, role="step")[0] for value in (x, *states)]
    has_states = any(state.is_computed or state.weight is not None for state in states)
    _, *last = call.apply(layer, *(steps if has_states else steps[:1]), weights=weights)
    return [call.apply(Reshape(shape=value.shape[1:]), value, role="state")[0] for value in last]
