"""Small ONNX models made for tests."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from costmodel.interop.onnx import read_model
from costmodel.network import Network

Sizes = Sequence[int | str | None]
TYPES = {"float": TensorProto.FLOAT, "int": TensorProto.INT64, "bool": TensorProto.BOOL}


def node(op: str, inputs: Sequence[str], outputs: Sequence[str], name: str = "", **attributes: Any) -> onnx.NodeProto:
    """A node, named after its operation unless it has a name."""
    return helper.make_node(op, list(inputs), list(outputs), name=name or op.lower(), **attributes)


def info(name: str, sizes: Sizes | None, dtype: str = "float") -> onnx.ValueInfoProto:
    """A named tensor of these sizes."""
    return helper.make_tensor_value_info(name, TYPES[dtype], sizes)


def stored(name: str, *shape: int) -> onnx.TensorProto:
    """A stored parameter of this shape."""
    return numpy_helper.from_array(np.ones(shape, dtype=np.float32), name)


def numbers(name: str, *values: int) -> onnx.TensorProto:
    """Stored integers, such as a shape."""
    return numpy_helper.from_array(np.array(values, dtype=np.int64), name)


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, Sizes],
    outputs: Sequence[str],
    weights: Sequence[onnx.TensorProto] = (),
    opset: int = 17,
    **parts: Any,
) -> onnx.ModelProto:
    """A model of these nodes; its outputs' shapes are not declared."""
    graph = helper.make_graph(
        list(nodes),
        "graph",
        [info(name, sizes) for name, sizes in inputs.items()],
        [info(name, None) for name in outputs],
        list(weights),
        value_info=parts.pop("value_info", None),
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], **parts)


def network(*arguments: Any, **parts: Any) -> Network:
    """The network of a model made so."""
    partial = parts.pop("partial", False)
    sizes = parts.pop("sizes", None)
    return read_model(model(*arguments, **parts), "model", sizes=sizes, partial=partial)


def saved(folder: Path, made: onnx.ModelProto) -> Path:
    """The model as a file."""
    path = folder / "model.onnx"
    onnx.save(made, path)
    return path
