"""Nodes of an exported program: their names, operations and arguments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from costmodel.interop.rules import Rules
from costmodel.interop.value import Value

IGNORED: Final = frozenset(
    {
        "aten._assert_async",
        "aten._assert_scalar",
        "aten._assert_tensor_metadata",
        "aten.sym_constrain_range",
        "aten.sym_constrain_range_for_size",
        "aten.sym_stride",
        "aten.sym_storage_offset",
    }
)
"""Operations that check, and compute nothing."""

WALKED: Final = IGNORED | {"aten.sym_size", "aten.sym_numel"}
"""Operations that need no rule."""


class Names:
    """Names of nodes: the module that they come from, and where it does several things, which of them."""

    def __init__(self, graph: Any) -> None:
        operations = [node for node in graph.nodes if node.op == "call_function" and hasattr(node.target, "_schema")]
        self.counts = Counter(_stack(node)[0] for node in operations)
        self.containers = {
            path for node in operations for path, _ in list((node.meta.get("nn_module_stack") or {}).values())[:-1]
        }

    def of(self, node: Any) -> str:
        """A name that a person finds in the module."""
        key, path = _stack(node)
        name = op_name(node.target).split(".")[1] if "." in op_name(node.target) else node.name
        name = name.strip("_")
        if not path:
            return name
        is_alone = self.counts[key] == 1 and path not in self.containers
        return path if is_alone else f"{path}.{name}"


def rule_name(op: str, rules: Rules) -> str | None:
    """The name under which there is a rule: of the overload, or of the operation, in place or not."""
    packet = op.rpartition(".")[0]
    if packet in WALKED:
        return op
    candidates = [op, packet]
    if packet.endswith("_") and not packet.endswith("__"):
        candidates.append(packet[:-1])
    return next((name for name in candidates if rules.find(name) is not None), None)


def _stack(node: Any) -> tuple[str, str]:
    """(call of a module, its path) that a node lies in."""
    stack = node.meta.get("nn_module_stack") or {}
    if not stack:
        return "", ""
    key, (path, _) = list(stack.items())[-1]
    return str(key), str(path)


def op_name(target: Any) -> str:
    """The name of an operation, such as aten.conv2d.default."""
    if hasattr(target, "_schema"):
        return str(target)
    name = getattr(target, "__name__", None)
    return name if isinstance(name, str) else str(target)


def bound_arguments(node: Any, arguments: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by the names of the operation's schema, with its defaults."""
    schema = getattr(node.target, "_schema", None)
    if schema is None:
        return {**{f"argument_{index}": each for index, each in enumerate(arguments)}, **named}
    attributes = {}
    for position, parameter in enumerate(schema.arguments):
        if position < len(arguments):
            attributes[parameter.name] = arguments[position]
        elif parameter.name in named:
            attributes[parameter.name] = named[parameter.name]
        else:
            attributes[parameter.name] = parameter.default_value
    return attributes


def resolved(argument: Any, values: Mapping[Any, Any]) -> Any:
    """An argument with values in place of nodes."""
    if isinstance(argument, (list, tuple)):
        return [resolved(each, values) for each in argument]
    if isinstance(argument, slice):
        return argument
    if hasattr(argument, "op") and hasattr(argument, "target"):
        return values[argument]
    return argument


def is_tensor(found: Any) -> bool:
    """Whether what PyTorch found is a tensor."""
    return hasattr(found, "shape") and hasattr(found, "dtype")


def leaves(arguments: Any) -> Iterator[Any]:
    """What is in lists of lists."""
    for each in arguments:
        if isinstance(each, (list, tuple)):
            yield from leaves(each)
        else:
            yield each


def tensors_in(arguments: Any) -> list[Value]:
    """The tensors among arguments."""
    return [each for each in leaves(arguments) if isinstance(each, Value)]
