"""One node of a network as it is written: its layer and shapes, and the operations that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, Final, TypeVar

import numpy as np

from costmodel.algebra.text import to_text
from costmodel.errors import SpecError, UnsupportedError, shorten
from costmodel.interop.onnx.writing.parts import Parts
from costmodel.interop.onnx.writing.types import FLOAT, wanted_type
from costmodel.layers import Layer
from costmodel.network.graph import Shape, Step

OPSET: Final = 23
DOMAIN: Final = "costmodel"
"""The domain of the functions that stand for kinds without an operation of their own."""
MOST_WRITTEN: Final = 4096
"""Constants of one number up to this size are written element by element, as most tools expect them."""
Output = str | Sequence[str]
Write = Callable[["Writing"], Output]
WriteOf = TypeVar("WriteOf", bound=Write)
WRITERS: Final[dict[str, Write]] = {}
"""How each layer kind is written."""


def writes(*kinds: str) -> Callable[[WriteOf], WriteOf]:
    """A decorator that makes a function write these kinds."""

    def remember(function: WriteOf) -> WriteOf:
        WRITERS.update(dict.fromkeys(kinds, function))
        return function

    return remember


_OF_ANY_TYPE: Final = frozenset({"cast", "concat", "gather", "permute", "slice", "expand", "tile", "where"})
"""Kinds that move elements of any type."""


@dataclass(eq=False)
class Writing:
    """One node that is written: its layer and shapes, and the operations it becomes."""

    parts: Parts
    step: Step
    inputs: list[str] = field(default_factory=list)
    _borrowed: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def layer(self) -> Layer:
        """The layer, whose fields say what is written."""
        return self.step.node.layer

    @property
    def field(self) -> dict[str, Any]:
        """The fields of the layer by name."""
        return dict(self.layer)

    @property
    def shape(self) -> Shape:
        """The shape of the first input."""
        return self.step.input_shapes[0]

    @property
    def result(self) -> Shape:
        """The shape of the first output."""
        return self.step.output_shapes[0]

    def field_of(self, *names: str) -> dict[str, Any]:
        """Those of these fields that the layer has."""
        return {name: value for name, value in self.layer if name in names}

    def op(self, kind: str, *inputs: str, outputs: int = 1, role: str = "", domain: str = "", **attributes: Any) -> str:
        """Add an operation, and return the name of its first output."""
        return self.ops(kind, *inputs, outputs=outputs, role=role, domain=domain, **attributes)[0]

    def ops(
        self, kind: str, *inputs: str, outputs: int = 1, role: str = "", domain: str = "", **attributes: Any
    ) -> tuple[str, ...]:
        """Add an operation, and return the names of its outputs."""
        from onnx import helper

        name = self.parts.fresh(f"{self.step.node.name}.{role}" if role else self.step.node.name)
        names = (name,) if outputs == 1 else tuple(self.parts.fresh(f"{name}_{index}") for index in range(outputs))
        given = {key: value for key, value in attributes.items() if value is not None}
        self.parts.nodes.append(helper.make_node(kind, list(inputs), list(names), name=name, domain=domain, **given))
        return names

    def weight(self, role: str, *shape: Any) -> str:
        """A learnable tensor: the lender's where the node shares, another's where it borrows, else its own."""
        sizes = tuple(self.number(size, f"the size of its {role}") for size in shape)
        node = self.step.node
        if node.shares is not None:
            return self.parts.owned[node.shares, role]
        found = self._lent(sizes)
        if found is None:
            found = self.parts.store_weight(f"{node.name}.{role}", sizes)
            self.parts.by_shape.setdefault(sizes, []).append(found)
        self.parts.owned[node.name, role] = found
        return found

    def _lent(self, sizes: tuple[int, ...]) -> str | None:
        """A tensor of another node of that shape, where this node borrows as many elements."""
        borrowed = self.step.node.borrowed_elements
        used = sum(map(prod, self._borrowed))
        others = self.parts.by_shape.get(sizes, [])
        if not isinstance(borrowed, int) or used + prod(sizes) > borrowed or not others:
            return None
        self._borrowed.append(sizes)
        return others[0]

    def filled(self, role: str, number: float, *shape: Any) -> str:
        """A tensor of one number that is not learned; a large one as its sizes alone, because readers skip its data."""
        from onnx import numpy_helper

        sizes = [self.number(size, f"the size of its {role}") for size in shape]
        if prod(sizes) <= MOST_WRITTEN:
            return self.op("Constant", role=role, value=numpy_helper.from_array(np.full(sizes, number, np.float32)))
        value = numpy_helper.from_array(np.array([number], dtype=np.float32))
        return self.op("ConstantOfShape", self.integers(f"{role}_shape", sizes), role=role, value=value)

    def integers(self, role: str, values: Sequence[Any]) -> str:
        """A stored list of integers, such as a shape."""
        numbers = [self.number(value, f"its {role}") for value in values]
        return self.parts.store(f"{self.step.node.name}.{role}", np.array(numbers, dtype=np.int64))

    def scalar(self, role: str, value: float, dtype: Any = np.float32) -> str:
        """A number."""
        return self.parts.store(f"{self.step.node.name}.{role}", np.array(value, dtype=dtype))

    def number(self, value: Any, what: str) -> int:
        """A size that must be a number here."""
        if not isinstance(value, int):
            raise SpecError(f"{what} must be a number to be written to ONNX (got {shorten(to_text(value))}); bind it")
        return value

    def typed(self, place: int, name: str) -> str:
        """An input, cast where the operation takes another type of elements."""
        wanted, found = wanted_type(self.step, place), self.parts.types[name]
        takes_any = self.layer.view or self.layer.kind in _OF_ANY_TYPE
        if found == wanted or (takes_any and wanted == FLOAT):
            return self.parts.names[name]
        return self.op("Cast", self.parts.names[name], to=wanted, role="cast")

    def reshape(self, x: str, before: Shape, after: Shape, role: str = "") -> str:
        """The same elements under another shape; sizes that are symbols are kept in place, or left over."""
        target: list[int] = []
        for axis, size in enumerate(after):
            if isinstance(size, int):
                target.append(size)
            elif axis < len(before) and before[axis] == size:
                target.append(0)
            else:
                target.append(-1)
        if target.count(-1) > 1:
            raise SpecError("a reshape to more than one new symbol cannot be written to ONNX; bind them")
        return self.op("Reshape", x, self.integers(f"{role}shape", target), role=role)

    def function(
        self,
        name: str,
        body: Sequence[tuple[str, Sequence[str], str]],
        constants: dict[str, float],
        inputs: Sequence[str] = ("x",),
    ) -> str:
        """A call of a function of ours, for a kind that no single operation stands for."""
        from onnx import helper

        if name not in self.parts.functions:
            nodes = [helper.make_node("Constant", [], [key], value_float=value) for key, value in constants.items()]
            nodes += [helper.make_node(op, list(inputs), [output]) for op, inputs, output in body]
            opset = [helper.make_opsetid("", OPSET)]
            self.parts.functions[name] = helper.make_function(DOMAIN, name, list(inputs), ["y"], nodes, opset)
        return self.op(name, *self.inputs, domain=DOMAIN)

    def cast_type(self) -> int:
        """The element type that a cast makes."""
        from costmodel.interop.onnx.tensors import TYPES

        names = {text: number for number, text in reversed(TYPES.items())}
        if self.field["to"] not in names:
            raise UnsupportedError(f"ONNX has no element type named {self.field['to']!r}")
        return names[self.field["to"]]
