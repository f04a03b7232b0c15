"""A model without its weights is the same model; bytes that are no message are refused."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from costmodel.errors import CostModelError, FileFormatError
from costmodel.interop.onnx import read_model, read_onnx
from costmodel.interop.onnx.model import parse_model
from costmodel.interop.onnx.wire import KEPT_BYTES, without_weights


def model(width: int = 4, opset: int = 17) -> onnx.ModelProto:
    """A linear layer and a ReLU."""
    weight = numpy_helper.from_array(np.ones((3, width), dtype=np.float32), "w")
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"], name="fc"), helper.make_node("Relu", ["y"], ["z"], name="r")]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3])
    z = helper.make_tensor_value_info("z", TensorProto.FLOAT, ["batch", width])
    graph = helper.make_graph(nodes, "tiny", [x], [z], [weight])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])


def test_small_tensors_are_kept_and_large_ones_keep_their_sizes() -> None:
    small, large = model(4), model(10_000)
    assert onnx.ModelProto.FromString(without_weights(memoryview(small.SerializeToString()))) == small
    stripped = without_weights(memoryview(large.SerializeToString()))
    assert len(stripped) < KEPT_BYTES < len(large.SerializeToString())
    (tensor,) = onnx.ModelProto.FromString(stripped).graph.initializer
    assert (list(tensor.dims), tensor.name, tensor.raw_data) == ([3, 10_000], "w", b"")


def test_a_file_with_large_weights_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "large.onnx"
    onnx.save(model(10_000), path)
    assert read_onnx(path).bind(batch=2).cost().macs == 2 * 3 * 10_000


@given(cut=st.integers(1, 200))
def test_a_truncated_file_is_refused(cut: int) -> None:
    whole = model().SerializeToString()
    with pytest.raises(FileFormatError, match=r"cut off|is no ONNX model|which version of the operations"):
        read_model(parse_model(whole[: len(whole) - 1 - cut % (len(whole) - 1)], "cut.onnx"), "cut")


@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_raise_our_own_errors(data: bytes) -> None:
    try:
        parse_model(data, "noise.onnx")
    except CostModelError:
        return


def test_a_length_of_two_gigabytes_is_refused_at_once() -> None:
    with pytest.raises(FileFormatError, match="claims 2147483647 bytes"):
        parse_model(b"\x3a\xff\xff\xff\xff\x07" + b"\x00" * 8, "claims.onnx")


def test_messages_nested_ten_thousand_deep_are_refused() -> None:
    nested = b""
    for _ in range(10_000):
        nested = bytes([0x3A]) + varint(len(nested)) + nested
    with pytest.raises(FileFormatError, match="no ONNX model"):
        parse_model(nested, "deep.onnx")


def varint(value: int) -> bytes:
    parts = []
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "is empty"), ("né".encode("latin-1") * 30, "no ONNX model|cut off")]
)
def test_files_that_are_none(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "none.onnx"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=message):
        read_onnx(path)


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.onnx"):
        with pytest.raises(FileFormatError, match=r"is not a file of its own|cannot be read"):
            read_onnx(path)


def test_an_opset_from_the_future_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "future.onnx"
    onnx.save(model(opset=99), path)
    with pytest.raises(FileFormatError, match="opset 99, and opsets 7 to"):
        read_onnx(path)


def nested(data: TensorProto, depth: int) -> onnx.NodeProto:
    """A node with a tensor, inside the branches of conditions."""
    node = helper.make_node("Constant", [], ["c"], name="c", value=data)
    for _ in range(depth):
        branch = helper.make_graph([node], "branch", [], [helper.make_tensor_value_info("c", TensorProto.FLOAT, None)])
        node = helper.make_node("If", ["on"], ["c"], name="if", then_branch=branch, else_branch=branch)
    return node


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_weights_inside_nodes_and_their_graphs_lose_their_data(depth: int) -> None:
    made = model()
    made.graph.node.insert(0, nested(numpy_helper.from_array(np.ones((100, 100), dtype=np.float32)), depth))
    stripped = without_weights(memoryview(made.SerializeToString()))
    assert len(stripped) < 2000 * 2**depth < len(made.SerializeToString())
    (node, *_) = onnx.ModelProto.FromString(stripped).graph.node
    for _ in range(depth):
        (node,) = node.attribute[0].g.node
    assert list(node.attribute[0].t.dims) == [100, 100]


def test_initializers_of_graphs_inside_nodes_lose_their_data() -> None:
    branch = helper.make_graph(
        [helper.make_node("Identity", ["w"], ["c"])],
        "branch",
        [],
        [helper.make_tensor_value_info("c", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.ones((100, 100), dtype=np.float32), "w")],
    )
    made = model()
    made.graph.node.insert(0, helper.make_node("If", ["on"], ["c"], then_branch=branch, else_branch=branch))
    assert len(without_weights(memoryview(made.SerializeToString()))) < 2000
