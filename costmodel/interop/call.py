"""One operation of a model that is read: what its rule asks about it, and what the rule makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from costmodel.algebra import Dim
from costmodel.errors import ReadingError, shorten
from costmodel.interop.value import Contents, Shape, Value
from costmodel.layers import Layer

if TYPE_CHECKING:
    from costmodel.interop.reading import Reading

Kind = TypeVar("Kind")


@dataclass(frozen=True, eq=False)
class Call:
    """An operation: its name, inputs and attributes; `apply` adds a layer to the network."""

    reading: Reading
    op: str
    name: str
    inputs: tuple[Value | None, ...]
    attributes: Mapping[str, Any]
    declared: tuple[Shape | None, ...]
    """For each output the shape that the file declares, None where it does not."""
    version: int = 0
    """The version of the set of operations that the file uses."""

    @property
    def place(self) -> str:
        """The operation in a sentence."""
        return f"{shorten(self.name)} ({shorten(self.op)})"

    @property
    def present(self) -> tuple[Value, ...]:
        """The inputs that are given."""
        return tuple(value for value in self.inputs if value is not None)

    def input(self, index: int) -> Value:
        """The input of that position, which must be given."""
        value = self.optional(index)
        if value is None:
            self.refuse(f"needs at least {index + 1} inputs (got {len(self.present)})")
        return value

    def optional(self, index: int) -> Value | None:
        """The input of that position, None where it is left out."""
        return self.inputs[index] if index < len(self.inputs) else None

    def contents(self, index: int, what: str) -> Contents:
        """The elements of an input, which must be known before the network runs."""
        value = self.input(index)
        if value.contents is None:
            self.refuse(
                f"needs to know its {what} before the network runs, and {shorten(value.name)!r} depends on data"
            )
        return value.contents

    def dims(self, index: int, what: str) -> list[Dim]:
        """The elements of an input of one axis, such as a shape, as integers or expressions."""
        contents = self.contents(index, what)
        if contents.ndim > 1:
            self.refuse(f"takes its {what} as a list (got one of {contents.ndim} axes)")
        return [self._dim(element, what) for element in contents.reshape(-1)]

    def integers_in(self, index: int, what: str) -> list[int]:
        """The elements of an input of one axis, which must be integers and no expressions."""
        found = self.dims(index, what)
        if not all(isinstance(element, int) for element in found):
            self.refuse(f"takes its {what} as integers (got {shorten(found)})")
        return found

    def integer(self, name: str, default: int | None = None) -> int:
        """An attribute that is an integer."""
        value: int = self._attribute(name, int, default, "an integer")
        return value

    def real(self, name: str, default: float | None = None) -> float:
        """An attribute that is a number."""
        value: float = self._attribute(name, (int, float), default, "a number")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """An attribute that is a text."""
        value: str = self._attribute(name, str, default, "a text")
        return value

    def integers(self, name: str, default: Sequence[int] | None = None) -> tuple[int, ...]:
        """An attribute that is a list of integers."""
        value = self._attribute(name, (list, tuple), default, "a list of integers")
        if not all(type(item) is int for item in value):
            self.refuse(f"takes '{name}' as a list of integers (got {shorten(value)})")
        return tuple(value)

    def has(self, name: str) -> bool:
        """Whether the attribute is given."""
        return self.attributes.get(name) is not None

    def apply(
        self, layer: Layer, *inputs: Value, weights: Sequence[Value | None] = (), role: str = "", dtype: str = ""
    ) -> tuple[Value, ...]:
        """Add the layer to the network; `weights` are stored tensors that become its own."""
        name = f"{self.name}.{role}" if role else self.name
        result_type = dtype or (inputs[0].dtype if inputs else "float32")
        return self.reading.add(layer, inputs, [value for value in weights if value is not None], name, result_type)

    def refuse(self, rule: str) -> NoReturn:
        """Raise in the operation's name; the reader adds the place."""
        raise ReadingError(rule)

    def _attribute(self, name: str, kinds: Any, default: Any, wanted: str) -> Any:
        value = self.attributes.get(name)
        if value is None:
            value = default
        if value is None or isinstance(value, bool) or not isinstance(value, kinds):
            self.refuse(f"needs '{name}' as {wanted} (got {'none' if value is None else shorten(repr(value))})")
        return value

    def _dim(self, element: Any, what: str) -> Dim:
        if isinstance(element, bool) or not (isinstance(element, int) or hasattr(element, "free_symbols")):
            self.refuse(f"takes its {what} as integers (got {shorten(repr(element))})")
        return element
