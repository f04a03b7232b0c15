"""A network as an ONNX model: each layer as the operations that compute it, with random or absent weights."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from costmodel.errors import CostModelError, FileFormatError, MissingExtraError, SpecError, UnsupportedError, shorten
from costmodel.interop.onnx.writing.node import DOMAIN, OPSET, WRITERS, Writing
from costmodel.interop.onnx.writing.parts import Parts, Weights
from costmodel.interop.onnx.writing.types import output_types
from costmodel.network import Network
from costmodel.network.graph import Step

if TYPE_CHECKING:
    ModelProto = Any

IR_VERSION: Final = 11


def write_onnx(network: Network, path: str | os.PathLike[str], *, weights: Weights = "random", seed: int = 0) -> None:
    """Write a network to an ONNX file; see `to_onnx`."""
    data = to_onnx(network, weights=weights, seed=seed).SerializeToString()
    try:
        Path(path).write_bytes(data)
    except OSError as problem:
        raise FileFormatError(f"{shorten(path)} cannot be written: {problem.strerror or problem}") from None


def to_onnx(network: Network, *, weights: Weights = "random", seed: int = 0) -> ModelProto:
    """The network as an ONNX model of opset 23.

    Weights are random numbers, what a function of their name and shape gives, or absent: then they point to a file that
    is not there, which tools that count do not need. Sizes that are symbols become named dimensions. Reading the model
    back gives the same operations and parameters.

    Raises `UnsupportedError` for a layer that no operation of ONNX stands for, `SpecError` for a symbol inside a layer
    (a reshape to n x 8): bind it.
    """
    if not callable(weights) and weights not in ("random", "absent"):
        raise SpecError(f"'weights' must be 'random', 'absent' or a function (got {shorten(repr(weights))})")
    try:
        from onnx import helper
    except ImportError:
        raise MissingExtraError("onnx", "onnx") from None
    parts = Parts(network, weights, np.random.default_rng(seed))
    for step in network.steps:
        write_step(parts, step)
    graph = helper.make_graph(
        parts.nodes,
        network.name,
        [parts.declared(name) for name in network.inputs],
        [parts.declared(name) for name in network.outputs],
        parts.initializers,
    )
    domains = {DOMAIN: 1} if parts.functions else {}
    return helper.make_model(
        graph,
        functions=list(parts.functions.values()),
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in {"": OPSET, **domains}.items()],
        ir_version=IR_VERSION,
        producer_name="costmodel",
    )


def write_step(parts: Parts, step: Step) -> None:
    """Add the operations of one node."""
    kind = step.node.layer.kind
    writer = WRITERS.get(kind)
    try:
        if writer is None:
            raise UnsupportedError(f"no operation of ONNX stands for the layer kind {kind!r}")
        writing = Writing(parts, step)
        writing.inputs = [writing.typed(place, name) for place, name in enumerate(step.inputs)]
        outputs = writer(writing)
        types = output_types(step, [parts.types[name] for name in step.inputs])
        if kind == "cast":
            types = [writing.cast_type()]
    except CostModelError as problem:
        raise type(problem)(f"{parts.network.name}, {step.node.name}: {problem}") from None
    written = (outputs,) if isinstance(outputs, str) else tuple(outputs)
    for name, output, element_type in zip(step.outputs, written, types, strict=True):
        parts.names[name], parts.types[name] = output, element_type
