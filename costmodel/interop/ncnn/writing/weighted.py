"""Matrix products, attention and normalizations."""

from __future__ import annotations

from typing import Final

import numpy as np

from costmodel.errors import UnsupportedError
from costmodel.interop.ncnn.writing.piece import EPSILON, Piece, writes
from costmodel.interop.ncnn.writing.shaping import stored
from costmodel.interop.ncnn.writing.windows import activation


@writes("linear")
def linear(piece: Piece) -> str:
    """A product with stored weights, of one row or of each row of a matrix."""
    *rows, c_i = piece.shape
    c_o = piece.field["out_features"]
    if rows:
        return _rows(piece, rows, c_i, c_o)
    piece.filters(c_o, c_i)
    return piece.add("InnerProduct", {0: c_o, 1: int(piece.has_bias), 2: c_o * c_i} | activation(piece.activation))


C_FOR_COLUMNS: Final = 4
"""What tells that the stored addend of a Gemm has a number for each column."""


def _rows(piece: Piece, rows: list[int], c_i: int, c_o: int) -> str:
    """Each row of a matrix times a stored one: a Gemm, as ncnn's converters write it."""
    if len(rows) > 1:
        raise UnsupportedError("ncnn's Gemm takes a matrix, (1, rows, features)")
    # Ours is x W with W of (inputs, outputs), as in ONNX; the Gemm's is transposed (3=1).
    array = piece.weights_of(f"{piece.prefix}.weight", (c_i, c_o))
    piece.lines.store(np.ascontiguousarray(array.T), is_tagged=True)
    parameters = {3: 1, 5: 1, 6: int(piece.field["bias"]), 8: c_o, 9: c_i}
    if piece.field["bias"]:
        piece.weight("bias", c_o, is_tagged=True)
        parameters[10] = C_FOR_COLUMNS
    return piece.add("Gemm", parameters)


@writes("matmul")
def matmul(piece: Piece) -> str:
    """A product of two matrices, or stacks of them."""
    return piece.add("MatMul")


@writes("attention")
def attention(piece: Piece) -> str:
    """Scaled dot-product attention over (heads, steps, size)."""
    if piece.field["causal"] or len(piece.blobs) != 3 or len(piece.shape) != 3:
        raise UnsupportedError("attention is written to ncnn for (1, heads, steps, size), without a mask")
    return piece.add("SDPA")


@writes("multi_head_attention")
def multi_head_attention(piece: Piece) -> str:
    """Projections to heads, attention, and a projection of what it gives."""
    fields, width = piece.field, piece.shape[-1]
    is_plain = len(piece.blobs) == 1 and all(
        fields[name] is None for name in ("kv_heads", "head_size", "value_size", "out_features")
    )
    if not is_plain or fields["causal"] or not fields["bias"] or len(piece.shape) != 2:
        raise UnsupportedError("attention of several heads is written to ncnn for one input of (1, steps, channels)")
    for role in ("query", "key", "value", "output"):
        # Ours is x W with W of (inputs, outputs), as in ONNX; ncnn's rows are outputs.
        array = piece.weights_of(f"{piece.prefix}.{role}.weight", (width, width))
        piece.lines.store(np.ascontiguousarray(array.T), is_tagged=True)
        piece.weight(f"{role}.bias", width)
    return piece.add("MultiHeadAttention", {0: width, 1: fields["heads"], 2: width * width})


def _affine(piece: Piece, *shape: int) -> int:
    """Store the scale and the shift of a normalization, where it has them; whether it has."""
    if piece.field["affine"]:
        piece.weight("scale", *shape)
        piece.weight("shift", *shape)
    return int(piece.field["affine"])


@writes("batch_norm")
def batch_norm(piece: Piece) -> str:
    """A scale and a shift for each channel, with running statistics."""
    c = piece.shape[0]
    is_affine = piece.field["affine"]
    scale = piece.weights_of(f"{piece.prefix}.scale", (c,)) if is_affine else np.ones(c, np.float32)
    shift = piece.weights_of(f"{piece.prefix}.shift", (c,)) if is_affine else np.zeros(c, np.float32)
    for array in (scale, np.zeros(c, np.float32), np.ones(c, np.float32), shift):
        piece.lines.store(array, is_tagged=False)
    return _same_axes(piece, "BatchNorm", {0: c, 1: EPSILON})


@writes("layer_norm", "rms_norm")
def layer_norm(piece: Piece) -> str:
    """The last axis normalized."""
    if piece.field["dims"] != 1:
        raise UnsupportedError("ncnn normalizes the last axis alone")
    size = piece.shape[-1]
    if piece.layer.kind == "rms_norm":
        if piece.field["affine"]:
            piece.weight("scale", size)
        return piece.add("RMSNorm", {0: size, 1: EPSILON, 2: int(piece.field["affine"])})
    return piece.add("LayerNorm", {0: size, 1: EPSILON, 2: _affine(piece, size)})


@writes("group_norm")
def group_norm(piece: Piece) -> str:
    """Groups of channels normalized."""
    c = piece.shape[0]
    return piece.add("GroupNorm", {0: piece.field["groups"], 1: c, 2: EPSILON, 3: _affine(piece, c)})


@writes("instance_norm")
def instance_norm(piece: Piece) -> str:
    """Each channel normalized."""
    c = piece.shape[0]
    affine = _affine(piece, c)
    return piece.add("InstanceNorm", {0: c, 1: EPSILON, 2: affine})


@writes("local_response_norm")
def local_response_norm(piece: Piece) -> str:
    """Each element normalized over its neighbours in other channels; the numbers are those of ONNX."""
    return piece.add("LRN", {0: 0, 1: piece.field["size"], 2: 1e-4, 3: 0.75, 4: 1.0}, inputs=[piece.image()])


@writes("prelu")
def prelu(piece: Piece) -> str:
    """x or a learned slope times x."""
    slopes = piece.shape[0] if piece.field["per_channel"] else 1
    ones = (1,) * (len(piece.shape) - 1)
    shape = (slopes, *ones) if piece.field["per_channel"] else (1,)
    piece.weight("slope", *shape)
    return _same_axes(piece, "PReLU", {0: slopes})


def _same_axes(piece: Piece, kind: str, parameters: dict[int, int | float]) -> str:
    """A layer whose output is flat where its input is."""
    piece.makes_flat = piece.blobs[0] in piece.flat
    return piece.add(kind, parameters)


@writes("parameter", "buffer", "constant")
def stored_tensor(piece: Piece) -> str:
    """A tensor that is stored."""
    return stored(piece)
