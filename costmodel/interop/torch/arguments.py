"""What rules ask a call about its arguments, by the names in PyTorch's schema of the operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costmodel.algebra import Dim
from costmodel.errors import shorten
from costmodel.interop.call import Call
from costmodel.interop.value import Value


def given(call: Call, name: str) -> Any:
    """An argument as it is, None where it is left out."""
    return call.attributes.get(name)


def tensor(call: Call, name: str) -> Value:
    """An argument that must be a tensor."""
    value = optional_tensor(call, name)
    if value is None:
        call.refuse(f"needs '{name}' as a tensor (got none)")
    return value


def optional_tensor(call: Call, name: str) -> Value | None:
    """An argument that is a tensor or left out."""
    value = given(call, name)
    if value is not None and not isinstance(value, Value):
        call.refuse(f"needs '{name}' as a tensor (got {shorten(repr(value))})")
    return value


def tensors(call: Call, name: str) -> list[Value]:
    """An argument that is a list of tensors."""
    values = given(call, name)
    if not isinstance(values, (list, tuple)) or not all(isinstance(value, Value) for value in values):
        call.refuse(f"needs '{name}' as a list of tensors (got {shorten(repr(values))})")
    return list(values)


def operand(call: Call, name: str) -> Value:
    """An argument that is a tensor, or a number, which becomes a constant."""
    value = given(call, name)
    return value if isinstance(value, Value) else Value(f"{call.name}.{name}", ())


def flag(call: Call, name: str) -> bool:
    """An argument that is true or false; false where it is left out."""
    return bool(given(call, name))


def dim(call: Call, name: str) -> Dim:
    """An argument that is an integer or an expression of the network's symbols."""
    return _dim(call, name, given(call, name))


def dims(call: Call, name: str) -> tuple[Dim, ...]:
    """An argument that is a list of integers or expressions; one stands for a list of it."""
    value = given(call, name)
    values = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
    return tuple(_dim(call, name, each) for each in values)


def each_axis(call: Call, name: str, axes: int, default: Sequence[Dim] | None = None) -> tuple[Dim, ...]:
    """A number for each of so many axes, of which one may stand for all and an empty list for the default."""
    values = dims(call, name)
    if not values and default is not None:
        return tuple(default)
    if len(values) == 1:
        return values * axes
    if len(values) != axes:
        call.refuse(f"needs '{name}' as a number for each of {axes} axes (got {shorten(values)})")
    return values


def axis(call: Call, name: str, rank: int) -> int:
    """An argument that is an axis, counted from the front."""
    return _axis(call, name, given(call, name), rank)


def axes(call: Call, name: str, rank: int) -> tuple[int, ...] | None:
    """An argument that is a list of axes; None where it is left out or empty."""
    value = given(call, name)
    if value is None or value == []:
        return None
    return tuple(_axis(call, name, each, rank) for each in (value if isinstance(value, (list, tuple)) else [value]))


def type_name(dtype: Any) -> str:
    """The name of an element type of PyTorch, as ours are called."""
    name = str(dtype).removeprefix("torch.")
    return name.split("_", maxsplit=1)[0] if name.startswith("float8") else name


def _axis(call: Call, name: str, value: Any, rank: int) -> int:
    if type(value) is not int or not -max(rank, 1) <= value < max(rank, 1):
        call.refuse(f"needs '{name}' as one of {rank} axes (got {shorten(repr(value))})")
    return int(value) % max(rank, 1)


def _dim(call: Call, name: str, value: Any) -> Dim:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number and not hasattr(value, "free_symbols"):
        call.refuse(f"needs '{name}' as integers that are known before the network runs (got {shorten(repr(value))})")
    return value
