"""ONNX Runtime, on its processor backend; see https://onnxruntime.ai/docs/performance/tune-performance/threading.html."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import onnxruntime
from google.protobuf.message import DecodeError
from onnx import TensorProto, load_from_string
from onnxruntime.capi import onnxruntime_pybind11_state as state

from costmodel.errors import MeasuringError, shorten
from costmodel.interop.onnx.writing import to_onnx
from costmodel.measuring.arrays import random_input, random_weights
from costmodel.measuring.runners import Runner, Subject, WeightsOf
from costmodel.network import Network

PROVIDERS: Final = ["CPUExecutionProvider"]
MAX_BYTES: Final = 2**31 - 1
"""A larger file is no single protobuf message: its network is written anew, with random weights."""
_ROOM: Final = 2**24
"""What a model takes beside its weights."""
_REFUSALS: Final = (
    state.Fail, state.InvalidArgument, state.InvalidGraph, state.InvalidProtobuf, state.NotImplemented,
    state.RuntimeException, RuntimeError, ValueError,
)  # fmt: skip
_TYPES: Final = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(bool)": np.bool_}


def prepare(subject: Subject, threads: int, weights: WeightsOf = random_weights) -> Runner:
    """A session of one network: `threads` within an operator, one operator at a time, denormals as zero.

    An .onnx file with its weights runs as it is, other networks as our writer writes them. Outputs are bound once, so
    that their memory is no part of a run.
    """
    model = _file(subject.path)
    source: Literal["file", "random"] = "file" if model else "random"
    session = _session(subject, model or _written(subject.network, weights), threads)
    feed = _feed(subject, session)
    binding = session.io_binding()
    for name, array in feed.items():
        binding.bind_ortvalue_input(name, onnxruntime.OrtValue.ortvalue_from_numpy(array))
    for output in session.get_outputs():
        binding.bind_output(output.name, "cpu")

    def run() -> None:
        session.run_with_iobinding(binding)

    def outputs() -> list[Any]:
        return list(session.run(None, feed))

    try:
        run()
    except _REFUSALS as problem:
        raise _refused(subject, problem) from None
    return Runner(run, outputs, source)


def _written(network: Network, weights: WeightsOf) -> bytes:
    """The network as an ONNX model, which is one protobuf message."""
    weight_bytes = network.cost().weight_bytes
    if isinstance(weight_bytes, int) and weight_bytes > MAX_BYTES - _ROOM:
        raise MeasuringError(
            f"{shorten(network.name)} has {weight_bytes / 1e9:.3g} GB of weights, and an ONNX model without other "
            f"files holds {MAX_BYTES / 1e9:.3g} GB; measure it under another runtime"
        )
    written: bytes = to_onnx(network, weights=weights).SerializeToString()
    return written


def _file(path: Path | None) -> bytes | None:
    """The bytes of an .onnx file that has its weights; None for another, and where they lie outside of it."""
    if path is None or path.suffix.lower() != ".onnx" or path.stat().st_size > MAX_BYTES:
        return None
    data = path.read_bytes()
    try:
        model = load_from_string(data)
    except DecodeError:
        return None
    nodes = (node for function in model.functions for node in function.node)
    tensors = chain(_tensors_of_graph(model.graph), _tensors_of_nodes(nodes))
    return None if any(tensor.data_location == TensorProto.EXTERNAL for tensor in tensors) else data


def _tensors_of_graph(graph: Any) -> Iterator[Any]:
    """The stored tensors of a graph and of the graphs inside it."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    yield from _tensors_of_nodes(graph.node)


def _tensors_of_nodes(nodes: Iterable[Any]) -> Iterator[Any]:
    """The tensors that are attributes of nodes, and those of the graphs that are."""
    for node in nodes:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for inner in (attribute.g, *attribute.graphs):
                yield from _tensors_of_graph(inner)


def _session(subject: Subject, model: bytes, threads: int) -> Any:
    """A session of the bytes of a model, which can name no file beside it."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4
    options.add_session_config_entry("session.set_denormal_as_zero", "1")
    try:
        return onnxruntime.InferenceSession(model, options, providers=PROVIDERS)
    except _REFUSALS as problem:
        raise _refused(subject, problem) from None


def _feed(subject: Subject, session: Any) -> dict[str, Any]:
    """Numbers for every input, by its name, of the type that the session takes."""
    feed = {}
    for declared in session.get_inputs():
        where = f"{shorten(subject.network.name)}: input {shorten(declared.name)}"
        if declared.type not in _TYPES:
            raise MeasuringError(f"{where} is of {declared.type}, for which no numbers are made")
        dtype = _TYPES[declared.type]
        # An input that nothing reads is none of our network.
        shape = subject.network.inputs.get(declared.name, tuple(declared.shape))
        if not all(isinstance(size, int) for size in shape):
            raise MeasuringError(f"{where} has sizes that are symbols; give them numbers, such as --set batch=1")
        is_index = dtype is not np.float32
        feed[declared.name] = random_input(declared.name, tuple(map(int, shape)), is_index=is_index).astype(dtype)
    return feed


def _refused(subject: Subject, problem: Exception) -> MeasuringError:
    reason = shorten(" ".join(str(problem).split()), 300)
    return MeasuringError(f"ONNX Runtime cannot run {shorten(subject.network.name)}: {reason}")
