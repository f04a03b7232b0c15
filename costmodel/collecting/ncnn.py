"""What ncnn's `benchncnn` prints, and the page that ncnn collects it on (`benchmark/README.md`).

A run begins with its settings, a line for each; then each network has a line with the shortest, the longest and the
mean time in milliseconds. On the page a heading names the device, and runs stand in code blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from costmodel.collecting.rows import Format, Found, Row, Skipped, Source, cell, milliseconds
from costmodel.errors import FileFormatError

_TIMES: Final = re.compile(r"\s*(\S+)\s+min\s*=\s*(\S+)\s+max\s*=\s*(\S+)\s+avg\s*=\s*(\S+)\s*", re.ASCII)
_SETTING: Final = re.compile(
    r"\s*(loop_count|num_threads|powersave|gpu_device|cooling_down)\s*=\s*(-?\d{1,9})\s*", re.ASCII
)
_GPU: Final = re.compile(r"\s*\[(\d{1,3}) (.{1,200}?)\]\s+queueC=.*")
_HEADING: Final = re.compile(r"#{1,6}\s+(\S.*)")
_FENCE: Final = ("```", "~~~")


@dataclass
class _Run:
    """Where the reader is: the device, the settings of the run, and the GPUs that were listed."""

    number: int = 0
    device: str = ""
    is_fenced: bool = False
    settings: dict[str, int] = field(default_factory=dict)
    gpus: dict[int, str] = field(default_factory=dict)

    def cells(self, network: str) -> dict[str, str]:
        """The cells of a network's row, but for the times."""
        gpu = self.settings.get("gpu_device", -1)
        known = {
            "device": self.device,
            "runtime": "ncnn",
            "backend": ("cpu" if gpu < 0 else "vulkan") if self.settings else "",
            "gpu_name": self.gpus.get(gpu, ""),
            "precision": "int8" if network.endswith("_int8") else "default_float",
            "batch": "1",
            "network": network,
        }
        named = {"num_threads": "threads", "powersave": "powersave", "loop_count": "loop_count"}
        return known | {column: str(self.settings[name]) for name, column in named.items() if name in self.settings}


def read(source: Source) -> Iterator[Found]:
    """The rows of a page or of a program's output; the heading before a run is its device."""
    run = _Run()
    for line, text in source.lines():
        if times := _TIMES.fullmatch(text):
            yield _row(line, run, *times.groups())
        elif "min =" in text and "avg =" in text:
            yield Skipped(line, f"it is no line 'NETWORK min = .. max = .. avg = ..' ({cell(text, 80)})")
        else:
            _follow(run, text)


def _row(line: int, run: _Run, network: str, low: str, high: str, mean: str) -> Found:
    """The row of a network's line."""
    try:
        times = {
            "latency_min_ms": milliseconds(low, "min"),
            "latency_max_ms": milliseconds(high, "max"),
            "latency_avg_ms": milliseconds(mean, "avg"),
        }
    except FileFormatError as problem:
        return Skipped(line, f"{cell(network, 80)}: {problem}")
    if not float(low) <= float(mean) <= float(high):
        return Skipped(line, f"{cell(network, 80)}: the mean must lie between the shortest and the longest time")
    return Row(line, run.cells(cell(network)) | times, run.number)


def _follow(run: _Run, text: str) -> None:
    """Take note of a heading, of where code begins, of a setting, or of a GPU."""
    if text.lstrip().startswith(_FENCE):
        run.is_fenced = not run.is_fenced
    elif not run.is_fenced and (heading := _HEADING.fullmatch(text)) and not heading[1].startswith("./"):
        run.device, run.settings, run.gpus = cell(heading[1]), {}, {}
    elif setting := _SETTING.fullmatch(text):
        if setting[1] == "loop_count":
            run.number, run.settings = run.number + 1, {}
        run.settings[setting[1]] = int(setting[2])
    elif gpu := _GPU.fullmatch(text):
        run.gpus[int(gpu[1])] = cell(gpu[2])


def recognizes(source: Source) -> bool:
    """Whether a line of the text is that of a network."""
    return any("avg =" in text and _TIMES.fullmatch(text) for _, text in source.lines())


FORMAT: Final = Format("ncnn", "ncnn's benchncnn, or its benchmark page", recognizes, read)
