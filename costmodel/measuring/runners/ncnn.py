"""ncnn on processors, as its own benchmark runs it: pools of memory that runs share, denormals as zero."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import ncnn
import numpy as np

from costmodel.errors import MeasuringError, shorten
from costmodel.interop.ncnn.param import parse_param
from costmodel.interop.ncnn.writing import to_ncnn
from costmodel.measuring.arrays import random_input, random_weights, sizes
from costmodel.measuring.runners import Runner, Subject, WeightsOf

Names = tuple[Literal["file", "random", "zero"], list[str], list[str]]
"""Where the weights of a loaded net come from, and the names of its input and output blobs."""


def prepare(subject: Subject, threads: int, weights: WeightsOf = random_weights) -> Runner:
    """A net of one network in 32-bit floats.

    A .param file runs as it is, with the weights of the .bin file of its name, or with zeros, as ncnn's benchmark runs
    it. Another network is written for ncnn, with random weights.
    """
    loaded = _loaded(threads)
    net = loaded.net
    if subject.path is not None and subject.path.suffix.lower() == ".param":
        source, names, results = _load_file(net, subject, subject.path)
    else:
        source, names, results = _load_network(net, subject, weights)
    inputs = subject.network.inputs.items()
    feed = [(blob, _mat(subject, name, shape)) for blob, (name, shape) in zip(names, inputs, strict=True)]

    def run() -> list[Any]:
        extractor = loaded.net.create_extractor()
        for name, mat in feed:
            extractor.input(name, mat)
        found = []
        for name in results:
            status, mat = extractor.extract(name)
            if status:
                raise MeasuringError(
                    f"ncnn cannot run {shorten(subject.network.name)}: it stops before {shorten(name)}"
                )
            found.append(mat)
        return found

    def outputs() -> list[Any]:
        shapes = [subject.network.shapes[name] for name in subject.network.outputs]
        return [np.array(mat).reshape(sizes(subject.network, s)) for mat, s in zip(run(), shapes, strict=True)]

    run()
    return Runner(run, outputs, source)


@dataclass(frozen=True)
class _Loaded:
    """A net, and the pools of memory that must be there for longer."""

    net: Any
    blobs: Any
    workspace: Any


def _loaded(threads: int) -> _Loaded:
    """A net without the 16-bit numbers that ncnn would use by itself, so that all machines run the same arithmetic."""
    loaded = _Loaded(ncnn.Net(), ncnn.UnlockedPoolAllocator(), ncnn.PoolAllocator())
    options = loaded.net.opt
    options.blob_allocator, options.workspace_allocator = loaded.blobs, loaded.workspace
    options.num_threads = threads
    options.use_vulkan_compute = False
    for name in ("packed", "storage", "arithmetic"):
        setattr(options, f"use_fp16_{name}", False)
    return loaded


def _load_network(net: Any, subject: Subject, weights: WeightsOf) -> Names:
    """Load our network with weights."""
    model = to_ncnn(subject.network, weights)
    with TemporaryDirectory() as folder:
        param, binary = Path(folder) / "model.param", Path(folder) / "model.bin"
        param.write_text(model.param, encoding="utf-8")
        binary.write_bytes(model.weights)
        _check(subject, net.load_param(str(param)))
        _check(subject, net.load_model(str(binary)))
    return "random", list(model.inputs), list(model.outputs)


def _load_file(net: Any, subject: Subject, path: Path) -> Names:
    """Load a file and its weights, or zeros."""
    _check(subject, net.load_param(str(path)))
    binary = path.with_suffix(".bin")
    if binary.is_file():
        _check(subject, net.load_model(str(binary)))
    else:
        _check(subject, net.load_model(ncnn.DataReaderFromEmpty()))
    entries = parse_param(path.read_bytes())
    inputs = [name for entry in entries if entry.type == "Input" for name in entry.outputs]
    read = {name for entry in entries for name in entry.inputs}
    outputs = [name for entry in entries for name in entry.outputs if name not in read]
    return ("file" if binary.is_file() else "zero"), inputs, outputs


def _check(subject: Subject, status: int) -> None:
    if status:
        raise MeasuringError(
            f"ncnn cannot load {shorten(subject.network.name)}: this version lacks one of its layers, or its weights "
            "are not those of its .param file"
        )


def _mat(subject: Subject, name: str, shape: Any) -> Any:
    """Numbers for an input: a blob has no batch."""
    first, *rest = sizes(subject.network, shape)
    if first != 1 or not rest:
        raise MeasuringError(f"ncnn runs one image at a time: {shorten(subject.network.name)} must have a batch of 1")
    array = random_input(name, tuple(rest))  # it is ncnn's memory too, until it is copied
    return ncnn.Mat(array).clone()
