"""Operations that the ONNX standard defines by others: what has no rule of its own is read as its definition."""

from __future__ import annotations

from typing import Any

from costmodel.interop.call import Call
from costmodel.interop.onnx.tensors import TYPES


def defined_function(call: Call, node: Any, opset: int) -> Any:
    """The function that the standard gives for an operation, with its defaults; None where it gives none."""
    from onnx import FunctionProto
    from onnx.defs import SchemaError, get_schema

    if node.domain not in ("", "ai.onnx"):
        return None
    try:
        schema = get_schema(node.op_type, opset, "")
    except SchemaError:
        return None
    function = FunctionProto()
    try:
        if schema.has_function:
            function.CopyFrom(schema.function_body)
        elif schema.has_context_dependent_function:
            function.ParseFromString(schema.get_context_dependent_function(node.SerializeToString(), _types(call)))
    except (RuntimeError, ValueError):
        return None
    if not function.node:
        return None
    given = {each.name for each in function.attribute_proto}
    for name, attribute in schema.attributes.items():
        if name not in given and attribute.default_value.name:
            function.attribute_proto.append(attribute.default_value)
    return function


def _types(call: Call) -> list[bytes]:
    """The types of the inputs, as definitions that depend on them want them."""
    from onnx import TypeProto

    numbers = {name: number for number, name in reversed(TYPES.items())}
    types = []
    for value in call.inputs:
        kind = TypeProto()
        if value is not None:
            kind.tensor_type.elem_type = numbers.get(value.dtype, 1)
            for size in value.shape:
                dimension = kind.tensor_type.shape.dim.add()
                if isinstance(size, int):
                    dimension.dim_value = size
        types.append(kind.SerializeToString())
    return types
