"""What each ATen operation becomes, one module for each family."""

from costmodel.interop.torch.rules import (
    activation,
    convolution,
    creation,
    elementwise,
    indexing,
    joining,
    linear,
    normalization,
    pooling,
    recurrent,
    reductions,
    resampling,
    shaping,
)
from costmodel.interop.torch.rules.registry import RULES

BUILT_IN = frozenset(RULES.names())
"""Operations whose rules are ours: they are for real numbers."""

__all__ = [
    "BUILT_IN",
    "RULES",
    "activation",
    "convolution",
    "creation",
    "elementwise",
    "indexing",
    "joining",
    "linear",
    "normalization",
    "pooling",
    "recurrent",
    "reductions",
    "resampling",
    "shaping",
]
