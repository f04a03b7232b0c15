"""What each ONNX operation becomes, one module for each family."""

from costmodel.interop.onnx.rules import (
    convolution,
    elementwise,
    linear,
    normalization,
    ours,
    pooling,
    recurrent,
    selecting,
    sequences,
    shaping,
)
from costmodel.interop.onnx.rules.registry import RULES

__all__ = [
    "RULES",
    "convolution",
    "elementwise",
    "linear",
    "normalization",
    "ours",
    "pooling",
    "recurrent",
    "selecting",
    "sequences",
    "shaping",
]
