"""Activations with settings, bounds, softmax and dropout."""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.interop.call import Call
from costmodel.interop.patterns import clipped, number
from costmodel.interop.torch.arguments import axis, flag, given, tensor
from costmodel.interop.torch.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import (
    GELU,
    Absolute,
    Clip,
    Compare,
    Dropout,
    LeakyReLU,
    LogSoftmax,
    Multiply,
    PReLU,
    Sigmoid,
    Softmax,
    Split,
    Subtract,
    Where,
)
from costmodel.layers.base import shape_text


@RULES.register("aten.leaky_relu", "aten.rrelu")
def leaky_relu(call: Call) -> LeakyReLU:
    """x or a slope times x; at inference a random slope is the mean of its bounds."""
    if call.op == "aten.rrelu":
        return LeakyReLU(slope=(call.real("lower") + call.real("upper")) / 2)
    return LeakyReLU(slope=float(call.real("negative_slope", 0.01)))


@RULES.register("aten.gelu")
def gelu(call: Call) -> GELU:
    """x times the normal distribution's integral up to x."""
    return GELU(approximation="tanh" if call.text("approximate", "none") == "tanh" else "none")


@RULES.register("aten.prelu", "aten._prelu_kernel")
def prelu(call: Call) -> Sequence[Value]:
    """x or a learned slope times x."""
    x, slope = tensor(call, "self"), tensor(call, "weight")
    if not slope.is_learnable or slope.elements not in (1, x.shape[1] if len(x.shape) > 1 else 1):
        call.refuse("has a rule for one slope, or one for each channel, that is learned and stored")
    return call.apply(PReLU(per_channel=slope.elements != 1), x, weights=(slope,))


@RULES.register("aten.glu")
def glu(call: Call) -> Sequence[Value]:
    """One half of the input times the sigmoid of the other."""
    x = tensor(call, "self")
    a, b = call.apply(Split(axis=axis(call, "dim", len(x.shape)), sections=2), x, role="split")
    (gate,) = call.apply(Sigmoid(), b, role="sigmoid")
    return call.apply(Multiply(), a, gate)


@RULES.register("aten.softshrink")
def softshrink(call: Call) -> Sequence[Value]:
    """x moved towards 0, as far as it lies beyond two bounds: x less its value kept within them."""
    x, bound = tensor(call, "self"), float(call.real("lambd", 0.5))
    (kept,) = call.apply(Clip(min=-bound, max=bound), x, role="clip")
    return call.apply(Subtract(), x, kept)


@RULES.register("aten.hardshrink")
def hardshrink(call: Call) -> Sequence[Value]:
    """x where |x| is above a bound, else 0."""
    x = tensor(call, "self")
    (size,) = call.apply(Absolute(), x, role="abs")
    (is_kept,) = call.apply(Compare(operator="gt"), size, number(call, "lambd"), role="compare", dtype="bool")
    return call.apply(Where(), is_kept, x, number(call, "zero"), dtype=x.dtype)


@RULES.register("aten.clamp", "aten.clip", "aten.clamp_min", "aten.clamp_max", "aten.hardtanh")
def clamp(call: Call) -> Sequence[Value]:
    """The nearest value between two bounds."""
    low, high = (given(call, name) for name in _BOUNDS.get(call.op, ("min", "max")))
    return clipped(call, tensor(call, "self"), low, high)


_BOUNDS = {"aten.hardtanh": ("min_val", "max_val")}


@RULES.register("aten.softmax", "aten._softmax", "aten.special_softmax", "aten._safe_softmax")
def softmax(call: Call) -> Softmax:
    """Exponentials that add up to one along an axis."""
    return Softmax(axis=axis(call, "dim", _rank(call)))


@RULES.register("aten.log_softmax", "aten._log_softmax", "aten.special_log_softmax")
def log_softmax(call: Call) -> LogSoftmax:
    """The logarithm of softmax."""
    return LogSoftmax(axis=axis(call, "dim", _rank(call)))


def _rank(call: Call) -> int:
    rank = len(tensor(call, "self").shape)
    if rank == 0:
        call.refuse(f"takes an input with an axis (got {shape_text(())})")
    return rank


@RULES.register("aten.dropout", "aten.feature_dropout", "aten.alpha_dropout", "aten.native_dropout")
def dropout(call: Call) -> Sequence[Value]:
    """Nothing at inference; a functional dropout that is left on in evaluation mode is an error of the module."""
    if flag(call, "train"):
        call.refuse("drops elements in evaluation mode too; pass training=self.training to it, or use torch.nn.Dropout")
    x = call.present[0]
    (y,) = call.apply(Dropout(rate=min(float(call.real("p", 0.5)), 0.999)), x)
    return (y, y) if call.op == "aten.native_dropout" else (y,)
