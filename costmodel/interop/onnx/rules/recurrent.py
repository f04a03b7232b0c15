"""Recurrent layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from costmodel.algebra import equal
from costmodel.errors import shorten
from costmodel.interop.call import Call
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import GRU, LSTM, RNN, Layer, Permute, Reshape
from costmodel.layers.base import shape_text

FUNCTIONS = {"RNN": [["Tanh"], ["Relu"]], "GRU": [["Sigmoid", "Tanh"]], "LSTM": [["Sigmoid", "Tanh", "Tanh"]]}
"""The functions of each cell that have a rule, the usual ones first."""


@RULES.register("LSTM", "GRU", "RNN")
def recurrent(call: Call) -> Sequence[Value]:
    """One layer of a recurrent network, in one or both directions."""
    x, weights = call.input(0), [call.input(1), call.input(2), call.optional(3)]
    peepholes = call.optional(7) if call.op == "LSTM" else None
    is_bidirectional = call.text("direction", "forward") == "bidirectional"
    fields: dict[str, Any] = {
        "hidden_size": call.integer("hidden_size"),
        "bidirectional": is_bidirectional,
        "bias": weights[2] is not None,
        "batch_first": bool(call.integer("layout", 0)),
    }
    if call.has("clip"):
        call.refuse(f"has a rule for cells that are not clipped (got 'clip' as {shorten(call.real('clip'))})")
    functions = _functions(call, 2 if is_bidirectional else 1)
    layer: Layer
    if call.op == "LSTM":
        if call.integer("input_forget", 0):
            call.refuse("has a rule for input and forget gates of their own (input_forget=0)")
        layer = LSTM(**fields, peepholes=peepholes is not None)
    elif call.op == "GRU":
        layer = GRU(**fields, reset="after" if call.integer("linear_before_reset", 0) else "before")
    else:
        layer = RNN(**fields, activation="relu" if functions == ["Relu"] else "tanh")
    for value in call.inputs[5:7]:
        if value is not None:
            _check_state(call, value, fields["hidden_size"])
    states = [_first_state(value) for value in call.inputs[5:7] if value is not None]
    given = states if any(value.is_computed or value.is_learnable for value in states) else []
    if fields["batch_first"]:
        given = [call.apply(Permute(axes=(1, 0, 2)), state, role="state")[0] for state in given]
    y, *last = call.apply(layer, x, *given, weights=(*weights, peepholes))
    if fields["batch_first"]:
        last = [call.apply(Permute(axes=(1, 0, 2)), state, role="last")[0] for state in last]
    return (_by_direction(call, y, 2 if is_bidirectional else 1), *last)


def _check_state(call: Call, value: Value, hidden: int) -> None:
    """A first state has as many elements for each sequence as the layer has hidden ones."""
    if len(value.shape) != 3 or not equal(value.shape[-1], hidden):
        call.refuse(f"needs first states of {hidden} elements for each sequence (got {shape_text(value.shape)})")


def _first_state(value: Value) -> Value:
    """A first state; a stored one that is not known to hold numbers is one of zeros, which is no parameter."""
    is_learned = value.contents is not None and any(value.contents.reshape(-1))
    return value if value.is_computed or is_learned else replace(value, weight=None)


def _by_direction(call: Call, y: Value, directions: int) -> Value:
    """The outputs with an axis for the directions: (l, d, n, h), or (n, l, d, h) where the batch is first."""
    first, second, features = y.shape
    (split,) = call.apply(Reshape(shape=(first, second, directions, features // directions)), y, role="directions")
    if call.integer("layout", 0):
        return split
    return call.apply(Permute(axes=(0, 2, 1, 3)), split, role="order")[0]


def _functions(call: Call, directions: int) -> list[str]:
    """The functions inside the cell, the same in every direction: those without a rule cost something else."""
    known = FUNCTIONS[call.op]
    given = call.attributes.get("activations") or known[0] * directions
    found = [functions for functions in known if functions * directions == given]
    if not found:
        allowed = " or ".join(", ".join(functions) for functions in known)
        call.refuse(f"has a rule for the activations {allowed} (got {shorten(given)})")
    return found[0]
