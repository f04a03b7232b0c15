"""Tensors that are made from sizes: constants, of which no element is computed from an input."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from costmodel.algebra import ceil_div
from costmodel.interop.call import Call
from costmodel.interop.contents import ELEMENTWISE, exact, larger
from costmodel.interop.torch.arguments import dim, dims, given, tensor, tensors
from costmodel.interop.torch.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import Expand, Reshape

SIZED = ("zeros", "ones", "full", "empty", "empty_strided", "empty_permuted", "rand", "randn", "randint")


@RULES.register(*(f"aten.{name}" for name in SIZED))
def sized(call: Call) -> Value:
    """A constant of a given shape."""
    return Value(call.name, dims(call, "size"))


@RULES.register(*(f"aten.{name}_like" for name in SIZED), "aten.bernoulli", "aten.normal_functional")
def like(call: Call) -> Value:
    """A constant of the shape of another tensor, whose elements do not matter."""
    return Value(call.name, tensor(call, "self").shape)


@RULES.register(*(f"aten.new_{name}" for name in SIZED))
def new(call: Call) -> Value:
    """A constant of a given shape."""
    return Value(call.name, dims(call, "size"))


@RULES.register("aten.arange")
def arange(call: Call) -> Value:
    """Numbers from one to another."""
    start, step = given(call, "start"), given(call, "step")
    start, step = 0 if start is None else start, 1 if step is None else step
    span = given(call, "end") - start
    if isinstance(step, int) and step > 0 and not isinstance(span, float):
        return Value(call.name, (larger(ceil_div(span, step), 0),))
    if not isinstance(span, (int, float)) or not isinstance(step, (int, float)):
        call.refuse("needs a step that is a positive integer where its bounds are symbols")
    quotient = ELEMENTWISE["divide"](np.asarray(exact(span), dtype=object), np.asarray(exact(step), dtype=object))
    return Value(call.name, (int(ELEMENTWISE["ceiling"](quotient).item()),))


@RULES.register("aten.linspace", "aten.logspace")
def linspace(call: Call) -> Value:
    """So many numbers from one to another."""
    return Value(call.name, (dim(call, "steps"),))


@RULES.register("aten.eye")
def eye(call: Call) -> Value:
    """A matrix of zeros with ones along its diagonal."""
    rows = dim(call, "n")
    return Value(call.name, (rows, dim(call, "m") if given(call, "m") is not None else rows))


@RULES.register("aten.scalar_tensor", "aten.tensor", "aten._tensor_constant", "aten.hann_window")
def scalar(call: Call) -> Value:
    """One number."""
    if call.op == "aten.hann_window":
        return Value(call.name, (dim(call, "window_length"),))
    return Value(call.name, ())


@RULES.register("aten.meshgrid")
def meshgrid(call: Call) -> Sequence[Value]:
    """Vectors repeated to the grid that they span."""
    values = tensors(call, "tensors")
    order = list(range(len(values)))
    if call.attributes.get("indexing") == "xy" and len(order) > 1:
        order[0], order[1] = 1, 0
    shape = tuple(values[at].elements for at in order)
    results = []
    for index, value in enumerate(values):
        sizes = tuple(value.elements if at == index else 1 for at in order)
        (wide,) = call.apply(Reshape(shape=sizes), value, role="axis")
        results.append(call.apply(Expand(shape=shape), wide)[0])
    return results


@RULES.register("aten.cartesian_prod", "aten.combinations")
def pairs(call: Call) -> Value:
    """All pairs, of constants only."""
    shape = call.declared[0]
    if shape is None or any(value.is_computed for value in call.present):
        call.refuse("has a rule for constants only")
    return Value(call.name, shape)
