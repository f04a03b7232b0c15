"""For which sizes an exported program holds, in the names of the network's symbols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from costmodel.errors import ReadingError, shorten
from costmodel.interop.assumptions import bounded

_LEAST: Final = 2
"""PyTorch leaves sizes below this out of every program with open sizes."""
_MANY: Final = 2**31
_MULTIPLES: Final = (2, 3, 5)


def conditions(program: Any, symbols: Mapping[Any, Any]) -> tuple[str, ...]:
    """What the program requires of the sizes that stayed open.

    Raises `ReadingError` where the program holds for one value only of an expression of them.
    """
    if not symbols:
        return ()
    return bounded(list(dict.fromkeys([*_ranges(program, symbols), *_guards(program, symbols)])))


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
        if isinstance(relation, sympy.Eq):
            if not _holds_elsewhere(relation, environment):
                raise ReadingError(
                    f"the module holds only for the examples' sizes: it requires {shorten(text, 200)};"
                    " leave these sizes out of 'dynamic'"
                )
            yield text
        elif len(free) > 1 and not (isinstance(relation, sympy.Ne) and relation.atoms(sympy.Function)):
            yield text


def _holds_elsewhere(relation: Any, environment: Any) -> bool:
    """Whether an equation holds for some multiples of the example's sizes: then it is no single value."""
    hints = getattr(environment, "backed_var_to_val", None) or getattr(environment, "var_to_val", {})
    sizes = {symbol: int(hints[symbol]) for symbol in relation.free_symbols if symbol in hints}
    for times in _MULTIPLES:
        found = relation.subs({symbol: size * times for symbol, size in sizes.items()})
        if bool(found) is True:
            return True
    return False


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
    left = relation.lhs
    sides = str(left)
    if "Mod" in type(left).__name__ and len(left.args) == 2:
        sides = " % ".join(map(_side, left.args))
    text = f"{sides} {relation.rel_op} {relation.rhs}"
    for symbol in sorted(relation.free_symbols, key=lambda each: len(str(each)), reverse=True):
        text = text.replace(str(symbol), str(symbols[symbol]))
    return text


def _side(part: Any) -> str:
    return f"({part})" if part.is_Add else str(part)
