"""A network as an ONNX model: each layer as the operations that compute it, with random or absent weights."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import numpy as np

from costmodel.algebra.text import to_text
from costmodel.errors import CostModelError, FileFormatError, MissingExtraError, SpecError, UnsupportedError, shorten
from costmodel.layers import Layer
from costmodel.network import Network
from costmodel.network.graph import Shape, Step

if TYPE_CHECKING:
    ModelProto = Any

OPSET: Final = 23
IR_VERSION: Final = 11
DOMAIN: Final = "costmodel"
"""The domain of the functions that stand for kinds without an operation of their own."""
Weights = Literal["random", "absent"]
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


def write_onnx(network: Network, path: str | os.PathLike[str], *, weights: Weights = "random", seed: int = 0) -> None:
    """Write a network to an ONNX file; see `to_onnx`."""
    data = to_onnx(network, weights=weights, seed=seed).SerializeToString()
    try:
        with open(path, "wb") as stream:  # noqa: PTH123 - any path-like
            stream.write(data)
    except OSError as problem:
        raise FileFormatError(f"{shorten(path)} cannot be written: {problem.strerror or problem}") from None


def to_onnx(network: Network, *, weights: Weights = "random", seed: int = 0) -> ModelProto:
    """The network as an ONNX model of opset 23.

    Weights are random numbers, or absent: then they point to a file that is not there, which tools that count do not
    need. Sizes that are symbols become named dimensions. Reading the model back gives the same operations and
    parameters.

    Raises `UnsupportedError` for a layer that no operation of ONNX stands for, `SpecError` for a symbol inside a layer
    (a reshape to n x 8): bind it.
    """
    if weights not in ("random", "absent"):
        raise SpecError(f"'weights' must be 'random' or 'absent' (got {shorten(repr(weights))})")
    try:
        from onnx import helper
    except ImportError:
        raise MissingExtraError("onnx", "onnx") from None
    model = _Model(network, weights, np.random.default_rng(seed))
    for step in network.steps:
        model.write(step)
    graph = helper.make_graph(
        model.nodes,
        network.name,
        [model.declared(name) for name in network.inputs],
        [model.declared(name) for name in network.outputs],
        model.initializers,
    )
    domains = {DOMAIN: 1} if model.functions else {}
    return helper.make_model(
        graph,
        functions=list(model.functions.values()),
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in {"": OPSET, **domains}.items()],
        ir_version=IR_VERSION,
        producer_name="costmodel",
    )


def _dims(shape: Shape) -> list[int | str]:
    return [size if isinstance(size, int) else to_text(size) for size in shape]


FLOAT: Final = 1
INTEGER: Final = 7
BOOLEAN: Final = 9
_INTEGER_INPUTS: Final = {
    "embedding": (0,), "gather": (1,), "gather_elements": (1,), "gather_nd": (1,), "scatter_elements": (1,),
    "scatter_nd": (1,), "one_hot": (0,),
}  # fmt: skip
"""Which inputs of a kind are indices."""
_BOOLEAN_INPUTS: Final = {"where": (0,), "logical": (0, 1)}
"""Which inputs of a kind are conditions."""
_TYPES: Final = {"compare": BOOLEAN, "logical": BOOLEAN, "number_test": BOOLEAN, "argmax": INTEGER, "embedding": FLOAT,
                 "one_hot": FLOAT}  # fmt: skip
"""The element types of outputs that differ from the first input's."""


@dataclass(eq=False)
class _Model:
    """The parts of an ONNX model so far."""

    network: Network
    weights: Weights
    random: np.random.Generator
    nodes: list[Any] = field(default_factory=list)
    initializers: list[Any] = field(default_factory=list)
    functions: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """The ONNX name of each tensor of the network."""
    types: dict[str, int] = field(default_factory=dict)
    owned: dict[tuple[str, str], str] = field(default_factory=dict)
    """The stored tensor of each node and role."""
    by_shape: dict[tuple[int, ...], list[str]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for name in self.network.inputs:
            self.names[name] = name
            self.taken.add(name)
            self.types[name] = self._input_type(name)

    def _input_type(self, name: str) -> int:
        """Integers where an input is used as indices, booleans where as a condition, else numbers."""
        for step in self.network.steps:
            for place, tensor in enumerate(step.inputs):
                if tensor == name and place in _INTEGER_INPUTS.get(step.node.layer.kind, ()):
                    return INTEGER
                if tensor == name and place in _BOOLEAN_INPUTS.get(step.node.layer.kind, ()):
                    return BOOLEAN
        return FLOAT

    def declared(self, tensor: str) -> Any:
        """An input or output of the network with its type and shape."""
        from onnx import helper

        return helper.make_tensor_value_info(self.names[tensor], self.types[tensor], _dims(self.network.shapes[tensor]))

    def write(self, step: Step) -> None:
        """The operations of one node."""
        kind = step.node.layer.kind
        writer = WRITERS.get(kind)
        try:
            if writer is None:
                raise UnsupportedError(f"no operation of ONNX stands for the layer kind {kind!r}")
            writing = Writing(self, step)
            writing.inputs = [writing.typed(place, name) for place, name in enumerate(step.inputs)]
            outputs = writer(writing)
        except CostModelError as problem:
            raise type(problem)(f"{self.network.name}, {step.node.name}: {problem}") from None
        written = (outputs,) if isinstance(outputs, str) else tuple(outputs)
        result = _TYPES.get(kind, self.types[step.inputs[0]] if step.inputs else FLOAT)
        if kind == "where":
            result = self.types[step.inputs[1]]
        if kind == "cast":
            result = writing.cast_type()
        for index, (name, output) in enumerate(zip(step.outputs, written, strict=True)):
            self.names[name] = output
            self.types[name] = INTEGER if kind in ("top_k", "sort") and index == 1 else result

    def fresh(self, name: str) -> str:
        """The name, numbered where it is taken."""
        found, count = name, 1
        while found in self.taken:
            count += 1
            found = f"{name}_{count}"
        self.taken.add(found)
        return found

    def store(self, name: str, array: Any) -> str:
        """A stored tensor with these elements."""
        from onnx import numpy_helper

        unique = self.fresh(name)
        self.initializers.append(numpy_helper.from_array(np.asarray(array), unique))
        return unique

    def store_weight(self, name: str, shape: tuple[int, ...]) -> str:
        """A stored tensor of random numbers, or one whose numbers are absent."""
        from onnx import TensorProto

        if self.weights == "random":
            return self.store(name, (self.random.standard_normal(shape) * 0.02).astype(np.float32))
        unique = self.fresh(name)
        tensor = TensorProto(name=unique, dims=shape, data_type=FLOAT, data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value="weights.bin")
        self.initializers.append(tensor)
        return unique


@dataclass(eq=False)
class Writing:
    """One node that is written: its layer and shapes, and the operations it becomes."""

    model: _Model
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

        name = self.model.fresh(f"{self.step.node.name}.{role}" if role else self.step.node.name)
        names = (name,) if outputs == 1 else tuple(self.model.fresh(f"{name}_{index}") for index in range(outputs))
        given = {key: value for key, value in attributes.items() if value is not None}
        self.model.nodes.append(helper.make_node(kind, list(inputs), list(names), name=name, domain=domain, **given))
        return names

    def weight(self, role: str, *shape: Any) -> str:
        """A learnable tensor: the lender's where the node shares, another's where it borrows, else its own."""
        sizes = tuple(self.number(size, f"the size of its {role}") for size in shape)
        node = self.step.node
        if node.shares is not None:
            return self.model.owned[node.shares, role]
        found = self._lent(sizes)
        if found is None:
            found = self.model.store_weight(f"{node.name}.{role}", sizes)
            self.model.by_shape.setdefault(sizes, []).append(found)
        self.model.owned[node.name, role] = found
        return found

    def _lent(self, sizes: tuple[int, ...]) -> str | None:
        """A tensor of another node of that shape, where this node borrows as many elements."""
        borrowed = self.step.node.borrowed_elements
        used = sum(map(prod, self._borrowed))
        others = self.model.by_shape.get(sizes, [])
        if not isinstance(borrowed, int) or used + prod(sizes) > borrowed or not others:
            return None
        self._borrowed.append(sizes)
        return others[0]

    def statistics(self, role: str, *shape: Any) -> str:
        """A tensor of ones that is not learned: a constant of the model."""
        from onnx import numpy_helper

        sizes = tuple(self.number(size, f"the size of its {role}") for size in shape)
        return self.op("Constant", role=role, value=numpy_helper.from_array(np.ones(sizes, dtype=np.float32)))

    def integers(self, role: str, values: Sequence[Any]) -> str:
        """A stored list of integers, such as a shape."""
        numbers = [self.number(value, f"its {role}") for value in values]
        return self.model.store(f"{self.step.node.name}.{role}", np.array(numbers, dtype=np.int64))

    def scalar(self, role: str, value: float, dtype: Any = np.float32) -> str:
        """A number."""
        return self.model.store(f"{self.step.node.name}.{role}", np.array(value, dtype=dtype))

    def number(self, value: Any, what: str) -> int:
        """A size that must be a number here."""
        if not isinstance(value, int):
            raise SpecError(f"{what} must be a number to be written to ONNX (got {shorten(to_text(value))}); bind it")
        return value

    def typed(self, place: int, name: str) -> str:
        """An input, cast where the operation takes another type of elements."""
        kind = self.layer.kind
        wanted = FLOAT
        if place in _INTEGER_INPUTS.get(kind, ()):
            wanted = INTEGER
        elif place in _BOOLEAN_INPUTS.get(kind, ()) and self.field.get("operator") not in ("shift_left", "shift_right"):
            wanted = BOOLEAN
        elif self.layer.view or kind in ("cast", "concat", "gather", "permute", "slice", "expand", "tile", "where"):
            return self.model.names[name]
        if self.model.types[name] == wanted:
            return self.model.names[name]
        return self.op("Cast", self.model.names[name], to=wanted, role="cast")

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

        if name not in self.model.functions:
            nodes = [helper.make_node("Constant", [], [key], value_float=value) for key, value in constants.items()]
            nodes += [helper.make_node(op, list(inputs), [output]) for op, inputs, output in body]
            opset = [helper.make_opsetid("", OPSET)]
            self.model.functions[name] = helper.make_function(DOMAIN, name, list(inputs), ["y"], nodes, opset)
        return self.op(name, *self.inputs, domain=DOMAIN)

    def cast_type(self) -> int:
        """The element type that a cast makes."""
        from costmodel.interop.onnx.tensors import TYPES

        names = {text: number for number, text in reversed(TYPES.items())}
        if self.field["to"] not in names:
            raise UnsupportedError(f"ONNX has no element type named {self.field['to']!r}")
        return names[self.field["to"]]
