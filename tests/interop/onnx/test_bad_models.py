"""Models that contradict themselves or cannot be counted are refused in one sentence that names the place."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from costmodel.errors import CostModelError, FileFormatError, ReadingError, UnsupportedError
from costmodel.interop.onnx import RULES, read_model, read_onnx
from costmodel.interop.onnx.graph import MAX_VISITS
from costmodel.interop.onnx.model import parse_model
from costmodel.layers import ReLU
from tests.interop.onnx.models import info, model, network, node, numbers, stored

X = {"x": [1, 3, 8, 8]}


def conv(weight: onnx.TensorProto, **attributes: Any) -> dict[str, Any]:
    return {"nodes": [node("Conv", ["x", weight.name], ["y"], **attributes)], "weights": [weight]}


CONTRADICTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "channels": (conv(stored("w", 4, 2, 3, 3)), "for an input of 3 channels"),
    "rank": (conv(stored("w", 4, 3, 3)), "weights of as many axes"),
    "kernel": (conv(stored("w", 4, 3, 9, 9)), "'kernel' must fit its padded input"),
    "strides": (conv(stored("w", 4, 3, 3, 3), strides=[0, 1]), "'strides' as 2 positive integers"),
    "pads": (conv(stored("w", 4, 3, 3, 3), pads=[1, 1]), "'pads' as 4 integers"),
    "group": (conv(stored("w", 4, 3, 3, 3), group=0), "'group' of at least 1"),
    "auto_pad": (conv(stored("w", 4, 3, 3, 3), auto_pad="SOME"), "'auto_pad' as NOTSET"),
    "stated kernel": (conv(stored("w", 4, 3, 3, 3), kernel_shape=[5, 5]), "'kernel_shape' of"),
    "attribute type": (conv(stored("w", 4, 3, 3, 3), strides="2"), "'strides' as a list of integers"),
    "bias": (
        {
            "nodes": [node("Conv", ["x", "w", "b"], ["y"])],
            "weights": [stored("w", 4, 3, 3, 3), stored("b", 5)],
        },
        "its weights have 113 elements",
    ),
    "reshape": (
        {"nodes": [node("Reshape", ["x", "s"], ["y"])], "weights": [numbers("s", 5, -1)]},
        "must hold the input's elements",
    ),
    "missing input": ({"nodes": [node("Relu", ["z"], ["y"])]}, "no tensor that an earlier node computes named 'z'"),
    "no input": ({"nodes": [node("Relu", [], ["y"])]}, "takes 1 input|needs at least 1"),
    "cycle": (
        {"nodes": [node("Add", ["x", "b"], ["a"], "first"), node("Relu", ["a"], ["b"]), node("Relu", ["b"], ["y"])]},
        "no tensor that an earlier node computes named 'b'",
    ),
    "duplicate": (
        {"nodes": [node("Relu", ["x"], ["y"], "one"), node("Tanh", ["x"], ["y"], "two")]},
        "two tensors are named 'y'",
    ),
    "data-dependent shape": (
        {"nodes": [node("Cast", ["x"], ["s"], to=7), node("Reshape", ["x", "s"], ["y"])]},
        "its shape before the network runs",
    ),
    "too many outputs": ({"nodes": [node("Relu", ["x"], ["y", "z"])]}, r"it has 1 outputs \(got 2 names\)"),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_a_contradiction_names_its_place(case: str) -> None:
    parts, message = CONTRADICTIONS[case]
    with pytest.raises(ReadingError, match=message) as caught:
        network(inputs=X, outputs=["y"], **parts)
    assert "model" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_declared_shape_that_is_wrong_is_refused() -> None:
    with pytest.raises(ReadingError, match=r"declares an output of 1x3x8x9, and 1x3x8x8 comes out"):
        network(
            [node("Relu", ["x"], ["a"]), node("Tanh", ["a"], ["y"])], X, ["y"], value_info=[info("a", [1, 3, 8, 9])]
        )


@pytest.mark.parametrize("size", [0, -1, 2**40])
def test_sizes_of_inputs_are_positive(size: int) -> None:
    with pytest.raises(ReadingError, match=r"axis 1 of the input 'x' must have a size from 1 to 2\*\*31"):
        network([node("Relu", ["x"], ["y"])], {"x": [1, size]}, ["y"])


def test_a_model_of_very_many_nodes_is_refused() -> None:
    nodes = [node("Relu", [f"t{i}"], [f"t{i + 1}"], f"n{i}") for i in range(MAX_VISITS + 1)]
    with pytest.raises(ReadingError, match="must have at most 30000 nodes"):
        network(nodes, {"t0": [1, 4]}, [f"t{MAX_VISITS + 1}"])


def test_a_future_opset_and_none_at_all_are_refused() -> None:
    with pytest.raises(FileFormatError, match="opset 99"):
        network([node("Relu", ["x"], ["y"])], X, ["y"], opset=99)


def test_external_data_is_never_read(tmp_path: Path) -> None:
    for location in ("/etc/passwd", "../../secret.bin", "missing.bin"):
        weight = stored("w", 4, 3, 3, 3)
        weight.ClearField("raw_data")
        weight.data_location = onnx.TensorProto.EXTERNAL
        entry = weight.external_data.add()
        entry.key, entry.value = "location", location
        path = tmp_path / "external.onnx"
        path.write_bytes(model(**conv(weight), inputs=X, outputs=["y"]).SerializeToString())
        assert read_onnx(path).cost().macs == 4 * 3 * 9 * 36


def test_shapes_in_external_data_are_unknown() -> None:
    shape = numbers("s", 3, 64)
    shape.ClearField("raw_data")
    shape.data_location = onnx.TensorProto.EXTERNAL
    with pytest.raises(ReadingError, match="its shape before the network runs"):
        network([node("Reshape", ["x", "s"], ["y"])], X, ["y"], [shape])


UNKNOWN = [
    node("Relu", ["x"], ["a"]),
    helper.make_node("Magic", ["a"], ["b"], name="magic", domain="com.example"),
    node("Tanh", ["b"], ["y"]),
]


def test_an_unknown_operation_is_named_with_its_inputs_and_the_way_out() -> None:
    with pytest.raises(
        UnsupportedError, match=r"magic \(com\.example::Magic\): there is no rule .*1x3x8x8.*RULES\.register"
    ):
        network(UNKNOWN, X, ["y"])


def test_an_unknown_operation_is_listed_where_a_partial_count_is_asked_for() -> None:
    declared = [info("b", [1, 5])]
    cost = network(UNKNOWN, X, ["y"], value_info=declared, partial=True).cost()
    assert (cost.uncounted, cost.ledger.transcendentals) == (("magic",), 5)


def test_a_partial_count_ends_where_no_shape_is_known() -> None:
    with pytest.raises(UnsupportedError, match="what shapes come out of it"):
        network(UNKNOWN, X, ["y"], partial=True)


def test_a_rule_of_the_user_counts_it() -> None:
    @RULES.register("com.example::Magic")
    def magic(call: object) -> ReLU:
        return ReLU()

    try:
        assert network(UNKNOWN, X, ["y"]).cost().ledger.comparisons == 2 * 192
    finally:
        RULES.forget("com.example::Magic")


@given(data=st.data())
def test_mutated_files_raise_our_own_errors_or_are_read(data: st.DataObject) -> None:
    whole = bytearray(model(**conv(stored("w", 4, 3, 3, 3)), inputs=X, outputs=["y"]).SerializeToString())
    for _ in range(data.draw(st.integers(1, 4), label="changes")):
        place = data.draw(st.integers(0, len(whole) - 1), label="place")
        whole[place] = data.draw(st.integers(0, 255), label="byte")
    with suppress(CostModelError):
        read_model(parse_model(bytes(whole), "mutated.onnx"), "mutated")
