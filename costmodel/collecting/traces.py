"""Traces in Chrome's format of events, as profilers write them: JSON, taken apart without trusting what is in it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any, Final

from costmodel.collecting.rows import cell, milliseconds
from costmodel.errors import FileFormatError

Event = Mapping[str, Any]
"""An event as JSON holds it; nothing in it is known to be of any type."""

MAX_OBJECTS: Final = 4_000_000
"""Objects and lists in the largest trace that is read."""

_LONGEST_INTEGER: Final = 40


def events(document: object) -> tuple[Event, ...]:
    """The events of a trace: a list of objects, or an object with that list as its `traceEvents`."""
    found = document.get("traceEvents") if isinstance(document, dict) else document
    if not isinstance(found, list):
        raise FileFormatError("a trace must be a list of events, or an object with 'traceEvents'")
    return tuple(event for event in found if isinstance(event, dict))


def parse(text: str) -> object:
    """The JSON of a trace; raises `FileFormatError` where it is none, or too large."""
    if text.count("{") + text.count("[") > MAX_OBJECTS:
        raise FileFormatError(f"a trace must have at most {MAX_OBJECTS} objects and lists")
    try:
        return json.loads(text, parse_int=_integer)
    except RecursionError:
        raise FileFormatError("a trace must be valid JSON, and this is nested too deeply") from None
    except json.JSONDecodeError as problem:
        raise FileFormatError(
            f"a trace must be valid JSON ({problem}); a program that was cut off leaves half of one"
        ) from None


def _integer(digits: str) -> float:
    """An integer; one of more digits than any trace has is taken for infinite."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else math.inf


def named(found: Iterable[Event], category: str) -> Iterator[tuple[str, Event]]:
    """The complete events of a category, each with its name."""
    for event in found:
        name = event.get("name")
        if event.get("ph") == "X" and event.get("cat") == category and isinstance(name, str):
            yield name, event


def times(found: Sequence[Event]) -> dict[str, str]:
    """The cells of times of several equal events, whose durations are microseconds: median, extremes, how many."""
    durations = [float(milliseconds(event.get("dur"), "dur", 1e-3)) for event in found]
    return {
        "latency_ms": f"{median(durations):.9g}",
        "latency_min_ms": f"{min(durations):.9g}",
        "latency_max_ms": f"{max(durations):.9g}",
        "runs": str(len(durations)),
    }


def arguments(event: Event) -> Mapping[str, Any]:
    """The arguments of an event; none where it has none."""
    found = event.get("args")
    return found if isinstance(found, dict) else {}


def text_of(value: object) -> str:
    """A text in a trace as a cell; empty where it is none."""
    return cell(value) if isinstance(value, str) else ""
