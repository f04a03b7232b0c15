"""Pictures as files, and what drawing leaves alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from costmodel import zoo
from costmodel.errors import FileFormatError, MissingExtraError
from costmodel.report.pictures import contours, pareto, roofline, save, sensitivity, stages
from costmodel.sizing import compile_space
from tests.conftest import ROOT


def a_pareto() -> Figure:
    return pareto([[300e6, 41e6, 569e6], [71.9, 60.6, 70.6]], ["v2", "<shuffle> & \x07 co", "v1"])


def a_crowd() -> Figure:
    return pareto(np.random.default_rng(0).random((2, 2000)) + 1)


def a_roofline() -> Figure:
    return roofline(zoo.mobilenet_v1().latency("pixel-1"))


def a_contour() -> Figure:
    space = compile_space("mobilenet_v1", {"width": "0.25:1:0.25", "resolution": "128:224:32"}, ("macs",))
    return contours(space, "macs", {"macs": 300e6})


def some_bars() -> Figure:
    return stages([zoo.lenet_5()])


def a_sensitivity() -> Figure:
    return sensitivity({"macs": {"width": 1.9}}, {"width": 1})


Draw = Callable[[], Figure]
PICTURES: tuple[Draw, ...] = (a_pareto, a_crowd, a_roofline, a_contour, some_bars, a_sensitivity)


@pytest.mark.parametrize("draw", PICTURES)
class TestFiles:
    def test_are_the_same_bytes_whatever_the_user_has_set(self, draw: Draw, tmp_path: Path) -> None:
        for suffix in (".svg", ".png"):
            first, second = tmp_path / f"first{suffix}", tmp_path / f"second{suffix}"
            save(draw(), first)
            with mpl.rc_context({"font.size": 30, "svg.hashsalt": "other", "savefig.dpi": 30, "axes.facecolor": "red"}):
                save(draw(), second)
            assert first.read_bytes() == second.read_bytes()

    def test_are_valid_and_of_the_size_of_the_figure(self, draw: Draw, tmp_path: Path) -> None:
        figure = draw()
        save(figure, tmp_path / "picture.svg")
        root = ET.parse(tmp_path / "picture.svg").getroot()  # noqa: S314
        width, height = figure.get_size_inches()
        assert root.get("viewBox") == f"0 0 {72 * width:.6g} {72 * height:.6g}"
        save(figure, tmp_path / "picture.png")
        pixels = imread(tmp_path / "picture.png").shape
        assert pixels[:2] == (round(100 * height), round(100 * width))


class TestNames:
    @pytest.mark.parametrize("name", ["picture.pdf", "picture", "svg", ".svg"])
    def test_without_a_known_suffix_are_refused(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(FileFormatError, match=r"a picture is written as \.svg or \.png"):
            save(a_sensitivity(), tmp_path / name)

    def test_of_folders_are_refused_and_nothing_is_left_behind(self, tmp_path: Path) -> None:
        (tmp_path / "folder.svg").mkdir()
        with pytest.raises(FileFormatError, match="it is a folder"):
            save(a_sensitivity(), tmp_path / "folder.svg")
        with pytest.raises(FileFormatError, match="cannot be written"):
            save(a_sensitivity(), tmp_path / "none" / "picture.svg")
        assert [each.name for each in tmp_path.iterdir()] == ["folder.svg"]


class TestWhatIsLeftAlone:
    def test_the_users_settings_are_as_before(self) -> None:
        with mpl.rc_context({"font.size": 31, "axes.facecolor": "red"}):
            before = {name: value for name, value in mpl.rcParams.items() if name != "backend"}
            a_pareto()
            assert {name: value for name, value in mpl.rcParams.items() if name != "backend"} == before

    def test_pyplot_is_not_loaded_and_importing_pictures_loads_no_matplotlib(self, tmp_path: Path) -> None:
        code = (
            "import sys\nfrom costmodel.report import pictures\nassert 'matplotlib' not in sys.modules\n"
            "pictures.save(pictures.sensitivity({'macs': {'width': 1.9}}, {'width': 1}), sys.argv[1])\n"
            "assert 'matplotlib.figure' in sys.modules\nassert 'matplotlib.pyplot' not in sys.modules\n"
        )
        path = tmp_path / "picture.svg"
        subprocess.run([sys.executable, "-W", "error", "-c", code, path], check=True, cwd=ROOT, timeout=60)
        assert path.stat().st_size > 1000

    def test_without_matplotlib_the_extra_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(MissingExtraError, match=r"pip install 'costmodel\[plot\]'"):
            a_sensitivity()
