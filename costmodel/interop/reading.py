"""Reading: what is known of a model while its operations are turned, one by one, into a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from costmodel.algebra import Dim, equal, product, total
from costmodel.errors import CostModelError, ReadingError, ShapeError, UnsupportedError, shorten
from costmodel.interop.assumptions import Assumptions
from costmodel.interop.call import Call
from costmodel.interop.contents import Undecided
from costmodel.interop.fitting import assumed
from costmodel.interop.limits import MAX_WORK, Growth
from costmodel.interop.rules import Rules
from costmodel.interop.value import Shape, Value
from costmodel.layers import Buffer, Constant, Layer, Parameter, Reshape, Uncounted
from costmodel.layers.base import Shapes, shape_text
from costmodel.network import Network
from costmodel.network.graph import Node, Step, output_names

MAX_NODES = 30_000
"""A model of more operations is taken for a mistake; the largest real ones have some ten thousand."""
LONGEST_NAME = 300
SAME_ELEMENTS = frozenset({"cast", "dropout", "expand", "identity"})
"""Kinds that give the elements of their input as they are, where the shape stays what it was."""
UNFORESEEN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What Python raises where a rule takes an input for what it is not."""


@dataclass(eq=False)
class Reading:
    """The network so far, and who owns which weights."""

    name: str
    rules: Rules
    is_partial: bool = False
    """Whether operations without a rule are left uncounted instead of refused."""
    assumes_fit: bool = False
    """Whether sizes that are equal only where the model runs are taken for equal."""
    is_open: bool = False
    """Whether the file leaves sizes open: those it declares may then be of an example, and check nothing."""
    inputs: dict[str, Shape] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    _names: dict[str, int] = field(default_factory=dict)
    _owned: set[str] = field(default_factory=set)
    """The stored tensors that a node owns already."""
    _standing: dict[tuple[str, Shape], str] = field(default_factory=dict)
    """Stored and constant tensors that stand in the network as nodes."""
    _assumptions: Assumptions = field(default_factory=Assumptions)
    _growth: Growth = field(default_factory=Growth)
    _work: int = 0

    def add_input(self, name: str, shape: Shape, dtype: str = "float32") -> Value:
        """An input of the network."""
        self._growth.check(shape)
        unique = self._unique(name)
        self.inputs[unique] = shape
        return Value(name, shape, dtype, tensor=unique)

    def affords(self, work: int) -> bool:
        """Whether so many more elements can be computed; what a model computes beyond that stays unknown."""
        self._work += work
        return self._work <= MAX_WORK

    @property
    def symbols(self) -> frozenset[str]:
        """The names of the symbols in the inputs' sizes."""
        sizes = (size for shape in self.inputs.values() for size in shape if not isinstance(size, int))
        return frozenset(symbol.name for size in sizes for symbol in size.free_symbols)

    def perform(self, call: Call) -> tuple[Value, ...]:
        """The outputs of one operation, for which nodes are added as its rule says."""
        rule = self.rules.find(call.op)
        try:
            if rule is None:
                raise self._unsupported(call)
            result = rule(call)
            outputs = call.apply(result, *call.present) if isinstance(result, Layer) else result
            outputs = (outputs,) if isinstance(outputs, Value) else tuple(outputs)
            for value in outputs:
                self._growth.check(value.shape)
        except UnsupportedError as problem:
            if not self.is_partial:
                raise UnsupportedError(f"{self.name}, {call.place}: {problem}") from None
            return self._uncounted(call)
        except CostModelError as problem:
            raise ReadingError(f"{self.name}, {call.place}: {problem}") from None
        except UNFORESEEN as problem:
            raise unexpected(call, problem) from problem
        self._check_declared(call, outputs)
        return outputs

    def add(
        self, layer: Layer, inputs: Sequence[Value], weights: Sequence[Value], name: str, dtype: str
    ) -> tuple[Value, ...]:
        """The outputs of a layer applied to these values; what depends on no input and moves nothing stays a value."""
        for value in inputs:
            if value.items is not None:
                raise ReadingError(f"takes tensors, and {shorten(value.name)!r} is a sequence of {len(value.items)}")
        layer, inputs, shapes = self._fitted(layer, inputs, name)
        for shape in shapes:
            self._growth.check(shape)
        self._assumptions.integers(shapes)
        if not weights and not any(value.is_computed for value in inputs):
            folded = _folded(layer, inputs, shapes, dtype)
            if folded is not None:
                return folded
        tensors = tuple([value.tensor or self.tensor(value) for value in inputs])
        given = tuple([value.shape for value in inputs])
        symbols = layer.symbols(given, shapes)
        borrowed = self._own(layer, symbols, weights) if weights else 0
        names = self._append(name, layer, tensors, given, shapes, symbols, borrowed)
        return tuple(Value(name, shape, dtype, tensor=name) for name, shape in zip(names, shapes, strict=True))

    def _fitted(self, layer: Layer, inputs: Sequence[Value], name: str) -> tuple[Layer, Sequence[Value], Shapes]:
        """The layer, its inputs and the shapes of its outputs, under sizes that the model itself makes equal."""
        given = tuple(value.shape for value in inputs)
        try:
            return layer, inputs, layer.infer(given)
        except ShapeError:
            found = assumed(layer, given) if self.assumes_fit else None
            if found is None:
                raise
            layer, wanted = found
        for value, shape in zip(inputs, wanted, strict=True):
            for size, other in zip(value.shape, shape, strict=True):
                self._assumptions.equal(size, other)
        if isinstance(layer, Reshape) and layer.assumed:
            self._assumptions.equal(product(given[0]), product(size for size in layer.shape if size is not None))
        taken = [
            value if value.shape == shape else self._taken_as(value, shape, name)
            for value, shape in zip(inputs, wanted, strict=True)
        ]
        return layer, taken, layer.infer(tuple(wanted))

    def _taken_as(self, value: Value, shape: Shape, name: str) -> Value:
        """The value under a shape that it has where the model runs."""
        return self.add(Reshape(shape=shape, assumed=True), [value], [], f"{name}.fit", value.dtype)[0]

    def tensor(self, value: Value) -> str:
        """The name of a value in the network; a stored or constant one gets a node."""
        if value.items is not None:
            raise ReadingError(f"a tensor is needed, and {shorten(value.name)!r} is a sequence of {len(value.items)}")
        if value.tensor is not None:
            return value.tensor
        name, borrowed = value.name if value.weight is None else value.weight.name, 0
        if (name, value.shape) in self._standing:
            return self._standing[name, value.shape]
        if value.weight is None:
            layer: Layer = Constant(shape=value.shape)
        elif value.is_learnable:
            layer = Parameter(shape=value.shape)
            borrowed = value.elements if name in self._owned else 0
            self._owned.add(name)
        else:
            layer = Buffer(shape=value.shape)
        shapes = (value.shape,)
        (unique,) = self._append(name, layer, (), (), shapes, layer.symbols((), shapes), borrowed)
        self._standing[name, value.shape] = unique
        return unique

    def _append(
        self,
        name: str,
        layer: Layer,
        tensors: tuple[str, ...],
        inputs: Shapes,
        outputs: Shapes,
        symbols: dict[str, Dim],
        borrowed: Dim,
    ) -> tuple[str, ...]:
        """The names of the outputs of a node that is added; what it is made of was checked already."""
        if len(self.steps) >= MAX_NODES:
            raise ReadingError(f"a model must have at most {MAX_NODES} operations")
        unique = self._unique(name)
        node = Node.model_construct(name=unique, layer=layer, inputs=tensors, shares=None, borrowed_elements=borrowed)
        names = output_names(unique, len(outputs))
        self.steps.append(Step(node, tensors, names, inputs, outputs, symbols))
        return names

    def network(self, outputs: Sequence[Value], *, source: str = "", holds_where: Sequence[str] = ()) -> Network:
        """The network that was read, with these outputs; `holds_where` are conditions beside those found here."""
        tensors = [each for value in outputs for each in (value.items if value.items is not None else (value,))]
        names = tuple(dict.fromkeys(map(self.tensor, tensors)))
        if not names:
            raise ReadingError(f"{self.name}: a network must have at least one output")
        conditions = tuple(dict.fromkeys((*holds_where, *self._assumptions.stated())))
        return Network.of_steps(
            self.steps, name=self.name, source=source, holds_where=conditions, inputs=self.inputs, outputs=names
        )

    def _own(self, layer: Layer, symbols: dict[str, Dim], weights: Sequence[Value]) -> Dim:
        """The weights become the layer's; how many of their elements another node owns already."""
        needed = layer.formulas.evaluate(symbols)[1]
        given = total(value.elements for value in weights)
        if not equal(needed, given):
            shapes = " and ".join(shape_text(value.shape) for value in weights)
            raise ShapeError(f"its weights have {given} elements ({shapes}), and {layer.kind} has {needed}")
        borrowed = []
        for value in weights:
            if value.is_computed or (value.weight is not None and value.weight.name in self._owned):
                borrowed.append(value.elements)
            if value.weight is not None:
                self._owned.add(value.weight.name)
        return total(borrowed)

    def _unique(self, name: str) -> str:
        """The name, numbered where it is taken."""
        base = unique = shorten(name.replace(":", "_"), LONGEST_NAME) or "unnamed"
        count = self._names.get(base, 1)
        while unique in self._names:
            count += 1
            unique = f"{base}_{count}"
        self._names[base] = count
        self._names.setdefault(unique, 1)
        return unique

    def _unsupported(self, call: Call) -> UnsupportedError:
        shapes = shorten(", ".join(shape_text(value.shape) for value in call.present[:10]) or "none", 200)
        return UnsupportedError(
            f"there is no rule for this operation (inputs: {shapes}); {self.rules.how.format(op=shorten(call.op))},"
            " or ask for a partial count"
        )

    def _uncounted(self, call: Call) -> tuple[Value, ...]:
        """Outputs of an operation without a rule, of the shapes that the file declares."""
        if any(shape is None or None in shape for shape in call.declared):
            raise UnsupportedError(
                f"{self.name}, {call.place}: there is no rule for this operation, and the file does not say"
                " what shapes come out of it, so that even a partial count ends here"
            )
        shapes = tuple(shape for shape in call.declared if shape is not None)
        return call.apply(Uncounted(op=shorten(call.op, 200), shapes=shapes), *call.present)

    def _check_declared(self, call: Call, outputs: Sequence[Value]) -> None:
        """What the file declares of a shape must not contradict what follows from the operations."""
        for value, declared in zip(outputs, call.declared, strict=False):
            if declared is not None and not self.is_open and contradicts(value.shape, declared):
                raise ReadingError(
                    f"{self.name}, {call.place}: the file declares an output of {shape_text(declared)},"
                    f" and {shape_text(value.shape)} comes out"
                )


def unexpected(call: Call, problem: Exception) -> ReadingError:
    """What is said where a rule meets what it was not written for: fewer axes, or a text for a number."""
    if isinstance(problem, Undecided):
        return ReadingError(
            f"{call.reading.name}, {call.place}: what it does depends on how large the sizes are that the model leaves"
            " open; say what they are"
        )
    return ReadingError(
        f"{call.reading.name}, {call.place}: its inputs and attributes must be what its rule expects"
        f" (got {type(problem).__name__}: {shorten(problem)})"
    )


def contradicts(one: Shape, other: Shape) -> bool:
    """Whether two shapes cannot be the same; symbols are not compared."""
    return len(one) != len(other) or any(
        isinstance(a, int) and isinstance(b, int) and a != b for a, b in zip(one, other, strict=True)
    )


def _folded(layer: Layer, inputs: Sequence[Value], shapes: Sequence[Shape], dtype: str) -> tuple[Value, ...] | None:
    """Outputs that are stored or constant themselves, None where the layer does something with parameters."""
    learnable = [value for value in inputs if value.is_learnable]
    if not layer.counted:
        return None
    if not learnable:
        return tuple(Value(layer.kind, shape, dtype) for shape in shapes)
    (value, *others) = learnable
    if others or len(shapes) != 1 or not equal(product(shapes[0]), value.elements):
        return None
    is_same = layer.kind in SAME_ELEMENTS and shapes[0] == value.shape
    return (replace(value if is_same else value.reshaped(shapes[0]), dtype=dtype),)
