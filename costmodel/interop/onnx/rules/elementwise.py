"""Operations element by element, on one tensor or on several that are broadcast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from costmodel.interop.call import Call
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.onnx.tensors import type_name
from costmodel.interop.patterns import clipped, number, plain, powered
from costmodel.interop.value import Value
from costmodel.layers import (
    CELU,
    ELU,
    GELU,
    SELU,
    Absolute,
    Acos,
    Acosh,
    Add,
    Asin,
    Asinh,
    Atan,
    Atanh,
    Cast,
    Ceil,
    Compare,
    Cos,
    Cosh,
    Divide,
    Dropout,
    Erf,
    Exp,
    Floor,
    HardSigmoid,
    HardSwish,
    Layer,
    LeakyReLU,
    Log,
    Logical,
    LogSoftmax,
    Maximum,
    Minimum,
    Mish,
    Modulo,
    Multiply,
    Negate,
    NumberTest,
    PReLU,
    Reciprocal,
    ReLU,
    Reshape,
    Round,
    Sigmoid,
    Sign,
    SiLU,
    Sin,
    Sinh,
    Softmax,
    Softplus,
    Softsign,
    Sqrt,
    Subtract,
    Tan,
    Tanh,
    Threshold,
    Where,
)

SAME_NAMED: dict[str, type[Layer]] = {
    "Relu": ReLU, "Sigmoid": Sigmoid, "Tanh": Tanh, "Elu": ELU, "Selu": SELU, "Celu": CELU,
    "HardSigmoid": HardSigmoid, "HardSwish": HardSwish, "Softplus": Softplus, "Softsign": Softsign, "Mish": Mish,
    "ThresholdedRelu": Threshold,
    "Abs": Absolute, "Neg": Negate, "Sign": Sign, "Floor": Floor, "Ceil": Ceil, "Round": Round,
    "Sqrt": Sqrt, "Reciprocal": Reciprocal, "Exp": Exp, "Log": Log, "Erf": Erf,
    "Sin": Sin, "Cos": Cos, "Tan": Tan, "Asin": Asin, "Acos": Acos, "Atan": Atan,
    "Sinh": Sinh, "Cosh": Cosh, "Asinh": Asinh, "Acosh": Acosh, "Atanh": Atanh,
    "Add": Add, "Sum": Add, "Sub": Subtract, "Mul": Multiply, "Div": Divide, "Mod": Modulo,
    "Max": Maximum, "Min": Minimum, "Where": Where,
}  # fmt: skip
"""Operations that are one layer kind, without attributes that change what it costs."""

TRUTHS: dict[str, Callable[[], Layer]] = {
    "Equal": lambda: Compare(operator="eq"),
    "Less": lambda: Compare(operator="lt"),
    "LessOrEqual": lambda: Compare(operator="le"),
    "Greater": lambda: Compare(operator="gt"),
    "GreaterOrEqual": lambda: Compare(operator="ge"),
    "And": lambda: Logical(operator="and"),
    "Or": lambda: Logical(operator="or"),
    "Xor": lambda: Logical(operator="xor"),
    "Not": lambda: Logical(operator="not"),
    "IsNaN": lambda: NumberTest(of="nan"),
    "IsInf": lambda: NumberTest(of="inf"),
}
"""Operations that give true or false."""

BITS: dict[str, Any] = {"BitwiseAnd": "and", "BitwiseOr": "or", "BitwiseXor": "xor", "BitwiseNot": "not"}


@RULES.register(*SAME_NAMED)
def same_named(call: Call) -> Sequence[Value]:
    """The layer kind of that name."""
    if len(call.present) == 1 and call.op in ("Sum", "Max", "Min"):
        return (call.input(0),)
    values = call.present
    dtype = values[1].dtype if call.op == "Where" and len(values) == 3 else ""
    return call.apply(plain(SAME_NAMED[call.op]), *values, dtype=dtype)


@RULES.register(*TRUTHS)
def truth(call: Call) -> Sequence[Value]:
    """A comparison, or a combination of such."""
    return call.apply(TRUTHS[call.op](), *call.present, dtype="bool")


@RULES.register(*BITS)
def bitwise(call: Call) -> Logical:
    """A combination of bits."""
    return Logical(operator=BITS[call.op])


@RULES.register("BitShift")
def bit_shift(call: Call) -> Logical:
    """Bits moved to the left or to the right."""
    return Logical(operator="shift_left" if call.text("direction") == "LEFT" else "shift_right")


@RULES.register("LeakyRelu")
def leaky_relu(call: Call) -> LeakyReLU:
    """x or alpha x."""
    return LeakyReLU(slope=call.real("alpha", 0.01))


@RULES.register("Swish", "com.microsoft::QuickGelu")
def swish(call: Call) -> Sequence[Value]:
    """x sigmoid(alpha x)."""
    x = call.input(0)
    if call.real("alpha", 1.0 if call.op == "Swish" else 1.702) == 1:
        return call.apply(SiLU(), x)
    (scaled,) = call.apply(Multiply(), x, number(call, "alpha"), role="scale")
    (gate,) = call.apply(Sigmoid(), scaled, role="gate")
    return call.apply(Multiply(), x, gate)


@RULES.register("Gelu", "com.microsoft::Gelu", "com.microsoft::FastGelu", "com.microsoft::BiasGelu")
def gelu(call: Call) -> Sequence[Value]:
    """x times the normal distribution's integral up to x, after a bias where there is one."""
    (x, *bias) = call.present
    if bias:
        (x,) = call.apply(Add(), x, *bias, role="bias")
    is_tanh = call.text("approximate", "none") == "tanh" or call.op.endswith("FastGelu")
    return call.apply(GELU(approximation="tanh" if is_tanh else "none"), x)


@RULES.register("PRelu")
def prelu(call: Call) -> Sequence[Value]:
    """x or a learned slope times x."""
    x, slope = call.input(0), call.input(1)
    if slope.is_computed or not _is_by_channel(x, slope):
        (sign,) = call.apply(Compare(operator="gt"), x, Value(f"{call.name}.zero", ()), role="sign", dtype="bool")
        (scaled,) = call.apply(Multiply(), x, slope, role="slope")
        return call.apply(Where(), sign, x, scaled, dtype=x.dtype)
    return call.apply(PReLU(per_channel=slope.elements != 1), x, weights=(slope,))


def _is_by_channel(x: Value, slope: Value) -> bool:
    """Whether there is one slope, or one for each channel."""
    rank = len(x.shape)
    channels = ((1,) * (rank - len(slope.shape)) + slope.shape)[1:2] if rank >= len(slope.shape) else ()
    return slope.elements == 1 or (channels == x.shape[1:2] == (slope.elements,))


@RULES.register("Pow")
def power(call: Call) -> Sequence[Value]:
    """x to a power: a square, a root, or any other."""
    return powered(call, call.input(0), call.input(1))


@RULES.register("Mean")
def mean(call: Call) -> Sequence[Value]:
    """The mean of its inputs, element by element."""
    (y,) = call.apply(Add(), *call.present, role="sum")
    return call.apply(Divide(), y, Value("count", ()))


@RULES.register("Clip")
def clip(call: Call) -> Sequence[Value]:
    """The nearest value between two bounds."""
    return clipped(call, call.input(0), _bound(call, "min", 1), _bound(call, "max", 2))


def _bound(call: Call, name: str, index: int) -> Any:
    """A bound as a number, as a value where it is not known, None where there is none."""
    if call.has(name):
        return call.real(name)
    value = call.optional(index)
    if value is None or value.contents is None:
        return value
    return value.contents.reshape(-1)[0]


@RULES.register("Cast", "CastLike")
def cast(call: Call) -> Sequence[Value]:
    """The same elements as another type."""
    to = type_name(call.integer("to")) if call.op == "Cast" else call.input(1).dtype
    if call.input(0).dtype == to:
        return (call.input(0),)
    return call.apply(Cast(to=to), call.input(0), dtype=to)


@RULES.register("Dropout")
def dropout(call: Call) -> Sequence[Value]:
    """Nothing, at inference; the mask is true everywhere."""
    x = call.input(0)
    (y,) = call.apply(Dropout(), x)
    return (y, Value(f"{call.name}.mask", x.shape, "bool"))


@RULES.register("Softmax", "LogSoftmax")
def softmax(call: Call) -> Sequence[Value]:
    """Exponentials that add up to one along an axis; before opset 13 over all axes from one on."""
    x, kind = call.input(0), Softmax if call.op == "Softmax" else LogSoftmax
    axis = call.integer("axis", -1 if call.version >= 13 else 1)
    rank = len(x.shape)
    if call.version >= 13 or axis in (-1, rank - 1):
        return call.apply(kind(axis=axis), x)
    axis %= max(rank, 1)
    (flat,) = call.apply(Reshape(shape=(*x.shape[:axis], -1)), x, role="flat")
    (y,) = call.apply(kind(axis=-1), flat)
    return call.apply(Reshape(shape=x.shape), y, role="shape")


@RULES.register("Identity")
def identity(call: Call) -> Value:
    """The input itself."""
    return call.input(0)
