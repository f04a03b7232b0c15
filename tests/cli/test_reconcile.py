"""`costmodel reconcile`: the numbers of other tools, from the command line."""

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from costmodel import Builder
from costmodel.layers import ReLU
from tests.cli.conftest import Run


def test_every_tool_has_a_row(costmodel: Run) -> None:
    record = costmodel("reconcile", "resnet50", "--json").json
    numbers = {each["name"]: each["number"] for each in record["tools"]}
    assert record["macs"] == 4_089_184_256
    assert numbers["fvcore"] == 4_111_512_576
    assert numbers["deepspeed-flops"] == 8_211_108_352
    assert all(
        each["number"]
        == each["per_mac"] * record["macs"]
        + sum(layer["amount"] for found in each["differences"] for layer in found["layers"])
        for each in record["tools"]
    )


def test_how_the_common_implementation_writes_an_operation_is_known(costmodel: Run) -> None:
    """torchvision's MobileNetV2 calls F.adaptive_avg_pool2d, which thop does not see."""
    usual = costmodel("reconcile", "mobilenet_v2", "--tool", "thop", "--json").json
    assert (usual["tools"][0]["number"], usual["written"]) == (327_486_720, {"global_avg_pool": "function"})
    arguments = ("--tool", "thop", "--written", "global_avg_pool=module", "--json")
    module = costmodel("reconcile", "mobilenet_v2", *arguments).json
    assert (module["tools"][0]["number"], module["written"]) == (
        327_486_720 + 62_720 + 1_280,
        {"global_avg_pool": "module"},
    )


def test_a_table_says_what_makes_the_difference(costmodel: Run) -> None:
    output = costmodel("reconcile", "resnet50", "--tool", "torchprofile", "--tool", "deepspeed-macs").output
    assert "torchprofile    4,100,300,288  MACs    1.0027  +11.1 M: batch_norm, 1 for each element" in output
    assert "nothing: it is exact" in output


def test_symbols_are_expressions(costmodel: Run) -> None:
    record = costmodel("reconcile", "vgg16", "--set", "batch=n", "--tool", "FlopCounterMode", "--json").json
    assert record["tools"][0]["number"] == "30940528640*n"


def test_a_refusal_has_no_number(costmodel: Run, tmp_path: Path) -> None:
    b = Builder("plain")
    path = tmp_path / "plain.json"
    path.write_text(b.build(b.input("x", (1, 8)).then(ReLU(), name="relu")).to_json())
    record = costmodel("reconcile", str(path), "--tool", "calflops", "--json").json
    assert [each["number"] for each in record["tools"]] == [None, None]
    assert "it refuses a model without parameters" in costmodel("reconcile", str(path)).output


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["--tool", "fvcor"], 1, "costmodel: there is no tool named 'fvcor'; the nearest are fvcore"),
        (
            ["--written", "relo=function"],
            1,
            "there is no layer kind or layer named 'relo'; the nearest are relu",
        ),
        (["--written", "relu=functional"], 2, "--written takes KIND=module, function or operator (got 'functional')"),
        (["--written", "relu"], 2, "--written takes NAME=VALUE (got 'relu')"),
    ],
)
def test_a_mistake_is_one_sentence(costmodel: Run, arguments: list[str], status: int, sentence: str) -> None:
    done = costmodel("reconcile", "alexnet", *arguments)
    assert done.status == status
    assert sentence in " ".join(done.errors.replace("│", " ").split())
    assert done.output == ""


def test_a_batch_norm_that_a_file_still_has_counts_in_full(costmodel: Run, tmp_path: Path) -> None:
    """Of 24 elements, 31 instructions each, where an exporter would have folded it into a convolution as a bias."""
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2, 3, 2, 2]) for name in ("x", "y")]
    stored = [helper.make_tensor(name, TensorProto.FLOAT, [3], [1.0] * 3) for name in ("s", "b", "m", "v")]
    node = helper.make_node("BatchNormalization", ["x", "s", "b", "m", "v"], ["y"])
    graph = helper.make_graph([node], "norm", values[:1], values[1:], stored)
    path = tmp_path / "norm.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    record = costmodel("reconcile", str(path), "--tool", "onnx-tool", "--json").json
    assert (record["tools"][0]["number"], record["written"]) == (24 * 31, {"batch_norm": "operator"})


def test_tools_that_read_pytorch_count_another_model(costmodel: Run, shared: Path) -> None:
    """The number of peer_counts.csv for the same file; the note says what tools that read PyTorch would have seen."""
    path = str(shared / "data" / "models" / "mobilenet_v2.onnx")
    record = costmodel("reconcile", path, "--tool", "onnx-tool", "--json").json
    assert (record["tools"][0]["number"], record["written"]) == (319_949_192, {})
    assert "counts the model that a file comes from" in costmodel("reconcile", path).output
