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

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from costmodel.errors import GraphError, ShapeError
from costmodel.layers import Add, Layer, Multiply
from costmodel.network.graph import Network, Node, Shape, output_names
from costmodel.algebra.dimension import positive
from costmodel.algebra.types import Dim


@dataclass(frozen=True, eq=False)
class Tensor:
    """A value in a network that is being built: an input, or an output of a node."""

    builder: Builder
    name: str
    shape: Shape

    @property
    def channels(self) -> Dim:
        """The size of axis 1."""
        return self.shape[1]

    def then(self, first: Layer, *rest: Layer, name: str | None = None) -> Tensor:
        """Apply layers one after another.

        The first is called `name`, the others `name.kind`; without a name each is called after its kind.
        """
        x = self.builder.add(first, self, name=name)
        for layer in rest:
            x = self.builder.add(layer, x, name=f"{name}.{layer.kind}" if name else None)
        return x

    def __add__(self, other: Tensor) -> Tensor:
        return self.builder.add(Add(), self, other)

    def __mul__(self, other: Tensor) -> Tensor:
        return self.builder.add(Multiply(), self, other)


@dataclass(eq=False)
class Builder:
    """Collects nodes; `build` freezes them into a `Network`."""

    name: str
    source: str = ""
    family: str = ""
    _inputs: dict[str, Shape] = field(default_factory=dict)
    _nodes: list[Node] = field(default_factory=list)
    _names: Counter[str] = field(default_factory=Counter)
    _scopes: list[str] = field(default_factory=list)

    def input(self, name: str, shape: Sequence[Dim]) -> Tensor:
        """Declare an input of the network; dimensions are ints, expressions or strings of one."""
        if name in self._names:
            raise GraphError(f"{self.name}: two inputs or nodes are named {name!r}; give each its own name")
        try:
            self._inputs[name] = tuple(map(positive, shape))
        except ValueError as problem:
            raise ShapeError(f"{self.name}: the shape of input {name!r} {problem} (got {tuple(shape)})") from None
        self._names[name] += 1
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
        full = self._full_name(name, layer.kind)
        if any(x.builder is not self for x in inputs):
            raise GraphError(f"{self.name}, {full}: its inputs must come from the same builder")
        try:
            shapes = layer.output_shapes(tuple(x.shape for x in inputs))
        except ShapeError as problem:
            raise ShapeError(f"{self.name}, {full}: {problem}") from None
        self._nodes.append(Node(name=full, layer=layer, inputs=tuple(x.name for x in inputs), shares=shares))
        names = output_names(full, len(shapes))
        return tuple(Tensor(self, tensor, shape) for tensor, shape in zip(names, shapes, strict=True))

    def build(self, *outputs: Tensor) -> Network:
        """The frozen network with these outputs."""
        return Network(
            name=self.name,
            source=self.source,
            family=self.family,
            inputs=self._inputs,
            nodes=tuple(self._nodes),
            outputs=tuple(x.name for x in outputs),
        )

    def _full_name(self, name: str | None, kind: str) -> str:
        full = ".".join([*self._scopes, name or kind])
        self._names[full] += 1
        if self._names[full] == 1:
            return full
        if name is not None:
            raise GraphError(f"{self.name}: two inputs or nodes are named {full!r}; give each its own name")
        numbered = f"{full}_{self._names[full]}"
        self._names[numbered] += 1
        return numbered


Block = Callable[[Tensor, int], Tensor]
"""A part of a network as a function of its input and of its index in a row of such parts."""


def repeat(count: int, x: Tensor, block: Block, *, scope: str = "") -> Tensor:
    """Apply a block `count` times, each under a scope of its own (scope.0, scope.1, ...)."""
    for index in range(count):
        with x.builder.scope(f"{scope}.{index}" if scope else str(index)):
            x = block(x, index)
    return x
