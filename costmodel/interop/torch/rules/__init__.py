"""What each ATen operation becomes, one module for each family."""

from costmodel.interop.torch.rules import (
    convolution,
    creation,
    elementwise,
    indexing,
    linear,
    normalization,
    pooling,
    recurrent,
    reductions,
    resampling,
    shaping,
)
from costmodel.interop.torch.rules.registry import RULES

__all__ = [
    "RULES",
    "convolution",
    "creation",
    "elementwise",
    "indexing",
    "linear",
    "normalization",
    "pooling",
    "recurrent",
    "reductions",
    "resampling",
    "shaping",
]
