"""Linear layers and matrix products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from costmodel.algebra import Dim, equal
from costmodel.interop.call import Call
from costmodel.interop.fitting import agree
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import Add, Einsum, Linear, MatMul, Multiply, Permute
from costmodel.layers.base import shape_text


@RULES.register("Gemm")
def gemm(call: Call) -> Sequence[Value]:
    """alpha A B + beta C; the factors are 1 or folded into stored weights."""
    a, b, c = call.input(0), call.input(1), call.optional(2)
    if len(a.shape) != 2 or len(b.shape) != 2:
        call.refuse(f"takes two matrices (got {shape_text(a.shape)} and {shape_text(b.shape)})")
    if call.integer("transA", 0):
        (a,) = call.apply(Permute(axes=(1, 0)), a, role="transpose_a")
    is_transposed = bool(call.integer("transB", 0))
    _check_inner(call, a, b, b.shape[1 if is_transposed else 0])
    if c is not None and c.is_computed and call.real("beta", 1.0) != 1:
        (c,) = call.apply(Multiply(), c, _scalar(call, "beta"), role="beta")
    if not b.is_computed and a.is_computed:
        features = b.shape[0 if is_transposed else 1]
        if c is None or (not c.is_computed and c.elements == features):
            return call.apply(Linear(out_features=features, bias=c is not None), a, weights=(b, c))
        (y,) = call.apply(Linear(out_features=features, bias=False), a, weights=(b,))
        return call.apply(Add(), y, c, role="add")
    if is_transposed:
        (b,) = call.apply(Permute(axes=(1, 0)), b, role="transpose_b")
    (y,) = call.apply(MatMul(), a, b)
    if call.real("alpha", 1.0) != 1:
        (y,) = call.apply(Multiply(), y, _scalar(call, "alpha"), role="alpha")
    return (y,) if c is None else call.apply(Add(), y, c, role="add")


def _scalar(call: Call, name: str) -> Value:
    return Value(f"{call.name}.{name}", ())


@RULES.register("MatMul")
def matmul(call: Call) -> Sequence[Value]:
    """A B; a stored B of two axes is a linear layer without a bias."""
    return multiplied(call, call.input(0), call.input(1))


@RULES.register("com.microsoft::MatMulNBits")
def packed_matmul(call: Call) -> Sequence[Value]:
    """A linear layer whose weights are packed several to a byte."""
    x, packed, bias = call.input(0), call.input(1), call.optional(5)
    features, inner = call.integer("N"), call.integer("K")
    if packed.is_computed:
        call.refuse("needs weights that are stored, because packed ones cannot be computed here")
    weight = replace(packed, shape=(features, inner), contents=None)
    _check_inner(call, x, weight, inner)
    if bias is None or not bias.is_computed:
        return call.apply(Linear(out_features=features, bias=bias is not None), x, weights=(weight, bias))
    (y,) = call.apply(Linear(out_features=features, bias=False), x, weights=(weight,), role="product")
    return call.apply(Add(), y, bias)


def multiplied(call: Call, a: Value, b: Value, role: str = "") -> Sequence[Value]:
    """A B of any numbers of axes."""
    if a.is_computed and not b.is_computed and len(b.shape) == 2:
        _check_inner(call, a, b, b.shape[0])
        return call.apply(Linear(out_features=b.shape[1], bias=False), a, weights=(b,), role=role)
    return call.apply(MatMul(), a, b, role=role)


def _check_inner(call: Call, a: Value, b: Value, rows: Dim) -> None:
    """Raise unless each row of the one matrix meets a column of the other of the same length."""
    if not a.shape or not (equal(a.shape[-1], rows) or agree(a.shape[-1], rows)):
        call.refuse(
            f"multiplies {shape_text(a.shape)} by {shape_text(b.shape)}, of which the inner sizes must be equal"
            f" (got {a.shape[-1] if a.shape else 'none'} and {rows})"
        )


@RULES.register("Einsum")
def einsum(call: Call) -> Einsum:
    """A sum of products over named axes."""
    return Einsum(equation=call.text("equation"))
