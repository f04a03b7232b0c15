"""The network: a frozen graph of named nodes with inferred shapes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, SerializeAsAny, ValidationError

from costmodel.counting.conventions import TWO_PER_MAC, Convention
from costmodel.counting.cost import Cost
from costmodel.errors import FileFormatError, GraphError, ShapeError, SpecError, UnknownNameError
from costmodel.layers import Layer, parse_layer
from costmodel.layers.sentences import one_sentence
from costmodel.network.order import execution_order
from costmodel.algebra.dimension import Dim
from costmodel.algebra.types import Dim as Value

Shape = tuple[Value, ...]
FORMAT = "costmodel-network"
VERSION = 1


def _layer(value: object) -> object:
    return parse_layer(value) if isinstance(value, Mapping) else value


class Node(BaseModel):
    """A layer in its place: a name, and the tensors that it reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=500)
    layer: Annotated[SerializeAsAny[Layer], BeforeValidator(_layer)]
    inputs: tuple[str, ...]
    """Names of network inputs or nodes; output k of a node with several is "name:k"."""
    shares: str | None = None
    """The node whose weights this one uses."""


class Step(NamedTuple):
    """A node in execution order, with the names and shapes of what it reads and writes."""

    node: Node
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    input_shapes: tuple[Shape, ...]
    output_shapes: tuple[Shape, ...]


class Network(BaseModel):
    """A directed acyclic graph of layers; shapes are inferred, and checked, when it is made.

    Build one with `costmodel.Builder`, a function of `costmodel.zoo`, or `Network.from_json`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["costmodel-network"] = FORMAT
    version: Literal[1] = VERSION
    name: str = Field(min_length=1, max_length=500)
    source: str = ""
    family: str = ""
    inputs: dict[str, tuple[Dim, ...]]
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]

    _steps: tuple[Step, ...] = PrivateAttr()

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as problem:
            raise SpecError(f"{_place(fields, problem)}: {one_sentence(problem)}") from None
        self._steps = tuple(self._infer())

    @property
    def steps(self) -> tuple[Step, ...]:
        """The nodes in execution order, with shapes."""
        return self._steps

    @property
    def shapes(self) -> dict[str, Shape]:
        """The shape of every tensor by name: inputs first, then each node's outputs."""
        shapes: dict[str, Shape] = dict(self.inputs)
        for step in self._steps:
            shapes.update(zip(step.outputs, step.output_shapes, strict=True))
        return shapes

    def renamed(self, name: str, *, family: str = "", source: str = "") -> Network:
        """The same network under another name."""
        return self.model_copy(update={"name": name, "family": family or self.family, "source": source or self.source})

    def node(self, name: str) -> Node:
        """The node of that name."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise UnknownNameError(f"node in {self.name}", name, (node.name for node in self.nodes))

    def cost(
        self,
        *,
        convention: Convention = TWO_PER_MAC,
        activation_type: str = "float32",
        weight_type: str = "float32",
    ) -> Cost:
        """What one forward pass costs: per node and in total.

        Traffic is counted once for each node: every input is read, every output written, weights are read.

        >>> from costmodel import zoo
        >>> zoo.vgg(depth=16).cost().macs
        15470264320
        """
        from costmodel.network.count import count

        return count(self, convention=convention, activation_type=activation_type, weight_type=weight_type)

    def to_json(self, *, indent: int | None = None) -> str:
        """The network as JSON, which `from_json` reads back."""
        return self.model_dump_json(indent=indent, exclude_defaults=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The network that a JSON text describes.

        Raises `FileFormatError` for text that is not such JSON, `SpecError` for a network that breaks a rule.
        """
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError) as problem:
            raise FileFormatError(f"a network must be valid JSON ({problem})") from None
        if not isinstance(fields, dict) or fields.get("format") != FORMAT:
            raise FileFormatError(f"a network in JSON must be an object with \"format\": \"{FORMAT}\"")
        if fields.get("version") != VERSION:
            raise FileFormatError(f"'version' must be {VERSION}, the one that this costmodel reads (got {fields.get('version')!r})")
        return cls(**fields)

    def _infer(self) -> list[Step]:
        shapes: dict[str, Shape] = dict(self.inputs)
        steps = []
        for node in execution_order(self):
            inputs = tuple(shapes[name] for name in node.inputs)
            try:
                outputs = node.layer.output_shapes(inputs)
            except ShapeError as problem:
                raise ShapeError(f"{self.name}, {node.name}: {problem}") from None
            names = output_names(node.name, len(outputs))
            shapes.update(zip(names, outputs, strict=True))
            steps.append(Step(node, node.inputs, names, inputs, outputs))
        missing = [name for name in self.outputs if name not in shapes]
        if missing:
            raise GraphError(f"{self.name}: output {missing[0]!r} is neither an input nor a node of the network")
        return steps


def output_names(node: str, count: int) -> tuple[str, ...]:
    """The names of a node's outputs: its own, or "name:k" where there are several."""
    return (node,) if count == 1 else tuple(f"{node}:{index}" for index in range(count))


def _place(fields: Mapping[str, Any], problem: ValidationError) -> str:
    """The network, and the node that the first mistake is in."""
    place = str(fields.get("name", "network"))
    where = problem.errors(include_url=False)[0]["loc"]
    nodes = fields.get("nodes")
    if len(where) > 1 and where[0] == "nodes" and isinstance(where[1], int) and isinstance(nodes, (list, tuple)):
        node = nodes[where[1]]
        name = node.get("name") if isinstance(node, Mapping) else getattr(node, "name", None)
        place += f", {name or f'node {where[1]}'}"
    return place
