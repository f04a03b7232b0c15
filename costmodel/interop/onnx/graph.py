"""An ONNX graph, walked through node by node; subgraphs and functions are walked where they are used."""

from __future__ import annotations

import gc
import os
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, Final

from costmodel.errors import CostModelError, FileFormatError, ReadingError, UnknownNameError, shorten
from costmodel.interop.call import Call
from costmodel.interop.onnx.control import CONTROL
from costmodel.interop.onnx.declared import Declared
from costmodel.interop.onnx.definitions import defined_function
from costmodel.interop.onnx.folding import fold
from costmodel.interop.onnx.model import load_model, opset_of
from costmodel.interop.onnx.rules import RULES
from costmodel.interop.onnx.tensors import attribute_values, check_text, input_shape, stored_value, type_name
from costmodel.interop.reading import UNFORESEEN, Reading, unexpected
from costmodel.interop.value import Value
from costmodel.network import Network
from costmodel.network.bind import bound_shapes

MAX_VISITS: Final = 30_000
"""A model of more nodes is taken for a mistake, each counted as often as it is walked through."""
MAX_DEPTH: Final = 40
"""Subgraphs and functions inside each other beyond this depth are taken for a mistake."""

SELDOM_USED: Final = frozenset({"LayerNormalization", "Attention"})
"""Operations with further outputs, such as means and products of queries and keys, which only who uses one misses."""
LONGEST_PROBLEM: Final = 800
"""Characters of the longest sentence about a file, without its name."""

Values = ChainMap[str, Value]
"""The tensors that a node sees by name, those of its own graph first."""


def read_onnx(
    path: str | os.PathLike[str], *, sizes: Mapping[str, object] | None = None, partial: bool = False
) -> Network:
    """The network in an ONNX file; its weights are not read.

    Sizes that the file leaves open (a batch, a height) are symbols of the network, unless `sizes` says what they are;
    what is left open can be bound later with `Network.bind`. Batch normalization that the exporter folded into
    convolutions is no longer there to be counted. With `partial`, operations without a rule are left uncounted where
    the file declares the shapes of their outputs.

    Raises `FileFormatError` for a file that is no ONNX model, `ReadingError` for a model whose shapes do not fit or
    depend on data, `UnsupportedError` for an operation without a rule.
    """
    model = load_model(path)
    try:
        with _uncollected():
            return read_model(model, PurePath(path).stem, sizes=sizes, partial=partial)
    except CostModelError as problem:
        kind = type(problem) if isinstance(problem, (ReadingError, FileFormatError)) else ReadingError
        raise kind(f"{shorten(path)}: {shorten(problem, LONGEST_PROBLEM)}") from None


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection, which would look through many small objects that are all still needed."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def read_model(model: Any, name: str, *, sizes: Mapping[str, object] | None = None, partial: bool = False) -> Network:
    """The network in an ONNX model that is in memory; see `read_onnx`."""
    opset = opset_of(model)
    reading = Reading(name, RULES, is_partial=partial, assumes_fit=True)
    functions = {(each.domain, each.name): each for each in model.functions}
    if len(functions) < len(model.functions):
        raise ReadingError("two functions have the same domain and name")
    walker = Walker(reading, opset, functions)
    graph = model.graph
    values: Values = ChainMap()
    walker.store(graph, values)
    given = [info for info in graph.input if info.name not in values]
    declared = [input_shape(info) for info in given]
    reading.is_open = not all(isinstance(size, int) for shape in declared for size in shape)
    shapes = bound_shapes(name, declared, sizes or {})
    for info, shape in zip(given, shapes, strict=True):
        if info.name in values:
            raise ReadingError(f"two inputs are named {shorten(info.name)!r}")
        values[info.name] = reading.add_input(info.name, shape, type_name(info.type.tensor_type.elem_type or 1))
    walker.walk(graph, values)
    outputs = [walker.look_up(values, info.name, "the graph's outputs") for info in graph.output]
    return reading.network(outputs, source=_producer(model))


@dataclass(eq=False)
class Walker:
    """Walks through graphs of one model."""

    reading: Reading
    opset: int
    functions: Mapping[tuple[str, str], Any]
    scope: str = ""
    depth: int = 0
    stored_in: str = ""
    """Where the graph stands in the file, which is one place however often it is walked through."""
    _counts: dict[str, int] = field(default_factory=dict)

    def store(self, graph: Any, values: Values) -> None:
        """The tensors that a graph stores, by name."""
        for tensor in graph.initializer:
            if tensor.name in values:
                raise ReadingError(f"two stored tensors are named {shorten(tensor.name)!r}")
            values[tensor.name] = self._in_its_place(stored_value(tensor, tensor.name), tensor.name)
        if graph.sparse_initializer:
            raise ReadingError("it stores sparse tensors, which are not read; convert them to dense ones")

    def _in_its_place(self, value: Value, name: str) -> Value:
        """A stored value whose weight is called after its place: a loop's weight is one, two loops' are two."""
        if not self.stored_in or value.weight is None:
            return value
        return replace(value, weight=replace(value.weight, name=self.stored_in + name))

    def walk(self, graph: Any, values: Values) -> None:
        """Every node of a graph, in order; outputs are added to the values."""
        if len(graph.node) > MAX_VISITS:
            raise ReadingError(
                f"{self.reading.name}: a model must have at most {MAX_VISITS} nodes (got {len(graph.node)})"
            )
        declared = Declared((*graph.value_info, *graph.output), self.reading.symbols)
        for node in graph.node:
            self.visit(node, values, declared)

    def inside(self, name: str) -> Walker:
        """The walker of a graph inside a node of that name, which is the name in full."""
        self.spend(1)
        if self.depth >= MAX_DEPTH:
            raise ReadingError(f"{shorten(name)}: graphs are inside each other more than {MAX_DEPTH} deep")
        return replace(self, scope=f"{name}.", depth=self.depth + 1, _counts=self._counts)

    def spend(self, visits: int) -> None:
        """Count nodes, and what takes as long as one; raise where that becomes too much."""
        self._counts[""] = spent = self._counts.get("", 0) + visits
        if spent > MAX_VISITS:
            raise ReadingError(f"{self.reading.name}: a model must have at most {MAX_VISITS} nodes")

    def look_up(self, values: Values, name: str, place: str) -> Value:
        """The value of that name, which some earlier node must compute."""
        for scope in values.maps:
            value = scope.get(name)
            if value is not None:
                return value
        problem = UnknownNameError("tensor that an earlier node computes", name, list(values)[-1000:])
        raise ReadingError(f"{self.reading.name}, {place}: {problem}; a graph has no cycles, and is in order")

    def visit(self, node: Any, values: Values, declared: Declared) -> None:
        """One node: its outputs are added to the values."""
        self.spend(1)
        check_text(node.name, node.op_type, node.domain, *node.input, *node.output)
        name = self.scope + (node.name or self._numbered(node.op_type))
        inputs = tuple(self.look_up(values, each, name) if each else None for each in node.input)
        op = node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}::{node.op_type}"
        try:
            attributes = attribute_values(node)
            self.spend(sum(map(_effort, attributes.values())))
        except ReadingError as problem:
            raise ReadingError(f"{self.reading.name}, {shorten(name)} ({shorten(op)}): {problem}") from None
        expected = tuple(declared.get(each) for each in node.output)
        call = Call(self.reading, op, name, inputs, attributes, expected, self.opset)
        try:
            outputs = self._perform(call, node, values)
        except CostModelError:
            raise
        except UNFORESEEN as problem:
            raise unexpected(call, problem) from problem
        scope, *outer = values.maps
        for each, value in zip(node.output, outputs, strict=False):
            if not each:
                continue
            if each in scope or any(each in other for other in outer):
                raise ReadingError(f"{self.reading.name}, {shorten(name)}: two tensors are named {shorten(each)!r}")
            scope[each] = value if value.tensor is not None or value.name == each else replace(value, name=each)
        is_short = len(outputs) < len(node.output)
        if is_short and any(node.output[len(outputs) :]) and node.op_type not in SELDOM_USED:
            raise ReadingError(
                f"{self.reading.name}, {call.place}: it has {len(outputs)} outputs (got {len(node.output)} names)"
            )

    def _perform(self, call: Call, node: Any, values: Values) -> tuple[Value, ...]:
        function = self.functions.get((node.domain, node.op_type))
        if function is not None and self.reading.rules.find(call.op) is None:
            return self._call_function(function, call)
        if call.op in CONTROL:
            inner = replace(self, stored_in=f"{self.stored_in}{node.output[0]}.") if node.output else self
            return CONTROL[call.op](inner, call, values.new_child())
        folded = fold(call)
        if folded is not None and node.output:
            folded = self._in_its_place(folded, node.output[0])
        if folded is None and self.reading.rules.find(call.op) is None:
            definition = defined_function(call, node, self.opset)
            if definition is not None:
                return self._call_function(definition, call)
        return (folded,) if folded is not None else self.reading.perform(call)

    def _call_function(self, function: Any, call: Call) -> tuple[Value, ...]:
        """The outputs of a function that the model defines."""
        if len(call.inputs) > len(function.input):
            raise ReadingError(
                f"{self.reading.name}, {call.place}: the function takes {len(function.input)} inputs"
                f" (got {len(call.inputs)})"
            )
        values: Values = ChainMap(
            {name: value for name, value in zip(function.input, call.inputs, strict=False) if value is not None}
        )
        body = _with_attributes(function, call.attributes)
        inner = replace(self.inside(call.name), stored_in=f"{function.domain}::{function.name}.")
        nothing = Declared((), ())
        for node in body:
            inner.visit(node, values, nothing)
        used = function.output[: len(call.declared)]
        return tuple(self.look_up(values, name, call.place) for name in used)

    def _numbered(self, op: str) -> str:
        """A name for a node without one."""
        self._counts[op] = self._counts.get(op, 0) + 1
        return f"{op}_{self._counts[op]}"


def _effort(value: Any) -> int:
    """How many nodes take as long as reading an attribute's value."""
    return len(value) // 100 if isinstance(value, (str, list)) else 0


def _with_attributes(function: Any, attributes: Mapping[str, Any]) -> Iterable[Any]:
    """A function's nodes with the call's attributes in place of references to them."""
    defaults = {each.name: each for each in function.attribute_proto}
    for original in function.node:
        if not any(attribute.ref_attr_name for attribute in original.attribute):
            yield original
            continue
        node = type(original)()
        node.CopyFrom(original)
        for index in reversed(range(len(node.attribute))):
            attribute = node.attribute[index]
            reference = attribute.ref_attr_name
            if not reference:
                continue
            name = attribute.name
            del node.attribute[index]
            if reference in attributes:
                _set_attribute(node.attribute.add(), name, attributes[reference])
            elif reference in defaults:
                replacement = node.attribute.add()
                replacement.CopyFrom(defaults[reference])
                replacement.name = name
        yield node


def _set_attribute(attribute: Any, name: str, value: Any) -> None:
    """An attribute with a value that was read from another."""
    from onnx import helper

    attribute.CopyFrom(helper.make_attribute(name, value) if value != [] else attribute)
    attribute.name = name


def _producer(model: Any) -> str:
    """Who wrote the file, and with which operations."""
    version = f" {model.producer_version}" if model.producer_version else ""
    return shorten(f"ONNX file of {model.producer_name}{version}" if model.producer_name else "ONNX file", 200)
