"""Linear layers, matrix products and attention."""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.algebra import equal
from costmodel.interop.call import Call
from costmodel.interop.torch.arguments import flag, given, operand, optional_tensor, tensor, tensors
from costmodel.interop.torch.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import Add, Attention, Einsum, Linear, MatMul, Multiply, Unsqueeze
from costmodel.layers.base import shape_text

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@RULES.register("aten.linear")
def linear(call: Call) -> Sequence[Value]:
    """y = x W^T + b."""
    x, weight, bias = tensor(call, "input"), tensor(call, "weight"), optional_tensor(call, "bias")
    if len(weight.shape) == 2 and x.is_computed and weight.is_learnable and (bias is None or bias.is_learnable):
        _check_inner(call, x, weight, weight.shape[1])
        return call.apply(Linear(out_features=weight.shape[0], bias=bias is not None), x, weights=(weight, bias))
    if len(weight.shape) == 1:
        (y,) = call.apply(MatMul(), x, weight)
    else:
        (y,) = call.apply(Einsum(equation="...i,oi->...o"), x, weight)
    return (y,) if bias is None else call.apply(Add(), y, bias, role="bias")


def _check_inner(call: Call, x: Value, weight: Value, size: object) -> None:
    if not x.shape or not equal(x.shape[-1], size):
        call.refuse(f"has weights of {shape_text(weight.shape)} for an input of {shape_text(x.shape)}")


@RULES.register("aten.matmul", "aten.mm", "aten.bmm", "aten.mv", "aten.dot", "aten.vdot", "aten.inner")
def matmul(call: Call) -> Sequence[Value]:
    """A B; a stored, learned B of two axes is a linear layer without a bias."""
    first, second = call.present
    return _product(call, first, second)


def _product(call: Call, a: Value, b: Value, role: str = "") -> Sequence[Value]:
    if a.is_computed and b.is_learnable and len(b.shape) == 2 and len(a.shape) > 1:
        _check_inner(call, a, b, b.shape[0])
        return call.apply(Linear(out_features=b.shape[1], bias=False), a, weights=(b,), role=role)
    return call.apply(MatMul(), a, b, role=role)


@RULES.register("aten.addmm", "aten.baddbmm", "aten.addmv", "aten.addbmm")
def added_product(call: Call) -> Sequence[Value]:
    """beta C + alpha A B."""
    c, a, b = call.present
    scales = [given(call, "beta"), given(call, "alpha")]
    is_plain = all(scale == 1 for scale in scales)
    is_layer = a.is_computed and b.is_learnable and c.is_learnable and len(b.shape) == 2
    if is_plain and is_layer and len(c.shape) == 1 and equal(c.shape[0], b.shape[1]):
        _check_inner(call, a, b, b.shape[0])
        return call.apply(Linear(out_features=b.shape[1], bias=True), a, weights=(b, c))
    if call.op == "aten.addbmm":
        call.refuse("has a rule for addmm, baddbmm and addmv; add up the products of the batch with sum")
    (y,) = _product(call, a, b)
    for name, scale in (("alpha", scales[1]),):
        if scale != 1:
            (y,) = call.apply(Multiply(), y, operand(call, name), role=name)
    if scales[0] == 0:
        return (y,)
    if scales[0] != 1:
        (c,) = call.apply(Multiply(), c, operand(call, "beta"), role="beta")
    return call.apply(Add(), y, c, role="add")


@RULES.register("aten.einsum")
def einsum(call: Call) -> Sequence[Value]:
    """A sum of products over named axes."""
    return call.apply(Einsum(equation=call.text("equation")), *tensors(call, "tensors"))


@RULES.register("aten.tensordot")
def tensordot(call: Call) -> Sequence[Value]:
    """A sum of products over axes that are paired."""
    a, b = tensor(call, "self"), tensor(call, "other")
    first = list(LETTERS[: len(a.shape)])
    second = list(LETTERS[len(a.shape) : len(a.shape) + len(b.shape)])
    for one, other in zip(call.integers("dims_self"), call.integers("dims_other"), strict=True):
        second[other] = first[one]
    summed = set(first) & set(second)
    output = [index for index in (*first, *second) if index not in summed]
    return call.apply(Einsum(equation=f"{''.join(first)},{''.join(second)}->{''.join(output)}"), a, b)


@RULES.register("aten.bilinear")
def bilinear(call: Call) -> Sequence[Value]:
    """y_o = a^T W_o b + bias_o: the products with a first, then those with b."""
    operands = [tensor(call, name) for name in ("input1", "weight", "input2")]
    bias = optional_tensor(call, "bias")
    (y,) = call.apply(Einsum(equation="...i,oij,...j->...o"), *operands)
    return (y,) if bias is None else call.apply(Add(), y, bias, role="bias")


@RULES.register("aten.outer", "aten.ger")
def outer(call: Call) -> Sequence[Value]:
    """Each element of one vector times each of another."""
    a, b = call.present
    (column,) = call.apply(Unsqueeze(axes=(1,)), a, role="column")
    return call.apply(Multiply(), column, b)


@RULES.register("aten.scaled_dot_product_attention")
def attention(call: Call) -> Sequence[Value]:
    """softmax(q k^T / sqrt(d) + mask) v, with grouped queries where there are fewer keys."""
    mask = optional_tensor(call, "attn_mask")
    operands = [tensor(call, name) for name in ("query", "key", "value")]
    if len(operands[0].shape) == 2:
        operands = [call.apply(Unsqueeze(axes=(0,)), value, role="head")[0] for value in operands]
    masks = [] if mask is None else [mask]
    return call.apply(Attention(causal=flag(call, "is_causal")), *operands, *masks)
