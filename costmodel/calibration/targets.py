"""What a measurement row measured: a network of a file or of the zoo, or a layer or block of its own."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from costmodel.calibration.measurements import Row
from costmodel.errors import CalibrationError, CostModelError, FileFormatError, UnknownNameError, shorten
from costmodel.layers import parse_layer
from costmodel.layers.base import shape_text
from costmodel.network import Builder, Network
from costmodel.network.bind import free_symbols, with_batch
from costmodel.network.files import read_network
from costmodel.zoo import Family, find

Reader = Callable[[Path], Network]
"""Reads a network from a file."""

READERS: Final[Mapping[str, Reader]] = MappingProxyType({".json": read_network})
"""How files of networks are read, by the end of their names; callers that read other formats extend it."""

MAX_LAYERS: Final = 100
"""A row of more layers is refused: it is a network, and belongs in a file."""
MAX_SHAPES: Final = 1000
"""Characters of the longest input shapes."""

Finder = Callable[[Row], Network]
"""Finds the network that a row measured."""


def finder(models: str | os.PathLike[str] | None = None, readers: Mapping[str, Reader] = READERS) -> Finder:
    """Finds what rows measured, each network built once.

    A `layer` (the JSON of a layer's spec, of a list of them, or of a network) with an `input_shape` is what
    `layer_network` makes of it; a `network` is a file of that name in `models`, or else the zoo network of that name,
    with `width`, `resolution` and `batch` as its parameters where the cells are not empty. Raises `CalibrationError`
    with the row's line where there is none.
    """
    folder = None if models is None else Path(models)
    if folder is not None and not folder.is_dir():
        raise CalibrationError(f"{shorten(folder)} must be a folder of networks, and is none")

    @cache
    def build(cells: tuple[tuple[str, str], ...]) -> Network:
        return _build(dict(cells), folder, readers)

    def find_network(row: Row) -> Network:
        columns = ("layer", "input_shape") if row.cells.get("layer") else ("network", "width", "resolution", "batch")
        try:
            return build(tuple((column, row.cells.get(column, "")) for column in columns))
        except CostModelError as problem:
            raise CalibrationError(f"line {row.line}: {problem}") from None

    return find_network


def _build(cells: Mapping[str, str], folder: Path | None, readers: Mapping[str, Reader]) -> Network:
    if "layer" in cells:
        return layer_network(cells["layer"], cells["input_shape"])
    name = cells["network"]
    path = _file(name, folder, readers) if folder else None
    given = {column: _number(cells[column]) for column in ("width", "resolution", "batch") if cells[column]}
    return _bound(readers[path.suffix](path), given) if path else _of_zoo(name, folder)(**given)


def _of_zoo(name: str, folder: Path | None) -> Family[Any]:
    """The family of the zoo; where there is none, it is said that a file could be given, or that none lies there."""
    try:
        return find(name)
    except UnknownNameError as problem:
        files = f"nor a file in {shorten(folder)}" if folder else "--models DIR names a folder with files of networks"
        raise CalibrationError(f"{problem}; {files}") from None


def _bound(network: Network, given: Mapping[str, int | float]) -> Network:
    """A network of a file with its symbols bound, and with the batch that was measured."""
    symbols = free_symbols(network)
    bound = network.bind(**{name: value for name, value in given.items() if name in symbols})
    return with_batch(bound, given["batch"]) if "batch" in given and "batch" not in symbols else bound


def layer_network(spec: str, input_shape: str) -> Network:
    """The network that a row's cells describe: one layer, from the JSON of its spec, or several.

    Several layers that follow each other are a list of specs. The shapes of several inputs stand between semicolons:
    the first layer reads them all, and of those that follow, one that takes several inputs reads the output before it
    and the others again. A network in JSON, as `Network.to_json` writes it, names its own inputs; `input_shape` says
    the same, or is empty.

    >>> layer_network('{"kind": "linear", "out_features": 10}', "1x20").cost().macs
    200
    >>> layer_network('[{"kind": "add"}, {"kind": "relu"}, {"kind": "add"}]', "1x8x4x4; 1x8x4x4").outputs
    ('add_2',)
    >>> from costmodel import zoo
    >>> layer_network(zoo.lenet_5().to_json(), "1x1x28x28").cost().macs
    2293000
    """
    try:
        fields = json.loads(spec)
    except (ValueError, RecursionError):
        raise FileFormatError(f"'layer' must be a layer spec in JSON (got {shorten(repr(spec))})") from None
    if isinstance(fields, dict) and "format" in fields:
        return _whole_network(Network.from_json(spec), input_shape)
    layers = [parse_layer(each) for each in fields] if isinstance(fields, list) and fields else [parse_layer(fields)]
    if len(layers) > MAX_LAYERS:
        raise FileFormatError(f"'layer' must be a list of at most {MAX_LAYERS} layer specs (got {len(layers)})")
    builder = Builder(layers[0].kind, family=layers[0].kind)
    shapes = _shapes(input_shape)
    names = ["input", *(f"input_{index}" for index in range(2, len(shapes) + 1))]
    first, *others = (builder.input(name, shape) for name, shape in zip(names, shapes, strict=True))
    outputs = builder.add_many(layers[0], first, *others)
    for layer in layers[1:]:
        x = outputs[0]
        outputs = builder.add_many(layer, x) if layer.inputs == 1 else builder.add_many(layer, x, *others)
    return builder.build(*outputs)


def _whole_network(network: Network, input_shape: str) -> Network:
    """The network, if its inputs have the shapes that the row says."""
    shapes = list(network.inputs.values())
    if input_shape and _shapes(input_shape) != shapes:
        inputs = " and ".join(map(shape_text, shapes)) or "none"
        raise FileFormatError(f"'input_shape' must be that of the network, {inputs} (got {shorten(repr(input_shape))})")
    return network


def _shapes(text: str) -> list[tuple[int, ...]]:
    """The shapes between semicolons."""
    found = []
    for each in text.split(";") if len(text) <= MAX_SHAPES else [""]:
        sizes = re.fullmatch(r"\s*[\[(]?\s*(\d{1,10}(?:\s*[x,]\s*\d{1,10})*)\s*[\])]?\s*", each, re.ASCII)
        if not sizes:
            raise FileFormatError(f"'input_shape' must be sizes such as 1x3x224x224 (got {shorten(repr(text))})")
        found.append(tuple(int(size) for size in re.split(r"\s*[x,]\s*", sizes[1])))
    return found


def _file(name: str, folder: Path, readers: Mapping[str, Reader]) -> Path | None:
    """The file of that name in the folder; a name that leads out of the folder is none."""
    if Path(name).name != name or "\x00" in name:
        return None
    candidates = [folder / name, *(folder / f"{name}{suffix}" for suffix in readers)]
    return next((path for path in candidates if path.suffix in readers and _is_file(path)), None)


def _is_file(path: Path) -> bool:
    """Whether there is such a file; a name that no file can have is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def _number(cell: str) -> int | float:
    """The number in a cell that was checked to hold one."""
    value = float(cell)
    return int(value) if value == int(value) else value
