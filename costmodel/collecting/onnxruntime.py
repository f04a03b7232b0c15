"""Profiles that ONNX Runtime writes (`SessionOptions.enable_profiling`): a list of events in JSON.

Each run of the network is an event `model_run`, and each node of it one of the category `Node`. The trace does not name
the network.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from costmodel.collecting.layers import layer_rows
from costmodel.collecting.onnxruntime_layers import RULES, calls
from costmodel.collecting.rows import Format, Found, Row, Skipped, Source
from costmodel.collecting.traces import arguments, events, named, parse, text_of, times
from costmodel.errors import FileFormatError

_INT8: Final = frozenset({"int8", "uint8"})


def read(source: Source) -> Iterator[Found]:
    """One row: the median of all runs."""
    found = events(parse(source.text))
    runs = [event for name, event in named(found, "Session") if name == "model_run"]
    nodes = [arguments(event) for _, event in named(found, "Node")]
    if not runs:
        yield Skipped(None, "it has no event 'model_run': profile a session that runs")
        return
    try:
        yield Row(None, _settings(nodes) | times(runs))
    except FileFormatError as problem:
        yield Skipped(None, f"model_run: {problem}")


def read_layers(source: Source) -> Iterator[Found]:
    """A row for each layer that nodes are: the median of all runs."""
    found = events(parse(source.text))
    nodes = [arguments(event) for _, event in named(found, "Node")]
    yield from layer_rows(calls(found), RULES, _settings(nodes))


def _settings(nodes: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the nodes tell of the session: where it ran, by how many threads, in which precision."""
    providers = Counter(text_of(node.get("provider")).removesuffix("ExecutionProvider").lower() for node in nodes)
    known = {
        "runtime": "onnxruntime",
        "backend": providers.most_common(1)[0][0] if providers else "",
        "threads": _threads(nodes),
        "precision": _precision(nodes),
    }
    return {column: value for column, value in known.items() if value}


def _threads(nodes: Sequence[Mapping[str, Any]]) -> str:
    """The main thread and those of the pool; an empty text says that there is none. Nothing where no node tells."""
    for node in nodes:
        statistics = node.get("thread_scheduling_stats")
        if statistics == "":
            return "1"
        pool = statistics.get("sub_threads") if isinstance(statistics, dict) else None
        if isinstance(pool, dict):
            return str(1 + len(pool))
    return ""


def _precision(nodes: Sequence[Mapping[str, Any]]) -> str:
    """The narrowest type that a node reads."""
    types = {
        name
        for node in nodes
        for tensor in _list(node.get("input_type_shape"))
        if isinstance(tensor, dict)
        for name in tensor
    }
    if types & _INT8:
        return "int8"
    return "float16" if "float16" in types else "float32" if "float" in types else ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def recognizes(source: Source) -> bool:
    """Whether it is a list of events of a session."""
    return source.text[:1000].lstrip().startswith("[") and '"session_initialization"' in source.text


FORMAT: Final = Format("onnxruntime", "a profile of ONNX Runtime", recognizes, read, read_layers)
