"""For which sizes an exported program holds, in the names of the network's symbols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from costmodel.errors import ReadingError, shorten

LONGEST: Final = 500
_LEAST: Final = 2
"""PyTorch leaves sizes below this out of every program with open sizes."""
_MANY: Final = 2**31


def conditions(program: Any, symbols: Mapping[Any, Any]) -> str:
    """What the program requires of the sizes that stayed open, "" where it is nothing.

    Raises `ReadingError` where the program holds for one value only of an expression of them.
    """
    if not symbols:
        return ""
    stated = [*_ranges(program, symbols), *_guards(program, symbols)]
    return shorten(", ".join(dict.fromkeys(stated)), LONGEST)


def _ranges(program: Any, symbols: Mapping[Any, Any]) -> Iterable[str]:
    """Sizes between bounds."""
    for symbol, bounds in program.range_constraints.items():
        if symbol not in symbols:
            continue
        name = symbols[symbol]
        if bounds.lower > _LEAST:
            yield f"{name} >= {bounds.lower}"
        if bounds.upper < _MANY:
            yield f"{name} <= {bounds.upper}"


def _guards(program: Any, symbols: Mapping[Any, Any]) -> Iterable[str]:
    """Relations between sizes, and what sizes are multiples of."""
    import sympy

    environment = _environment(program)
    for guard in environment.guards if environment is not None else ():
        relation = guard.expr
        free = relation.free_symbols
        if not free or not free <= set(symbols):
            continue
        text = _text(relation, symbols)
        is_divisor = bool(relation.atoms(sympy.Function))
        if isinstance(relation, sympy.Eq) and not is_divisor:
            raise ReadingError(
                f"the module holds only for the examples' sizes: it requires {shorten(text, 200)};"
                " leave these sizes out of 'dynamic'"
            )
        if isinstance(relation, sympy.Eq) or len(free) > 1:
            yield text


def _environment(program: Any) -> Any:
    """What PyTorch found out about the sizes."""
    import torch

    for node in program.graph.nodes:
        value = node.meta.get("val")
        if isinstance(value, torch.Tensor):
            for size in value.shape:
                if isinstance(size, torch.SymInt):
                    return size.node.shape_env
    return None


def _text(relation: Any, symbols: Mapping[Any, Any]) -> str:
    text = str(relation)
    for symbol in sorted(relation.free_symbols, key=lambda each: len(str(each)), reverse=True):
        text = text.replace(str(symbol), str(symbols[symbol]))
    return text
