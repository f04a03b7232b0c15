"""Operations element by element, on one tensor or on several that are broadcast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from costmodel.interop.call import Call
from costmodel.interop.patterns import powered
from costmodel.interop.torch.arguments import given, operand, optional_tensor, tensor, type_name
from costmodel.interop.torch.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import (
    CELU,
    ELU,
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
    Erf,
    Exp,
    Expand,
    Expm1,
    Floor,
    HardSigmoid,
    HardSwish,
    Layer,
    Log,
    Log1p,
    Logical,
    LogSigmoid,
    Maximum,
    Minimum,
    Mish,
    Modulo,
    Multiply,
    Negate,
    NumberTest,
    Reciprocal,
    ReLU,
    ReLU6,
    Round,
    Rsqrt,
    Sigmoid,
    Sign,
    SiLU,
    Sin,
    Sinh,
    Softplus,
    Sqrt,
    Square,
    Subtract,
    Tan,
    Tanh,
    Threshold,
    Truncate,
    Where,
)

UNARY: dict[str, Callable[[], Layer]] = {
    "relu": ReLU, "relu6": ReLU6, "sigmoid": Sigmoid, "tanh": Tanh, "elu": ELU, "selu": SELU, "celu": CELU,
    "silu": SiLU, "hardsigmoid": HardSigmoid, "hardswish": HardSwish, "softplus": Softplus, "mish": Mish,
    "log_sigmoid": LogSigmoid, "threshold": Threshold,
    "abs": Absolute, "neg": Negate, "sign": Sign, "floor": Floor, "ceil": Ceil, "round": Round, "trunc": Truncate,
    "sqrt": Sqrt, "rsqrt": Rsqrt, "reciprocal": Reciprocal, "square": Square, "exp": Exp, "expm1": Expm1,
    "log": Log, "log2": Log, "log10": Log, "log1p": Log1p, "exp2": Exp, "erf": Erf, "erfc": Erf, "erfinv": Erf,
    "sin": Sin, "cos": Cos, "tan": Tan, "asin": Asin, "acos": Acos, "atan": Atan,
    "sinh": Sinh, "cosh": Cosh, "asinh": Asinh, "acosh": Acosh, "atanh": Atanh,
    "logical_not": lambda: Logical(operator="not"), "bitwise_not": lambda: Logical(operator="not"),
    "isnan": lambda: NumberTest(of="nan"), "isinf": lambda: NumberTest(of="inf"),
    "isfinite": lambda: NumberTest(of="finite"),
}  # fmt: skip
"""Operations on one tensor that are one layer kind."""

BINARY: dict[str, Callable[[], Layer]] = {
    "mul": Multiply, "multiply": Multiply, "div": Divide, "divide": Divide, "true_divide": Divide,
    "floor_divide": Divide, "remainder": Modulo, "fmod": Modulo,
    "maximum": Maximum, "minimum": Minimum, "fmax": Maximum, "fmin": Minimum,
    **{name: partial(Compare, operator=name) for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    **{
        pattern.format(name): partial(Logical, operator=name)
        for pattern in ("logical_{}", "bitwise_{}", "__{}__") for name in ("and", "or", "xor")
    },
    "bitwise_left_shift": lambda: Logical(operator="shift_left"),
    "bitwise_right_shift": lambda: Logical(operator="shift_right"),
    "__lshift__": lambda: Logical(operator="shift_left"),
    "__rshift__": lambda: Logical(operator="shift_right"),
}  # fmt: skip
"""Operations on two tensors, or a tensor and a number, that are one layer kind."""


@RULES.register(*(f"aten.{name}" for name in UNARY))
def unary(call: Call) -> Sequence[Value]:
    """The layer kind of that name."""
    return call.apply(UNARY[_operation(call)](), call.present[0])


@RULES.register(*(f"aten.{name}" for name in BINARY))
def binary(call: Call) -> Sequence[Value]:
    """The layer kind of that name."""
    return call.apply(BINARY[_operation(call)](), operand(call, "self"), operand(call, "other"))


def _operation(call: Call) -> str:
    """The operation's name without its family."""
    return call.op.removeprefix("aten.")


@RULES.register("aten.add", "aten.sub", "aten.rsub", "aten.subtract")
def add(call: Call) -> Sequence[Value]:
    """a + alpha b, or a - alpha b."""
    a, b, alpha = operand(call, "self"), operand(call, "other"), given(call, "alpha")
    if alpha not in (None, 1):
        (b,) = call.apply(Multiply(), b, operand(call, "alpha"), role="alpha")
    return call.apply(Add() if call.op == "aten.add" else Subtract(), a, b)


@RULES.register("aten.addcmul", "aten.addcdiv")
def add_combined(call: Call) -> Sequence[Value]:
    """a + value b c, or a + value b / c."""
    kind = Multiply if call.op == "aten.addcmul" else Divide
    (y,) = call.apply(kind(), tensor(call, "tensor1"), tensor(call, "tensor2"), role="product")
    if given(call, "value") != 1:
        (y,) = call.apply(Multiply(), y, operand(call, "value"), role="value")
    return call.apply(Add(), tensor(call, "self"), y)


@RULES.register("aten.lerp")
def lerp(call: Call) -> Sequence[Value]:
    """a + w (b - a)."""
    a = tensor(call, "self")
    (y,) = call.apply(Subtract(), tensor(call, "end"), a, role="difference")
    (y,) = call.apply(Multiply(), y, operand(call, "weight"), role="weight")
    return call.apply(Add(), a, y)


@RULES.register("aten.where")
def where(call: Call) -> Sequence[Value]:
    """a where a condition holds, else b."""
    if "self" not in call.attributes:
        call.refuse("finds where a condition holds, how often that is depends on data")
    return call.apply(Where(), tensor(call, "condition"), operand(call, "self"), operand(call, "other"))


@RULES.register("aten.masked_fill")
def masked_fill(call: Call) -> Sequence[Value]:
    """A number where a mask is true."""
    return call.apply(Where(), tensor(call, "mask"), operand(call, "value"), tensor(call, "self"))


@RULES.register("aten.pow", "aten.float_power")
def power(call: Call) -> Sequence[Value]:
    """x to a power: a square, a root, or any other."""
    return powered(call, operand(call, "self"), given(call, "exponent"))


@RULES.register(
    "aten.to", "aten._to_copy", "aten.type_as", "aten.float", "aten.half", "aten.double", "aten.long", "aten.int",
    "aten.bool",
)  # fmt: skip
def cast(call: Call) -> Sequence[Value]:
    """The same elements as another type, on any device."""
    x = tensor(call, "self")
    other = call.attributes.get("other")
    wanted = other.dtype if isinstance(other, Value) else given(call, "dtype")
    name = x.dtype if wanted is None else wanted if isinstance(wanted, str) else type_name(wanted)
    return (x,) if name == x.dtype else call.apply(Cast(to=name), x, dtype=name)


@RULES.register(
    "aten.clone", "aten.contiguous", "aten.alias", "aten.detach", "aten.lift_fresh_copy", "aten.lift_fresh",
    "aten.resolve_conj", "aten.resolve_neg", "aten.positive", "aten.pin_memory",
)  # fmt: skip
def same(call: Call) -> Value:
    """The input itself, in whatever order its elements lie in memory."""
    return tensor(call, "self")


@RULES.register("aten.copy")
def copy(call: Call) -> Sequence[Value]:
    """The elements of another tensor, repeated to the shape of the first."""
    target, source = tensor(call, "self"), tensor(call, "src")
    return (source,) if source.shape == target.shape else call.apply(Expand(shape=target.shape), source)


@RULES.register("aten.fill", "aten.zero")
def fill(call: Call) -> Value:
    """One number everywhere."""
    value = optional_tensor(call, "value") if isinstance(given(call, "value"), Value) else None
    shape = tensor(call, "self").shape
    if value is not None and value.is_computed:
        return call.apply(Expand(shape=shape), value)[0]
    return Value(call.name, shape)
