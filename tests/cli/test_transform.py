"""`transform`: what it prints, the file that it writes, and what it refuses."""

import json
from pathlib import Path

import pytest

from costmodel import Network, zoo
from costmodel.network.files import read_network
from costmodel.transform import rewrite
from tests.cli.conftest import Run


def test_what_is_written_is_a_target(costmodel: Run, tmp_path: Path) -> None:
    """The totals that are predicted are those of the file, read as any other network."""
    path = str(tmp_path / "small.json")
    asked = ("--replace", "conv=depthwise_separable", "--replace", "fc=global_average_pool")
    record = costmodel("transform", "vgg16", *asked, "-o", path, "--json").json
    assert record["file"] == path
    totals = costmodel("summary", path, "--json").json["totals"]
    assert record["after"] == {name: totals[name] for name in record["after"]}
    assert {name: record["before"][name] - record["saved"][name] for name in record["after"]} == record["after"]
    assert read_network(path) == rewrite(zoo.vgg16(), *asked[1::2]).after


def test_a_layer_before_and_after(costmodel: Run) -> None:
    record = costmodel("transform", "alexnet", "--replace", "conv=grouped:4", "--only", "conv3", "--json").json
    (change,) = record["changes"]
    assert change["layers_before"] == change["layers_after"] == [{"name": "conv3", "kind": "conv2d"}]
    assert change["before"]["macs"] == 4 * change["after"]["macs"] == 149_520_384
    assert (record["only"], record["file"], record["kept"]) == ("conv3", None, [])


def test_symbols_are_expressions(costmodel: Run) -> None:
    record = costmodel("transform", "alexnet", "--batch", "n", "--replace", "conv3=kernel:1", "--json").json
    assert record["saved"]["macs"] == "132907008*n"
    assert record["saved"]["params"] == 8 * 256 * 384


def test_the_table_says_what_stays_and_why(costmodel: Run) -> None:
    output = costmodel("transform", "alexnet", "--replace", "conv=grouped:4").output
    assert "conv1                4 groups do not divide its 3 input channels" in output
    assert "conv2, conv4, conv5  it has 2 groups already" in output


def test_it_is_done_in_order(costmodel: Run) -> None:
    asked = ["--replace", "7x7=3x3", "--replace", "3x3=grouped:2", "--only", "conv1*"]
    record = costmodel("transform", "resnet18", *asked, "--json").json
    assert [placed["name"] for placed in record["changes"][0]["layers_after"] if placed["kind"] == "conv2d"] == [
        "conv1.1",
        "conv1.2",
        "conv1.3",
    ]
    assert [each["name"] for each in record["kept"]] == ["conv1.1"]


def test_a_file_as_target(costmodel: Run, shared: Path, tmp_path: Path) -> None:
    """Exporters share equal biases; rewritten layers have weights of their own, and so do the others then."""
    model = str(shared / "data" / "models" / "vgg16.onnx")
    made = str(tmp_path / "made.json")
    record = costmodel("transform", model, "--replace", "pool=stride", "-o", made, "--json").json
    assert record["saved"]["params"] == record["before"]["params"] - 138_357_544
    assert costmodel("summary", made, "--json").json["totals"]["params"] == 138_357_544
    table = costmodel("transform", model, "--replace", "pool=stride").output
    assert "5 other layers             weights    4,640,997,376  4,640,997,376   0.0 %" in table


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["--replace", "conv"], 1, "a rewrite is written WHAT=WITH, such as conv=depthwise_separable"),
        (["--replace", "conv=depthwise"], 1, "there is no rewrite named 'depthwise'; the nearest are depth"),
        (["--replace", "conv=grouped"], 1, "grouped: 'groups' is required"),
        (["--replace", "conv=grouped:0"], 1, "grouped: 'groups' must be a positive integer or an expression of one"),
        (["--replace", "conv=grouped:4,5"], 1, "there is no option of grouped named '5'"),
        (
            ["--replace", "conv=grouped:group=4"],
            1,
            "there is no option of grouped named 'group'; the nearest are groups",
        ),
        (["--replace", "conv=grouped:groups="], 1, "each option of grouped is given one value"),
        (["--replace", "conv=width:2"], 1, "width is written width=VALUE, and scales the whole network"),
        (["--replace", "width=0"], 1, "width: 'factor' must be a number above 0 and at most 1024"),
        (["--replace", "depth=17"], 1, "depth: 'factor' must be a number above 0 and at most 16"),
        (
            ["--replace", "convv=kernel:3"],
            1,
            "there is no layer, layer kind or word named 'convv'; the nearest are conv",
        ),
        (
            ["--replace", "layer*=kernel:3"],
            1,
            "alexnet: no layer has a name like 'layer*', but conv1, conv1.relu, pool1",
        ),
        (["--replace", "conv=kernel:3", "--only", "fc"], 1, "is among what 'conv' and 'fc' selects"),
        (["--replace", "stride=pool", "--only", "conv2"], 1, "is among what 'stride' and 'conv2' selects"),
        (["--replace", "7x7=3x3"], 1, "alexnet: it has no layer that '7x7' selects"),
        (["--replace", "resolution=224"], 1, "alexnet: its resolution is 224x224 already"),
        (["--replace", "resolution=32"], 1, "alexnet, pool5: max_pool2d 'kernel' must fit its padded input"),
        (["--replace", "batch=1"], 1, "alexnet: its batch is 1 already"),
        (["--replace", "conv=kernel:3", "-o", "made.toml"], 2, "--output is a file of ours, which ends in .json"),
        ([], 2, "Missing option '--replace'"),
    ],
)
def test_a_mistake_is_one_sentence(costmodel: Run, arguments: list[str], status: int, sentence: str) -> None:
    done = costmodel("transform", "alexnet", *arguments)
    assert done.status == status
    assert sentence in " ".join(done.errors.replace("│", " ").split())
    assert done.output == ""


def test_what_is_read_is_not_overwritten(costmodel: Run, tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_text(zoo.alexnet().to_json())
    done = costmodel("transform", str(path), "--replace", "pool=stride", "-o", str(path))
    assert (done.status, done.output) == (1, "")
    assert "write to another file" in done.errors
    assert Network.from_json(path.read_text()) == zoo.alexnet()


def test_a_file_that_cannot_be_written_leaves_nothing(costmodel: Run, tmp_path: Path) -> None:
    done = costmodel("transform", "alexnet", "--replace", "pool=stride", "-o", str(tmp_path / "no" / "net.json"))
    assert (done.status, done.output) == (1, "")
    assert "cannot be written" in done.errors
    assert list(tmp_path.iterdir()) == []


def test_names_of_a_hostile_file_are_printed_safely(costmodel: Run, tmp_path: Path) -> None:
    spec = json.loads(zoo.lenet_5().to_json())
    for node in spec["nodes"]:
        node["name"] = f"\x1b[31m{node['name']}"
        node["inputs"] = [name if name == "image" else f"\x1b[31m{name}" for name in node["inputs"]]
    spec["outputs"] = [f"\x1b[31m{name}" for name in spec["outputs"]]
    path = tmp_path / "net.json"
    path.write_text(json.dumps(spec))
    output = costmodel("transform", str(path), "--replace", "conv=spatially_separable").output
    assert "\x1b" not in output
    assert r"\x1b[31mconv1" in output
