"""Layers that treat every element alike, and reductions."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, Final

import torch
import torch.nn.functional as F  # noqa: N812 - PyTorch's own name for it

from costmodel.errors import UnsupportedError
from costmodel.interop.torch.writing.making import Function, Making, makes

IN_PLACE: Final[dict[str, Callable[..., Any]]] = {
    "relu": F.relu, "relu6": F.relu6, "elu": F.elu, "silu": F.silu, "hard_sigmoid": F.hardsigmoid,
    "hard_swish": F.hardswish, "selu": F.selu, "celu": F.celu, "mish": F.mish,
}  # fmt: skip
"""Functions that take `inplace`."""
PLAIN: Final[dict[str, Callable[..., Any]]] = {
    "tanh": torch.tanh, "sigmoid": torch.sigmoid, "softplus": F.softplus, "softsign": F.softsign,
    "log_sigmoid": F.logsigmoid, "sqrt": torch.sqrt, "exp": torch.exp, "log": torch.log, "log1p": torch.log1p,
    "expm1": torch.expm1, "sin": torch.sin, "cos": torch.cos, "tan": torch.tan, "asin": torch.asin,
    "acos": torch.acos, "atan": torch.atan, "sinh": torch.sinh, "cosh": torch.cosh, "asinh": torch.asinh,
    "acosh": torch.acosh, "atanh": torch.atanh, "erf": torch.erf, "rsqrt": torch.rsqrt,
    "reciprocal": torch.reciprocal, "square": torch.square, "negate": torch.neg, "absolute": torch.abs,
    "sign": torch.sign, "floor": torch.floor, "ceil": torch.ceil, "round": torch.round, "truncate": torch.trunc,
    "subtract": torch.sub, "divide": torch.div, "power": torch.pow, "atan2": torch.atan2, "modulo": torch.fmod,
    "where": torch.where,
}  # fmt: skip
"""The function that is the kind."""
MANY: Final[dict[str, Callable[..., Any]]] = {
    "add": torch.add, "multiply": torch.mul, "maximum": torch.maximum, "minimum": torch.minimum,
}  # fmt: skip
"""Functions of two tensors that ours apply to any number."""
COMPARISONS: Final = {
    "eq": torch.eq, "ne": torch.ne, "lt": torch.lt, "le": torch.le, "gt": torch.gt, "ge": torch.ge,
}  # fmt: skip
REDUCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "reduce_sum": torch.sum, "reduce_mean": torch.mean, "reduce_max": torch.amax, "reduce_min": torch.amin,
    "reduce_log_sum_exp": torch.logsumexp,
}  # fmt: skip


@makes(*IN_PLACE)
def in_place(making: Making) -> Function:
    """The function, in its input's memory where nothing else needs it."""
    call, overwrites = IN_PLACE[making.layer.kind], making.is_last_reader
    return lambda x: call(x, inplace=overwrites)


@makes(*PLAIN)
def plain(making: Making) -> Function:
    """The function itself."""
    return PLAIN[making.layer.kind]


@makes(*MANY)
def many(making: Making) -> Function:
    """The function of all inputs, two at a time."""
    call: Function = MANY[making.layer.kind]
    return call if len(making.part.inputs) == 2 else lambda *tensors: reduce(call, tensors)


@makes("compare")
def compare(making: Making) -> Function:
    """A comparison."""
    call: Function = COMPARISONS[making.field["operator"]]
    return call


@makes("leaky_relu")
def leaky_relu(making: Making) -> Function:
    """x or a slope times x."""
    slope, overwrites = making.field["slope"], making.is_last_reader
    return lambda x: F.leaky_relu(x, slope, inplace=overwrites)


@makes("prelu")
def prelu(making: Making) -> Function:
    """x or a learned slope times x."""
    ones = (1,) * (len(making.shape) - 2)
    slopes = making.weight("slope", *((making.shape[1], *ones) if making.field["per_channel"] else (1,))).flatten()
    return lambda x: F.prelu(x, slopes)


@makes("clip")
def clip(making: Making) -> Function:
    """The nearest value between bounds."""
    low, high = making.field["min"], making.field["max"]
    if low is None and high is None:
        return lambda x: x
    return lambda x: torch.clamp(x, low, high)


@makes("gelu")
def gelu(making: Making) -> Function:
    """x times the normal distribution's integral up to x, or its approximation."""
    approximation = making.field["approximation"]
    return lambda x: F.gelu(x, approximate=approximation)


@makes("softmax", "log_softmax")
def softmax(making: Making) -> Function:
    """Exponentials that add up to one along an axis."""
    axis = making.field["axis"]
    call: Any = torch.softmax if making.layer.kind == "softmax" else torch.log_softmax
    return lambda x: call(x, axis)


@makes(*REDUCTIONS, "reduce_variance")
def reduction(making: Making) -> Function:
    """A fold along axes."""
    axes, kept = making.field["axes"], making.field["keepdims"]
    axes = tuple(range(len(making.shape))) if axes is None else tuple(axes)
    if not axes:
        raise UnsupportedError("PyTorch reads a fold over no axes as one over all")
    if making.layer.kind == "reduce_variance":
        return lambda x: torch.var(x, axes, correction=0, keepdim=kept)
    call = REDUCTIONS[making.layer.kind]
    return lambda x: call(x, axes, keepdim=kept)
