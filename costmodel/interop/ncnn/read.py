"""From the layers of a .param file to a network."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from costmodel.algebra import Dim
from costmodel.algebra.dimension import positive, positive_shape
from costmodel.algebra.text import to_text
from costmodel.errors import (
    CostModelError,
    FileFormatError,
    ReadingError,
    UnknownNameError,
    UnsupportedError,
    shorten,
)
from costmodel.interop.ncnn.inputs import asked_shapes
from costmodel.interop.ncnn.param import parse_param
from costmodel.interop.ncnn.square import of_square, open_inputs, problem_with, smallest_square
from costmodel.interop.ncnn.translation import Found, Model, Translation
from costmodel.interop.value import Shape
from costmodel.network import Network

MAX_BYTES: Final = 16 * 1024 * 1024
"""The largest .param file that is read; a layer has some hundred bytes."""
EXAMPLE: Final = 224
"""The size that is named where one is missing."""


def read_ncnn(
    path: str | os.PathLike[str],
    *,
    input_shapes: Mapping[str, Sequence[Dim | str]] | None = None,
    batch: Dim | str = 1,
    sizes: Mapping[str, object] | None = None,
    partial: bool = False,
) -> Network:
    """The network in an ncnn .param file; its weights are not read.

    ncnn's blobs have no batch: each gets `batch`, a number or a symbol, in front. An input of which the file gives
    no shape gets symbols h and w for its height and width; where stored tensors fix how large it is, the smallest
    square that fits. `input_shapes` says otherwise, by the input's name and without the batch: {"data": (3, 224, 224)};
    `sizes` are values for the symbols that are left, those of the batch among them, and for "batch" itself where
    `batch` is left out. With `partial`, layers without a rule are left
    uncounted, where the file gives the shapes of their outputs.

    Raises `FileFormatError` for text that is no .param file, `UnsupportedError` for a layer without a rule and
    `ReadingError` for layers that do not fit each other or the shapes in the file; all name the file.
    """
    return _read(path, input_shapes, batch, sizes or {}, is_partial=partial)[0]


def blob_shapes(
    path: str | os.PathLike[str],
    *,
    input_shapes: Mapping[str, Sequence[Dim | str]] | None = None,
    batch: Dim | str = 1,
    sizes: Mapping[str, object] | None = None,
    partial: bool = False,
) -> dict[str, Shape]:
    """The shape of every blob of a .param file, by the blob's name, with the batch in front; else as `read_ncnn`."""
    values = _read(path, input_shapes, batch, sizes or {}, is_partial=partial)[1]
    return {name: value.shape for name, value in values.items()}


def _read(
    path: str | os.PathLike[str],
    input_shapes: Mapping[str, Sequence[Dim | str]] | None,
    batch: Dim | str,
    sizes: Mapping[str, object],
    *,
    is_partial: bool,
) -> Found:
    """The network, and its blobs."""
    where = shorten(Path(path))
    try:
        entries = parse_param(_contents(Path(path)))
        asked = {name: _shape(name, shape) for name, shape in (input_shapes or {}).items()}
        values = {name: _size(name, value) for name, value in sizes.items()}
        size = _size("batch", batch)
        if "batch" in values and "batch" not in _symbols(size):
            if size != 1:
                raise ReadingError(
                    f"'batch' must be given once (got {to_text(size)}, and {values['batch']} in 'sizes')"
                )
            size = values.pop("batch")
        return _translated(Model(Path(path).stem, entries, asked_shapes(entries, asked), size, values, is_partial))
    except CostModelError as problem:
        kind = type(problem) if isinstance(problem, (FileFormatError, ReadingError)) else ReadingError
        raise kind(f"{where}: {problem}") from None


def _contents(path: Path) -> bytes:
    """The bytes of a file, which must be one, and not too large."""
    try:
        if path.exists() and not path.is_file():
            raise FileFormatError("this is not a file of its own")
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as problem:
        if isinstance(problem, FileFormatError):
            raise
        raise FileFormatError(f"it cannot be read: {getattr(problem, 'strerror', None) or problem}") from None
    if len(raw) > MAX_BYTES:
        raise FileFormatError(f"it is larger than {MAX_BYTES} bytes, the most that a .param file may have")
    return raw


def _shape(name: str, shape: object) -> Shape:
    try:
        return positive_shape(shape)
    except ValueError as problem:
        raise FileFormatError(f"every size of input {name!r} {problem} (got {shorten(repr(shape))})") from None


def _size(name: str, value: object) -> Dim:
    try:
        return positive(value)
    except ValueError as problem:
        raise FileFormatError(f"{shorten(name)!r} {problem} (got {shorten(repr(value))})") from None


def _translated(model: Model) -> Found:
    """The network and its blobs; with the smallest square input that fits, where symbols do not."""
    translation = Translation(model)
    try:
        found = translation.run()
    except UnsupportedError:
        raise
    except ReadingError as problem:
        unknown = open_inputs(model)
        square = smallest_square(model, unknown) if unknown and not model.sizes else None
        if square is None:
            raise ReadingError(f"{problem}{_hint(model, unknown, translation, str(problem))}") from None
        found = square
    left = model.sizes.keys() - translation.bound
    if left:
        raise ReadingError(
            str(UnknownNameError("size that the file leaves open", min(left), ["batch", *translation.bound]))
        )
    return found


def _hint(model: Model, unknown: Sequence[str], translation: Translation, problem: str) -> str:
    """What to do about a problem that comes of sizes that are open: one that other sizes give too does not."""
    left = sorted(translation.bound - model.sizes.keys() - _symbols(model.batch))
    if not unknown or not left or problem == problem_with(of_square(model, unknown, EXAMPLE)):
        return ""
    settings = shorten(" ".join(f"--set {name}={EXAMPLE}" for name in left), 200)
    named = shorten(dict.fromkeys(left, EXAMPLE), 200)
    return f"; the file gives no shape for input {unknown[0]!r}: say what it is, with {settings} (or sizes={named})"


def _symbols(size: Dim) -> set[str]:
    """The names of a size's symbols."""
    return {str(symbol) for symbol in getattr(size, "free_symbols", ())}
