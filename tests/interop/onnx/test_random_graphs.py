"""Random graphs: shapes and multiply-accumulates are those that ONNX Runtime executes."""

from math import prod
from typing import Any

import numpy as np
import onnxruntime
from hypothesis import given, reject
from onnx import ModelProto, NodeProto
from onnxruntime.capi.onnxruntime_pybind11_state import Fail

from costmodel.algebra import parse
from costmodel.algebra.text import to_text
from costmodel.network.bind import free_symbols
from tests.interop.onnx.random_graphs import Drawn, graphs
from tests.interop.onnx.walked import walked

Shapes = dict[str, tuple[int, ...]]


def executed(drawn: Drawn) -> Shapes:
    """The shapes of all tensors, of which ONNX Runtime reports those that it computes.

    Before it runs it expects one position too many of a pool in ceil mode whose last window would begin in the
    padding, and refuses what does not fit that; such a graph has no truth.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(drawn.model(is_open=False).SerializeToString(), options)
    except Fail as problem:
        if not any(_is_ceil(node) for node in drawn.nodes) or "ShapeInferenceError" not in str(problem):
            raise
        reject()
    names = [output.name for output in session.get_outputs()]
    arrays = session.run(names, {"x": np.zeros(drawn.input_shape, dtype=np.float32)})
    stored = {tensor.name: tuple(tensor.dims) for tensor in drawn.stored}
    return {"x": drawn.input_shape, **stored, **{name: array.shape for name, array in zip(names, arrays, strict=True)}}


def _is_ceil(node: NodeProto) -> bool:
    return any(each.name == "ceil_mode" and each.i for each in node.attribute)


def counted(model: ModelProto, shapes: Shapes) -> int:
    """Multiply-accumulates: one for each weight that meets an element of the output, or, transposed, of the input."""
    macs = 0
    for node in model.graph.node:
        if node.op_type in ("Conv", "ConvTranspose"):
            x, weight, y = shapes[node.input[0]], shapes[node.input[1]], shapes[node.output[0]]
            macs += prod(weight[1:]) * prod(y if node.op_type == "Conv" else x)
        elif node.op_type in ("MatMul", "Gemm"):
            macs += prod(shapes[node.output[0]]) * shapes[node.input[0]][-1]
    return macs


def at(shape: tuple[Any, ...], sizes: dict[str, int]) -> tuple[int, ...]:
    """A shape with numbers for its symbols."""
    return tuple(int(parse(to_text(size), sizes)) for size in shape)


@given(drawn=graphs())
def test_shapes_and_products_are_those_that_are_executed(drawn: Drawn) -> None:
    model, truth = drawn.model(is_open=False), executed(drawn)
    network, ours = walked(model)
    assert {name: ours[name] for name in truth} == truth
    assert network.cost().macs == counted(model, truth)


@given(drawn=graphs())
def test_open_sizes_that_are_bound_are_fixed_sizes(drawn: Drawn) -> None:
    fixed, numbers = walked(drawn.model(is_open=False))
    left_open, symbols = walked(drawn.model(is_open=True))
    assert {name: at(shape, drawn.sizes) for name, shape in symbols.items()} == numbers
    bound = left_open.bind(**{name: drawn.sizes[name] for name in free_symbols(left_open)}).cost()
    assert (bound.ledger, bound.params) == (fixed.cost().ledger, fixed.cost().params)
