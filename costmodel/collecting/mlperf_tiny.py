"""Results of MLPerf Tiny: `results.txt` or `log.txt` of the runner, in the folders of a submission.

A submission has in `results` a folder for each system, in it one for each benchmark (ad, ic, kws, vww), and in that
`performance`, `energy` and `accuracy`. The runner prints a throughput for each of five windows, and their median; in
energy mode, a median energy in microjoules beside it. The networks keep the benchmark's names, ad01, ic01, kws01 and
vww01, for which `--models` can hold files: `examples/mlperf_tiny_networks.py` writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median
from types import MappingProxyType
from typing import Final

from costmodel.collecting.rows import Format, Found, Row, Skipped, Source, cell, milliseconds
from costmodel.errors import FileFormatError

NETWORKS: Final = MappingProxyType({
    "ad": "ad01", "anomaly_detection": "ad01",
    "ic": "ic01", "image_classification": "ic01",
    "kws": "kws01", "keyword_spotting": "kws01",
    "vww": "vww01", "visual_wake_words": "vww01", "person_detection": "vww01",
    "ad01": "ad01", "ic01": "ic01", "kws01": "kws01", "vww01": "vww01",
})  # fmt: skip
"""The benchmark's network, by the names of its folder in submissions."""

MODES: Final = ("performance", "energy", "accuracy")
"""What a run measured, by the name of its folder."""

_NUMBER: Final = r"\s{0,40}([0-9.eE+-]{1,40})\s{1,4}"
_MEDIAN: Final = re.compile(rf"Median throughput is{_NUMBER}inf\./sec\.", re.ASCII)
_WINDOW: Final = re.compile(rf"Throughput\s{{0,20}}:{_NUMBER}inf\./sec\.", re.ASCII)
_ENERGY: Final = re.compile(rf"Median energy cost is{_NUMBER}uJ/inf\.", re.ASCII)
_MODEL: Final = re.compile(r"m-model-\[([^\]\s]{1,40})\]")
_NAME: Final = re.compile(r"m-name-dut-\[([^\]]{1,120})\]")


def read(source: Source) -> Iterator[Found]:
    """The row of one run of the runner."""
    mode = next((folder for folder in source.folders if folder in MODES), "performance")
    if mode == "accuracy":
        yield Skipped(None, "a run in accuracy mode measures no time")
        return
    try:
        cells = _cells(source)
    except FileFormatError as problem:
        yield Skipped(None, str(problem))
        return
    yield Row(None, cells | {"run_id": mode})


def _cells(source: Source) -> dict[str, str]:
    """The cells of the run, but for its mode."""
    energy = _distinct(_ENERGY, source.text, "median energy")
    known = {
        "device": _device(source),
        "batch": "1",
        "network": _network(source),
        "latency_ms": milliseconds(1 / _throughput(source.text), "time of an inference", 1e3),
    }
    return known | ({"energy_mj": f"{energy[0] / 1e3:.9g}"} if energy else {})


def _throughput(text: str) -> float:
    """The median of the windows, in inferences a second: as printed, or of what was printed of each."""
    medians = _distinct(_MEDIAN, text, "median throughput")
    if medians:
        return medians[0]
    windows = [_positive(each, "throughput") for each in _WINDOW.findall(text)]
    if not windows:
        raise FileFormatError("it has no line 'Median throughput is .. inf./sec.'")
    return median(windows)


def _distinct(pattern: re.Pattern[str], text: str, what: str) -> list[float]:
    """The one number that the pattern finds, or none."""
    values = list(dict.fromkeys(_positive(each, what) for each in pattern.findall(text)))
    if len(values) > 1:
        raise FileFormatError(f"it has {len(values)} different values of a {what}; give each run a file of its own")
    return values


def _positive(text: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1e-12 < value < 1e12:
        raise FileFormatError(f"the {what} must be a positive number (got {cell(text, 40)!r})")
    return value


def _network(source: Source) -> str:
    """The model that the device names, or else the benchmark of the folder."""
    named = _MODEL.search(source.text)
    if named:
        return cell(named[1])
    return next((NETWORKS[folder] for folder in source.folders if folder in NETWORKS), "")


def _device(source: Source) -> str:
    """The system: its folder in `results` of a submission, or else the name that the device gives itself."""
    for inner, system, outer in zip(source.folders, source.folders[1:], source.folders[2:], strict=False):
        if inner in NETWORKS and outer == "results":
            return cell(system)
    named = _NAME.search(source.text)
    return "" if named is None or named[1] == "unspecified" else cell(named[1])


def recognizes(source: Source) -> bool:
    """Whether it is text of the runner."""
    return bool(_MEDIAN.search(source.text) or _WINDOW.search(source.text))


FORMAT: Final = Format("mlperf-tiny", "results of MLPerf Tiny's runner", recognizes, read)
