"""Bad spec files: one sentence that says where, what and why, status 1, and nothing on standard output."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from costmodel.network import files
from tests.cli.conftest import Run
from tests.cli.specs import CONV, SYMBOLIC, conv, network, node, write

RELU = {"kind": "relu"}
SPLIT = {"kind": "split", "sections": 3}

DOCUMENTS: dict[str, tuple[object, str]] = {
    "malformed": ("{'name': 1}", "must be valid JSON"),
    "empty": ("", "must be valid JSON"),
    "truncated": (json.dumps(conv())[:90], "must be valid JSON"),
    "not an object": ("[1]", 'must be an object with "format": "costmodel-network"'),
    "of another format": ('{"format": "onnx"}', 'must be an object with "format": "costmodel-network"'),
    "of a future version": (conv() | {"version": 2}, "'version' must be 1, the one that this costmodel reads (got 2)"),
    "version true": (conv() | {"version": True}, "(got True)"),
    "a version of thousands of digits": (json.dumps(conv()).replace("1,", f"{'1' * 5000},", 1), "at most 80 digits"),
    "two fields of a name": (
        json.dumps(conv()).replace('"nodes"', '"inputs": {}, "nodes"'),
        "two fields named 'inputs'",
    ),
    "nested too deeply": ("[" * 100_000, "nested too deeply"),
    "nested deeply in a field": (
        conv(padding=json.loads("[" * 800 + "]" * 800)),
        "conv: conv2d: 'padding' must be one value",
    ),
    "not UTF-8": (b'{"format": "\xff"}', "must be JSON in UTF-8, and byte 12 is not"),
    "zeros": (bytes(100), "must be valid JSON"),
    "a lone surrogate": (conv() | {"name": "\ud800"}, "'name' must be text in Unicode"),
    "an unknown field": (conv() | {"colour": 1}, "'colour' is not a field of this (got 1)"),
    "a field called self": (conv() | {"self": 1}, "'self' is not a field of this"),
    "a number for a name": (conv() | {"name": 7}, "'name' must be text (got 7)"),
    "a long name": (conv() | {"name": "x" * 501}, "'name' must have at most 500 characters"),
    "inputs in a list": (conv() | {"inputs": [1]}, "'inputs' must be an object (got [1])"),
    "nodes in an object": (conv() | {"nodes": {}}, "'nodes' must be a list (got {})"),
    "a text for a node": (conv() | {"nodes": ["x"]}, "must be an object (got 'x')"),
    "a missing field": ({key: value for key, value in conv().items() if key != "outputs"}, "'outputs' is required"),
}

GRAPHS: dict[str, tuple[dict[str, Any], str]] = {
    "two nodes of a name": (network(node("a", RELU), node("a", RELU)), "two inputs or nodes are named 'a'"),
    "a node called as an input": (network(node("image", RELU)), "two inputs or nodes are named 'image'"),
    "a missing input": (
        network(node("a", RELU, "imag")),
        "small, a: there is no input or node named 'imag'; the nearest are image",
    ),
    "a missing output": (network(node("a", RELU)) | {"outputs": ["b"]}, "(got 'b')"),
    "an output that a node lacks": (
        network(node("s", SPLIT), node("r", RELU, "s:7")),
        "there is no tensor named 's:7'",
    ),
    "a cycle": (network(node("a", RELU, "c"), node("b", RELU, "a"), node("c", RELU, "b")), "small: the nodes a -> "),
    "a node that reads itself": (network(node("a", RELU, "a")), "the nodes a -> a form a cycle"),
    "no input": (network({"name": "a", "layer": RELU, "inputs": []}), "small, a: relu takes 1 input"),
    "two inputs": (network(node("a", RELU, "image", "image")), "small, a: relu takes 1 input"),
    "weights of nothing": (
        network(node("a", CONV, shares="b")),
        "small, a: there is no node with weights of its own named 'b'",
    ),
    "weights of an input": (
        network(node("a", CONV, shares="image")),
        "small, a: there is no node with weights of its own named 'image'",
    ),
    "an unknown kind": (
        network(node("a", {"kind": "conv2"})),
        "small, a: there is no layer kind named 'conv2'; the nearest are conv2d",
    ),
    "no kind": (network(node("a", {})), "a layer must name its 'kind' as text (got None)"),
    "a text for a layer": (network(node("a", "relu")), "'layer' must be an object (got 'relu')"),
    "a growing tensor": (
        network(
            *(node(str(i), {"kind": "upsample2d", "scale": 2**31}, str(i - 1) if i else "image") for i in range(9))
        ),
        "small, 1: a tensor must have at most 2**100 elements",
    ),
}

SHAPES: dict[str, tuple[dict[str, Any], str]] = {
    "groups": (conv(groups=2), "small, conv: conv2d 'groups' (=2) must divide the input channels (=3)"),
    "groups of the output": (conv(groups=3), "'groups' (=3) must divide the output channels (=4)"),
    "a kernel that does not fit": (
        conv(kernel=11, padding=1),
        "'kernel' must fit its padded input (got an extent of 11 on a size of 10)",
    ),
    "an addition": (
        network(node("c", CONV), node("a", {"kind": "add"}, "image", "c")),
        "small, a: add needs inputs of equal sizes, or of size 1 (got 1x3x8x8 and 1x4x6x6)",
    ),
    "a concatenation": (
        network(node("c", CONV), node("a", {"kind": "concat"}, "image", "c")),
        "small, a: concat needs inputs that differ only along axis 1",
    ),
    "a rank": (conv() | {"inputs": {"image": [1, 3]}}, "conv2d takes an input of shape (n, c_i, h_i, w_i) (got 1x3)"),
    "a reshape": (network(node("r", {"kind": "reshape", "shape": [7, -1]})), "'shape' must hold the input's elements"),
    "an axis": (network(node("r", {"kind": "softmax", "axis": 4})), "'axis' must be one of the input's 4 axes (got 4)"),
    "a split": (
        network(node("r", {"kind": "split", "sections": 2})) | {"outputs": ["r:0"]},
        "'sections' (=2) must divide the size of axis 1 (=3)",
    ),
}

POSITIVE = "small, conv: conv2d: 'out_channels' must be a positive integer or an expression of one"
DIMENSIONS: dict[str, tuple[object, str]] = {
    "zero": (0, f"{POSITIVE} (got 0)"),
    "negative": (-1, f"{POSITIVE} (got -1)"),
    "fractional": (1.5, f"{POSITIVE} (got 1.5)"),
    "a fraction as text": ("1.5", f"{POSITIVE} (got '1.5')"),
    "above 2**31": (2**31 + 1, "'out_channels' must be at most 2**31 (got 2147483649)"),
    "absurd": (10**70, "'out_channels' must be at most 2**31"),
    "true": (True, f"{POSITIVE} (got True)"),
    "null": (None, f"{POSITIVE} (got None)"),
    "a list": ([], f"{POSITIVE} (got [])"),
    "infinite": (float("inf"), f"{POSITIVE} (got inf)"),
    "not a number": (float("nan"), f"{POSITIVE} (got nan)"),
}

EXPRESSIONS: dict[str, tuple[str, str]] = {
    "a call": ("exec(1)", "'exec(1)' calls 'exec'; only floor, ceiling"),
    "an import": ("__import__('os').system('true')", "unexpected '_' at character 1"),
    "an attribute": ("r.__class__", "unexpected '.' at character 2"),
    "an index": ("r[0]", "unexpected '[' at character 2"),
    "a lambda": ("lambda: 1", "unexpected ':'"),
    "a million characters": ("r" * 1_000_000, "characters (got 1000000)"),
    "a tower of powers": ("9**9**9", "an exponent must be an integer of at most 64"),
    "a huge power": ("2**100000", "an exponent must be an integer of at most 64"),
    "deep nesting": ("(" * 200, "nests at most 60 deep"),
    "a division by zero": ("1/(2 - 2)", "a division by zero"),
    "no expression": ("", "a number, a name or a parenthesis was expected"),
    "a terminal's escape": ("r\x1b[31m", "unexpected '\\x1b'"),
}


@pytest.mark.parametrize("case", [*DOCUMENTS, *GRAPHS, *SHAPES])
def test_a_bad_spec_is_refused_in_one_sentence(costmodel: Run, tmp_path: Path, case: str) -> None:
    spec, sentence = {**DOCUMENTS, **GRAPHS, **SHAPES}[case]
    check(costmodel, write(tmp_path, spec), sentence)


@pytest.mark.parametrize("case", DIMENSIONS)
def test_a_bad_dimension_is_refused_with_the_place_the_rule_and_the_value(
    costmodel: Run, tmp_path: Path, case: str
) -> None:
    value, sentence = DIMENSIONS[case]
    check(costmodel, write(tmp_path, conv(out_channels=value)), sentence)


@pytest.mark.parametrize("case", EXPRESSIONS)
def test_a_hostile_expression_is_refused_and_not_evaluated(costmodel: Run, tmp_path: Path, case: str) -> None:
    text, sentence = EXPRESSIONS[case]
    check(costmodel, write(tmp_path, conv(out_channels=text)), sentence)
    check(costmodel, write(tmp_path, network(node("c", CONV), inputs={"image": [1, text, 8, 8]})), sentence)


def test_files_that_cannot_be_read_are_refused(costmodel: Run, tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
    os.mkfifo(tmp_path / "pipe.json")
    check(costmodel, str(tmp_path / "none.json"), "cannot be read: No such file or directory")
    check(costmodel, str(tmp_path / "folder.json"), "is not a file")
    check(costmodel, str(tmp_path / "pipe.json"), "is not a file")
    check(costmodel, str(tmp_path / "loop.json"), "cannot be read")


def test_a_file_without_permission_is_refused(costmodel: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = write(tmp_path, conv())

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", spec)

    monkeypatch.setattr(Path, "open", forbidden)
    check(costmodel, spec, "spec.json cannot be read: Permission denied")


def test_a_huge_file_is_refused_before_it_is_read_whole(costmodel: Run, tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as stream:
        stream.truncate(files.MAX_BYTES + 1)
    check(costmodel, str(path), "is larger than 67108864 bytes")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (("alpah=1",), "there is no symbol in small named 'alpah'; the nearest are alpha"),
        (("alpha=0",), "'alpha' must be a positive number or an expression of one (got '0')"),
        (("alpha=1/0",), "a division by zero"),
        (("alpha=0.3",), "small, stem: conv2d: 'out_channels' must be a positive integer"),
        (("height=2.5",), "'height' must be a positive integer or an expression of one (got '2.5')"),
        (("height=-4",), "'height' must be a positive integer or an expression of one (got '-4')"),
        (("height=exec(1)",), "only floor, ceiling"),
    ],
)
def test_a_value_that_a_symbol_cannot_have_is_refused(
    costmodel: Run, tmp_path: Path, settings: tuple[str, ...], sentence: str
) -> None:
    arguments = [part for setting in settings for part in ("--set", setting)]
    check(costmodel, write(tmp_path, SYMBOLIC), sentence, *arguments)


def check(costmodel: Run, spec: str, sentence: str, *arguments: str) -> None:
    """Every command that takes a target refuses it."""
    for command in (("summary", spec, "--json"), ("formula", spec), ("predict", spec, "--device", "v100")):
        done = costmodel(*command, *arguments)
        assert done.status == 1, command
        assert done.output == ""
        assert done.errors.startswith("costmodel: ")
        assert done.errors.endswith("\n")
        assert done.errors.count("\n") == 1
        assert "Traceback" not in done.errors
        assert sentence in done.errors
        assert done.errors[:-1].isprintable()
        assert len(done.errors) < 1000
