"""What is measured: networks as a measurement file names them, kernels of a network, and the suite of operators."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from costmodel.calibration.targets import layer_network
from costmodel.errors import MeasuringError, shorten
from costmodel.interop.ncnn.param import parse_param
from costmodel.latency import lower
from costmodel.layers import Layer
from costmodel.layers.base import Shapes
from costmodel.measuring.arrays import sizes
from costmodel.measuring.cases import Case, shape_text
from costmodel.measuring.runners import Subject
from costmodel.measuring.session import Work
from costmodel.measuring.suite import operator_suite
from costmodel.network import Network

INT8_TYPES: Final = frozenset({"Convolution", "ConvolutionDepthWise", "InnerProduct"})
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
    label = " ".join((name, *map(str, settings.values())))
    return Work(cells, label, lambda: Subject(network, path), _precisions(path))


INT8_SCALES: Final = 8
"""The parameter of ncnn's layers that says that their arithmetic is in integers of 8 bits."""


def _precisions(path: Path | None) -> dict[str, str]:
    """The precision of a file, under the runtime that runs it as it is."""
    if path is None or path.suffix.lower() != ".param":
        return {}
    entries = parse_param(path.read_bytes())
    is_int8 = any(
        entry.type in INT8_TYPES and entry.parameters.integer(INT8_SCALES, "int8_scale_term") for entry in entries
    )
    return {"ncnn": "int8"} if is_int8 else {}


def kernel_works(network: Network) -> Iterator[Work]:
    """The kernels of a network, each once, as networks of their own.

    A kernel is what `costmodel.latency.lower` makes of the network: a convolution with the batch norm and the
    activation behind it, and not a layer that only renames a tensor. What reads a second tensor, such as an addition
    that joins a convolution, is left out of it.
    """
    seen: set[tuple[str, str]] = set()
    for kernel in lower(network):
        joined = [network.node(name) for name in kernel.nodes[1:]]
        layers = [kernel.layer, *(node.layer for node in joined if node.layer.kind in kernel.joined)]
        specs = [_fields(layer) for layer in layers if layer is kernel.layer or layer.inputs == 1]
        spec, shapes = _json(specs), shape_text([sizes(network, shape) for shape in kernel.input_shapes])
        if (spec, shapes) not in seen:
            seen.add((spec, shapes))
            yield layer_work(spec, shapes, kernel.layer.kind, kernel.name, kernel.input_shapes)


def suite_works(cases: tuple[Case, ...] | None = None) -> Iterator[Work]:
    """The suite of operators; see `costmodel.measuring.suite`."""
    for case in operator_suite() if cases is None else cases:
        yield layer_work(_json(case.layers), shape_text(case.inputs), case.operator, case.operator, case.inputs)


def layer_work(spec: str, shapes: str, family: str, label: str, inputs: Shapes) -> Work:
    """A layer, or a row of them, on inputs of these shapes."""
    batch = inputs[0][0] if inputs and inputs[0] else 1
    cells = {"layer": spec, "input_shape": shapes, "batch": str(batch), "family": family}
    return Work(cells, f"{label} {shapes}", partial(_layer_subject, spec, shapes))


def _layer_subject(spec: str, shapes: str) -> Subject:
    return Subject(layer_network(spec, shapes))


def _fields(layer: Layer) -> dict[str, Any]:
    """The layer's fields, without those that have their default."""
    return {"kind": layer.kind, **layer.model_dump(mode="json", exclude_defaults=True)}


def _json(specs: Sequence[Mapping[str, Any]]) -> str:
    """One spec as JSON, or several as a list."""
    return json.dumps(specs[0] if len(specs) == 1 else specs, separators=(",", ":"))
