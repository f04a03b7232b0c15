"""Matrix products, attention, embeddings and recurrent layers."""

from __future__ import annotations

from typing import Final

from costmodel.algebra import Dim, equal, exact_div, product
from costmodel.interop.call import Call
from costmodel.interop.ncnn.activation import FUSED_KEYS, fused
from costmodel.interop.ncnn.convolution import check_weights
from costmodel.interop.ncnn.parameters import Parameters
from costmodel.interop.ncnn.rules import axes, blob, reshaped, rule, scaled, stored
from costmodel.interop.value import Value
from costmodel.layers import Add, Attention, Einsum, Embedding, Linear, MatMul, MultiHeadAttention, Permute
from costmodel.layers.base import shape_text


@rule("InnerProduct", keys={0, 1, 2, 8, *FUSED_KEYS})
def inner_product(call: Call, parameters: Parameters) -> Value:
    """y = activation(W x + b) on all elements of the blob, or on each row of as many elements as W has columns."""
    c_o, x = parameters.size(0, "num_output"), call.input(0)
    weights = parameters.size(2, "weight_data_size")
    is_rows = len(blob(x)) == 2 and equal(weights, c_o * blob(x)[1])
    x = x if is_rows else reshaped(call, x, (product(blob(x)),), "flatten")
    check_weights(call, parameters, c_o * blob(x)[-1], key=2)
    (y,) = call.apply(Linear(out_features=c_o, bias=parameters.flag(1, "bias_term")), x)
    return fused(call, parameters, y)


GEMM_KEYS: Final = frozenset({*range(15), 18, 20, 21, 22})
C_NONE, C_SCALAR, C_M, C_M1, C_NM, C_N = range(-1, 5)
"""What a stored C is: none, one number, one for each row (two spellings), for each element, for each column."""


@rule("Gemm", keys=GEMM_KEYS)
def gemm(call: Call, parameters: Parameters) -> Value:
    """y = (a b + c beta) alpha, of which a, b and c may be stored, and a and b transposed."""
    inputs = list(call.present)
    m, n, k = (parameters.size(key, name, 0, least=0) for key, name in ((7, "M"), (8, "N"), (9, "K")))
    transposes = parameters.flag(2, "transA"), parameters.flag(3, "transB")
    constants = [parameters.flag(key, name) for key, name in ((4, "constantA"), (5, "constantB"), (6, "constantC"))]
    alpha, beta = parameters.number(0, "alpha", 1.0), parameters.number(1, "beta", 1.0)
    kind = parameters.integer(10, "constant_broadcast_type_C") if constants[2] else C_NONE
    if not C_NONE <= kind <= C_N:
        call.refuse(f"must have a constant_broadcast_type_C of -1 to 4 (got {kind})")
    a = None if constants[0] else _matrix(call, _next(call, inputs), "a", is_transposed=transposes[0])
    if constants[1] and a is not None:
        y = _by_stored(call, a, n, k, bias=kind == C_N and alpha == 1 and beta == 1)
        kind = C_NONE if kind == C_N and alpha == 1 and beta == 1 else kind
    else:
        b = (
            stored(call, "b", (k, n))
            if constants[1]
            else _matrix(call, _next(call, inputs), "b", is_transposed=transposes[1])
        )
        a = stored(call, "a", (m, k)) if a is None else a
        (y,) = call.apply(MatMul(), a, b)
    rows, columns = blob(y)
    shapes = {C_SCALAR: (1, 1), C_M: (rows, 1), C_M1: (rows, 1), C_NM: (rows, columns), C_N: (1, columns)}
    if kind != C_NONE or inputs:
        c = stored(call, "c", shapes[kind]) if kind != C_NONE else _addend(call, inputs.pop(0), columns)
        (y,) = call.apply(Add(), y, scaled(call, c, beta, "beta"), role="add")
    y = scaled(call, y, alpha, "alpha")
    if parameters.flag(14, "output_transpose"):
        (y,) = call.apply(Permute(axes=(0, 2, 1)), y, role="transpose")
    return reshaped(call, y, (blob(y)[0], 1, blob(y)[1])) if parameters.flag(11, "output_N1M") else y


def _next(call: Call, inputs: list[Value]) -> Value:
    if not inputs:
        call.refuse("needs an input for each factor that is not stored")
    return inputs.pop(0)


def _matrix(call: Call, value: Value, role: str, *, is_transposed: bool) -> Value:
    """A blob of one axis as a row, of three without its middle axis of 1, turned where that is asked for."""
    rank = axes(call, value, 1, 2, 3)
    shape = blob(value)
    if rank == 3 and not equal(shape[1], 1):
        call.refuse(f"takes a matrix, or one with a middle axis of 1 (got {shape_text(shape)})")
    value = reshaped(call, value, (1, *shape) if rank == 1 else (shape[0], shape[-1]), f"{role}.matrix")
    return call.apply(Permute(axes=(0, 2, 1)), value, role=f"{role}.transpose")[0] if is_transposed else value


def _by_stored(call: Call, a: Value, n: int, k: int, *, bias: bool) -> Value:
    """a times a stored matrix of k rows and n columns."""
    if not equal(blob(a)[1], k):
        call.refuse(f"has a stored matrix of {k} rows, and its input has {blob(a)[1]} columns")
    if n < 1:
        call.refuse("must say how many columns its stored matrix has (constantN)")
    return call.apply(Linear(out_features=n, bias=bias), a)[0]


def _addend(call: Call, value: Value, columns: Dim) -> Value:
    """c lined up with the product: one axis is a row of numbers for the columns, or a column for the rows."""
    shape = blob(value)
    if len(shape) == 1:
        shape = (1, *shape) if equal(shape[0], columns) or equal(shape[0], 1) else (*shape, 1)
    return reshaped(call, value, shape, "c.lift")


@rule("MatMul", keys={0})
def matmul(call: Call, parameters: Parameters) -> Value:
    """a b, of matrices or stacks of them; a blob of one axis is a row on the left and a column on the right."""
    a, b = call.input(0), call.input(1)
    is_row, is_column = len(blob(a)) == 1, len(blob(b)) == 1
    if is_row:
        a = reshaped(call, a, (1, *blob(a)), "row")
    if is_column:
        b = reshaped(call, b, (*blob(b), 1), "column")
    elif parameters.flag(0, "transB"):
        last = len(b.shape) - 1
        (b,) = call.apply(Permute(axes=(*range(last - 1), last, last - 1)), b, role="transpose")
    a, b = _stacked(call, a, b), _stacked(call, b, a)
    (y,) = call.apply(MatMul(), a, b)
    shape = blob(y)
    shape = shape[:-1] if is_column else shape
    shape = (*shape[: len(shape) - 2 + is_column], *shape[len(shape) - 1 + is_column :]) if is_row else shape
    return reshaped(call, y, shape or (1,), "squeeze")


def _stacked(call: Call, value: Value, other: Value) -> Value:
    """The matrices with as many stacking axes as the other's, behind the batch."""
    missing = len(other.shape) - len(value.shape)
    return reshaped(call, value, (*(1,) * missing, *blob(value)), "stack") if missing > 0 else value


@rule("MultiHeadAttention", keys={0, 1, 2, 3, 4, 5, 6, 7, 18})
def multi_head_attention(call: Call, parameters: Parameters) -> Value:
    """Projections to heads, attention, and a projection back to the channels of the queries."""
    width = parameters.size(0, "embed_dim")
    if parameters.flag(7, "kv_cache"):
        call.refuse("keeps keys and values from run to run, so that its cost depends on how many ran before")
    inputs = list(call.present)
    mask = inputs.pop() if parameters.flag(5, "attn_mask") and len(inputs) > 1 else None
    if not 1 <= len(inputs) <= 3:
        call.refuse(f"takes queries, keys and values, and a mask (got {len(call.present)} inputs)")
    for value in inputs:
        axes(call, value, 2)
    if all(value is inputs[0] for value in inputs):
        inputs = inputs[:1]
    c_q = blob(inputs[0])[1]
    check_weights(call, parameters, width * c_q, key=2)
    for value, key, name in zip(inputs[1:], (3, 4), ("kdim", "vdim"), strict=False):
        if not equal(blob(value)[1], parameters.size(key, name, width)):
            call.refuse(f"has a {name} of {parameters.size(key, name, width)} (got {shape_text(blob(value))})")
    heads = parameters.size(1, "num_heads", 1)
    layer = MultiHeadAttention(heads=heads, head_size=exact_div(width, heads))
    if len(inputs) == 2:
        inputs.append(inputs[1])
    return call.apply(layer, *inputs, *([] if mask is None else [_mask(call, mask)]))[0]


def _mask(call: Call, mask: Value) -> Value:
    """A mask over queries and keys with an axis for the heads."""
    axes(call, mask, 2, 3)
    return reshaped(call, mask, (1, *blob(mask)), "mask") if len(blob(mask)) == 2 else mask


@rule("SDPA", keys={5, 6, 7, 18})
def scaled_dot_product(call: Call, parameters: Parameters) -> Value:
    """softmax(q k^T / sqrt(size)) v for each head; heads of keys may serve groups of heads of queries."""
    if parameters.flag(7, "kv_cache"):
        call.refuse("keeps keys and values from run to run, so that its cost depends on how many ran before")
    inputs = list(call.present)
    masks = [_mask(call, value) for value in inputs[3:]]
    if len(masks) != int(parameters.flag(5, "attn_mask")):
        call.refuse(f"takes queries, keys and values, and a mask where attn_mask is 1 (got {len(inputs)} inputs)")
    for value in inputs[:3]:
        axes(call, value, 3)
    return call.apply(Attention(), *inputs[:3], *masks)[0]


@rule("Embed", keys={0, 1, 2, 3, 18})
def embed(call: Call, parameters: Parameters) -> Value:
    """The rows of a stored table that the input's numbers name, and a bias."""
    width, rows = parameters.size(0, "num_output"), parameters.size(1, "input_dim")
    check_weights(call, parameters, width * rows, key=3)
    x = call.input(0)
    axes(call, x, 1)
    (y,) = call.apply(Embedding(num_embeddings=rows, embedding_dim=width), x)
    if not parameters.flag(2, "bias_term"):
        return y
    return call.apply(Add(), y, stored(call, "bias", (1, width)), role="shift")[0]


@rule("Einsum", keys={0})
def einsum(call: Call, parameters: Parameters) -> Value:
    """Products of the inputs, summed over the indices that the output does not have."""
    letters = parameters.integers(0, "equation") if not isinstance(parameters.values.get(0), str) else ()
    text = "".join(map(chr, letters)) if letters and all(32 < letter < 127 for letter in letters) else ""
    equation = text or parameters.text(0, "equation")
    operands, arrow, output = equation.partition("->")
    if not arrow:
        call.refuse(f"must have an equation with '->' (got {equation!r})")
    free = next((letter for letter in "zyxwvutsrqponm" if letter not in equation), "")
    if not free:
        call.refuse(f"must leave a letter of its equation unused, for the batch (got {equation!r})")
    batched = ",".join(free + operand for operand in operands.split(","))
    (y,) = call.apply(Einsum(equation=f"{batched}->{free}{output}"), *call.present)
    return reshaped(call, y, blob(y) or (1,), "unsqueeze")
