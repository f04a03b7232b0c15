"""Operations of onnxruntime: what its optimizer joins, and arithmetic on integers that stand for real numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from costmodel.errors import shorten
from costmodel.interop.call import Call
from costmodel.interop.onnx.rules.linear import gemm
from costmodel.interop.onnx.rules.quantization import as_integers, rescaled, restored, shifted
from costmodel.interop.onnx.rules.recurrent import recurrent
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.patterns import number
from costmodel.interop.value import Value
from costmodel.layers import (
    Add,
    Concat,
    GlobalAvgPool,
    HardSigmoid,
    Layer,
    LeakyReLU,
    MatMul,
    Multiply,
    Permute,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)

ACTIVATIONS: dict[str, type[Layer]] = {
    "Relu": ReLU, "Sigmoid": Sigmoid, "Tanh": Tanh, "HardSigmoid": HardSigmoid, "LeakyRelu": LeakyReLU,
}  # fmt: skip


@RULES.register("com.microsoft::QLinearAdd", "com.microsoft::QLinearMul")
def quantized_arithmetic(call: Call) -> Sequence[Value]:
    """A sum or product of (a, scale, zero point, b, scale, zero point, scale, zero point)."""
    layer = Add() if call.op.endswith("Add") else Multiply()
    terms = [restored(call, call.input(index), call.optional(index + 2)) for index in (0, 3)]
    (y,) = call.apply(layer, *terms, role="result")
    return as_integers(call, y, call.optional(7))


@RULES.register("com.microsoft::QLinearConcat")
def quantized_concat(call: Call) -> Sequence[Value]:
    """(scale, zero point, and for each part the part, its scale and its zero point) one after another."""
    parts = [_as_result(call, index) for index in range(2, len(call.inputs), 3)]
    return call.apply(Concat(axis=call.integer("axis")), *parts)


def _as_result(call: Call, index: int) -> Value:
    """A part with the scale and zero point of the result, which are the first inputs; nothing where it has them."""
    part, zero = call.input(index), call.optional(1)
    if _are_equal(call.input(0), call.input(index + 1)) and _are_equal(zero, call.optional(index + 2)):
        return part
    return as_integers(call, restored(call, part, call.optional(index + 2)), zero)[0]


def _are_equal(a: Value | None, b: Value | None) -> bool:
    """Whether two stored numbers are the same tensor, or known to be equal."""
    if a is None or b is None or a is b:
        return a is b
    return a.contents is not None and b.contents is not None and np.array_equal(a.contents, b.contents)


@RULES.register("com.microsoft::QLinearGlobalAveragePool")
def quantized_average(call: Call) -> Sequence[Value]:
    """The mean of each channel."""
    if call.integer("channels_last", 0):
        call.refuse("has a rule for channels that come first (channels_last=0)")
    return _quantized_unary(call, GlobalAvgPool())


@RULES.register("com.microsoft::QLinearSigmoid", "com.microsoft::QLinearLeakyRelu", "com.microsoft::QLinearSoftmax")
def quantized_activation(call: Call) -> Sequence[Value]:
    """An activation of integers that stand for real numbers."""
    name = call.op.removeprefix("com.microsoft::QLinear")
    return _quantized_unary(call, Softmax(axis=call.integer("axis", -1)) if name == "Softmax" else ACTIVATIONS[name]())


def _quantized_unary(call: Call, layer: Layer) -> Sequence[Value]:
    """A layer on (x, scale, zero point, scale, zero point), of which the last are the result's."""
    (y,) = call.apply(layer, restored(call, call.input(0), call.optional(2)), role="result")
    return as_integers(call, y, call.optional(4))


@RULES.register("com.microsoft::QGemm")
def quantized_gemm(call: Call) -> Sequence[Value]:
    """alpha A B + C of (a, scale, zero point, b, scale, zero point, c, scale, zero point); without the last, reals."""
    given = (shifted(call, 0, 2), shifted(call, 3, 5), call.optional(6))
    (y,) = gemm(replace(call, inputs=given))
    if call.optional(7) is not None:
        return rescaled(call, y, call.optional(8))
    return call.apply(Multiply(), y, number(call, "scale"), role="scale", dtype="float32")


@RULES.register("com.microsoft::FusedGemm")
def fused_gemm(call: Call) -> Sequence[Value]:
    """alpha A B + beta C, and an activation."""
    name = call.text("activation", "")
    (y,) = gemm(call)
    if not name:
        return (y,)
    if name not in ACTIVATIONS:
        call.refuse(f"has a rule for {', '.join(ACTIVATIONS)} after the product (got {shorten(name)!r})")
    return call.apply(ACTIVATIONS[name](), y, role="activation")


@RULES.register("com.microsoft::FusedMatMul")
def fused_matmul(call: Call) -> Sequence[Value]:
    """alpha A B, either of which may be transposed."""
    if call.integer("transBatchA", 0) or call.integer("transBatchB", 0):
        call.refuse("has a rule for batches that come first")
    factors = [call.input(0), call.input(1)]
    for index, name in enumerate(("transA", "transB")):
        rank = len(factors[index].shape)
        if call.integer(name, 0) and rank > 1:
            axes = (*range(rank - 2), rank - 1, rank - 2)
            (factors[index],) = call.apply(Permute(axes=axes), factors[index], role=name.lower())
    (y,) = call.apply(MatMul(), *factors)
    if call.real("alpha", 1.0) == 1:
        return (y,)
    return call.apply(Multiply(), y, number(call, "alpha"), role="alpha")


@RULES.register("com.microsoft::DynamicQuantizeLSTM")
def quantized_lstm(call: Call) -> Sequence[Value]:
    """An LSTM of integer weights, which are (directions, inputs, gates)."""
    return recurrent(replace(call, op="LSTM", inputs=call.inputs[:8]))
