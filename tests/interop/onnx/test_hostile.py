"""Files made to take time, memory or the wrong turn: each is refused in one short sentence, and soon."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import AttributeProto, TensorProto, helper, numpy_helper

from costmodel.algebra import parse
from costmodel.errors import CostModelError, FileFormatError, ReadingError
from costmodel.interop.limits import MAX_AXES, MAX_PARTS, is_small, parts
from costmodel.interop.onnx import read_model, read_onnx
from costmodel.interop.onnx.model import parse_model
from tests.interop.onnx.models import info, model, network, node, numbers, stored
from tests.patience import patience

X = {"x": [1, 4]}
TRUE = numpy_helper.from_array(np.array(True), "true")
Make = Callable[[], onnx.ModelProto]


def sentence_of(read: Callable[[], object]) -> str:
    """What is said where something is refused, which must be one short sentence, and soon."""
    with patience(), pytest.raises(CostModelError) as caught:
        read()
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 1000
    return text


def refused(made: onnx.ModelProto) -> str:
    """What is said about a model that is refused."""
    return sentence_of(lambda: read_model(made, "model"))


def chained(step: Callable[[str, str], list[onnx.NodeProto]], count: int, start: str) -> list[onnx.NodeProto]:
    """Nodes of which each takes what the one before it made; the last makes t{count - 1}."""
    nodes: list[onnx.NodeProto] = []
    for index in range(count):
        nodes += step(start if index == 0 else f"t{index - 1}", f"t{index}")
    return [
        node(each.op_type, each.input, each.output, f"n{index}", **_attributes(each))
        for index, each in enumerate(nodes)
    ]


def _attributes(each: onnx.NodeProto) -> dict[str, Any]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in each.attribute}


def arithmetic(step: Callable[[str, str], list[onnx.NodeProto]], count: int) -> onnx.ModelProto:
    """A network of one Reshape, whose shape is computed from symbols in a chain of steps."""
    nodes = [
        node("Shape", ["x"], ["s"]),
        *chained(step, count, "s"),
        node("ConstantOfShape", [f"t{count - 1}"], ["c"]),
        node("Expand", ["x", f"t{count - 1}"], ["y"]),
    ]
    given = [numbers("one", 1), numbers("seven", 7), numbers("eight", 8), numbers("swap", 1, 0)]
    return model(nodes, {"x": ["n", "m"]}, ["y"], given)


BOMBS: dict[str, Make] = {
    "squares": lambda: arithmetic(lambda a, b: [node("Mul", [a, a], [b])], 40),
    "sums times sums": lambda: arithmetic(
        lambda a, b: [node("Add", [a, "one"], [f"{b}a"]), node("Mul", [f"{b}a", a], [b])], 40
    ),
    "powers of sums": lambda: arithmetic(
        lambda a, b: [node("Add", [a, "one"], [f"{b}a"]), node("Pow", [f"{b}a", "eight"], [b])], 20
    ),
    "floors times floors": lambda: arithmetic(
        lambda a, b: [
            node("Div", [a, "seven"], [f"{b}a"]),
            node("Mul", [f"{b}a", a], [f"{b}b"]),
            node("Add", [f"{b}b", a], [b]),
        ],
        60,
    ),
    "maxima and minima": lambda: arithmetic(
        lambda a, b: [
            node("Gather", [a, "swap"], [f"{b}r"]),
            node("Min", [f"{b}r", a], [f"{b}a"]),
            node("Max", [f"{b}r", "seven"], [f"{b}b"]),
            node("Add", [f"{b}a", f"{b}b"], [b]),
        ],
        60,
    ),
    "numbers squared": lambda: model(
        [*chained(lambda a, b: [node("Mul", [a, a], [b])], 40, "s"), node("Reshape", ["x", "t39"], ["y"])],
        {"x": [4, 4]},
        ["y"],
        [numbers("s", 3, 5)],
    ),
    "lists doubled": lambda: model(
        [
            *chained(lambda a, b: [node("Concat", [a, a], [b], axis=0)], 60, "s"),
            node("Reshape", ["x", "t59"], ["y"]),
        ],
        {"x": [4, 4]},
        ["y"],
        [numbers("s", 4, 4)],
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_arithmetic_that_grows_without_end_is_refused(name: str) -> None:
    refused(BOMBS[name]())


def functions(bodies: Iterable[tuple[str, list[onnx.NodeProto]]]) -> list[onnx.FunctionProto]:
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("f", 1)]
    return [helper.make_function("f", name, ["x"], ["y"], nodes, imports) for name, nodes in bodies]


def called(name: str, given: str, made: str) -> onnx.NodeProto:
    return helper.make_node(name, [given], [made], domain="f")


def with_functions(first: str, bodies: Iterable[tuple[str, list[onnx.NodeProto]]]) -> onnx.ModelProto:
    made = model([called(first, "x", "y")], X, ["y"])
    made.functions.extend(functions(bodies))
    return made


def test_functions_that_call_themselves_are_refused() -> None:
    itself = with_functions("A", [("A", [called("A", "x", "y")])])
    each_other = with_functions("A", [("A", [called("B", "x", "y")]), ("B", [called("A", "x", "y")])])
    for made in (itself, each_other):
        assert "inside each other" in refused(made)


def test_functions_that_double_are_refused() -> None:
    bodies = [("L0", [node("Relu", ["x"], ["y"])])]
    bodies += [(f"L{i}", [called(f"L{i - 1}", "x", "z"), called(f"L{i - 1}", "z", "y")]) for i in range(1, 39)]
    assert "at most 30000 nodes" in refused(with_functions("L38", bodies))


def test_a_function_is_defined_once_and_called_with_its_inputs() -> None:
    body = [node("Relu", ["x"], ["y"])]
    assert "two functions" in refused(with_functions("A", [("A", body), ("A", body)]))
    made = with_functions("A", [("A", body)])
    made.graph.node[0].input.append("x")
    assert "takes 1 inputs" in refused(made)


def test_an_attribute_of_a_function_inside_a_subgraph_is_not_taken_for_zero() -> None:
    axis = AttributeProto(name="axis", ref_attr_name="q", type=AttributeProto.INT)
    softmax = node("Softmax", ["x"], ["z"])
    softmax.attribute.append(axis)
    branch = helper.make_graph([softmax], "branch", [], [info("z", None)])
    body = [
        node("Constant", [], ["c"], value=TRUE),
        node("If", ["c"], ["y"], then_branch=branch, else_branch=branch),
    ]
    assert "refers to an attribute of a function" in refused(with_functions("A", [("A", body)]))


def body(inside: list[onnx.NodeProto], tag: str) -> onnx.GraphProto:
    inputs = [info(f"i{tag}", [], "int"), info(f"c{tag}", [], "bool"), info(f"v{tag}", None)]
    outputs = [info(f"c{tag}", [], "bool"), info(f"w{tag}", None)]
    return helper.make_graph(inside, f"body{tag}", inputs, outputs)


def looped(trips: int, depth: int) -> onnx.ModelProto:
    graph = body([], "0")
    graph.output[1].name = "v0"
    for level in range(1, depth):
        inner = node("Loop", ["trips", "true", f"v{level}"], [f"w{level}"], body=graph)
        graph = body([inner], str(level))
    loop = node("Loop", ["trips", "true", "x"], ["y"], body=graph)
    return model([loop], X, ["y"], [numpy_helper.from_array(np.array(trips), "trips"), TRUE])


@pytest.mark.parametrize(("trips", "depth"), [(10_000, 6), (10_000, 2), (2**62, 1), (300, 2)])
def test_loops_inside_loops_are_refused_even_without_nodes(trips: int, depth: int) -> None:
    assert "at most" in refused(looped(trips, depth))


def test_a_loop_whose_body_stores_much_is_refused() -> None:
    graph = body([node("Relu", ["v"], ["w"])], "")
    graph.initializer.extend(numbers(f"k{index}", *range(200)) for index in range(1000))
    loop = node("Loop", ["trips", "true", "x"], ["y"], body=graph)
    weights = [numpy_helper.from_array(np.array(10_000), "trips"), TRUE]
    assert "at most 30000 nodes" in refused(model([loop], X, ["y"], weights))


@pytest.mark.parametrize("axes", [MAX_AXES + 1, 100_000])
def test_tensors_of_very_many_axes_are_refused(axes: int) -> None:
    assert "at most 64 axes" in refused(model([node("Relu", ["x"], ["y"])], {"x": [1] * axes}, ["y"]))
    weight = TensorProto(name="w", data_type=1, dims=[1] * axes)
    assert "at most 64 axes" in refused(model([node("Add", ["x", "w"], ["y"])], {"x": [1]}, ["y"], [weight]))
    unsqueeze = node("Unsqueeze", ["x", "a"], ["y"])
    assert refused(model([unsqueeze], {"x": [1]}, ["y"], [numbers("a", *range(min(axes, 5000)))]))


def test_very_many_different_sizes_are_refused() -> None:
    names = [f"x{index}" for index in range(20_000)]
    nodes = [node("Relu", [name], [f"{name}y"], name) for name in names]
    made = model(nodes, {name: [f"a{name}", f"b{name}"] for name in names}, ["x0y"])
    assert "at most 1000 sizes that are open" in refused(made)


def test_sizes_of_many_parts_are_refused() -> None:
    long = "+".join(f"a{index}" for index in range(220))
    assert "must be an expression of at most" in refused(model([node("Relu", ["x"], ["y"])], {"x": [long]}, ["y"]))


def test_parts_are_counted_no_further_than_what_is_too_many() -> None:
    assert parts(parse("n")) == 1
    assert parts(parse("floor(n/2) + 1")) == 6
    assert parts(parse("+".join(f"a{index}" for index in range(900)))) == MAX_PARTS + 1
    assert is_small(2**63)
    assert not is_small(2**65)
    assert not is_small(parse("(a + b + c + d + e)**12"))
    assert not is_small(parse("n**60") ** 60)


WORDS = [
    "9**9**9",
    "__import__('os').system('id')",
    "\u0663\u0664",
    "1e99",
    "(" * 1000,
    "n" * 100_000,
    "n/0",
    "1.5",
]


@pytest.mark.parametrize("text", WORDS)
def test_sizes_that_are_no_expression_are_symbols(text: str) -> None:
    read = network([node("Relu", ["x"], ["y"])], {"x": [text, 4]}, ["y"])
    assert [str(size) for size in read.inputs["x"]] == ["x_0", "4"]


def test_names_that_are_no_text_are_refused() -> None:
    whole = model([node("Relu", ["xxxx"], ["y"])], {"xxxx": [1, 4]}, ["y"]).SerializeToString()
    for raw in (whole.replace(b"xxxx", b"\xff\xfe\xfd\xfc"), whole.replace(b"Relu", b"\xff\xfe\xfd\xfc")):
        assert "text in UTF-8" in sentence_of(lambda raw=raw: read_model(parse_model(raw, "bytes"), "bytes"))  # type: ignore[misc]


@pytest.mark.parametrize("op", ["Relu", "Reshape", "Conv", "Magic"])
def test_names_of_megabytes_do_not_come_back(op: str) -> None:
    long = "q" * (2 << 20)
    assert len(refused(model([node(op, [long], ["y"])], {f"{long}x": [1, 4]}, ["y"]))) < 500
    assert len(refused(model([node(f"Magic{long}", ["x"], ["y"])], X, ["y"]))) < 500


def test_inputs_are_named_once() -> None:
    made = model([node("Relu", ["x"], ["y"])], X, ["y"])
    made.graph.input.append(info("x", [2, 5]))
    assert "two inputs are named 'x'" in refused(made)


def test_operations_are_of_one_version() -> None:
    made = model([node("Relu", ["x"], ["y"])], X, ["y"])
    made.opset_import.append(helper.make_opsetid("ai.onnx", 7))
    assert "two versions" in refused(made)


@pytest.mark.parametrize("elements", [4, 100, 64 * 64 * 9])
def test_data_that_does_not_fill_its_tensor_is_refused(elements: int) -> None:
    weight = stored("w", elements)
    weight.raw_data = weight.raw_data[:-4]
    made = model([node("Add", ["x", "w"], ["y"])], {"x": [elements]}, ["y"], [weight])
    text = sentence_of(lambda: read_model(parse_model(made.SerializeToString(), "file"), "file"))
    assert "as many elements as its sizes say" in text


def test_data_packed_below_a_byte_fills_its_tensor() -> None:
    weight = helper.make_tensor("w", TensorProto.INT4, [3], bytes(2), raw=True)
    made = model([node("Identity", ["x"], ["y"])], X, ["y"], [weight])
    assert read_model(parse_model(made.SerializeToString(), "file"), "file").cost().macs == 0


def test_scans_take_sequences_of_one_length() -> None:
    graph = helper.make_graph(
        [node("Add", ["v", "u"], ["w"])], "body", [info("v", None), info("u", None)], [info("w", None)]
    )
    scan = node("Scan", ["x", "z"], ["y"], body=graph, num_scan_inputs=2)
    assert "of one length" in refused(model([scan], {"x": [3, 4], "z": [5, 4]}, ["y"]))


NODES: dict[str, onnx.ModelProto] = {
    "flag that is neither 0 nor 1": model([node("ReduceMax", ["x"], ["y"], keepdims=2)], X, ["y"]),
    "split into a billion": model(
        [node("Split", ["x"], ["y"], axis=0, num_outputs=500_000_001)], {"x": [1_000_000_000, 4]}, ["y"], opset=18
    ),
    "pool without a window": model([node("MaxPool", ["x"], ["y"])], {"x": [1, 1, 8, 8]}, ["y"]),
    "kernel beyond 64 bits": model(
        [node("MaxPool", ["x"], ["y"], kernel_shape=[2**62] * 2, pads=[2**62] * 4)], {"x": [1, 1, 8, 8]}, ["y"]
    ),
    "expand to 2**60": model([node("Expand", ["x", "s"], ["y"])], X, ["y"], [numbers("s", 2**60, 4)]),
    "tile 2**62 times": model([node("Tile", ["x", "s"], ["y"])], X, ["y"], [numbers("s", 2**62, 1)]),
    "equation of 100,000 letters": model([node("Einsum", ["x"], ["y"], equation="i" * 100_000 + "->i")], X, ["y"]),
    "attribute of a wrong type": model(
        [node("Upsample", ["x"], ["y"], scales="abc")], {"x": [1, 2, 3, 3]}, ["y"], opset=7
    ),
    "scale that is no number": model(
        [node("Upsample", ["x"], ["y"], scales=[1.0, 1.0, float("nan"), float("inf")])],
        {"x": [1, 2, 3, 3]},
        ["y"],
        opset=7,
    ),
    "loop of nothing": model([node("Loop", [], ["y"], body=body([], ""))], X, ["y"]),
    "slice of more starts than ends": model(
        [node("Shape", ["x"], ["q"]), node("Slice", ["q", "s", "e", "a"], ["r"]), node("Reshape", ["x", "r"], ["y"])],
        {"x": [8, 8]},
        ["y"],
        [numbers("s", 0, 1), numbers("e", 3), numbers("a", 0)],
    ),
}


@pytest.mark.parametrize("name", NODES)
def test_nodes_that_ask_for_too_much_are_refused(name: str) -> None:
    refused(NODES[name])


FILES: dict[str, bytes] = {
    "zeros": bytes(1 << 20),
    "a field again and again": b"\x08\x01" * (2 << 20),
    "a graph that is a number": b"\x38\x05",
    "text": b"hello world\n" * 100,
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_no_model_are_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "file.onnx"
    path.write_bytes(FILES[name])
    sentence_of(lambda: read_onnx(path))


def test_messages_of_very_many_empty_parts_are_refused_before_they_take_memory() -> None:
    node_of_attributes = delimited(7, delimited(1, b"\x2a\x00" * (8 << 20)) + delimited(12, delimited(1, b"y")))
    assert "fields besides its weights" in sentence_of(lambda: parse_model(node_of_attributes, "file"))


def delimited(number: int, content: bytes) -> bytes:
    header = bytearray([number << 3 | 2])
    left = len(content)
    while left >= 0x80:
        header.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes([*header, left]) + content


def test_what_is_no_file_of_its_own_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.onnx")
    (tmp_path / "folder.onnx").mkdir()
    (tmp_path / "zero.onnx").symlink_to("/dev/zero")
    (tmp_path / "loop.onnx").symlink_to(tmp_path / "loop.onnx")
    with (tmp_path / "sparse.onnx").open("wb") as stream:
        stream.truncate(10 << 30)
    for name in ("fifo", "folder", "zero", "loop", "sparse", "missing", "a\0b"):
        assert ".onnx" in sentence_of(lambda name=name: read_onnx(tmp_path / f"{name}.onnx"))  # type: ignore[misc]


def test_the_command_line_says_it_in_one_line_without_control_characters(tmp_path: Path) -> None:
    path = tmp_path / "evil.onnx"
    path.write_bytes(
        model([node("Magic\x1b[31m", ["x"], ["y"], "a\n\x1b]0;title\x07" + "z" * 5000)], X, ["y"]).SerializeToString()
    )
    done = subprocess.run(
        [sys.executable, "-m", "costmodel", "summary", str(path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.rstrip("\n").isprintable()
    assert len(done.stderr) < 1100


def test_errors_are_of_the_kinds_that_are_documented() -> None:
    with pytest.raises(FileFormatError):
        parse_model(b"\x00\x00", "zeros")
    with pytest.raises(ReadingError):
        read_model(BOMBS["squares"](), "bomb")


@pytest.mark.parametrize(
    ("op", "size", "factor", "expected"), [("Div", 1, 0.1, 10), ("Div", 3, 0.1, 30), ("Mul", 10, 0.7, 7)]
)
def test_sizes_are_rounded_as_onnxruntime_rounds_them(op: str, size: int, factor: float, expected: int) -> None:
    nodes = [
        node("Shape", ["x"], ["s"]),
        node("Cast", ["s"], ["f"], "f", to=1),
        node(op, ["f", "c"], ["g"]),
        node("Floor", ["g"], ["h"]),
        node("Cast", ["h"], ["k"], "k", to=7),
        node("ConstantOfShape", ["k"], ["y"]),
    ]
    read = network(nodes, {"x": [size]}, ["y"], [numpy_helper.from_array(np.array([factor], dtype=np.float32), "c")])
    assert read.shapes[read.outputs[0]] == (expected,)
