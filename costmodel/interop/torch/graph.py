"""An exported program, walked through node by node."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from costmodel.algebra import Dim
from costmodel.errors import ReadingError
from costmodel.interop.call import Call
from costmodel.interop.reading import Reading
from costmodel.interop.torch.arguments import type_name
from costmodel.interop.torch.conditions import conditions
from costmodel.interop.torch.inputs import Examples, symbol
from costmodel.interop.torch.mutation import written
from costmodel.interop.torch.nodes import (
    IGNORED,
    Names,
    bound_arguments,
    is_tensor,
    leaves,
    op_name,
    resolved,
    rule_name,
    tensors_in,
)
from costmodel.interop.torch.rules import BUILT_IN
from costmodel.interop.torch.scalars import UNKNOWN, Unknown, compute, is_scalar_function
from costmodel.interop.value import Shape, Value, Weight
from costmodel.layers.base import shape_text

INLINED: Final = frozenset({"wrap_with_set_grad_enabled", "wrap_with_autocast", "tag_activation_checkpoint"})
"""Operations that run a graph as it is, in another mode."""


@dataclass(eq=False)
class Walker:
    """Walks through a program, and keeps what each of its nodes stands for."""

    reading: Reading
    program: Any
    given: Examples
    symbols: dict[Any, Any] = field(default_factory=dict)
    """The network's symbols by PyTorch's."""
    stated: tuple[str, ...] = ()
    """For which sizes the program holds."""
    _hints: dict[Any, int] = field(default_factory=dict)
    """Values of expressions for the example sizes."""

    def walk(self) -> list[Value]:
        """The outputs that the user gets, as values; what the program computes is added to the network."""
        graph = self.program.graph
        values = self._placeholders(graph)
        self.stated = conditions(self.program, self.symbols)
        self._run(self.program.graph_module, values)
        (output,) = (node for node in graph.nodes if node.op == "output")
        results = []
        for node, spec in zip(output.args[0], self.program.graph_signature.output_specs, strict=True):
            value = values.get(node) if spec.kind.name == "USER_OUTPUT" else None
            if isinstance(value, Value):
                results.append(value)
        return results

    def _placeholders(self, graph: Any) -> dict[Any, Any]:
        """The values of the program's inputs: parameters, buffers, constants and what the user gives."""
        specs = self.program.graph_signature.input_specs
        nodes = [node for node in graph.nodes if node.op == "placeholder"]
        values: dict[Any, Any] = {}
        stored = _Stored(self.program)
        tensors = 0
        for node, spec in zip(nodes, specs, strict=True):
            found = node.meta.get("val")
            if spec.kind.name == "USER_INPUT":
                if hasattr(found, "shape"):
                    values[node] = self._input(node, found, tensors)
                    tensors += 1
                else:
                    values[node] = found
            else:
                values[node] = stored.value(spec, found)
        return values

    def _input(self, node: Any, found: Any, index: int) -> Value:
        shape = self.given.shape(index, found.shape)
        for ours, theirs in zip(shape, found.shape, strict=True):
            if not isinstance(ours, int):
                known = self.symbols.setdefault(theirs.node.expr, ours)
                if known != ours:
                    raise ReadingError(
                        f"{self.reading.name}: the sizes {str(known)!r} and {str(ours)!r} must be equal in this module;"
                        " give them one name in 'dynamic'"
                    )
        return self.reading.add_input(node.name, shape, type_name(found.dtype))

    def _run(self, graph_module: Any, values: dict[Any, Any]) -> None:
        """Every node of a graph, in order; what it stands for is added to the values."""
        names = Names(graph_module.graph)
        for node in graph_module.graph.nodes:
            if node.op == "get_attr":
                values[node] = getattr(graph_module, node.target)
            elif node.op == "call_function":
                values[node] = self._visit(node, values, names)
                changed = written(node)
                if changed is not None:
                    values[changed] = values[node]

    def _visit(self, node: Any, values: Mapping[Any, Any], names: Names) -> Any:
        target = node.target
        arguments = [resolved(each, values) for each in node.args]
        if target is operator.getitem:
            return arguments[0][arguments[1]] if isinstance(arguments[0], (tuple, list)) else UNKNOWN
        if is_scalar_function(target):
            return compute(target, arguments)
        op = op_name(target)
        packet = op.rpartition(".")[0]
        if packet in IGNORED:
            return None
        if packet == "aten.sym_size":
            return self._size(arguments)
        if packet == "aten.sym_numel":
            return arguments[0].elements
        if op in INLINED:
            return self._inline(node, arguments)
        return self._perform(node, op, arguments, values, names)

    def _size(self, arguments: Sequence[Any]) -> Any:
        value, axis = arguments
        return value.shape[axis] if isinstance(value, Value) else UNKNOWN

    def _inline(self, node: Any, arguments: Sequence[Any]) -> tuple[Any, ...]:
        """What a graph inside a node returns."""
        position = next(index for index, each in enumerate(arguments) if hasattr(each, "graph"))
        inner = arguments[position]
        placeholders = [each for each in inner.graph.nodes if each.op == "placeholder"]
        values = dict(zip(placeholders, arguments[position + 1 :], strict=True))
        self._run(inner, values)
        (output,) = (each for each in inner.graph.nodes if each.op == "output")
        return tuple(resolved(each, values) for each in output.args[0])

    def _perform(self, node: Any, op: str, arguments: Sequence[Any], values: Mapping[Any, Any], names: Names) -> Any:
        """The outputs of an operation that has, or should have, a rule."""
        attributes = bound_arguments(
            node, arguments, {key: resolved(each, values) for key, each in node.kwargs.items()}
        )
        found = node.meta.get("val")
        outputs = list(found) if isinstance(found, (tuple, list)) else [found]
        call = Call(
            self.reading,
            rule_name(op, self.reading.rules) or op,
            names.of(node),
            tuple(tensors_in(attributes.values())),
            attributes,
            tuple(self._declared(each) for each in outputs),
        )
        types = [type_name(each.dtype) for each in outputs if is_tensor(each)]
        types += [value.dtype for value in call.present]
        if call.op in BUILT_IN and any(dtype.startswith("complex") for dtype in types):
            call = replace(call, op=f"complex.{call.op}")
        if any(isinstance(each, Unknown) for each in leaves(attributes.values())):
            raise ReadingError(f"{self.reading.name}, {call.place}: a size that it needs depends on data")
        results = self._constants(call) or self.reading.perform(call)
        typed = [self._checked(call, value, each) for value, each in zip(results, outputs, strict=False)]
        return typed if isinstance(found, (tuple, list)) else typed[0] if typed else None

    def _constants(self, call: Call) -> tuple[Value, ...]:
        """Outputs that no input and no parameter takes part in, where there is no rule that says more of them."""
        if self.reading.rules.find(call.op) is not None or None in call.declared:
            return ()
        if not call.present or any(value.is_computed or value.is_learnable for value in call.present):
            return ()
        return tuple(Value(call.name, shape) for shape in call.declared if shape is not None)

    def _declared(self, found: Any) -> Shape | None:
        """The shape that PyTorch found, as far as it can be said in our symbols."""
        if not hasattr(found, "shape"):
            return None
        sizes = tuple(self._ours(size) for size in found.shape)
        return None if None in sizes else sizes

    def _ours(self, size: Any) -> Dim | None:
        """A size of PyTorch as an integer or a polynomial of our symbols, None where it is neither."""
        import sympy

        if isinstance(size, int):
            return size
        expression = size.node.expr
        if expression.atoms(sympy.Function) or not expression.free_symbols <= set(self.symbols):
            return None
        return expression.xreplace(self.symbols)

    def _checked(self, call: Call, value: Value, found: Any) -> Value:
        """The value with PyTorch's element type; its shape must be PyTorch's for the example sizes."""
        if not hasattr(found, "shape"):
            return value
        for ours, theirs in zip(value.shape, found.shape, strict=True):
            expected = theirs if isinstance(theirs, int) else _hint(theirs)
            if expected is not None and self._at_examples(ours) not in (expected, None):
                raise ReadingError(
                    f"{self.reading.name}, {call.place}: PyTorch has an output of {shape_text(tuple(found.shape))}"
                    f" where {shape_text(value.shape)} comes out"
                )
        return replace(value, dtype=type_name(found.dtype))

    def _at_examples(self, size: Dim) -> int | None:
        """A size for the example sizes, None where it is no number for them."""
        if isinstance(size, int):
            return size
        if size not in self._hints:
            sizes = {symbol(name): number for name, number in self.given.sizes.items()}
            bound = size.subs(sizes)
            self._hints[size] = int(bound) if bound.is_Integer else -1
        return None if self._hints[size] < 0 else self._hints[size]


class _Stored:
    """Parameters, buffers and constants of a program, by identity: what is shared is one tensor."""

    def __init__(self, program: Any) -> None:
        self.program = program
        self.names: dict[int, str] = {}

    def value(self, spec: Any, found: Any) -> Any:
        """The value of a tensor that the program holds."""
        if not hasattr(found, "shape"):
            return UNKNOWN
        kind = spec.kind.name
        shape, dtype = tuple(int(size) for size in found.shape), type_name(found.dtype)
        if kind not in ("PARAMETER", "BUFFER"):
            return Value(spec.target or spec.arg.name, shape, dtype)
        tensor = self.program.state_dict.get(spec.target)
        if tensor is None:
            tensor = self.program.constants.get(spec.target, spec)
        name = self.names.setdefault(id(tensor), spec.target)
        return Value(name, shape, dtype, weight=Weight(name, is_learnable=kind == "PARAMETER"))


def _hint(size: Any) -> int | None:
    """The example's value of an open size."""
    hint = getattr(size.node, "hint", None)
    return hint if isinstance(hint, int) else None
