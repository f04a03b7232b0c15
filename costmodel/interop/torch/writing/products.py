"""Matrix products, attention, normalizations, embeddings and recurrent layers."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name for it

from costmodel.errors import UnsupportedError
from costmodel.interop.torch.writing.making import Function, Making, makes

EPSILON = 1e-5


@makes("linear")
def linear(making: Making) -> Function:
    """A product with stored weights."""
    c_i, c_o = making.shape[-1], making.field["out_features"]
    # As in ONNX, where a matrix product takes the transpose of what the operation for rows of a batch takes.
    weight = making.weight("weight", c_o, c_i) if len(making.shape) == 2 else making.weight("weight", c_i, c_o).T
    weight, bias = weight.contiguous(), making.bias(c_o)
    return lambda x: F.linear(x, weight, bias)


@makes("matmul")
def matmul(_: Making) -> Function:
    """A product of two matrices, or stacks of them."""
    call: Function = torch.matmul
    return call


@makes("einsum")
def einsum(making: Making) -> Function:
    """A sum of products over named axes."""
    equation = making.field["equation"]
    return lambda *tensors: torch.einsum(equation, *tensors)


@makes("attention")
def attention(making: Making) -> Function:
    """Scaled dot-product attention."""
    if making.field["skip_masked"]:
        raise UnsupportedError("what a mask hides is computed all the same; use skip_masked=False")
    causal = making.field["causal"]
    grouped = making.part.input_shapes[0][:-2] != making.part.input_shapes[1][:-2]
    return lambda q, k, v, *mask: F.scaled_dot_product_attention(q, k, v, *mask, is_causal=causal, enable_gqa=grouped)


@makes("multi_head_attention")
def multi_head_attention(making: Making) -> Function:
    """Projections to heads, attention, and a projection of what it gives."""
    fields, width = making.field, making.shape[-1]
    is_plain = all(fields[name] is None for name in ("kv_heads", "head_size", "value_size", "out_features"))
    if not is_plain or fields["skip_masked"] or len(making.shape) != 3 or len(making.part.inputs) not in (1, 3):
        raise UnsupportedError("attention of several heads is run by PyTorch for (n, steps, channels), without a mask")
    roles = ("query", "key", "value", "output")
    shapes = (making.part.input_shapes * 3)[:3] if len(making.part.inputs) == 1 else making.part.input_shapes
    widths = [int(shape[-1]) for shape in shapes] + [width]
    weights = [
        making.weight(f"{role}.weight", size, width).T.contiguous() for role, size in zip(roles, widths, strict=True)
    ]
    biases = [making.weight(f"{role}.bias", width) if fields["bias"] else None for role in roles]
    heads, causal = fields["heads"], fields["causal"]

    def run(*inputs: torch.Tensor) -> torch.Tensor:
        projected = [
            F.linear(x, weight, bias).unflatten(-1, (heads, -1)).transpose(1, 2)
            for x, weight, bias in zip(inputs if len(inputs) == 3 else inputs * 3, weights[:3], biases[:3], strict=True)
        ]
        y = F.scaled_dot_product_attention(*projected, is_causal=causal)
        return F.linear(y.transpose(1, 2).flatten(-2), weights[3], biases[3])

    return run


@makes("embedding")
def embedding(making: Making) -> Function:
    """Rows of a stored matrix."""
    table = making.weight("weight", making.field["num_embeddings"], making.field["embedding_dim"])
    return lambda x: F.embedding(x, table)


@makes("batch_norm")
def batch_norm(making: Making) -> Function:
    """A scale and a shift for each channel, with running statistics."""
    c = making.shape[1]
    scale, shift = making.affine(c)
    mean, variance = torch.zeros(c), torch.ones(c)
    return lambda x: F.batch_norm(x, mean, variance, scale, shift, training=False, eps=EPSILON)


@makes("layer_norm")
def layer_norm(making: Making) -> Function:
    """The last axes normalized together."""
    sizes = making.shape[len(making.shape) - making.field["dims"] :]
    scale, shift = making.affine(*sizes)
    return lambda x: F.layer_norm(x, sizes, scale, shift, EPSILON)


@makes("rms_norm")
def rms_norm(making: Making) -> Function:
    """The last axes divided by their root mean square."""
    sizes = making.shape[len(making.shape) - making.field["dims"] :]
    scale = making.weight("scale", *sizes) if making.field["affine"] else None
    return lambda x: F.rms_norm(x, sizes, scale, EPSILON)


@makes("group_norm")
def group_norm(making: Making) -> Function:
    """Groups of channels normalized."""
    groups, (scale, shift) = making.field["groups"], making.affine(making.shape[1])
    return lambda x: F.group_norm(x, groups, scale, shift, EPSILON)


@makes("instance_norm")
def instance_norm(making: Making) -> Function:
    """Each channel normalized."""
    scale, shift = making.affine(making.shape[1])
    return lambda x: F.instance_norm(x, weight=scale, bias=shift, eps=EPSILON)


@makes("local_response_norm")
def local_response_norm(making: Making) -> Function:
    """Each element normalized over its neighbours in other channels."""
    size = making.field["size"]
    return lambda x: F.local_response_norm(x, size)


@makes("rnn", "gru", "lstm")
def recurrent(making: Making) -> Function:
    """Recurrent layers, as the module of that name runs them, with weights of its own."""
    fields, kind = making.field, making.layer.kind
    if fields.get("projection") is not None or fields.get("peepholes") or fields["joined_biases"]:
        raise UnsupportedError("recurrent layers are run by PyTorch without projections, peepholes or joined biases")
    if fields.get("reset", "after") != "after":
        raise UnsupportedError("PyTorch's GRU resets its state after multiplying it; use reset='after'")
    known = ("bias", "batch_first", "bidirectional")
    given: dict[str, Any] = {name: fields[name] for name in known}
    if kind == "rnn":
        given["nonlinearity"] = fields["activation"]
    module = getattr(torch.nn, kind.upper())(making.shape[-1], fields["hidden_size"], fields["layers"], **given)
    module.eval()

    def run(x: torch.Tensor, *states: torch.Tensor) -> tuple[torch.Tensor, ...]:
        y, last = module(x, states if kind == "lstm" and states else (states[0] if states else None))
        return (y, *last) if kind == "lstm" else (y, last)

    return run
