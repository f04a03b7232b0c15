"""Layers that treat every element alike, and reductions."""

from __future__ import annotations

from typing import Any, Final

from costmodel.errors import UnsupportedError
from costmodel.interop.onnx.writing.node import Writing, writes

OPERATIONS: Final = {
    "relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "elu": "Elu", "hard_swish": "HardSwish", "selu": "Selu",
    "celu": "Celu", "softplus": "Softplus", "softsign": "Softsign", "mish": "Mish", "threshold": "ThresholdedRelu",
    "sqrt": "Sqrt", "exp": "Exp", "log": "Log", "sin": "Sin", "cos": "Cos", "tan": "Tan", "asin": "Asin",
    "acos": "Acos", "atan": "Atan", "sinh": "Sinh", "cosh": "Cosh", "asinh": "Asinh", "acosh": "Acosh",
    "atanh": "Atanh", "erf": "Erf", "reciprocal": "Reciprocal", "negate": "Neg", "absolute": "Abs", "sign": "Sign",
    "floor": "Floor", "ceil": "Ceil", "round": "Round", "add": "Sum", "subtract": "Sub", "divide": "Div",
    "maximum": "Max", "minimum": "Min", "power": "Pow", "where": "Where", "matmul": "MatMul",
}  # fmt: skip
"""The operation of ONNX that is the kind."""
COMPARISONS: Final = {"eq": "Equal", "lt": "Less", "le": "LessOrEqual", "gt": "Greater", "ge": "GreaterOrEqual"}
LOGICAL: Final = {"and": "And", "or": "Or", "xor": "Xor", "not": "Not"}
REDUCTIONS: Final = {
    "reduce_sum": "ReduceSum", "reduce_mean": "ReduceMean", "reduce_max": "ReduceMax", "reduce_min": "ReduceMin",
    "reduce_prod": "ReduceProd", "reduce_l1": "ReduceL1", "reduce_l2": "ReduceL2",
    "reduce_sum_square": "ReduceSumSquare", "reduce_log_sum": "ReduceLogSum", "reduce_log_sum_exp": "ReduceLogSumExp",
}  # fmt: skip


@writes(*OPERATIONS)
def same(w: Writing) -> str:
    """The operation itself."""
    kind = OPERATIONS[w.layer.kind]
    return w.op({1: "Identity", 2: "Add"}.get(len(w.inputs), kind) if kind == "Sum" else kind, *w.inputs)


@writes("identity", "dropout")
def identity(w: Writing) -> str:
    """Nothing, at inference."""
    return w.op("Identity" if w.layer.kind == "identity" else "Dropout", *w.inputs)


@writes("multiply")
def multiply(w: Writing) -> str:
    """A product; of several tensors as a function, because each of its steps would be broadcast by itself."""
    if len(w.inputs) == 1:
        return w.op("Identity", *w.inputs)
    if len(w.inputs) == 2:
        return w.op("Mul", *w.inputs)
    names = [f"x{index}" for index in range(len(w.inputs))]
    parts = [*(f"p{index}" for index in range(len(names) - 2)), "y"]
    factors = zip([names[0], *parts[:-1]], names[1:], parts, strict=True)
    body = [("Mul", [left, right], result) for left, right, result in factors]
    return w.function(f"multiply{len(names)}", body, {}, names)


@writes("modulo")
def modulo(w: Writing) -> str:
    """The remainder of numbers with fractions."""
    return w.op("Mod", *w.inputs, fmod=1)


@writes("compare")
def compare(w: Writing) -> str:
    """A comparison; "not equal" is the opposite of "equal"."""
    if w.field["operator"] not in COMPARISONS:
        raise UnsupportedError("ONNX has no operation for 'ne'; compare with 'eq'")
    return w.op(COMPARISONS[w.field["operator"]], *w.inputs)


@writes("logical")
def logical(w: Writing) -> str:
    """A combination of conditions."""
    if w.field["operator"] not in LOGICAL:
        raise UnsupportedError(f"bits that are shifted ({w.field['operator']}) are not written to ONNX")
    return w.op(LOGICAL[w.field["operator"]], *w.inputs)


@writes("number_test")
def number_test(w: Writing) -> str:
    """Whether an element is no number, or infinite."""
    names = {"nan": "IsNaN", "inf": "IsInf"}
    if w.field["of"] not in names:
        raise UnsupportedError("ONNX has no operation that tests for finite numbers")
    return w.op(names[w.field["of"]], *w.inputs)


@writes("relu6", "clip")
def clip(w: Writing) -> str:
    """The nearest value between bounds."""
    low, high = (0.0, 6.0) if w.layer.kind == "relu6" else (w.field["min"], w.field["max"])
    bounds = ["" if value is None else w.scalar(name, value) for name, value in (("min", low), ("max", high))]
    while bounds and not bounds[-1]:
        bounds.pop()
    return w.op("Clip", w.inputs[0], *bounds)


@writes("leaky_relu")
def leaky_relu(w: Writing) -> str:
    """x or a slope times x."""
    return w.op("LeakyRelu", *w.inputs, alpha=w.field["slope"])


@writes("hard_sigmoid")
def hard_sigmoid(w: Writing) -> str:
    """max(0, min(1, x / 6 + 1 / 2))."""
    return w.op("HardSigmoid", *w.inputs, alpha=1 / 6, beta=0.5)


@writes("gelu")
def gelu(w: Writing) -> str:
    """x times the normal distribution's integral up to x."""
    return w.op("Gelu", *w.inputs, approximate=w.field["approximation"])


@writes("prelu")
def prelu(w: Writing) -> str:
    """x or a learned slope times x."""
    slopes = (w.shape[1], *(1,) * (len(w.shape) - 2)) if w.field["per_channel"] else (1,)
    return w.op("PRelu", w.inputs[0], w.weight("slope", *slopes))


@writes("softmax", "log_softmax")
def softmax(w: Writing) -> str:
    """Exponentials that add up to one along an axis."""
    return w.op("Softmax" if w.layer.kind == "softmax" else "LogSoftmax", *w.inputs, axis=w.field["axis"])


@writes("cast")
def cast(w: Writing) -> str:
    """The same elements as another type."""
    return w.op("Cast", *w.inputs, to=w.cast_type())


FUNCTIONS: Final[dict[str, tuple[list[tuple[str, list[str], str]], dict[str, float]]]] = {
    "silu": ([("Sigmoid", ["x"], "s"), ("Mul", ["x", "s"], "y")], {}),
    "square": ([("Mul", ["x", "x"], "y")], {}),
    "rsqrt": ([("Sqrt", ["x"], "s"), ("Reciprocal", ["s"], "y")], {}),
    "log1p": ([("Add", ["x", "one"], "s"), ("Log", ["s"], "y")], {"one": 1.0}),
    "expm1": ([("Exp", ["x"], "s"), ("Sub", ["s", "one"], "y")], {"one": 1.0}),
    "log_sigmoid": ([("Neg", ["x"], "n"), ("Softplus", ["n"], "s"), ("Neg", ["s"], "y")], {}),
    "truncate": (
        [("Abs", ["x"], "a"), ("Floor", ["a"], "f"), ("Sign", ["x"], "s"), ("Mul", ["f", "s"], "y")], {}
    ),
}  # fmt: skip
"""Kinds without an operation of their own, as functions that the model brings with it."""


@writes(*FUNCTIONS)
def function(w: Writing) -> str:
    """A call of the kind's function."""
    return w.function(w.layer.kind, *FUNCTIONS[w.layer.kind])


@writes(*REDUCTIONS)
def reduce(w: Writing) -> str:
    """A fold along axes."""
    if w.field["axes"] == ():
        raise UnsupportedError("ONNX reads a fold over no axes as one over all")
    axes = [] if w.field["axes"] is None else [w.integers("axes", w.field["axes"])]
    return w.op(REDUCTIONS[w.layer.kind], w.inputs[0], *axes, keepdims=int(w.field["keepdims"]))


@writes("argmax")
def argmax(w: Writing) -> str:
    """Where the largest, or smallest, element is."""
    fields: dict[str, Any] = w.field
    kind = "ArgMax" if fields["of"] == "max" else "ArgMin"
    return w.op(kind, *w.inputs, axis=fields["axis"], keepdims=int(fields["keepdims"]))


@writes("cumsum")
def cumsum(w: Writing) -> str:
    """Sums of all elements up to each."""
    return w.op("CumSum", w.inputs[0], w.parts.store(f"{w.step.node.name}.axis", w.field["axis"]))


@writes("top_k", "sort")
def top_k(w: Writing) -> tuple[str, ...]:
    """The largest elements and where they are."""
    size = w.field["k"] if w.layer.kind == "top_k" else w.shape[w.field["axis"]]
    return w.ops("TopK", w.inputs[0], w.integers("k", [size]), axis=w.field["axis"], outputs=2)


@writes("einsum")
def einsum(w: Writing) -> str:
    """A sum of products over named axes."""
    return w.op("Einsum", *w.inputs, equation=w.field["equation"])
