"""What is measured: networks as a measurement file names them, kernels of a network, and the suite of operators."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from costmodel.calibration.targets import layer_network
from costmodel.errors import MeasuringError, shorten
from costmodel.layers import Layer
from costmodel.layers.base import Shapes
from costmodel.measuring.arrays import sizes
from costmodel.measuring.runners import Subject
from costmodel.measuring.session import Work
from costmodel.measuring.suite import Case, operator_suite, shape_text
from costmodel.network import Network
from costmodel.network.parts import placed_parts

NAMED: Final = ("width", "resolution", "batch")
"""The settings that a measurement file has a column for."""


def network_work(name: str, network: Network, settings: Mapping[str, Any], path: Path | None = None) -> Work:
    """A whole network: of the zoo by its name, of a file by the file's.

    Raises `MeasuringError` for a setting that a measurement file could not name: whoever reads it would build another
    network.
    """
    unnamed = [setting for setting in settings if setting not in NAMED]
    if unnamed:
        raise MeasuringError(
            f"a measurement file says which network was timed by its name, width, resolution and batch; "
            f"{shorten(unnamed[0])!r} is none of them: take a network that has it in its name, or save it as .json"
        )
    shapes = [sizes(network, shape) for shape in network.inputs.values()]
    batch = settings.get("batch", shapes[0][0] if shapes and shapes[0] else 1)
    cells = {
        "network": name,
        "width": str(settings.get("width", "")),
        "resolution": str(settings.get("resolution", "")),
        "batch": str(batch),
        "family": network.family,
    }
    return Work(cells, " ".join((name, *map(str, settings.values()))), lambda: Subject(network, path))


def kernel_works(network: Network) -> Iterator[Work]:
    """The layers of a network, each shape once, as networks of their own; views and what is stored are none."""
    seen: set[tuple[str, str]] = set()
    for part in placed_parts(network.steps):
        if part.is_view or part.layer.stored:
            continue
        spec = _spec(part.layer)
        shapes = shape_text([sizes(network, shape) for shape in part.input_shapes])
        if (spec, shapes) not in seen:
            seen.add((spec, shapes))
            yield layer_work(spec, shapes, part.layer.kind, part.name, part.input_shapes)


def suite_works(cases: tuple[Case, ...] | None = None) -> Iterator[Work]:
    """The suite of operators; see `costmodel.measuring.suite`."""
    for case in operator_suite() if cases is None else cases:
        specs = list(case.layers)
        spec = json.dumps(specs[0] if len(specs) == 1 else specs, separators=(",", ":"))
        yield layer_work(spec, shape_text(case.inputs), case.operator, case.operator, case.inputs)


def layer_work(spec: str, shapes: str, family: str, label: str, inputs: Shapes) -> Work:
    """A layer, or a row of them, on inputs of these shapes."""
    batch = inputs[0][0] if inputs and inputs[0] else 1
    cells = {"layer": spec, "input_shape": shapes, "batch": str(batch), "family": family}
    return Work(cells, f"{label} {shapes}", partial(_layer_subject, spec, shapes))


def _layer_subject(spec: str, shapes: str) -> Subject:
    return Subject(layer_network(spec, shapes))


def _spec(layer: Layer) -> str:
    """The layer as JSON, without the fields that have their default."""
    return json.dumps(
        {"kind": layer.kind, **layer.model_dump(mode="json", exclude_defaults=True)}, separators=(",", ":")
    )
