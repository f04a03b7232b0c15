"""onnx-tool's numbers for single ONNX operators, beside ours: it was run on one-node files of these shapes.

onnx-tool 1.0.1, opset 17 (Gelu: 20), float32, on inputs of 2x3x4x5 unless shapes are given.
"""

from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from costmodel import reconcile
from costmodel.cli.compare import FILE
from costmodel.counting import TOOLS
from costmodel.interop.onnx import read_model

SHAPE = [2, 3, 4, 5]
ONE_INPUT = {
    "Abs": 120, "Atan": 7680, "Ceil": 120, "Cos": 4680, "Elu": 4200, "Erf": 0, "Exp": 3840, "Floor": 120,
    "HardSigmoid": 480, "HardSwish": 600, "LeakyRelu": 240, "Log": 5160, "LogSoftmax": 9600, "Neg": 120,
    "Reciprocal": 480, "Relu": 120, "Round": 120, "Sigmoid": 3840, "Sign": 120, "Sin": 4680, "Softmax": 4320,
    "Softplus": 9120, "Sqrt": 2880, "Tanh": 9120, "Gelu": 4080,
}  # fmt: skip
TWO_INPUTS = {"Add": 120, "Sub": 120, "Mul": 120, "Div": 480, "Pow": 3840, "Max": 120, "Min": 120}
REDUCTIONS = {"ReduceMax": 120, "ReduceMin": 120, "ReduceMean": 120, "ReduceProd": 120, "ReduceL2": 3000}
WITH_WEIGHTS: dict[str, tuple[int, dict[str, Any], list[list[int]], list[int]]] = {
    "BatchNormalization": (3720, {}, [[3], [3], [3], [3]], SHAPE),
    "InstanceNormalization": (840, {}, [[3], [3]], SHAPE),
    "LayerNormalization": (1536, {}, [[5], [5]], SHAPE),
    "LRN": (4800, {"size": 3}, [], SHAPE),
    "MaxPool": (288, {"kernel_shape": [2, 2]}, [], [2, 3, 3, 4]),
    "MatMul": (840, {}, [[5, 7]], [2, 3, 4, 7]),
    "Conv": (2400, {"group": 3, "pads": [1, 1, 1, 1]}, [[6, 1, 3, 3], [6]], [2, 6, 4, 5]),
    "ConvTranspose": (10880, {"strides": [2, 2]}, [[3, 4, 2, 2], [4]], [2, 4, 8, 10]),
}


def counted(op: str, inputs: int, out: list[int], weights: list[list[int]], **attributes: Any) -> object:
    """Our number for a model of one node."""
    values = [helper.make_tensor_value_info(f"x{index}", TensorProto.FLOAT, SHAPE) for index in range(inputs)]
    stored = [
        numpy_helper.from_array(np.ones(shape, dtype=np.float32), f"w{index}") for index, shape in enumerate(weights)
    ]
    node = helper.make_node(op, [each.name for each in (*values, *stored)], ["y"], **attributes)
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, out)
    graph = helper.make_graph([node], "one", values, [result], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20 if op == "Gelu" else 17)])
    net = read_model(model, "one")
    return reconcile(net.cost(), [TOOLS["onnx-tool"]], FILE).tools[0].number


@pytest.mark.parametrize(("op", "number"), ONE_INPUT.items())
def test_functions_of_one_input(op: str, number: int) -> None:
    assert counted(op, 1, SHAPE, []) == number


@pytest.mark.parametrize(("op", "number"), TWO_INPUTS.items())
def test_functions_of_two_inputs(op: str, number: int) -> None:
    assert counted(op, 2, SHAPE, []) == number


@pytest.mark.parametrize(("op", "number"), REDUCTIONS.items())
def test_reductions(op: str, number: int) -> None:
    assert counted(op, 1, [2, 3, 1, 1], [], axes=[2, 3]) == number


@pytest.mark.parametrize("op", WITH_WEIGHTS)
def test_operators_with_weights_or_windows(op: str) -> None:
    number, attributes, weights, out = WITH_WEIGHTS[op]
    assert counted(op, 1, out, weights, **attributes) == number
