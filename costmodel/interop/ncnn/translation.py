"""One pass over the layers of a .param file, from which a network comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from costmodel.algebra import Dim, parse
from costmodel.algebra.text import to_text
from costmodel.interop.call import Call
from costmodel.interop.ncnn.inputs import given_shape, open_shape
from costmodel.interop.ncnn.param import Entry
from costmodel.interop.ncnn.rules import RULES
from costmodel.interop.reading import Reading
from costmodel.interop.value import Shape, Value, Weight
from costmodel.layers.base import shape_text
from costmodel.network import Network

Found = tuple[Network, dict[str, Value]]
"""A network, and the file's blobs by name."""


@dataclass(frozen=True)
class Model:
    """A file, and how it is to be read."""

    name: str
    entries: tuple[Entry, ...]
    asked: Mapping[str, Shape]
    batch: Dim
    sizes: Mapping[str, Dim]
    """Values for symbols of the inputs' shapes and of the batch."""
    is_partial: bool


class _Reading(Reading):
    """The network so far; the shapes in the file say nothing of the batch, which stored blobs do not have."""

    def _check_declared(self, call: Call, outputs: Sequence[Value]) -> None:
        behind = tuple(None if shape is None else shape[1:] for shape in call.declared)
        values = [replace(value, shape=value.shape[1:]) for value in outputs]
        super()._check_declared(replace(call, declared=behind), values)


@dataclass(eq=False)
class Translation:
    """One pass over the layers of a file."""

    model: Model
    batch: Dim = field(init=False)
    values: dict[str, Value] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)
    """Names of the symbols of the batch and of the inputs' shapes, which may be given values."""
    unread: dict[str, None] = field(default_factory=dict)
    """Blobs that no layer has read yet, in order."""

    def __post_init__(self) -> None:
        self.batch = self._bound(self.model.batch)
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
        outputs = [self.values[blob] for blob in self.unread]
        return self.reading.network(outputs, source=f"an ncnn .param file{note}"), self.values

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
        return tuple(None if hint is None else (self.batch, *hint) for hint in entry.hints)

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
            values.append(self.reading.add_input(blob, (self.batch, *map(self._bound, shape))))
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
