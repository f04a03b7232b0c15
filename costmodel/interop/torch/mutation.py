"""Operations that write into their input: which of them change a tensor that others see."""

from __future__ import annotations

import operator
from typing import Any


def written(node: Any) -> Any:
    """The node whose tensor an operation writes into, None where it writes into none."""
    schema = getattr(node.target, "_schema", None)
    if schema is None or not schema.is_mutable:
        return None
    for position, argument in enumerate(schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            value = node.args[position] if position < len(node.args) else node.kwargs.get(argument.name)
            return value if hasattr(value, "target") else None
    return None


def is_view(node: Any) -> bool:
    """Whether a node's output may share memory with its input."""
    if node.target is operator.getitem:
        return is_view(node.args[0])
    schema = getattr(node.target, "_schema", None)
    if schema is None or schema.is_mutable:
        return False
    return any(each.alias_info is not None for each in schema.returns)


def changes_a_view(graph_module: Any) -> bool:
    """Whether an operation writes into a part of a tensor, or into one that has been viewed before."""
    for module in graph_module.modules():
        for node in getattr(getattr(module, "graph", None), "nodes", ()):
            target = written(node)
            if target is not None and (is_view(target) or any(is_view(user) for user in target.users if user < node)):
                return True
    return False
