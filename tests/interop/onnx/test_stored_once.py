"""What a file stores once is counted once, however often the graph that holds it is walked through."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from costmodel.errors import ReadingError
from tests.interop.onnx.models import info, model, network, node, numbers, stored

CONDITION = numpy_helper.from_array(np.array(True), "true")


def body(name: str, weight: onnx.TensorProto, *, is_constant: bool) -> onnx.GraphProto:
    """x W with a weight of the body's own, as an initializer or as a Constant node."""
    made = [node("Constant", [], ["w"], "c", value=weight)] if is_constant else []
    made += [node("MatMul", ["y", "w"], ["z"], "product"), node("Identity", ["going"], ["on"], "same")]
    inputs = [info("trip", [], "int"), info("going", [], "bool"), info("y", [1, 4])]
    outputs = [info("on", [], "bool"), info("z", [1, 4])]
    return helper.make_graph(made, name, inputs, outputs, [] if is_constant else [weight])


def loops(count: int, *, is_constant: bool) -> list[onnx.NodeProto]:
    """So many loops one after another, each with a weight that is called w."""
    return [
        node(
            "Loop",
            ["trips", "true", f"x{i}"],
            [f"x{i + 1}"],
            "",
            body=body("b", stored("w", 4, 4), is_constant=is_constant),
        )
        for i in range(count)
    ]


@pytest.mark.parametrize("is_constant", [False, True])
@pytest.mark.parametrize("count", [1, 2])
def test_a_loop_has_its_weight_once_and_two_loops_have_two(count: int, is_constant: bool) -> None:
    parts = ([numbers("trips", 3), CONDITION],)
    cost = network(loops(count, is_constant=is_constant), {"x0": [1, 4]}, [f"x{count}"], *parts).cost()
    assert cost.macs == count * 3 * 16
    assert cost.params == count * 16


def test_a_function_that_is_called_twice_has_its_weight_once() -> None:
    inside = [node("Constant", [], ["w"], "c", value=stored("w", 4, 4)), node("MatMul", ["a", "w"], ["b"], "product")]
    opset = [helper.make_opsetid("", 17)]
    function = helper.make_function("com.example", "Twice", ["a"], ["b"], inside, opset)
    calls = [
        helper.make_node("Twice", [f"x{i}"], [f"x{i + 1}"], name=f"call{i}", domain="com.example") for i in range(2)
    ]
    cost = network(calls, {"x0": [1, 4]}, ["x2"], functions=[function]).cost()
    assert (cost.macs, cost.params) == (32, 16)
    assert model(calls, {"x0": [1, 4]}, ["x2"], functions=[function]).functions


def test_a_stored_tensor_that_something_is_done_to_is_not_taken_for_what_it_was() -> None:
    scales = numpy_helper.from_array(np.array([1, 1, 2, 2], dtype=np.float32), "scales")
    nodes = [node("Mul", ["scales", "scales"], ["squared"]), node("Resize", ["x", "", "squared"], ["y"])]
    with pytest.raises(ReadingError, match="needs to know its scales"):
        network(nodes, {"x": [1, 3, 4, 4]}, ["y"], [scales])
    plain = network(nodes[1:], {"x": [1, 3, 4, 4]}, ["y"], [renamed(scales, "squared")])
    assert plain.shapes["resize"] == (1, 3, 8, 8)


def renamed(tensor: onnx.TensorProto, name: str) -> onnx.TensorProto:
    """The tensor under another name."""
    return numpy_helper.from_array(numpy_helper.to_array(tensor), name)
