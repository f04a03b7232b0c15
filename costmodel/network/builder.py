"""The builder: networks written as plain functions over tensors.

>>> from costmodel.layers import Conv2d, GlobalAvgPool, Linear, ReLU
>>> b = Builder("tiny")
>>> x = b.input("image", (1, 3, 32, 32))
>>> y = x.then(Conv2d(out_channels=8, kernel=3, padding=1), ReLU(), name="conv1")
>>> y.shape
(1, 8, 32, 32)
>>> net = b.build(y.then(GlobalAvgPool(keepdims=False), Linear(out_features=10), name="head"))
>>> [node.name for node in net.nodes]
['conv1', 'conv1.relu', 'head', 'head.linear']
>>> net.cost().params
314
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import count

from costmodel.algebra.dimension import positive_shape
from costmodel.algebra.types import Dim
from costmodel.errors import GraphError, ShapeError, SpecError, shorten
from costmodel.layers import Add, Layer, Multiply
from costmodel.layers.base import shape_text
from costmodel.network.graph import Network, Node, Shape, Step, add_tensors, output_names


@dataclass(frozen=True, eq=False)
class Tensor:
    """A value in a network that is being built: an input, or an output of a node."""

    builder: Builder
    name: str
    shape: Shape

    @property
    def channels(self) -> Dim:
        """The size of axis 1."""
        if len(self.shape) < 2:
            raise ShapeError(f"{self.builder.name}, {self.name}: a shape of {shape_text(self.shape)} has no channels")
        return self.shape[1]

    def then(self, first: Layer, *rest: Layer, name: str | None = None) -> Tensor:
        """Apply layers one after another.

        The first is called `name`, the others `name.kind`; without a name each is called after its kind.
        A kind that comes again is numbered: relu, relu_2.
        """
        x = self.builder.add(first, self, name=name)
        with self.builder.scope(name) if name else nullcontext():
            for layer in rest:
                x = self.builder.add(layer, x)
        return x

    def __add__(self, other: object) -> Tensor:
        return self.builder.add(Add(), self, other) if isinstance(other, Tensor) else NotImplemented

    def __mul__(self, other: object) -> Tensor:
        return self.builder.add(Multiply(), self, other) if isinstance(other, Tensor) else NotImplemented


@dataclass(eq=False)
class Builder:
    """Collects nodes; `build` freezes them into a `Network`."""

    name: str
    source: str = ""
    family: str = ""
    holds_where: tuple[str, ...] = ()
    _inputs: dict[str, Shape] = field(default_factory=dict)
    _steps: list[Step] = field(default_factory=list)
    _shapes: dict[str, Shape] = field(default_factory=dict)
    _names: dict[str, int] = field(default_factory=dict)
    _scopes: list[str] = field(default_factory=list)

    def input(self, name: str, shape: Sequence[Dim]) -> Tensor:
        """Declare an input of the network; dimensions are ints, expressions or strings of one."""
        if name in self._names:
            raise GraphError(f"{self.name}: two inputs or nodes are named {name!r}; give each its own name")
        try:
            self._inputs[name] = positive_shape(shape)
        except ValueError as problem:
            got = shorten(repr(shape))
            raise ShapeError(f"{self.name}: every size of input {name!r} {problem} (got {got})") from None
        self._names[name] = 1
        self._shapes[name] = self._inputs[name]
        return Tensor(self, name, self._inputs[name])

    @contextmanager
    def scope(self, name: str) -> Iterator[None]:
        """Put the nodes added inside under a common prefix."""
        self._scopes.append(name)
        try:
            yield
        finally:
            self._scopes.pop()

    def add(self, layer: Layer, *inputs: Tensor, name: str | None = None, shares: str | None = None) -> Tensor:
        """Add a node with one output; `shares` names the node whose weights it uses."""
        outputs = self.add_many(layer, *inputs, name=name, shares=shares)
        if len(outputs) != 1:
            raise GraphError(f"{self.name}: {layer.kind} has {len(outputs)} outputs; use 'add_many'")
        return outputs[0]

    def add_many(
        self, layer: Layer, *inputs: Tensor, name: str | None = None, shares: str | None = None
    ) -> tuple[Tensor, ...]:
        """Add a node with any number of outputs."""
        if not isinstance(layer, Layer):
            raise SpecError(f"{self.name}: a node must have a layer, such as ReLU() (got {shorten(repr(layer))})")
        full = self._full_name(name, layer.kind)
        if any(getattr(x, "builder", None) is not self for x in inputs):
            raise GraphError(f"{self.name}, {full}: its inputs must be tensors of the same builder")
        try:
            shapes = layer.infer(tuple(x.shape for x in inputs))
        except ShapeError as problem:
            raise ShapeError(f"{self.name}, {full}: {problem}") from None
        try:
            node = Node(name=full, layer=layer, inputs=tuple(x.name for x in inputs), shares=shares)
        except SpecError as problem:
            raise SpecError(f"{self.name}: {problem}") from None
        read = tuple(x.shape for x in inputs)
        names = output_names(full, len(shapes))
        step = Step(node, node.inputs, names, read, shapes, layer.symbols(read, shapes))
        add_tensors(self.name, step, self._shapes)
        self._steps.append(step)
        return tuple(Tensor(self, tensor, shape) for tensor, shape in zip(names, shapes, strict=True))

    def build(self, *outputs: Tensor) -> Network:
        """The frozen network with these outputs."""
        if any(getattr(x, "builder", None) is not self for x in outputs):
            raise GraphError(f"{self.name}: its outputs must be tensors of the same builder")
        return Network(
            name=self.name,
            source=self.source,
            family=self.family,
            holds_where=self.holds_where,
            inputs=self._inputs,
            nodes=tuple(step.node for step in self._steps),
            outputs=tuple(x.name for x in outputs),
            _steps=self._steps,
        )

    def _full_name(self, name: str | None, kind: str) -> str:
        full = ".".join([*self._scopes, name or kind])
        if full not in self._names:
            self._names[full] = 1
            return full
        if name is not None:
            raise GraphError(f"{self.name}: two inputs or nodes are named {full!r}; give each its own name")
        numbers = count(self._names[full] + 1)
        self._names[full] = next(number for number in numbers if f"{full}_{number}" not in self._names)
        numbered = f"{full}_{self._names[full]}"
        self._names[numbered] = 1
        return numbered


Block = Callable[[Tensor, int], Tensor]
"""A part of a network as a function of its input and of its index in a row of such parts."""


def repeat(count: int, x: Tensor, block: Block, *, scope: str = "") -> Tensor:
    """Apply a block `count` times, each under a scope of its own (scope.0, scope.1, ...)."""
    for index in range(count):
        with x.builder.scope(f"{scope}.{index}" if scope else str(index)):
            x = block(x, index)
    return x
