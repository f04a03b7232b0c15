"""Operations element by element, on one tensor or on several that are broadcast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from costmodel.interop.call import Call
from costmodel.interop.patterns import clipped, number, powered
from costmodel.interop.torch.arguments import axis, flag, given, operand, optional_tensor, tensor, type_name
from costmodel.interop.torch.rules.registry import RULES
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
    Clip,
    Compare,
    Cos,
    Cosh,
    Divide,
    Dropout,
    Erf,
    Exp,
    Expm1,
    Floor,
    HardSigmoid,
    HardSwish,
    Layer,
    LeakyReLU,
    Log,
    Log1p,
    Logical,
    LogSigmoid,
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
    ReLU6,
    Round,
    Rsqrt,
    Sigmoid,
    Sign,
    SiLU,
    Sin,
    Sinh,
    Softmax,
    Softplus,
    Split,
    Sqrt,
    Square,
    Subtract,
    Tan,
    Tanh,
    Threshold,
    Truncate,
    Where,
)
from costmodel.layers.base import shape_text

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


@RULES.register("aten.pow", "aten.float_power")
def power(call: Call) -> Sequence[Value]:
    """x to a power: a square, a root, or any other."""
    return powered(call, operand(call, "self"), given(call, "exponent"))


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
    from costmodel.layers import Expand

    target, source = tensor(call, "self"), tensor(call, "src")
    return (source,) if source.shape == target.shape else call.apply(Expand(shape=target.shape), source)


@RULES.register("aten.fill", "aten.zero")
def fill(call: Call) -> Value:
    """One number everywhere."""
    value = optional_tensor(call, "value") if isinstance(given(call, "value"), Value) else None
    shape = tensor(call, "self").shape
    if value is not None and value.is_computed:
        from costmodel.layers import Expand

        return call.apply(Expand(shape=shape), value)[0]
    return Value(call.name, shape)
