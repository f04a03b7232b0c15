"""`plot`: pictures from the command line."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.cli.conftest import Run
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "pictures.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^costmodel (plot .+)$", PAGE, re.MULTILINE)
SPACE = ("--over", "width=0.5:1:0.25", "--over", "resolution=128,224")


class TestPage:
    @pytest.mark.parametrize("command", COMMANDS, ids=lambda command: Path(command).stem)
    def test_shows_the_picture_of_each_command(
        self, costmodel: Run, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: Path
    ) -> None:
        monkeypatch.chdir(ROOT)
        arguments = shlex.split(command)
        name = Path(arguments.pop()).name
        shown = ET.parse(ROOT / "docs" / "figures" / name).getroot()  # noqa: S314
        assert costmodel(*arguments, str(tmp_path / name)).status == 0
        drawn = ET.parse(tmp_path / name).getroot()  # noqa: S314
        assert drawn.get("viewBox") == shown.get("viewBox")
        assert f"](figures/{name})" in PAGE
        assert shared.is_dir()

    def test_has_every_kind_of_picture(self) -> None:
        assert {command.split()[1] for command in COMMANDS} == {
            "pareto",
            "contour",
            "stages",
            "sensitivity",
            "roofline",
        }


def plotted(costmodel: Run, folder: Path, *arguments: str) -> dict[str, Any]:
    """What `plot` says of a picture that it has written."""
    file = folder / "picture.svg"
    found = costmodel("plot", *arguments, "-o", str(file), "--json").json
    assert ET.parse(file).getroot().tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314
    assert found["file"] == str(file)
    assert found["kind"] == arguments[0]
    return found


class TestPareto:
    def test_of_networks_has_exact_costs(self, costmodel: Run, tmp_path: Path) -> None:
        found = plotted(
            costmodel, tmp_path, "pareto", "mobilenet_v1", "mobilenet_v2", "squeezenet1_1", "--costs", "macs,params"
        )
        assert found["points"] == 3
        assert found["front"] == [
            {"name": "mobilenet_v2", "costs": {"macs": 300774272, "params": 3504872}},
            {"name": "squeezenet1_1", "costs": {"macs": 349151936, "params": 1235496}},
        ]

    def test_of_a_space_has_scores_that_are_to_be_large(self, costmodel: Run, tmp_path: Path) -> None:
        found = plotted(
            costmodel, tmp_path, "pareto", "mobilenet_v1", *SPACE, "--costs", "params", "--score", "s=width"
        )
        assert found["points"] == 6
        assert [each["name"] for each in found["front"]] == [
            f"width {width}, resolution {resolution}" for width in ("0.5", "0.75", "1") for resolution in (128, 224)
        ]

    def test_of_accuracies_keeps_to_the_targets(self, costmodel: Run, tmp_path: Path) -> None:
        table = tmp_path / "table.csv"
        table.write_text(
            "model,crop,top1_percent,weights\nresnet18,224,69.8,V1\nresnet50,224,76.1,V1\nresnet50,224,80.9,V2\n"
        )
        found = plotted(costmodel, tmp_path, "pareto", "resnet50", "--accuracy", str(table))
        assert found["networks"] == ["resnet50 V1", "resnet50 V2"]
        assert [each["name"] for each in found["front"]] == ["resnet50 V2"]
        found = plotted(costmodel, tmp_path, "pareto", "--accuracy", str(table), "--weights", "V1")
        assert found["networks"] == ["resnet18", "resnet50"]

    def test_prints_the_front_as_a_table(self, costmodel: Run, tmp_path: Path) -> None:
        done = costmodel(
            "plot",
            "pareto",
            "mobilenet_v1",
            "mobilenet_v2",
            "--costs",
            "macs,params",
            "-o",
            str(tmp_path / "front.png"),
        )
        assert re.search(r"mobilenet_v2 +301 M +3\.50 M\n", done.output)


class TestOthers:
    def test_contours_have_budgets_in_si_units(self, costmodel: Run, tmp_path: Path) -> None:
        found = plotted(
            costmodel, tmp_path, "contour", "mobilenet_v1", *SPACE, "--max-macs", "300M", "--max-latency-ms", "50",
            "--device", "pixel-1",
        )  # fmt: skip
        assert found["budgets"] == {"macs": 300e6, "latency_s": 0.05}
        assert found["points"] == 6

    def test_rooflines_have_all_kernels(self, costmodel: Run, tmp_path: Path) -> None:
        found = plotted(costmodel, tmp_path, "roofline", "mobilenet_v1", "--device", "v100", "--batch", "8")
        assert found["points"] == len(costmodel("kernels", "mobilenet_v1", "--batch", "8", "--json").json["kernels"])

    def test_sensitivities_are_of_the_defaults_or_of_the_point(self, costmodel: Run, tmp_path: Path) -> None:
        assert plotted(costmodel, tmp_path, "sensitivity", "mobilenet_v2")["points"] == 6
        found = plotted(costmodel, tmp_path, "sensitivity", "mobilenet_v2", "--at", "width=0.5", "--costs", "macs")
        assert (found["costs"], found["points"]) == (["macs"], 1)


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (("heatmap", "alexnet"), "KIND must be one of roofline, pareto, contour, stages, sensitivity"),
            (("stages",), "this picture takes one TARGET or more (got 0)"),
            (("roofline", "alexnet", "vgg16", "--device", "v100"), "this picture takes one TARGET (got 2)"),
            (("stages", "alexnet", "--accuracy", "a.csv"), "and not --accuracy"),
            (("stages", "alexnet", "--max-macs", "1"), "and not a budget"),
            (("stages", "alexnet", "--costs", "macs,params"), "this picture takes one cost in --costs (got 2)"),
        ],
    )
    def test_of_wrong_usage_have_status_2(
        self, costmodel: Run, arguments: tuple[str, ...], sentence: str, tmp_path: Path
    ) -> None:
        done = costmodel("plot", *arguments, "-o", str(tmp_path / "picture.svg"))
        assert done.status == 2
        assert sentence in " ".join(done.errors.replace("│", " ").split())

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (("stages", "alexnot"), "there is no zoo network named 'alexnot'; the nearest are alexnet"),
            (("stages", "alexnet", "--costs", "latency_s"), "the time of a network needs a device"),
            (("roofline", "alexnet"), "the time of a network needs a device"),
            (("roofline", "alexnet", "--device", "horowitz-45nm"), "horowitz-45nm"),
            (("pareto", "alexnet", "vgg16"), "a Pareto picture has two costs (got none)"),
            (("pareto", "alexnet", "vgg16", "--costs", "macs,weight"), "there is no cost named 'weight'"),
            (("pareto", "--accuracy", "nowhere.csv"), "nowhere.csv cannot be read"),
            (("contour", "mobilenet_v1", "--over", "width=0.5,1"), "contours need two parameters"),
            (("contour", "mobilenet_v1", *SPACE, "--max-macs", "0"), "the budget of macs must be a number above 0"),
            (("sensitivity", "mobilenet_v1", "--at", "width=0"), "width"),
        ],
    )
    def test_are_one_sentence_and_no_file(
        self, costmodel: Run, arguments: tuple[str, ...], sentence: str, tmp_path: Path
    ) -> None:
        done = costmodel("plot", *arguments, "-o", str(tmp_path / "picture.svg"))
        assert (done.status, done.output) == (1, "")
        assert done.errors.startswith("costmodel: ")
        assert done.errors.count("\n") == 1
        assert sentence in done.errors
        assert not list(tmp_path.iterdir())

    def test_of_other_files_than_pictures_come_before_the_work(self, costmodel: Run, tmp_path: Path) -> None:
        done = costmodel("plot", "stages", "nothing", "-o", str(tmp_path / "picture.gif"))
        assert "a picture is written as .svg or .png" in done.errors
