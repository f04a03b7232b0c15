"""What TensorFlow Lite's `benchmark_model` prints, one run after another.

A run lists its parameters, then the statistics of its warm-up and of its timed runs, then the means in microseconds
(`Inference (avg)`; before 2019 `no stats`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from costmodel.collecting.rows import Format, Found, Row, Skipped, Source, cell, milliseconds
from costmodel.errors import FileFormatError

_START: Final = ("STARTING!", "Log parameter values verbosely:")
_THREADS: Final = ("Num threads", "#threads used for CPU inference")
_DELEGATE: Final = re.compile(r"use (\w{1,20})", re.IGNORECASE | re.ASCII)
_STATISTICS: Final = re.compile(r"\bcount=\d")
_PAIRS: Final = re.compile(r"\b(\w{1,20})=(\S{1,40})", re.ASCII)
_MEANS: Final = "nference timings in us: "
_MEAN: Final = re.compile(r"(?:Inference \(avg\)|no stats): ([^\s,]{1,40})")
_OPERATORS: Final = "Operator-wise Profiling Info"


@dataclass
class _Run:
    """What a run has said so far."""

    line: int
    parameters: dict[str, str] = field(default_factory=dict)
    statistics: Mapping[str, str] = field(default_factory=dict)

    @property
    def network(self) -> str:
        """The name of the model's file, without its folder and ending."""
        graph = re.split(r"[\\/]", self.parameters.get("Graph", ""))[-1]
        return cell(re.sub(r"\.(tflite|lite|litertlm)$", "", graph))

    def cells(self, mean_us: str) -> dict[str, str]:
        """The cells of the run's row."""
        statistics = self.statistics
        threads = next((self.parameters[name] for name in _THREADS if name in self.parameters), "")
        known = {
            "runtime": "TFLite",
            "backend": self._backend(),
            "threads": threads if re.fullmatch(r"\d{1,6}", threads, re.ASCII) else "",
            "network": self.network,
            "runs": cell(statistics.get("count", ""), 12),
            "latency_ms": milliseconds(mean_us, "Inference (avg)", 1e-3),
        }
        columns = {"min": "latency_min_ms", "max": "latency_max_ms", "first": "latency_first_ms"}
        if statistics.get("count") != "1" and "min" not in statistics and "curr" in statistics:
            columns = {"curr": "latency_min_ms"}
        times = {
            column: milliseconds(statistics[name], name, 1e-3) for name, column in columns.items() if name in statistics
        }
        return {name: value for name, value in known.items() if value} | times

    def _backend(self) -> str:
        """The delegate that the parameters switch on; the CPU without one."""
        for name, value in self.parameters.items():
            delegate = _DELEGATE.fullmatch(name)
            if delegate and value in {"1", "true"} and delegate[1].lower() != "caching":
                return delegate[1].lower()
        return "cpu"


def read(source: Source) -> Iterator[Found]:
    """A row for each run that tells its mean time."""
    run = _Run(1)
    for line, text in source.lines():
        if any(start in text for start in _START):
            yield from _unfinished(run)
            run = _Run(line)
        elif _MEANS in text and (mean := _MEAN.search(text)):
            yield _row(line, run, mean[1])
            run = _Run(line)
        elif _STATISTICS.search(text):
            run.statistics = dict(_PAIRS.findall(text))
        elif text.rstrip().endswith("]") and ": [" in text:
            name, _, value = text.rstrip()[:-1].rpartition(": [")
            run.parameters[name.rpartition(": ")[2].strip()] = value.strip()
        elif _OPERATORS in text:
            yield Skipped(line, "the profile of operators says no shapes, so no row can describe them")
    yield from _unfinished(run)


def _row(line: int, run: _Run, mean_us: str) -> Found:
    try:
        return Row(line, run.cells(mean_us))
    except FileFormatError as problem:
        return Skipped(line, f"{run.network or 'a run'}: {problem}")


def _unfinished(run: _Run) -> Iterator[Skipped]:
    """A run that began with a model and told no mean time."""
    if run.network:
        yield Skipped(run.line, f"{run.network}: the run ends without 'Inference timings in us'")


def recognizes(source: Source) -> bool:
    """Whether the text holds a run's means or parameters."""
    return _MEANS in source.text or _START[1] in source.text


FORMAT: Final = Format("tflite", "TensorFlow Lite's benchmark_model", recognizes, read)
