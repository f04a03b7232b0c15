"""What an ONNX file stores: tensors, attributes, and the shapes of inputs."""

from __future__ import annotations

import re
from math import prod
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from costmodel.algebra import Dim, parse
from costmodel.algebra.dimension import MAX_DIMENSION
from costmodel.algebra.vocabulary import SIZES
from costmodel.errors import ExpressionError, ReadingError, shorten
from costmodel.interop.contents import MAX_KNOWN, exact
from costmodel.interop.limits import check_axes
from costmodel.interop.onnx.wire import raw_bytes
from costmodel.interop.value import Contents, Value, Weight

TYPES: Final = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string", 9: "bool",
    10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16",
    17: "float8", 18: "float8", 19: "float8", 20: "float8", 21: "uint4", 22: "int4", 23: "float4", 24: "float8",
    25: "uint2", 26: "int2",
}  # fmt: skip
"""Names of element types by their numbers in a file."""
_SIZE_TYPES: Final = frozenset({"int32", "int64", "uint32", "uint64"})
"""Types of sizes, indices and axes."""
_KNOWN_OTHERS: Final = 64
"""Tensors of other types up to this many elements may be scales of a resize or conditions; larger ones are weights."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_LONGEST_EXPRESSION: Final = 1000
_JOINED = re.compile(r"[A-Za-z]\w*(?:(?:[.:\s]|-(?=[A-Za-z]))\w+)+", re.ASCII)
"""Words with something between them that is no operator of ours, or a hyphen without spaces: one name, batch-size."""
_RESERVED: Final = frozenset({"nan", "inf", "infinity", "floor", "ceiling", "gcd", "min", "max", "round_to_multiple"})


def stored_value(tensor: Any, name: str, *, is_initializer: bool = True) -> Value:
    """A tensor of the file: a parameter where it is an initializer of floating-point numbers and no scalar."""
    check_text(name)
    check_axes(len(tensor.dims), f"the tensor {shorten(name)!r}")
    shape = tuple(tensor.dims)
    if any(size < 0 or size > MAX_DIMENSION for size in shape):
        raise ReadingError(f"the tensor {shorten(name)!r} must have sizes from 0 to 2**31 (got {shorten(list(shape))})")
    dtype = type_name(tensor.data_type)
    elements = prod(shape)
    is_learnable = is_initializer and dtype.startswith(("float", "bfloat")) and bool(shape)
    limit = MAX_KNOWN if dtype in _SIZE_TYPES else _KNOWN_OTHERS
    if tensor.raw_data and len(tensor.raw_data) != raw_bytes(elements, tensor.data_type):
        raise ReadingError(f"the data of tensor {shorten(name)!r} must be as many elements as its sizes say")
    array = _array(tensor, name, shape) if elements <= limit or not is_initializer else None
    contents = None if array is None or elements > limit else _contents(array)
    weight = Weight(name, is_learnable) if is_learnable or elements > 1 else None
    fill = _fill(array) if contents is None else None
    return Value(name, shape, dtype, weight=weight, contents=contents, fill=fill)


def check_text(*names: object) -> None:
    """Raise for names that are no text: protobuf gives bytes where they are not UTF-8."""
    for name in names:
        if not isinstance(name, str):
            raise ReadingError(f"a name must be text in UTF-8 (got {shorten(repr(name))})")


def type_name(number: int) -> str:
    """The name of an element type."""
    if number not in TYPES:
        raise ReadingError(f"the element type must be one of ONNX's (got {number})")
    return TYPES[number]


def _array(tensor: Any, name: str, shape: tuple[int, ...]) -> npt.NDArray[Any] | None:
    """The elements, None where they lie in another file, which is not read, or are left out."""
    from onnx import numpy_helper

    has_data = any(len(getattr(tensor, field)) for field in _DATA_FIELDS)
    if tensor.data_location != 0 or (not has_data and 0 not in shape) or tensor.data_type == 8:
        return None
    try:
        array: npt.NDArray[Any] = numpy_helper.to_array(tensor).reshape(shape)
    except (ValueError, TypeError, KeyError, OverflowError, NotImplementedError):
        raise ReadingError(f"the data of tensor {shorten(name)!r} must be as many elements as its sizes say") from None
    return array


def _contents(array: npt.NDArray[Any]) -> Contents:
    """The elements, exactly."""
    elements = np.empty(array.size, dtype=object)
    elements[:] = [exact(element) for element in array.reshape(-1).tolist()]
    return elements.reshape(array.shape)


def _fill(array: npt.NDArray[Any] | None) -> Any:
    """The number that every element is, None where they differ or are not there."""
    if array is None or array.size == 0 or not (array == array.flat[0]).all():
        return None
    return exact(array.flat[0])


_DATA_FIELDS: Final = (
    "raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data", "string_data"
)  # fmt: skip


def attribute_values(node: Any) -> dict[str, Any]:
    """The attributes of a node: numbers, texts, lists of them; tensors and graphs as they are."""
    values: dict[str, Any] = {}
    for attribute in node.attribute:
        name = attribute.name
        check_text(name)
        if name in values:
            raise ReadingError(f"has two attributes named {shorten(name)!r}")
        if attribute.ref_attr_name:
            raise ReadingError(
                f"'{shorten(attribute.name)}' refers to an attribute of a function from inside of a subgraph, which"
                " is not read; inline the model's functions"
            )
        kind = attribute.type
        if kind in _PLAIN:
            value = getattr(attribute, _PLAIN[kind])
            values[name] = list(value) if kind in _LISTS else value
        elif kind == _TEXT:
            values[name] = attribute.s.decode("utf-8", "replace")
        elif kind == _TEXTS:
            values[name] = [text.decode("utf-8", "replace") for text in attribute.strings]
    if node.domain in ("", "ai.onnx"):
        for flag in _FLAGS.intersection(values):
            if values[flag] not in (0, 1):
                raise ReadingError(f"needs '{flag}' as 0 or 1 (got {shorten(repr(values[flag]))})")
    return values


_TEXT: Final = 3
_TEXTS: Final = 8
_FLAGS: Final = frozenset({
    "allowzero", "ceil_mode", "count_include_pad", "exclusive", "input_forget", "is_causal", "keepdims", "layout",
    "linear_before_reset", "noop_with_empty_axes", "reverse", "select_last_index", "transA", "transB", "upper",
})  # fmt: skip
"""Attributes that are true or false: what another number means, runtimes do not agree on."""
_PLAIN: Final = {1: "f", 2: "i", 4: "t", 5: "g", 6: "floats", 7: "ints", 9: "tensors", 10: "graphs"}
"""Where an attribute's value lies, by the number of its type."""
_LISTS: Final = frozenset({6, 7, 9, 10})


def input_shape(info: Any) -> tuple[Dim, ...]:
    """The shape of a graph's input: sizes that the file names, or leaves open, are symbols."""
    if not info.type.HasField("tensor_type"):
        raise ReadingError(f"the input {shorten(info.name)!r} must be a tensor")
    kind = info.type.tensor_type
    check_text(info.name)
    check_axes(len(kind.shape.dim), f"the input {shorten(info.name)!r}")
    if not kind.HasField("shape"):
        raise ReadingError(f"the input {shorten(info.name)!r} must say how many axes it has")
    return tuple(_size(dim, info.name, axis) for axis, dim in enumerate(kind.shape.dim))


def _size(dim: Any, name: str, axis: int) -> Dim:
    if dim.HasField("dim_value"):
        if not 1 <= dim.dim_value <= MAX_DIMENSION:
            raise ReadingError(
                f"axis {axis} of the input {shorten(name)!r} must have a size from 1 to 2**31 (got {dim.dim_value})"
            )
        return int(dim.dim_value)
    check_text(dim.dim_param)
    return symbol_of(dim.dim_param, f"{name}_{axis}")


def symbol_of(text: str, otherwise: str) -> Dim:
    """The symbol, or expression of symbols, that a file writes for a size; another name where it is none of ours."""
    text = text.strip()
    if _JOINED.fullmatch(text):
        text = re.sub(r"\W+", "_", text, flags=re.ASCII)
    text = SIZES.get(text, text)
    if _NAME.fullmatch(text) and text.lower() not in _RESERVED:
        return parse(text)
    if text and len(text) <= _LONGEST_EXPRESSION:
        try:
            found = parse(text)
        except ExpressionError:
            pass
        else:
            if getattr(found, "free_symbols", None) and found.is_integer:
                return found
    cleaned = re.sub(r"\W+", "_", otherwise, flags=re.ASCII).strip("_")
    return parse(cleaned if _NAME.fullmatch(cleaned) else f"size_{cleaned}"[:80].rstrip("_"))
