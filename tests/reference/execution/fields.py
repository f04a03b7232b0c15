"""Typed reading of the fields of a layer, as a user writes them in JSON or in Python."""

from collections.abc import Mapping, Sequence

Fields = Mapping[str, object]


def integer(fields: Fields, name: str, default: int | None = None) -> int:
    """Return an integer field."""
    value = fields.get(name, default)
    if not isinstance(value, int):
        raise TypeError(f"{name} must be an integer (got {value!r})")
    return value


def real(fields: Fields, name: str, default: float) -> float:
    """Return a real field."""
    value = fields.get(name, default)
    if not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number (got {value!r})")
    return float(value)


def flag(fields: Fields, name: str, default: bool) -> bool:
    """Return a boolean field."""
    value = fields.get(name, default)
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be a boolean (got {value!r})")
    return value


def integers(value: object) -> tuple[int, ...]:
    """Return a sequence of integers as a tuple."""
    if not isinstance(value, Sequence) or not all(isinstance(item, int) for item in value):
        raise TypeError(f"expected a sequence of integers (got {value!r})")
    return tuple(value)


def pairs(value: object) -> tuple[tuple[int, int], ...]:
    """Return a sequence of (before, after) pairs as a tuple."""
    if not isinstance(value, Sequence):
        raise TypeError(f"expected a sequence of pairs (got {value!r})")
    result = []
    for before, after in map(integers, value):
        result.append((before, after))
    return tuple(result)


def per_axis(value: object, axes: int) -> tuple[int, ...]:
    """Return one integer per spatial axis: a single one stands for all."""
    result = (value,) * axes if isinstance(value, int) else integers(value)
    if len(result) != axes:
        raise ValueError(f"expected {axes} values (got {value!r})")
    return result


def padding_rules(value: object, axes: int) -> tuple[str | tuple[int, int], ...]:
    """Return the padding of every axis: a rule's name or the elements (before, after)."""
    if isinstance(value, str):
        return (value,) * axes
    if isinstance(value, Sequence) and all(isinstance(item, Sequence) for item in value):
        return pairs(value)
    return tuple((amount, amount) for amount in per_axis(value, axes))
