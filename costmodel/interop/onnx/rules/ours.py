"""Functions that costmodel writes for kinds without an operation of their own."""

from __future__ import annotations

from costmodel.interop.call import Call
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.layers import Expm1, Layer, Log1p, LogSigmoid, Multiply, Rsqrt, SiLU, Square, Truncate

KINDS: dict[str, type[Layer]] = {
    kind.kind_name(): kind for kind in (SiLU, Square, Rsqrt, Log1p, Expm1, LogSigmoid, Truncate)
}


KINDS |= {f"multiply{count}": Multiply for count in range(3, 17)}
"""The product of several tensors has a function for each number of them."""


@RULES.register(*(f"costmodel::{name}" for name in KINDS))
def ours(call: Call) -> Layer:
    """The kind of that name."""
    return KINDS[call.op.removeprefix("costmodel::")]()
