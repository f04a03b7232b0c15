"""The keys of every command's JSON: those of the contract, and those that docs/command-line.md documents."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.conftest import ROOT
from tests.measuring.runtimes import rolled

PAGE = ROOT / "docs" / "command-line.md"
CONTRACT = {
    "summary": {"network", "convention", "totals", "layers", "uncounted"},
    "formula": {"expression", "smooth", "valid_when", "holds_where", "latex", "symbols", "assumptions", "source"},
    "collect": {"rows", "setups", "skipped", "file"},
    "predict": {"latency_s", "low_s", "high_s", "interval", "energy_j", "kernels"},
    "size": {"parameters", "macs", "params", "latency_s", "binding_constraint"},
    "evaluate": {
        "n", "mape", "median_ape", "within_10pct", "median_setup_mape", "interval_coverage", "baselines", "setups",
    },
    "sweep": {"configurations", "seconds", "pareto"},
}  # fmt: skip
SECTIONS = {
    "summary": ("summary", 0),
    "formula": ("formula", 0),
    "kernels": ("kernels", 0),
    "predict": ("predict", 0),
    "explain": ("explain", 3),
    "reconcile": ("reconcile", 0),
    "compare": ("compare", 0),
    "transform": ("transform", 0),
    "plot": ("plot", 0),
    "calibrate": ("calibrate", 0),
    "evaluate": ("evaluate", 0),
    "measure": ("measure", 0),
    "size": ("size", 0),
    "search": ("search", 0),
    "sweep": ("sweep", 0),
    "collect": ("collect", 0),
    "zoo": ("zoo, devices, kinds", 0),
    "devices": ("zoo, devices, kinds", 1),
    "kinds": ("zoo, devices, kinds", 2),
    "textbook": ("textbook", 0),
}
"""Where each command's keys are documented: the section, and which of its tables."""
SEARCH = (
    *("staged", "--over", "w7=8:64:8", "--maximize", "w7", "--evaluations", "9"),
    *("--max-ram-bytes", "1GB", "--device", "esp32-s3", "--data-type", "int8"),
)
MEASURE = ("--runtime", "onnxruntime", "--max-seconds", "0.01")


@pytest.fixture
def times(tmp_path: Path) -> str:
    from tests.calibration.files import HEAD, measurements

    path = tmp_path / "times.csv"
    rows = measurements(noise=0.03).rows
    columns = HEAD.split(",")[:-1]
    cells = [",".join((*(row.cells[column] for column in columns), f"{1000 * row.latency_s:.9g}")) for row in rows]
    again = f"{cells[0].rpartition(',')[0]},{5000 * rows[0].latency_s:.9g}"
    path.write_text("\n".join([HEAD, *cells, again]))
    return str(path)


def page(folder: Path) -> str:
    """Output of ncnn with a time, and one that cannot be read."""
    from tests.collecting.test_ncnn import RUN, line

    path = folder / "page.md"
    path.write_text(f"## Board\n{RUN.format(threads=4, gpu=-1)}{line('alexnet', 1, 3, 2)}{line('vgg16', 0, 0, 0)}")
    return str(path)


def accuracies(folder: Path) -> str:
    """Two networks with an accuracy, and one that nobody knows."""
    path = folder / "accuracies.csv"
    path.write_text("model,crop,top1_percent\nmobilenet_v2,224,71.9\nresnet18,224,69.8\nnobody_knows,224,99\n")
    return str(path)


def runs(command: str, times: str, folder: Path) -> list[list[str]]:
    """Runs of a command that together print all of its keys."""
    return {
        "summary": [["resnet18", "--training", "--batch", "2"], ["mobilenet_v1", "--set", "width=alpha"]],
        "formula": [["mobilenet_v1", "--symbols", "width,resolution"], ["conv2d"]],
        "kernels": [["mobilenet_v1", "--set", "width=alpha"], ["resnet18", "--runtime", "tensorrt"]],
        "predict": [["mobilenet_v1", "--device", "pixel-1", "--batch", "2"], ["vgg16", "--device", "v100"]],
        "explain": [["mobilenet_v1", "--device", "pixel-1", "--batch", "2"]],
        "size": [
            ["mobilenet_v1", "--max-macs", "300e6", "--max-latency-ms", "60", "--device", "pixel-1"],
            [
                "mobilenet_v2",
                "--data-type",
                "int8",
                "--max-ram-bytes",
                "1GB",
                "--device",
                "esp32-s3",
                "--over",
                "width=1",
            ],
        ],
        "search": [
            [*SEARCH, "-o", str(folder / f"{command}.jsonl")],
            [*SEARCH[:7], "--device", "pixel-1", "--max-params", "4M"],
        ],
        "sweep": [
            ["alexnet", "--over", "resolution=60:70", "-o", str(folder / f"{command}.csv"), "--overwrite"],
            ["mobilenet_v1", "--over", "width=0.25:1:0.25", "--score", "s=width", "--pareto", "macs,-s"],
        ],
        "reconcile": [["mobilenet_v2", "--set", "width=alpha"], ["alexnet", "--batch", "2"]],
        "compare": [["mobilenet_v1", "mobilenet_v1", "--set", "b.width=0.75", "--device", "pixel-1"]],
        "plot": [
            ["pareto", "--accuracy", accuracies(folder), "-o", str(folder / "front.svg")],
            [
                "contour",
                "mobilenet_v1",
                "--over",
                "width=0.5,1",
                "--over",
                "resolution=128,224",
                "--max-macs",
                "3e8",
                "-o",
                str(folder / "budget.png"),
            ],
        ],
        "transform": [["alexnet", "--set", "width=alpha", "--replace", "conv=grouped:4"]],
        "calibrate": [
            [times, "-o", str(folder / "made.toml"), "--suggest", "vgg16"],
            ["--device", "RK3399", "--prior", "population", "-o", str(folder / "named.toml")],
            [
                "--device",
                "RK3399",
                "--prior",
                "population",
                "--setup",
                "backend=vulkan",
                "-o",
                str(folder / "gpu.toml"),
            ],
        ],
        "evaluate": [[times, "--leave-out", "network"]],
        "measure": [["lenet_5", rolled(folder), *MEASURE, "-o", str(folder / "rows.csv")]],
        "collect": [[page(folder), "-o", str(folder / "rows.csv")]],
    }.get(command, [[]])


@pytest.mark.parametrize("command", SECTIONS)
def test_the_keys_are_those_that_the_page_documents(costmodel: Run, command: str, times: str, tmp_path: Path) -> None:
    documented = documented_keys(*SECTIONS[command])
    printed = [costmodel(command, *arguments, "--json").json for arguments in runs(command, times, tmp_path)]
    assert undocumented_and_missing(documented, printed) == (set(), set())


@pytest.mark.parametrize("command", CONTRACT)
def test_the_keys_of_the_contract_are_there(costmodel: Run, command: str, times: str, tmp_path: Path) -> None:
    for arguments in runs(command, times, tmp_path):
        assert set(costmodel(command, *arguments, "--json").json) >= CONTRACT[command]


def test_nothing_but_one_object_is_printed(costmodel: Run) -> None:
    for arguments in (["summary", "lenet_5"], ["zoo"], ["formula", "relu"]):
        output = costmodel(*arguments, "--json").output
        assert output.endswith("}\n")
        assert output.count("\n") == 1
        assert output.isascii()


def test_integers_beyond_64_bits_are_exact(costmodel: Run) -> None:
    found = costmodel("summary", "vgg16", "--batch", str(2**31), "--set", "classes=2147483647", "--json")
    expected = 2**31 * (15_470_264_320 - 4096 * 1000 + 4096 * 2147483647)
    assert json.loads(found.output)["totals"]["macs"] == expected > 2**63


def undocumented_and_missing(documented: list[str], records: list[Any]) -> tuple[set[str], set[str]]:
    """The keys of records that are not documented, and the documented ones that none of them has."""
    printed = set().union(*map(flatten, records))
    patterns = {key: pattern(key) for key in documented}
    parents = [pattern(parent) for key in documented for parent in above(key)]
    undocumented = {
        key
        for key, is_empty in printed
        if not any(each.fullmatch(key) for each in [*patterns.values(), *(parents if is_empty else [])])
    }
    never_printed = {key for key, each in patterns.items() if not any(each.fullmatch(found) for found, _ in printed)}
    return undocumented, never_printed


def documented_keys(section: str, which: int) -> list[str]:
    """The keys in the first column of a table of the page."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0]
    table = text.split("| key | meaning |")[which + 1].split("\n\n")[0]
    first = [row.split(" | ")[0] for row in table.splitlines() if row.startswith("| `")]
    return [key for cell in first for key in re.findall(r"`([^`]+)`", cell)]


def pattern(key: str) -> re.Pattern[str]:
    """What a documented key stands for: NAME is any name, and .… any keys below."""
    escaped = re.escape(key).replace(re.escape("….")[:1], "…")
    escaped = escaped.replace(r"\.…", r"(\..*)?").replace("NAME", r"[^.]+").replace("COLUMN", r"[^.]+")
    return re.compile(escaped.replace(r"\[\]", r"(\[\])?"))


def above(key: str) -> list[str]:
    """The keys of what holds a key: for a[].b.c these are a, a[] and a[].b."""
    return [key[: found.start()] for found in re.finditer(r"\.|\[\]", key)]


def flatten(value: Any, path: str = "") -> set[tuple[str, bool]]:
    """The paths of all leaves, and whether each is null or empty: then it stands for what could be below."""
    if isinstance(value, dict) and value:
        return set().union(*(flatten(each, f"{path}.{key}" if path else key) for key, each in value.items()))
    if isinstance(value, list) and value:
        return set().union(*(flatten(each, f"{path}[]") for each in value))
    return {(path, value in (None, {}, []))}
