"""Inputs without a batch, which many operations of PyTorch take."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from costmodel.interop.call import Call
from costmodel.interop.value import Value
from costmodel.layers import Squeeze, Unsqueeze
from costmodel.layers.base import shape_text


def with_batch(call: Call, x: Value, axes: int, rule: Callable[[Value], Sequence[Value]]) -> Sequence[Value]:
    """The rule on an input (n, c, ...) of so many spatial axes; an input (c, ...) becomes one of batch 1."""
    if len(x.shape) == axes + 2:
        return rule(x)
    if len(x.shape) != axes + 1:
        call.refuse(f"takes an input (n, c, ...) of {axes} spatial axes (got {shape_text(x.shape)})")
    (batched,) = call.apply(Unsqueeze(axes=(0,)), x, role="batch")
    return [call.apply(Squeeze(axes=(0,)), value, role="unbatch")[0] for value in rule(batched)]
