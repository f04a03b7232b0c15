"""Example inputs: tensors or shapes, and which of their sizes are symbols."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from costmodel.algebra import Dim, parse
from costmodel.algebra.vocabulary import SIZES
from costmodel.errors import ExpressionError, ReadingError, shorten
from costmodel.interop.value import Shape

Names = dict[int, str]
"""The names of a tensor's symbolic sizes, by axis."""
REPLACED = 2
"""The example size in place of 0 or 1, which PyTorch would take for a fixed size."""


@dataclass
class Examples:
    """Example inputs as torch.export takes them, with the symbols of their sizes."""

    arguments: tuple[Any, ...]
    dynamic: tuple[Any, ...]
    """For each argument the axes that are symbolic, in the form of torch.export."""
    names: list[Names] = field(default_factory=list)
    """For each tensor, in order."""
    sizes: dict[str, int] = field(default_factory=dict)
    """The example size of each symbol."""
    plain: int = 0
    """How many arguments have a parameter of their own; the others are those of *args."""

    @property
    def dynamic_shapes(self) -> Any:
        """What torch.export takes of that name."""
        if not self.sizes:
            return None
        rest = self.dynamic[self.plain :]
        return (*self.dynamic[: self.plain], rest) if rest else self.dynamic

    def shape(self, index: int, found: Sequence[Any]) -> Shape:
        """The shape of an input tensor of the exported program, with our symbols."""
        import torch

        named = self.names[index]
        shape: list[Dim] = []
        for axis, size in enumerate(found):
            is_open = isinstance(size, torch.SymInt)
            if is_open != (axis in named):
                raise ReadingError(
                    f"the size {named[axis]!r} of axis {axis} must be {int(size)}: the module works for no other size,"
                    " or compares it with one; leave it out of 'dynamic'"
                )
            shape.append(symbol(named[axis]) if is_open else int(size))
        return tuple(shape)


def examples(module: Any, given: Sequence[Any], dynamic: Mapping[Any, Any] | None) -> Examples:
    """The example inputs of a module, of which sizes named by `dynamic` are symbols."""
    parameters, plain = _parameter_names(module, len(given))
    wanted = _by_position(parameters, dynamic or {})
    result = Examples((), (), plain=plain)
    for position, value in enumerate(given):
        argument = _tensor_of(value)
        named = wanted.get(position, {})
        changed, axes = _with_dynamic(argument, named, result, parameters[position])
        result.arguments += (changed,)
        result.dynamic += (axes,)
    return result


def symbol(name: str) -> Any:
    """The symbol of that name, which must stand for a positive integer."""
    try:
        found = parse(SIZES.get(name, name))
    except ExpressionError as problem:
        raise ReadingError(f"a name of a size must be a symbol: {problem}") from None
    if not getattr(found, "is_symbol", False) or not found.is_integer:
        raise ReadingError(f"a name of a size must be a symbol of a positive integer (got {shorten(repr(name))})")
    return found


def _parameter_names(module: Any, count: int) -> tuple[list[str], int]:
    """The names of forward's positional parameters, and how many of them are not of *args."""
    parameters = inspect.signature(module.forward).parameters.values()
    names = [each.name for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    plain = len(names)
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}_{index}" for index in range(count - plain)]
    if len(names) < count:
        raise ReadingError(f"forward of {type(module).__name__} takes {len(names)} inputs (got {count})")
    return names, plain


def _by_position(parameters: Sequence[str], dynamic: Mapping[Any, Any]) -> dict[int, Any]:
    found = {}
    for key, axes in dynamic.items():
        if isinstance(key, int) and 0 <= key < len(parameters):
            found[key] = axes
        elif key in parameters:
            found[parameters.index(key)] = axes
        else:
            raise ReadingError(
                f"'dynamic' must name inputs of the module: {', '.join(parameters)} (got {shorten(repr(key))})"
            )
    return found


def _tensor_of(value: Any) -> Any:
    """A tensor for a shape, and all other inputs as they are."""
    import torch

    is_shape = isinstance(value, (tuple, list)) and all(type(size) in (int, str) for size in value)
    if not is_shape:
        return value
    if any(isinstance(size, str) or size < 1 for size in value):
        raise ReadingError(
            "an example's shape must be of positive integers; a size that stays open gets one too, and its name in"
            f" 'dynamic', such as {{0: {{0: 'batch'}}}} (got {shorten(value)})"
        )
    return torch.empty(tuple(value))


def _with_dynamic(argument: Any, named: Any, result: Examples, name: str) -> tuple[Any, Any]:
    """The argument with example sizes that stay symbols, and the axes that do; containers are gone through."""
    import torch

    if isinstance(argument, torch.Tensor):
        return _open(argument, _checked(argument, named, name), result)
    if isinstance(argument, (tuple, list)):
        axes = named if isinstance(named, (tuple, list)) else [named] * len(argument)
        if len(axes) != len(argument):
            raise ReadingError(f"'dynamic' must have an entry for each of {len(argument)} tensors of {name!r}")
        pairs = [_with_dynamic(each, names, result, name) for each, names in zip(argument, axes, strict=True)]
        kind = type(argument)
        return kind(each for each, _ in pairs), [axes for _, axes in pairs]
    if isinstance(argument, Mapping):
        pairs = [_with_dynamic(each, (named or {}).get(key), result, name) for key, each in argument.items()]
        return (
            {key: each for key, (each, _) in zip(argument, pairs, strict=True)},
            {key: axes for key, (_, axes) in zip(argument, pairs, strict=True)},
        )
    return argument, None


def _checked(tensor: Any, named: Any, name: str) -> Names:
    """The names of symbolic sizes by axis from the front."""
    found: Names = {}
    if not named:
        return found
    if not isinstance(named, Mapping):
        raise ReadingError(f"'dynamic' must give axes and names for {name!r}, such as {{0: 'batch'}}")
    for axis, text in named.items():
        if not isinstance(axis, int) or not -tensor.dim() <= axis < tensor.dim():
            raise ReadingError(
                f"'dynamic' must name axes of {name!r}, which has {tensor.dim()} (got {shorten(repr(axis))})"
            )
        written = text if isinstance(text, str) else getattr(text, "__name__", None)
        if not isinstance(written, str):
            raise ReadingError(f"'dynamic' must give names to axes (got {shorten(repr(text))} for {name!r})")
        symbol(written)
        found[axis % tensor.dim()] = written
    return found


def _open(tensor: Any, named: Names, result: Examples) -> tuple[Any, Any]:
    """A tensor of example sizes above 1, and its symbolic axes as torch.export takes them."""
    import torch

    result.names.append(named)
    shape = list(tensor.shape)
    for axis, name in named.items():
        size = max(shape[axis], REPLACED)
        known = result.sizes.setdefault(name, size)
        if known != size:
            raise ReadingError(f"sizes of one name must be equal: {name!r} is {known} and {size} in the examples")
        shape[axis] = size
    example = torch.empty(shape, dtype=tensor.dtype)
    return example, dict.fromkeys(named, torch.export.Dim.AUTO)
