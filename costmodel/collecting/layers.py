"""Layers in a trace: what an operator's event tells, as the spec of a layer and the shape that it read."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from costmodel.collecting.rows import Found, Row, Skipped, cell
from costmodel.collecting.traces import Event, times
from costmodel.errors import CostModelError, FileFormatError
from costmodel.layers import parse_layer

Sizes: TypeAlias = tuple[int, ...]
MAX_RANK: Final = 8


class Call(NamedTuple):
    """One call of an operator: its name, the shapes and the values of its inputs, the shapes of its outputs.

    A value is None where the trace has none; outputs are empty where the trace has none of them.
    """

    operator: str
    inputs: tuple[Sizes, ...]
    values: tuple[object, ...]
    outputs: tuple[Sizes, ...]
    event: Event


Rule: TypeAlias = Callable[[Call], Mapping[str, Any]]
"""The spec of the layer that a call is; raises `FileFormatError` where the trace does not tell it."""


def layer_rows(calls: Iterable[Call], rules: Mapping[str, Rule], settings: Mapping[str, str]) -> Iterator[Found]:
    """A row for each layer and input shape: the median of all its calls; what is no layer is listed by its operator."""
    found: dict[tuple[str, str, str], list[Event]] = {}
    refused: Counter[tuple[str, str]] = Counter()
    for call in calls:
        try:
            found.setdefault((call.operator, *_layer(call, rules)), []).append(call.event)
        except CostModelError as problem:
            refused[call.operator, str(problem)] += 1
    for (operator, layer, shape), events in found.items():
        described = {"layer": layer, "input_shape": shape, "operator": cell(operator)}
        try:
            yield Row(None, {**settings, **described, **times(events)})
        except FileFormatError as problem:
            refused[operator, str(problem)] += len(events)
    for (operator, reason), count in refused.items():
        yield Skipped(None, f"{cell(operator, 80)} ({count} call{'' if count == 1 else 's'}): {reason}")


def _layer(call: Call, rules: Mapping[str, Rule]) -> tuple[str, str]:
    """The spec as JSON, and the shape, of the layer that a call is."""
    if call.operator not in rules:
        raise FileFormatError("no layer is made of this operator")
    if not call.inputs or not call.inputs[0]:
        raise FileFormatError("the trace does not say the shape that it read")
    layer = parse_layer(rules[call.operator](call))
    (output,) = layer.infer(call.inputs[:1])
    if call.outputs and output != call.outputs[0]:
        raise FileFormatError("the trace does not say how its window moves")
    return layer.model_dump_json(), "x".join(map(str, call.inputs[0]))


def sizes(value: object) -> Sizes:
    """A shape in a trace; empty where it is none."""
    if not isinstance(value, list) or len(value) > MAX_RANK:
        return ()
    return tuple(value) if all(type(each) is int and 0 < each < 2**31 for each in value) else ()


def shape_at(call: Call, index: int, rank: int | None = None) -> Sizes:
    """The shape of an input, of that rank."""
    shape = call.inputs[index] if index < len(call.inputs) else ()
    if not shape or (rank is not None and len(shape) != rank):
        raise FileFormatError("the trace does not say the shape of its weights")
    return shape


def value_at(call: Call, index: int, kind: type | tuple[type, ...]) -> Any:
    """The value of an input, of that type."""
    value = call.values[index] if index < len(call.values) else None
    if not isinstance(value, kind):
        raise FileFormatError("the trace does not say the values of its arguments")
    return value


def bare(kind: str) -> Rule:
    """The rule of an operator that is a layer kind without fields."""
    return lambda _: {"kind": kind}


def outermost(found: Iterable[Event]) -> Iterator[Event]:
    """The events that lie in no other of their thread, in the order of their beginnings."""
    timed = [(start, end, event) for event in found for start, end in _span(event)]
    ends: dict[object, float] = {}
    for start, end, event in sorted(timed, key=lambda each: (each[0], -each[1])):
        thread = str(event.get("tid"))
        if start >= ends.get(thread, start):
            ends[thread] = end
            yield event


def _span(event: Event) -> Iterator[tuple[float, float]]:
    """Where an event begins and ends; nothing where it does not say."""
    start, duration = event.get("ts"), event.get("dur")
    if isinstance(start, (int, float)) and isinstance(duration, (int, float)) and math.isfinite(start):
        yield float(start), float(start) + float(duration)
