"""Operations of onnxruntime: what its optimizer joins, and arithmetic on integers that stand for real numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from costmodel.interop.call import Call
from costmodel.interop.onnx.rules.linear import gemm
from costmodel.interop.onnx.rules.recurrent import recurrent
from costmodel.interop.onnx.rules.registry import RULES
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
    return call.apply(layer, call.input(0), call.input(3))


@RULES.register("com.microsoft::QLinearConcat")
def quantized_concat(call: Call) -> Sequence[Value]:
    """(scale, zero point, and for each part the part, its scale and its zero point) one after another."""
    return call.apply(Concat(axis=call.integer("axis")), *call.present[2::3])


@RULES.register("com.microsoft::QLinearGlobalAveragePool")
def quantized_average(call: Call) -> Sequence[Value]:
    """The mean of each channel."""
    if call.integer("channels_last", 0):
        call.refuse("has a rule for channels that come first (channels_last=0)")
    return call.apply(GlobalAvgPool(), call.input(0))


@RULES.register("com.microsoft::QLinearSigmoid", "com.microsoft::QLinearLeakyRelu", "com.microsoft::QLinearSoftmax")
def quantized_activation(call: Call) -> Sequence[Value]:
    """An activation of integers that stand for real numbers."""
    name = call.op.removeprefix("com.microsoft::QLinear")
    if name == "Softmax":
        return call.apply(Softmax(axis=call.integer("axis", -1)), call.input(0))
    return call.apply(ACTIVATIONS[name](), call.input(0))


@RULES.register("com.microsoft::QGemm")
def quantized_gemm(call: Call) -> Sequence[Value]:
    """alpha A B + C of (a, scale, zero point, b, scale, zero point, c, scale, zero point)."""
    given = tuple(call.optional(index) for index in (0, 3, 6))
    return gemm(replace(call, inputs=given))


@RULES.register("com.microsoft::FusedGemm")
def fused_gemm(call: Call) -> Sequence[Value]:
    """alpha A B + beta C, and an activation."""
    name = call.text("activation", "Relu")
    if name not in ACTIVATIONS:
        call.refuse(f"has a rule for {', '.join(ACTIVATIONS)} after the product (got {name!r})")
    (y,) = gemm(call)
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
    return call.apply(Multiply(), y, Value(f"{call.name}.alpha", ()), role="alpha")


@RULES.register("com.microsoft::DynamicQuantizeLSTM")
def quantized_lstm(call: Call) -> Sequence[Value]:
    """An LSTM of integer weights, which are (directions, inputs, gates)."""
    return recurrent(replace(call, op="LSTM", inputs=call.inputs[:8]))
