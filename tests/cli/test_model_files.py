"""Commands on model files of other tools."""

from pathlib import Path

from onnx import helper

from tests.cli.conftest import Run
from tests.interop.onnx.models import info, model, node, saved

UNKNOWN = [
    node("Relu", ["x"], ["a"]),
    helper.make_node("Magic", ["a"], ["b"], name="magic", domain="com.example"),
    node("Tanh", ["b"], ["y"]),
]


def test_an_operation_without_a_rule_is_refused_in_one_line_or_left_uncounted(costmodel: Run, tmp_path: Path) -> None:
    path = str(saved(tmp_path, model(UNKNOWN, {"x": [1, 4]}, ["y"], value_info=[info("b", [1, 5])])))
    refused = costmodel("summary", path)
    assert (refused.status, refused.output, refused.errors.count("\n")) == (1, "", 1)
    assert "magic (com.example::Magic): there is no rule" in refused.errors
    assert costmodel("summary", path, "--partial", "--json").json["uncounted"] == ["magic"]
    assert "not in the totals, which are partial" in costmodel("summary", path, "--partial").output


def test_what_is_not_bound_stays_a_symbol(costmodel: Run, tmp_path: Path) -> None:
    made = model([node("Relu", ["x"], ["y"])], {"x": ["batch", 3, "height", "width"]}, ["y"])
    path = str(saved(tmp_path, made))
    totals = costmodel("summary", path, "--set", "height=5", "--json").json["totals"]
    assert totals["comparisons"] == "15*batch*image_width"
    totals = costmodel("summary", path, "--set", "height=5", "--set", "width=7", "--batch", "2", "--json").json[
        "totals"
    ]
    assert totals["comparisons"] == 2 * 3 * 5 * 7
    assert costmodel("formula", path, "--quantity", "activations", "--json").json["expression"]


def test_a_size_that_the_file_does_not_have_is_refused(costmodel: Run, tmp_path: Path) -> None:
    path = str(saved(tmp_path, model([node("Relu", ["x"], ["y"])], {"x": ["batch", 3]}, ["y"])))
    refused = costmodel("summary", path, "--set", "height=5")
    assert refused.status == 1
    assert "no symbol in model named 'height'" in refused.errors
