"""Recurrent layers: one layer, read forward, backward or both ways."""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.interop.call import Call
from costmodel.interop.ncnn.convolution import check_weights
from costmodel.interop.ncnn.parameters import Parameters
from costmodel.interop.ncnn.rules import axes, blob, rule
from costmodel.interop.value import Value
from costmodel.layers import GRU, LSTM, RNN, Layer, Permute

BOTH_WAYS = 2
"""The direction that is forward and backward."""


def _recurrent(call: Call, parameters: Parameters, layer: Layer, cells: int) -> Sequence[Value]:
    """The layer on a sequence (steps, channels), with first states (directions, size) where they are given."""
    x, *states = call.present or (call.input(0),)
    for value in (x, *states):
        axes(call, value, 2)
    directions = 2 if parameters.integer(2, "direction") == BOTH_WAYS else 1
    check_weights(call, parameters, directions * cells * blob(x)[1], key=1)
    turned = [call.apply(Permute(axes=(1, 0, 2)), state, role=f"first{i}")[0] for i, state in enumerate(states)]
    y, *last = call.apply(layer, x, *turned)
    wanted = last[: len(call.declared) - 1]
    return (y, *(call.apply(Permute(axes=(1, 0, 2)), state, role=f"last{i}")[0] for i, state in enumerate(wanted)))


def _fields(parameters: Parameters) -> dict[str, object]:
    """What all recurrent layers have: ncnn stores the sum of the biases of input and state."""
    bidirectional = parameters.choice(2, "direction", 3) == BOTH_WAYS
    return {"bidirectional": bidirectional, "batch_first": True, "joined_biases": True}


@rule("LSTM", keys={0, 1, 2, 3, 8})
def lstm(call: Call, parameters: Parameters) -> Sequence[Value]:
    """Four gates around a cell; the output is projected where it has another size than the cell."""
    size = parameters.size(0, "num_output")
    hidden = parameters.size(3, "hidden_size", size)
    layer = LSTM(hidden_size=hidden, projection=None if hidden == size else size, **_fields(parameters))
    return _recurrent(call, parameters, layer, 4 * hidden)


@rule("GRU", keys={0, 1, 2, 8})
def gru(call: Call, parameters: Parameters) -> Sequence[Value]:
    """Three gates, with the reset gate behind the product."""
    size = parameters.size(0, "num_output")
    return _recurrent(call, parameters, GRU(hidden_size=size, **_fields(parameters)), 3 * size)


@rule("RNN", keys={0, 1, 2, 8})
def rnn(call: Call, parameters: Parameters) -> Sequence[Value]:
    """tanh of the input and the state."""
    size = parameters.size(0, "num_output")
    return _recurrent(call, parameters, RNN(hidden_size=size, **_fields(parameters)), size)
