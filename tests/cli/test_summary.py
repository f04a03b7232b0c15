"""`costmodel summary`: the totals that the issue of record names, and how the table reads."""

import json
from pathlib import Path

import pytest

from costmodel.algebra import parse
from tests.cli.conftest import Run
from tests.cli.specs import SYMBOLIC, write

TOTALS = {
    "vgg16": {"macs": 15_470_264_320, "params": 138_357_544},
    "alexnet": {"macs": 724_406_816, "activations": 932_264},
    "alexnet_torchvision": {"macs": 714_188_480, "params": 61_100_840},
    "alexnet_one_tower": {"macs": 1_135_256_096},
    "squeezenet1_0": {"macs": 818_924_576, "params": 1_248_424},
    "squeezenet1_1": {"macs": 349_151_936, "params": 1_235_496},
    "resnet18": {"macs": 1_814_073_344, "params": 11_689_512},
    "resnet50": {"macs": 4_089_184_256, "params": 25_557_032},
    "resnext50_32x4d": {"macs": 4_230_479_872, "params": 25_028_904},
    "mobilenet_v1": {"macs": 568_740_352},
    "mobilenet_v2": {"macs": 300_774_272, "params": 3_504_872},
}
"""Published totals: see tests/reference for their tables."""


@pytest.mark.parametrize("name", TOTALS)
def test_totals_are_exact_integers(costmodel: Run, name: str) -> None:
    found = costmodel("summary", name, "--json").json
    assert {key: found["totals"][key] for key in TOTALS[name]} == TOTALS[name]
    assert found["network"] == name
    assert found["convention"] == "two-per-mac"
    assert found["uncounted"] == []


def test_layers_add_up_to_the_totals(costmodel: Run) -> None:
    found = costmodel("summary", "resnet18", "--json", "--batch", "3").json
    for key in ("macs", "flops", "params", "buffers", "additions", "comparisons", "divisions"):
        assert sum(layer[key] for layer in found["layers"]) == found["totals"][key]
    assert found["layers"][0]["input_shapes"] == [[3, 3, 224, 224]]
    assert found["layers"][0]["output_shapes"] == [[3, 64, 112, 112]]
    assert found["parameters"] == {"batch": "3"}


def test_a_width_and_a_resolution_are_set_by_name(costmodel: Run) -> None:
    found = costmodel("summary", "mobilenet_v1", "--set", "width=0.75", "--set", "resolution=192", "--json").json
    assert found["totals"]["macs"] == 239_273_472


def test_symbolic_totals_are_text(costmodel: Run) -> None:
    found = costmodel("summary", "mobilenet_v1", "--set", "width=alpha", "--set", "resolution=32*r", "--json").json
    expected = parse("11010048*alpha**2*r**2 + 576000*alpha*r**2 + 1024000*alpha")
    assert (parse(found["totals"]["macs"]) - expected).expand() == 0
    assert found["layers"][0]["output_shapes"] == [[1, "32*alpha", "16*r", "16*r"]]


def test_training_measures_what_torch_does_on_resnet18(costmodel: Run) -> None:
    totals = costmodel("summary", "resnet18", "--training", "--json").json["totals"]
    assert totals["training_macs"] == sum(
        totals[f"training_{part}_macs"] for part in ("forward", "input_gradient", "weight_gradient")
    )
    assert round(totals["training_macs"] / totals["macs"], 3) == 2.935
    assert "2.935 x forward" in costmodel("summary", "resnet18", "--training").output


def test_without_training_there_are_no_training_numbers(costmodel: Run) -> None:
    assert not [key for key in costmodel("summary", "lenet_5", "--json").json["totals"] if "training" in key]


def test_a_convention_is_named_beside_its_number(costmodel: Run) -> None:
    done = costmodel("summary", "lenet_5", "--convention", "every-operation")
    assert "every-operation: every scalar operation" in done.output
    one = costmodel("summary", "vgg16", "--convention", "one-per-mac", "--json").json
    assert (one["convention"], one["totals"]["flops"]) == ("one-per-mac", 15_470_264_320)


def test_the_table_has_a_line_for_each_convolution_and_the_totals(costmodel: Run) -> None:
    lines = costmodel("summary", "mobilenet_v1", "--set", "width=0.75").output.splitlines()
    assert lines[0] == "mobilenet_v1, width=0.75"
    assert lines[1].split() == ["layer", "kind", "output", "parameters", "MACs", "share"]
    assert lines[3].split() == ["conv1", "conv2d", "+2", "1x24x112x112", "696", "8,128,512", "2.5", "%"]
    (total,) = (line for line in lines if line.startswith("total"))
    assert total.split() == ["total", "2,585,560", "325,400,448", "100.0", "%"]
    assert max(map(len, lines)) <= 100


def test_every_node_has_a_line_on_request(costmodel: Run) -> None:
    assert "conv1.batch_norm" not in costmodel("summary", "resnet18").output
    assert "conv1.batch_norm" in costmodel("summary", "resnet18", "--all").output


def test_scopes_can_be_lines(costmodel: Run) -> None:
    lines = costmodel("summary", "resnet50", "--depth", "1").output.splitlines()
    assert [line.split()[0] for line in lines[3:12]] == [
        "conv1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool", "fc",
    ]  # fmt: skip


@pytest.mark.parametrize("columns", [60, 80, 100, 120])
def test_no_line_is_wider_than_the_terminal(costmodel: Run, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    for arguments in (("resnet50",), ("mobilenet_v1", "--set", "width=alpha", "--convention", "every-operation")):
        monkeypatch.setenv("COLUMNS", str(columns))
        output = costmodel("summary", *arguments).output
        assert max(map(len, output.splitlines())) <= columns
        assert not [line for line in output.splitlines() if line != line.rstrip()]


def test_a_spec_file_is_a_target(costmodel: Run, tmp_path: Path) -> None:
    spec = write(tmp_path, SYMBOLIC)
    bound = ("--set", "alpha=0.5", "--set", "height=97", "--set", "classes=10", "--batch", "8")
    found = costmodel("summary", spec, *bound, "--json").json
    assert found["totals"]["macs"] == 8 * (8 * 3 * 3 * 3 * 49 * 16 + 8 * 10)
    assert found["parameters"] == {"alpha": "0.5", "height": "97", "classes": "10", "batch": "8"}


def test_what_is_not_bound_stays_a_symbol(costmodel: Run, tmp_path: Path) -> None:
    found = costmodel("summary", write(tmp_path, SYMBOLIC), "--set", "height=32", "--json").json
    assert parse(found["totals"]["params"]) == parse("448*alpha + 16*alpha*classes + classes")
    assert found["layers"][0]["output_shapes"] == [["batch", "16*alpha", 16, 16]]


def test_the_json_of_a_zoo_network_gives_its_summary(costmodel: Run, tmp_path: Path) -> None:
    from costmodel import zoo

    spec = write(tmp_path, json.loads(zoo.squeezenet1_1().to_json()))
    assert costmodel("summary", spec, "--json").json == costmodel("summary", "squeezenet1_1", "--json").json


def test_names_cannot_write_to_the_terminal(costmodel: Run, tmp_path: Path) -> None:
    from tests.cli.specs import CONV, network, node

    done = costmodel("summary", write(tmp_path, network(node("c\x1b[31m\n[red]", CONV), source="\x1b]0;x\x07")))
    assert done.status == 0
    assert "\x1b" not in done.output
    assert "c\\x1b[31m\\n[red]" in done.output


def test_a_convention_may_be_that_of_another_tool(costmodel: Run) -> None:
    record = costmodel("summary", "resnet50", "--convention", "fvcore", "--json").json
    assert (record["convention"], record["totals"]["flops"]) == ("fvcore", 4_111_512_576)
