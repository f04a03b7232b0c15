"""What PyTorch's profiler and its benchmark utility write.

A trace (`profile.export_chrome_trace`) has an event for each `record_function` range; a range around the whole network
is a run of it, and its name is the network's. Without such ranges, the steps of the profiler's schedule are the runs. A
`Measurement` of `torch.utils.benchmark` prints its label, a time with its unit, and the number of threads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from costmodel.collecting.layers import layer_rows
from costmodel.collecting.rows import Format, Found, Row, Skipped, Source, cell, milliseconds
from costmodel.collecting.torch_layers import RULES, calls
from costmodel.collecting.traces import Event, events, named, parse, text_of, times
from costmodel.errors import FileFormatError

UNITS_MS: Final = MappingProxyType({"ns": 1e-6, "us": 1e-3, "ms": 1.0, "s": 1e3})
"""The units that `Measurement` prints, in milliseconds."""

_STEP: Final = "ProfilerStep#"
_MEASUREMENT: Final = "torch.utils.benchmark.utils.common.Measurement object"
_TIME: Final = re.compile(r"\s{1,9}(?:Median: |Mean: )?([0-9.]{1,40}) (ns|us|ms|s)\s*", re.ASCII)
_COUNTS: Final = re.compile(
    r"\s{1,9}\d{1,12} measurements?, (?:\d{1,12} runs? .{0,40}, )?(\d{1,6}) threads?\s*", re.ASCII
)


def read(source: Source) -> Iterator[Found]:
    """A row for each range of a trace, or for each printed measurement."""
    yield from _measurements(source) if _MEASUREMENT in source.text else _trace(parse(source.text))


def _trace(document: object) -> Iterator[Found]:
    """A row for each name of a range."""
    found = events(document)
    ranges: dict[str, list[Event]] = {}
    for name, event in named(found, "user_annotation"):
        ranges.setdefault(_STEP if name.startswith(_STEP) else name, []).append(event)
    steps = ranges.pop(_STEP, [])
    chosen = {name: each for name, each in ranges.items() if "#" not in name} or ({_STEP: steps} if steps else {})
    on_gpu = any(event.get("cat") == "kernel" for event in found)
    device = _gpu(document) if on_gpu else {"backend": "cpu"}
    gpu_ranges = list(named(found, "gpu_user_annotation"))
    if not chosen:
        yield Skipped(None, "it has no range: run the network in 'with torch.profiler.record_function(NETWORK):'")
    for name, events_on_cpu in chosen.items():
        on_device = [event for other, event in gpu_ranges if _same(other, name)] if on_gpu else events_on_cpu
        yield _row(name, on_device, device)


def read_layers(source: Source) -> Iterator[Found]:
    """A row for each layer that operators are: the median of all their calls."""
    found = events(parse(source.text))
    if any(event.get("cat") == "kernel" for event in found):
        yield Skipped(None, "kernels ran on a GPU, and the events of operators end before they do")
        return
    yield from layer_rows(calls(found), RULES, {"runtime": "torch", "backend": "cpu"})


def _row(name: str, found: list[Event], device: dict[str, str]) -> Found:
    """The row of a range."""
    network = {} if name == _STEP else {"network": cell(name)}
    if not found:
        return Skipped(None, f"{cell(name, 80)}: kernels ran on a GPU, and the trace has no range of it there")
    try:
        return Row(None, {"runtime": "torch"} | device | network | times(found))
    except FileFormatError as problem:
        return Skipped(None, f"{cell(name, 80)}: {problem}")


def _same(name: str, wanted: str) -> bool:
    return name.startswith(_STEP) if wanted == _STEP else name == wanted


def _gpu(document: object) -> dict[str, str]:
    """The first GPU that the trace lists."""
    listed = document.get("deviceProperties") if isinstance(document, dict) else None
    first = listed[0] if isinstance(listed, list) and listed else None
    name = text_of(first.get("name")) if isinstance(first, dict) else ""
    return {"backend": "cuda"} | ({"gpu_name": name} if name else {})


def _measurements(source: Source) -> Iterator[Found]:
    """Each printed measurement: what stands before the first time is its label."""
    place, label, time = 0, "", ""
    for line, text in source.lines():
        if _MEASUREMENT in text:
            place, label, time = line, "", ""
        elif place and not time and (found := _TIME.fullmatch(text)):
            time = _milliseconds(*found.groups())
        elif place and time and (counts := _COUNTS.fullmatch(text)):
            yield _measurement(place, label, time, counts[1])
            place = 0
        elif place and not time and not label:
            label = text.strip()
    if place:
        yield Skipped(place, "the measurement ends without a time and its number of threads")


def _milliseconds(number: str, unit: str) -> str:
    try:
        return milliseconds(number, "Median", UNITS_MS[unit])
    except FileFormatError as problem:
        return str(problem)


def _measurement(line: int, label: str, time: str, threads: str) -> Found:
    network = cell(label.partition(":")[0])
    if not time[0].isdigit():
        return Skipped(line, f"{network}: {time}")
    return Row(line, {"runtime": "torch", "threads": threads, "network": network, "latency_ms": time})


def recognizes(source: Source) -> bool:
    """Whether it is a trace of the profiler, or prints measurements."""
    is_object = source.text[:1000].lstrip().startswith("{")
    return _MEASUREMENT in source.text or (is_object and '"traceEvents"' in source.text)


FORMAT: Final = Format(
    "torch", "a trace of PyTorch's profiler, or times of torch.utils.benchmark", recognizes, read, read_layers
)
