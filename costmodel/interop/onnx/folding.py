"""Shape arithmetic: ONNX operations on elements that are known before the network runs."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np

from costmodel.errors import CostModelError
from costmodel.interop.call import Call
from costmodel.interop.contents import MAX_KNOWN, Undecided, exact
from costmodel.interop.limits import MAX_AXES, is_small
from costmodel.interop.onnx.folds import FOLDS
from costmodel.interop.onnx.tensors import stored_value, type_name
from costmodel.interop.value import Contents, Value

_TO_BOOLEAN: Final = frozenset({"Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "And", "Or", "Xor", "Not"})


def fold(call: Call) -> Value | None:
    """The output of an operation whose inputs are all known, None where it is not one of these or cannot be decided."""
    if call.op == "Constant":
        return _constant(call)
    if call.op not in FOLDS or any(map(_is_data, call.present)):
        return None
    inputs = [value.contents for value in call.present if value.contents is not None]
    if not call.reading.affords(sum(map(_work, inputs))):
        return None
    try:
        result = FOLDS[call.op](call, inputs)
    except (Undecided, ValueError, TypeError, IndexError, KeyError, ZeroDivisionError, OverflowError):
        return None
    except CostModelError:
        return None
    if result.size > MAX_KNOWN or result.ndim > MAX_AXES or not call.reading.affords(_work(result)):
        return None
    if not all(map(is_small, result.reshape(-1))):
        return None
    dtype = _result_type(call)
    return Value(call.name, result.shape, dtype, contents=_in_single(result) if dtype == "float32" else result)


def _in_single(contents: Contents) -> Contents:
    """Numbers as a machine rounds them: 1/0.1 is 10 in single precision, and less than that exactly."""
    rounded = np.empty(contents.shape, dtype=object)
    for place, element in np.ndenumerate(contents):
        is_rounded = isinstance(element, Fraction) or (type(element) is int and abs(element) > 2**24)
        with np.errstate(over="ignore"):
            rounded[place] = exact(float(np.float32(float(element)))) if is_rounded else element
    return rounded


def _work(contents: Contents) -> int:
    """How much time it takes to go through known elements, in that of a number: expressions take far longer."""
    elements = contents.reshape(-1)[:: max(1, contents.size // 16)]
    is_symbolic = any(hasattr(element, "free_symbols") for element in elements)
    return contents.size * (100 if is_symbolic else 1) + 10


def _is_data(value: Value) -> bool:
    """Whether a value is no part of the arithmetic on shapes: unknown, or a parameter of several elements."""
    return value.contents is None or (value.is_learnable and value.contents.size > 1)


def _result_type(call: Call) -> str:
    if call.op in _TO_BOOLEAN:
        return "bool"
    if call.op == "Cast":
        return type_name(call.integer("to"))
    if call.op in ("Size", "NonZero", "ArgMax", "ArgMin"):
        return "int64"
    values = call.present
    if call.op in ("Where", "OneHot"):
        return values[-1].dtype
    if call.op == "ConstantOfShape":
        value = call.attributes.get("value")
        return "float32" if value is None else type_name(value.data_type)
    return values[0].dtype if values else "int64"


def _constant(call: Call) -> Value:
    """The value of a Constant node."""
    if call.has("value"):
        return stored_value(call.attributes["value"], call.name, is_initializer=False)
    for name, dtype in (
        ("value_int", "int64"),
        ("value_float", "float32"),
        ("value_ints", "int64"),
        ("value_floats", "float32"),
    ):
        value = call.attributes.get(name)
        if value is not None:
            elements = [exact(each) for each in value] if isinstance(value, list) else exact(value)
            contents = np.asarray(elements, dtype=object)
            return Value(call.name, contents.shape, dtype, contents=contents)
    if not call.has("value_string") and not call.has("value_strings"):
        call.refuse("needs a value that is a tensor, a number or a list of numbers")
    return Value(call.name, (), "string")
