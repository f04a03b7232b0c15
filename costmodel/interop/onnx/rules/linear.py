"""Linear layers and matrix products."""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.interop.call import Call
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


@RULES.register("MatMul", "MatMulInteger")
def matmul(call: Call) -> Sequence[Value]:
    """A B; a stored B of two axes is a linear layer without a bias."""
    return _product(call, call.input(0), call.input(1))


@RULES.register("QLinearMatMul")
def quantized_matmul(call: Call) -> Sequence[Value]:
    """A product of integers with scales and zero points."""
    return _product(call, call.input(0), call.input(3))


@RULES.register("com.microsoft::MatMulNBits")
def packed_matmul(call: Call) -> Sequence[Value]:
    """A linear layer whose weights are packed several to a byte."""
    return call.apply(Linear(out_features=call.integer("N"), bias=False), call.input(0))


def _product(call: Call, a: Value, b: Value) -> Sequence[Value]:
    if a.is_computed and not b.is_computed and len(b.shape) == 2:
        return call.apply(Linear(out_features=b.shape[1], bias=False), a, weights=(b,))
    return call.apply(MatMul(), a, b)


@RULES.register("Einsum")
def einsum(call: Call) -> Einsum:
    """A sum of products over named axes."""
    return Einsum(equation=call.text("equation"))
