"""The network: a frozen graph of named nodes with inferred shapes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, SerializeAsAny, ValidationError

from costmodel.algebra.dimension import Dim, Size
from costmodel.algebra.types import Dim as Value
from costmodel.counting.conventions import TWO_PER_MAC, Convention
from costmodel.counting.cost import Cost
from costmodel.errors import GraphError, ShapeError, SpecError, UnknownNameError, shorten
from costmodel.layers import Layer, parse_layer
from costmodel.network.document import FORMAT, VERSION, parse_document
from costmodel.network.order import execution_order
from costmodel.network.sharing import check_shared_weights
from costmodel.sentences import one_sentence

if TYPE_CHECKING:
    from costmodel.hardware import Profile
    from costmodel.latency import Latency

Shape = tuple[Value, ...]
MAX_TENSORS = 500_000
"""A network of more tensors is taken for a mistake."""
MAX_ELEMENTS = 2**100
"""A tensor of more elements is taken for a mistake."""


def _layer(value: object) -> object:
    try:
        return parse_layer(value) if isinstance(value, Mapping) else value
    except UnknownNameError as problem:
        raise SpecError(str(problem)) from None


Name = Annotated[str, Field(min_length=1, max_length=500)]
Condition = Annotated[str, Field(min_length=1, max_length=500)]


class Node(BaseModel):
    """A layer in its place: a name, and the tensors that it reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    layer: Annotated[SerializeAsAny[Layer], BeforeValidator(_layer)]
    inputs: tuple[str, ...]
    """Names of network inputs or nodes; output k of a node with several is "name:k"."""
    shares: str | None = None
    """The node whose weights this one uses."""
    borrowed_elements: Size = 0
    """How many of its weights are other nodes' too, and counted there: a bias that several layers use."""

    def __init__(self, /, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as problem:
            raise SpecError(one_sentence(problem)) from None


class Step(NamedTuple):
    """A node in execution order: what it reads and writes, and what its formulas' symbols stand for."""

    node: Node
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    input_shapes: tuple[Shape, ...]
    output_shapes: tuple[Shape, ...]
    symbols: dict[str, Value]
    """The values of the textbook symbols of the layer's formulas."""


class Network(BaseModel):
    """A directed acyclic graph of layers; shapes are inferred, and checked, when it is made.

    Build one with `costmodel.Builder`, a function of `costmodel.zoo`, or `Network.from_json`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["costmodel-network"] = FORMAT
    version: Literal[1] = VERSION
    name: Name
    source: str = ""
    family: str = ""
    holds_where: Annotated[tuple[Condition, ...], Field(max_length=100)] = ()
    """Conditions on the symbols: where they do not hold, a model that was read does not run, and a network of the zoo
    cannot be built or has other layers."""
    inputs: dict[Name, tuple[Dim, ...]]
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]

    _steps: tuple[Step, ...] = PrivateAttr()

    def __init__(self, /, *, _steps: Sequence[Step] | None = None, **fields: Any) -> None:
        """Infer the shapes, unless a builder did so for these nodes, step by step."""
        try:
            super().__init__(**fields)
        except ValidationError as problem:
            raise SpecError(f"{_place(fields, problem)}: {one_sentence(problem)}") from None
        self._steps = tuple(self._infer() if _steps is None else _steps)
        self._check_outputs()
        check_shared_weights(self.name, self._steps)

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

    def bind(self, **values: object) -> Network:
        """The network with values in place of symbols: numbers, expressions, or texts of either.

        >>> from costmodel import symbols, zoo
        >>> zoo.mobilenet_v1(resolution=32 * symbols("r")).bind(r=7).cost().macs
        568740352
        """
        from costmodel.network.bind import bind

        return bind(self, values)

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

    def latency(self, device: str | os.PathLike[str] | Profile) -> Latency:
        """The predicted time of one forward pass on a device: calibrated where the device is, else the roofline.

        `device` is a built-in profile's name, a profile's TOML file, or a `Profile`.

        >>> from costmodel import zoo
        >>> zoo.mobilenet_v1(width=0.75).latency("pixel-1").interval
        0.9
        """
        from costmodel.calibration import predict

        return predict(self, device)

    def to_json(self, *, indent: int | None = None) -> str:
        """The network as JSON, which `from_json` reads back."""
        return self.model_dump_json(indent=indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The network that a JSON text describes.

        Raises `FileFormatError` for text that is not such JSON, `SpecError` for a network that breaks a rule.
        """
        return cls(**parse_document(text))

    @classmethod
    def of_steps(
        cls,
        steps: Sequence[Step],
        *,
        name: str,
        inputs: Mapping[str, Shape],
        outputs: Sequence[str],
        source: str = "",
        holds_where: Sequence[str] = (),
    ) -> Network:
        """The network of steps that follow from each other, as a reader of models makes them: none is checked again.

        Everything else is checked as for any network. Shapes that were inferred once need not be a second time, which
        is half of what a large model takes.
        """
        nodes = tuple(step.node for step in steps)
        network = cls.model_construct(
            name=name,
            source=source,
            holds_where=tuple(holds_where),
            inputs=dict(inputs),
            nodes=nodes,
            outputs=tuple(outputs),
        )
        for step in steps:
            if any(_elements(shape) > MAX_ELEMENTS for shape in step.output_shapes):
                raise ShapeError(f"{name}, {step.node.name}: a tensor must have at most 2**100 elements")
        check_shared_weights(name, steps)
        network._steps = tuple(steps)  # noqa: SLF001 - the class's own
        return network

    def _infer(self) -> list[Step]:
        shapes: dict[str, Shape] = dict(self.inputs)
        steps = []
        for node in execution_order(self):
            unknown = [name for name in node.inputs if name not in shapes]
            if unknown:
                raise GraphError(f"{self.name}, {node.name}: {UnknownNameError('tensor', unknown[0], shapes)}")
            inputs = tuple(shapes[name] for name in node.inputs)
            try:
                outputs = node.layer.infer(inputs)
            except ShapeError as problem:
                raise ShapeError(f"{self.name}, {node.name}: {problem}") from None
            step = Step(
                node,
                node.inputs,
                output_names(node.name, len(outputs)),
                inputs,
                outputs,
                node.layer.symbols(inputs, outputs),
            )
            add_tensors(self.name, step, shapes)
            steps.append(step)
        return steps

    def _check_outputs(self) -> None:
        """Raise unless the network has an output, and every one is a tensor."""
        tensors = {*self.inputs, *(name for step in self._steps for name in step.outputs)}
        missing = [name for name in self.outputs if name not in tensors]
        if missing or not self.outputs:
            got = repr(missing[0]) if missing else "none"
            raise GraphError(
                f"{self.name}: its outputs must be inputs or nodes of the network, at least one (got {got})"
            )


def add_tensors(network: str, step: Step, shapes: dict[str, Shape]) -> None:
    """Add the outputs of a step to a network's tensors; raises for one too many, too large, or of another's name."""
    place = f"{network}, {step.node.name}"
    if any(_elements(shape) > MAX_ELEMENTS for shape in step.output_shapes):
        raise ShapeError(f"{place}: a tensor must have at most 2**100 elements")
    taken = [name for name in step.outputs if name in shapes]
    if taken:
        raise GraphError(f"{place}: two tensors are named {taken[0]!r}; rename one of the nodes")
    shapes.update(zip(step.outputs, step.output_shapes, strict=True))
    if len(shapes) > MAX_TENSORS:
        raise GraphError(f"{place}: a network must have at most {MAX_TENSORS} tensors")


def _elements(shape: Shape) -> int:
    """The elements along the axes whose sizes are numbers."""
    return prod(size for size in shape if type(size) is int)


def output_names(node: str, count: int) -> tuple[str, ...]:
    """The names of a node's outputs: its own, or "name:k" where there are several."""
    return (node,) if count == 1 else tuple(f"{node}:{index}" for index in range(count))


def _place(fields: Mapping[str, Any], problem: ValidationError) -> str:
    """The network, and the node that the first mistake is in."""
    place = shorten(fields.get("name") or "network")
    where = problem.errors(include_url=False)[0]["loc"]
    nodes = fields.get("nodes")
    if len(where) > 1 and where[0] == "nodes" and isinstance(where[1], int) and isinstance(nodes, (list, tuple)):
        node = nodes[where[1]]
        name = node.get("name") if isinstance(node, Mapping) else getattr(node, "name", None)
        place += f", {shorten(name or f'node {where[1]}')}"
    return place
