"""If, Loop and Scan: the graphs inside nodes, where what they do is known before the network runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from costmodel.errors import ReadingError
from costmodel.interop.call import Call
from costmodel.interop.contents import Undecided, to_boolean
from costmodel.interop.value import Shape, Value, known
from costmodel.layers import Concat, Gather, Unsqueeze

if TYPE_CHECKING:
    from costmodel.interop.onnx.graph import Values, Walker

MAX_TRIPS: Final = 10_000
"""A loop of more trips is not unrolled."""


def _run(walker: Walker, call: Call, role: str, graph: Any, values: Values) -> tuple[Value, ...]:
    """The outputs of a graph inside a node."""
    inner = walker.inside(f"{call.name}.{role}" if role else call.name)
    inner = replace(inner, stored_in=f"{walker.stored_in}{graph.name}.")
    inner.spend(len(graph.initializer) + len(graph.value_info) + len(graph.input) + len(graph.output))
    inner.store(graph, values)
    inner.walk(graph, values)
    return tuple(walker.look_up(values, info.name, call.place) for info in graph.output)


def _graph(call: Call, name: str) -> Any:
    graph = call.attributes.get(name)
    if graph is None or not hasattr(graph, "node"):
        raise ReadingError(f"{call.reading.name}, {call.place}: needs '{name}' as a graph")
    return graph


def _decided(call: Call, value: Value | None, what: str) -> bool:
    """A condition that must be known before the network runs."""
    if value is not None and value.contents is not None and value.contents.size == 1:
        try:
            return to_boolean(value.contents.reshape(-1)[0])
        except Undecided:
            pass
    is_open = any(not isinstance(size, int) for shape in call.reading.inputs.values() for size in shape)
    hint = ", or on a size that is a symbol, which can be bound" if is_open else ""
    raise ReadingError(
        f"{call.reading.name}, {call.place}: {what} depends on the data{hint}, so that its operations cannot be counted"
    )


def _if(walker: Walker, call: Call, values: Values) -> tuple[Value, ...]:
    branch = "then_branch" if _decided(call, call.optional(0), "which branch is taken") else "else_branch"
    return _run(walker, call, "", _graph(call, branch), values)


def _loop(walker: Walker, call: Call, values: Values) -> tuple[Value, ...]:
    """A loop with a number of trips that is known, unrolled."""
    body = _graph(call, "body")
    trips, condition = _trips(call), call.optional(1)
    state = list(call.present[sum(value is not None for value in call.inputs[:2]) :])
    carried = len(state)
    collected: list[list[Value]] = [[] for _ in body.output[1 + carried :]]
    runs = condition is None or _decided(call, condition, "whether the loop runs")
    trip = 0
    while runs and (trips is None or trip < trips):
        if trip >= MAX_TRIPS:
            raise ReadingError(f"{call.reading.name}, {call.place}: a loop must have at most {MAX_TRIPS} trips")
        given = (known("trip", trip), known("condition", contents=True), *state)
        scope = values.new_child(_named(body, given, call))
        going_on, *results = _run(walker, call, str(trip), body, scope)
        state, scanned = results[:carried], results[carried:]
        for column, value in zip(collected, scanned, strict=True):
            column.append(value)
        trip += 1
        runs = _decided(call, going_on, "how often the loop runs")
    return (*state, *(_stacked(call, column) for column in collected))


def _trips(call: Call) -> int | None:
    """The most trips of a loop, None where its condition alone ends it."""
    bound = call.optional(0)
    if bound is None:
        return None
    if bound.contents is None or not isinstance(bound.contents.reshape(-1)[0], int):
        raise ReadingError(
            f"{call.reading.name}, {call.place}: the number of trips of the loop depends on data or on a symbol,"
            " so that its operations cannot be counted; bind the symbol, or export the model unrolled"
        )
    found: int = bound.contents.reshape(-1)[0]
    return found


def _scan(walker: Walker, call: Call, values: Values) -> tuple[Value, ...]:
    """A scan along an axis of each of its sequences, unrolled."""
    if call.version < 9:
        raise ReadingError(f"{call.reading.name}, {call.place}: scans are read from opset 9 on (got {call.version})")
    body, count = _graph(call, "body"), call.attributes.get("num_scan_inputs")
    if not isinstance(count, int) or not 1 <= count <= len(call.inputs):
        raise ReadingError(f"{call.reading.name}, {call.place}: needs 'num_scan_inputs' as a number of its inputs")
    if None in call.inputs:
        raise ReadingError(f"{call.reading.name}, {call.place}: needs all of its inputs")
    state, sequences = list(call.present[:-count]), call.present[-count:]
    axes = _scan_axes(call, "scan_input_axes", [value.shape for value in sequences])
    length = sequences[0].shape[axes[0]]
    if not isinstance(length, int) or length > MAX_TRIPS:
        raise ReadingError(
            f"{call.reading.name}, {call.place}: the length of the sequence must be a number of at most {MAX_TRIPS};"
            " bind its symbol"
        )
    if any(value.shape[axis] != length for value, axis in zip(sequences, axes, strict=True)):
        raise ReadingError(f"{call.reading.name}, {call.place}: its sequences must be of one length")
    carried = len(state)
    collected: list[list[Value]] = [[] for _ in body.output[carried:]]
    for trip in range(length):
        slices = [_sliced(call, value, trip, axis) for value, axis in zip(sequences, axes, strict=True)]
        scope = values.new_child(_named(body, (*state, *slices), call))
        results = _run(walker, call, str(trip), body, scope)
        state = list(results[:carried])
        for column, value in zip(collected, results[carried:], strict=True):
            column.append(value)
    shapes = [(*column[0].shape, 1) if column else () for column in collected]
    along = _scan_axes(call, "scan_output_axes", shapes)
    return (*state, *(_stacked(call, column, axis) for column, axis in zip(collected, along, strict=True)))


def _scan_axes(call: Call, name: str, shapes: Sequence[Shape]) -> list[int]:
    """The axis that a scan goes along for each of its sequences, the first where none is named."""
    axes = call.attributes.get(name) or [0] * len(shapes)
    if len(axes) != len(shapes) or any(
        not -len(shape) <= axis < len(shape) for axis, shape in zip(axes, shapes, strict=False)
    ):
        raise ReadingError(f"{call.reading.name}, {call.place}: needs '{name}' as an axis of each of its sequences")
    return [axis % len(shape) for axis, shape in zip(axes, shapes, strict=True)]


def _named(body: Any, given: tuple[Value, ...], call: Call) -> dict[str, Value]:
    """A body's inputs by name."""
    if len(body.input) != len(given):
        raise ReadingError(
            f"{call.reading.name}, {call.place}: its body must take {len(given)} inputs (got {len(body.input)})"
        )
    return {info.name: value for info, value in zip(body.input, given, strict=True)}


def _sliced(call: Call, value: Value, trip: int, axis: int) -> Value:
    """One element of a sequence."""
    if value.contents is not None:
        contents = np.asarray(value.contents.take(trip, axis), dtype=object)
        return replace(value, shape=contents.shape, contents=contents)
    return call.apply(Gather(axis=axis, indices=()), value, role=f"{trip}.slice")[0]


def _stacked(call: Call, column: list[Value], axis: int = 0) -> Value:
    """The values of every trip, along a new axis; of no trip, nothing."""
    if not column:
        return Value(f"{call.name}.nothing", (0,))
    parts = [call.apply(Unsqueeze(axes=(axis,)), value, role="unsqueeze")[0] for value in column]
    return parts[0] if len(parts) == 1 else call.apply(Concat(axis=axis), *parts, role="stack")[0]


Control = Callable[["Walker", Call, "Values"], tuple[Value, ...]]
CONTROL: Final[dict[str, Control]] = {"If": _if, "Loop": _loop, "Scan": _scan}
"""Nodes with graphs inside, by operation."""
