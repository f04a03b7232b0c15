"""From the layers of a .param file to a network."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from costmodel.algebra import Dim, parse
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
from costmodel.interop.call import Call
from costmodel.interop.ncnn.inputs import asked_shapes, given_shape, open_shape
from costmodel.interop.ncnn.param import Entry, parse_param
from costmodel.interop.ncnn.rules import RULES
from costmodel.interop.reading import Reading
from costmodel.interop.value import Shape, Value, Weight
from costmodel.layers.base import shape_text
from costmodel.network import Network

MAX_BYTES: Final = 16 * 1024 * 1024
"""The largest .param file that is read; a layer has some hundred bytes."""
Found = tuple[Network, dict[str, Value]]
"""A network, and the file's blobs by name."""
LARGEST_SQUARE: Final = 1024
"""The largest input that is tried where a file leaves the input's size open and yet fixes it."""
MOST_LAYERS: Final = 10_000
"""How many layers are read in all while inputs are tried."""


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
    `sizes` are values for the symbols that are left, and for "batch". With `partial`, layers without a rule are left
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
    partial: bool = False,
) -> dict[str, Shape]:
    """The shape of every blob of a .param file, by the blob's name, with the batch in front; else as `read_ncnn`."""
    values = _read(path, input_shapes, batch, {}, is_partial=partial)[1]
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
        first = values.pop("batch", None) if batch == 1 else None
        model = _Model(
            Path(path).stem,
            entries,
            asked_shapes(entries, asked),
            _size("batch", batch) if first is None else first,
            values,
            is_partial,
        )
        return model.read()
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


@dataclass(frozen=True)
class _Model:
    """A file, and how it is to be read."""

    name: str
    entries: tuple[Entry, ...]
    asked: Mapping[str, Shape]
    batch: Dim
    sizes: Mapping[str, Dim]
    """Values for symbols of the inputs' shapes."""
    is_partial: bool

    def read(self) -> Found:
        """The network and its blobs; with the smallest square input that fits, where symbols do not."""
        try:
            return _Translation(self).run()
        except UnsupportedError:
            raise
        except ReadingError as problem:
            unknown = self._unknown()
            found = self._smallest_square(unknown) if unknown and not self.sizes else None
            if found is not None:
                return found
            hint = f"; the file gives no shape for input {unknown[0]!r}: say what it is" if unknown else ""
            raise ReadingError(f"{problem}{hint}") from None

    def _unknown(self) -> list[str]:
        """Inputs of which neither the file nor the caller gives the shape."""
        return [
            blob
            for entry in self.entries
            if entry.type == "Input" and given_shape(entry.parameters) is None
            for blob, hint in zip(entry.outputs, entry.hints, strict=True)
            if hint is None and blob not in self.asked
        ]

    def _smallest_square(self, unknown: Sequence[str]) -> Found | None:
        """The network with the smallest square input that its layers fit, if they do not fit twice its size.

        Multiples of 32 come first. Where twice the size fits too, nothing says which one is meant: a network that
        wants nothing but a multiple of 32 takes any.
        """
        left = MOST_LAYERS
        for size in sorted(range(1, LARGEST_SQUARE + 1), key=lambda size: (size % 32 != 0, size)):
            attempt = self._of_square(unknown, size)
            try:
                found = attempt.run(f"; sizes that it leaves open are {size}, the smallest that its stored tensors fit")
            except ReadingError:
                left -= len(attempt.values) + 1
                if left < 0:
                    return None
                continue
            return None if self._of_square(unknown, 2 * size).runs() else found
        return None

    def _of_square(self, unknown: Sequence[str], size: int) -> _Translation:
        """A translation with that height and width of the inputs of which the file gives none."""
        shapes = {name: open_shape(self.entries, name, "") for name in unknown}
        asked = {
            name: tuple(axis if isinstance(axis, int) or str(axis) == "c" else size for axis in shape)
            for name, shape in shapes.items()
        }
        return _Translation(replace(self, asked={**self.asked, **asked}))


class _Reading(Reading):
    """The network so far; the shapes in the file say nothing of the batch, which stored blobs do not have."""

    def _check_declared(self, call: Call, outputs: Sequence[Value]) -> None:
        behind = tuple(None if shape is None else shape[1:] for shape in call.declared)
        values = [replace(value, shape=value.shape[1:]) for value in outputs]
        super()._check_declared(replace(call, declared=behind), values)


@dataclass(eq=False)
class _Translation:
    """One pass over the layers of a file."""

    model: _Model
    values: dict[str, Value] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)
    """Names of the symbols of the inputs' shapes, which may be given values."""
    unread: dict[str, None] = field(default_factory=dict)
    """Blobs that no layer has read yet, in order."""

    def __post_init__(self) -> None:
        self.reading = _Reading(self.model.name, RULES, is_partial=self.model.is_partial)
        self.has_hints = all(
            given_shape(entry.parameters) == self.model.asked[blob]
            for entry in self.model.entries
            if entry.type == "Input"
            for blob in entry.outputs
            if blob in self.model.asked
        )
        """Whether the shapes in the file are those of this input."""

    def run(self, note: str = "") -> Found:
        """The network of all layers, whose outputs are the blobs that no layer reads; and all blobs."""
        for entry in self.model.entries:
            written = self._outputs(entry)
            for blob in entry.inputs[: len(entry.outputs)] if entry.type == "Noop" else entry.inputs:
                self.unread.pop(blob, None)
            self.values.update(zip(entry.outputs, written, strict=True))
            self.unread.update(dict.fromkeys(entry.outputs))
        left = self.model.sizes.keys() - self.bound
        if left:
            known = ["batch", *self.bound]
            raise ReadingError(str(UnknownNameError("size that the file leaves open", min(left), known)))
        outputs = [self.values[blob] for blob in self.unread]
        return self.reading.network(outputs, source=f"an ncnn .param file{note}"), self.values

    def runs(self) -> bool:
        """Whether the layers fit each other."""
        try:
            self.run()
        except ReadingError:
            return False
        return True

    def _outputs(self, entry: Entry) -> tuple[Value, ...]:
        """The values of a layer's output blobs."""
        if entry.type == "Input":
            return self._inputs(entry)
        if entry.type == "MemoryData":
            return self._stored(entry)
        inputs = tuple(self.values[blob] for blob in entry.inputs)
        attributes = {str(key): value for key, value in entry.parameters.values.items()}
        call = Call(self.reading, entry.type, entry.name, inputs, attributes, self._declared(entry))
        outputs = self.reading.perform(call)
        if len(outputs) != len(entry.outputs):
            entry.parameters.refuse(f"must have {len(outputs)} outputs (got {len(entry.outputs)})")
        return outputs

    def _declared(self, entry: Entry) -> tuple[Shape | None, ...]:
        """The shapes in the file, with the batch in front."""
        if not self.has_hints:
            return (None,) * len(entry.outputs)
        return tuple(None if hint is None else (self.model.batch, *hint) for hint in entry.hints)

    def _inputs(self, entry: Entry) -> tuple[Value, ...]:
        """Inputs of the network."""
        given = given_shape(entry.parameters)
        values = []
        for blob, hint in zip(entry.outputs, entry.hints, strict=True):
            if blob in self.model.asked:
                shape = self.model.asked[blob]
            elif given is not None and hint is not None and given != hint:
                entry.parameters.refuse(f"gives its output two shapes, {shape_text(given)} and {shape_text(hint)}")
            else:
                count = len(self.reading.inputs)
                shape = given or hint or open_shape(self.model.entries, blob, f"_{count + 1}" if count else "")
            values.append(self.reading.add_input(blob, (self.model.batch, *map(self._bound, shape))))
        return tuple(values)

    def _bound(self, size: Dim) -> Dim:
        """A size with the caller's values for its symbols."""
        names = sorted(map(str, getattr(size, "free_symbols", ())))
        self.bound.update(names)
        given = self.model.sizes
        return parse(to_text(size), {name: given.get(name, parse(name)) for name in names}) if names else size

    def _stored(self, entry: Entry) -> tuple[Value, ...]:
        """A tensor of the file's weights, the same for each element of the batch."""
        shape = given_shape(entry.parameters)
        if shape is None or len(entry.outputs) != 1:
            entry.parameters.refuse("must have a shape, and one output")
        (hint,) = entry.hints
        if hint is not None and hint != shape:
            entry.parameters.refuse(f"gives its output two shapes, {shape_text(shape)} and {shape_text(hint)}")
        return (Value(entry.name, (1, *shape), weight=Weight(entry.name)),)
