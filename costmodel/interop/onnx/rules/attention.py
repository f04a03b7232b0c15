"""Scaled dot-product attention."""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.algebra import Dim, equal
from costmodel.interop.call import Call
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import Add, Attention, Concat, Divide, MatMul, Multiply, Permute, Reshape, Softmax, Tanh
from costmodel.layers.base import shape_text


@RULES.register("Attention")
def attention(call: Call) -> Sequence[Value]:
    """Scaled dot-product attention with queries, keys and values of 3 or 4 axes, joined to past keys and values."""
    heads = [call.integer("q_num_heads", 0), *[call.integer("kv_num_heads", 0)] * 2]
    given = [call.input(index) for index in range(3)]
    is_flat = len(given[0].shape) == 3
    if is_flat:
        given = [_by_heads(call, value, count) for value, count in zip(given, heads, strict=True)]
    for index, past in ((1, call.optional(4)), (2, call.optional(5))):
        if past is not None:
            (given[index],) = call.apply(Concat(axis=2), past, given[index], role="past")
    mask = [value for value in (call.optional(3),) if value is not None]
    if call.real("softcap", 0.0):
        y = _capped(call, given, mask)
    else:
        (y,) = call.apply(Attention(causal=bool(call.integer("is_causal", 0))), *given, *mask)
    if is_flat:
        n, h, length, d = y.shape
        (y,) = call.apply(Permute(axes=(0, 2, 1, 3)), y, role="order")
        (y,) = call.apply(Reshape(shape=(n, length, h * d)), y, role="join")
    return (y, given[1], given[2])


def _capped(call: Call, given: Sequence[Value], mask: Sequence[Value]) -> Value:
    """Attention whose scores are kept within a bound, cap tanh(score / cap), before softmax: step by step."""
    q, k, v = given
    n, heads, rows, size = q.shape
    shared = k.shape[1]
    by_keys = q if equal(heads, shared) else _shaped(call, q, (n, shared, -1, size), "groups")
    (columns,) = call.apply(Permute(axes=(0, 1, 3, 2)), k, role="transpose")
    (scores,) = call.apply(MatMul(), by_keys, columns, role="scores")
    scores = _shaped(call, scores, (n, heads, rows, k.shape[2]), "by_head")
    (scores,) = call.apply(Multiply(), scores, Value(f"{call.name}.scale_value", ()), role="scale")
    if mask:
        (scores,) = call.apply(Add(), scores, *mask, role="mask")
    cap = Value(f"{call.name}.cap_value", ())
    (scores,) = call.apply(Divide(), scores, cap, role="by_cap")
    (scores,) = call.apply(Tanh(), scores, role="tanh")
    (scores,) = call.apply(Multiply(), scores, cap, role="cap")
    (scores,) = call.apply(Softmax(axis=-1), scores, role="softmax")
    scores = _shaped(call, scores, (*by_keys.shape[:3], k.shape[2]), "by_group")
    (y,) = call.apply(MatMul(), scores, v, role="values")
    return _shaped(call, y, (n, heads, rows, v.shape[3]), "heads_again")


def _shaped(call: Call, x: Value, shape: tuple[Dim, ...], role: str) -> Value:
    """The same elements under another shape, where they have it not already."""
    return x if x.shape == shape else call.apply(Reshape(shape=shape), x, role=role)[0]


def _by_heads(call: Call, x: Value, heads: int) -> Value:
    """(n, l, h d) as (n, h, l, d)."""
    if len(x.shape) != 3 or heads < 1:
        call.refuse(f"needs inputs of 4 axes, or of 3 with the number of heads (got {shape_text(x.shape)})")
    n, length, _ = x.shape
    (split,) = call.apply(Reshape(shape=(n, length, heads, -1)), x, role="split")
    return call.apply(Permute(axes=(0, 2, 1, 3)), split, role="heads")[0]
