"""Recurrent layers and attention."""

from __future__ import annotations

from typing import Any

from costmodel.errors import UnsupportedError
from costmodel.interop.onnx.writing.node import Output, Writing, writes

GATES = {"rnn": 1, "gru": 3, "lstm": 4}


@writes("rnn", "gru", "lstm")
def recurrent(w: Writing) -> Output:
    """A recurrent operation for each layer; the states of all layers are joined."""
    fields, kind = w.field, w.layer.kind
    if fields.get("projection") is not None:
        raise UnsupportedError("ONNX has no LSTM with a projection")
    if fields.get("joined_biases"):
        raise UnsupportedError("ONNX has two biases for each gate; use joined_biases=False")
    if len(w.inputs) > 1 and fields["layers"] != 1:
        raise UnsupportedError("initial states of several layers are not written to ONNX")
    directions = 2 if fields["bidirectional"] else 1
    hidden = w.number(fields["hidden_size"], "its hidden size")
    x = w.op("Transpose", w.inputs[0], perm=[1, 0, 2], role="steps") if fields["batch_first"] else w.inputs[0]
    features, finals = w.shape[2], []
    for index in range(w.number(fields["layers"], "its layers")):
        y, *states = _layer(w, index, x, features, directions, hidden)
        x = _joined(w, index, y, directions, hidden)
        features = directions * hidden
        finals.append(states)
    x = w.op("Transpose", x, perm=[1, 0, 2], role="batch") if fields["batch_first"] else x
    names = ("h", "c") if kind == "lstm" else ("h",)
    joined = [
        column[0] if len(column) == 1 else w.op("Concat", *column, axis=0, role=name)
        for name, column in zip(names, zip(*finals, strict=True), strict=True)
    ]
    return (x, *joined)


def _layer(w: Writing, index: int, x: str, features: Any, directions: int, hidden: int) -> tuple[str, ...]:
    """The outputs and the last states of one layer."""
    fields, kind = w.field, w.layer.kind
    gates = GATES[kind]
    inputs = [
        x,
        w.weight(f"{index}.input_weight", directions, gates * hidden, features),
        w.weight(f"{index}.state_weight", directions, gates * hidden, hidden),
        w.weight(f"{index}.bias", directions, 2 * gates * hidden) if fields["bias"] else "",
        "",
        *w.inputs[1:],
    ]
    if fields.get("peepholes"):
        inputs = [*inputs, *[""] * (7 - len(inputs)), w.weight(f"{index}.peepholes", directions, 3 * hidden)]
    while not inputs[-1]:
        inputs.pop()
    attributes: dict[str, Any] = {"hidden_size": hidden}
    if directions == 2:
        attributes["direction"] = "bidirectional"
    if kind == "gru":
        attributes["linear_before_reset"] = int(fields["reset"] == "after")
    if kind == "rnn" and fields["activation"] == "relu":
        attributes["activations"] = ["Relu"] * directions
    return w.ops(kind.upper(), *inputs, outputs=3 if kind == "lstm" else 2, role=f"layer{index}", **attributes)


def _joined(w: Writing, index: int, y: str, directions: int, hidden: int) -> str:
    """(steps, directions, batch, hidden) as (steps, batch, features)."""
    if directions == 1:
        return w.op("Squeeze", y, w.integers(f"{index}.axis", [1]), role=f"squeeze{index}")
    y = w.op("Transpose", y, perm=[0, 2, 1, 3], role=f"directions{index}")
    return w.op("Reshape", y, w.integers(f"{index}.features", [0, 0, directions * hidden]), role=f"join{index}")


@writes("attention")
def attention(w: Writing) -> str:
    """Scaled dot-product attention on (n, heads, steps, size)."""
    if w.field["skip_masked"]:
        raise UnsupportedError("ONNX computes attention in full; use skip_masked=False")
    if len(w.shape) != 4:
        raise UnsupportedError("ONNX takes attention's inputs as (n, heads, steps, size)")
    return w.op("Attention", *w.inputs, is_causal=int(w.field["causal"]))


@writes("multi_head_attention")
def multi_head_attention(w: Writing) -> str:
    """Projections, attention and the projection of its output."""
    fields = w.field
    if fields["skip_masked"]:
        raise UnsupportedError("ONNX computes attention in full; use skip_masked=False")
    if len(w.shape) != 3 or len(w.inputs) in (2, 4):
        raise UnsupportedError("attention of several heads is written to ONNX for (n, steps, channels) without a mask")
    heads = w.number(fields["heads"], "its heads")
    kv_heads = heads if fields["kv_heads"] is None else w.number(fields["kv_heads"], "its key heads")
    shapes = w.step.input_shapes if len(w.inputs) == 3 else (w.shape,) * 3
    tensors = w.inputs if len(w.inputs) == 3 else w.inputs * 3
    channels = w.number(w.shape[-1], "its channels")
    key = channels // heads if fields["head_size"] is None else w.number(fields["head_size"], "its head size")
    value = key if fields["value_size"] is None else w.number(fields["value_size"], "its value size")
    sizes = (heads * key, kv_heads * key, kv_heads * value)
    projected = [
        _linear(w, tensor, shape[-1], size, role)
        for tensor, shape, size, role in zip(tensors, shapes, sizes, ("query", "key", "value"), strict=True)
    ]
    y = w.op(
        "Attention", *projected, q_num_heads=heads, kv_num_heads=kv_heads, is_causal=int(fields["causal"]),
        role="attention",
    )  # fmt: skip
    return _linear(w, y, heads * value, w.result[-1], "")


def _linear(w: Writing, x: str, features: Any, size: Any, role: str) -> str:
    name = role or "output"
    y = w.op("MatMul", x, w.weight(f"{name}.weight", features, size), role=role or "")
    return w.op("Add", y, w.weight(f"{name}.bias", size), role=f"{name}.bias") if w.field["bias"] else y
