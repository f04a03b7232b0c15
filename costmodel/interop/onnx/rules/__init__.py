"""What each ONNX operation becomes, one module for each family."""

from costmodel.interop.onnx.rules import (
    attention,
    convolution,
    elementwise,
    indexing,
    linear,
    normalization,
    ours,
    pooling,
    quantization,
    recurrent,
    reductions,
    resampling,
    runtime,
    sequences,
    shaping,
)
from costmodel.interop.onnx.rules.registry import RULES

__all__ = [
    "RULES",
    "attention",
    "convolution",
    "elementwise",
    "indexing",
    "linear",
    "normalization",
    "ours",
    "pooling",
    "quantization",
    "recurrent",
    "reductions",
    "resampling",
    "runtime",
    "sequences",
    "shaping",
]
