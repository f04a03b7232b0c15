"""Conditions on a network's symbols, such as "height % 32 == 0": checked where their symbols are bound."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from costmodel.algebra import Dim, parse
from costmodel.algebra.conditions import AtLeast, AtMost, Condition, Different, Equal, Multiple
from costmodel.algebra.text import to_text
from costmodel.errors import ExpressionError, ShapeError

_NAME: Final = re.compile(r"(?<![A-Za-z0-9_.])[A-Za-z][A-Za-z0-9_]*")
_RELATION: Final = re.compile(
    r"(?P<left>[^%<>=!]+?)(?: % (?P<step>[^%<>=!]+?))? (?P<relation>==|!=|<=|>=|<|>) (?P<right>[^%<>=!]+)"
)
_COUNTED: Final = re.compile(r"[0-9]+ longer conditions? too")
"""What stands for conditions that are not written out; the shapes of a network without symbols are checked anyway."""
_RELATIONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq, "!=": operator.ne, "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip

_CONDITIONS: Final[dict[str, Callable[[Any, Any], Condition]]] = {
    "==": Equal, "!=": Different, "<=": AtMost, "<": AtMost, ">=": AtLeast, ">": AtLeast,
}  # fmt: skip


def as_condition(text: str) -> Condition:
    """The condition that a sentence states; raises `ExpressionError` for one that is no relation of expressions.

    >>> as_condition("heads >= 3"), str(as_condition("height % 32 == 1"))
    (AtLeast(value=heads, bound=3), '(height - 1) % 32 == 0')
    """
    matched = _RELATION.fullmatch(text)
    if matched is None:
        raise ExpressionError(f"the condition {text!r} is no relation of two expressions, such as 'height % 32 == 0'")
    left, right, relation = parse(matched["left"]), parse(matched["right"]), matched["relation"]
    if matched["step"] and relation == "==":
        return Multiple(left - right, parse(matched["step"]))
    if matched["step"]:
        raise ExpressionError(f"the condition {text!r} on a remainder must be '=='")
    # Sizes are integers: a < b is a + 1 <= b.
    offset = {"<": -1, ">": 1}.get(relation, 0)
    return _CONDITIONS[relation](left, right + offset)


def bound_conditions(
    network: str, conditions: tuple[str, ...], values: Mapping[str, Dim], *, is_bound: bool
) -> tuple[str, ...]:
    """The conditions with values for their symbols, without those that are then known to hold.

    Raises `ShapeError` for one that does not. What is no relation of two expressions stays as it is.
    """
    found = []
    for condition in conditions:
        text = _bound(condition, values)
        if text is None:
            raise ShapeError(f"{network}: the model runs where {condition}, and the given sizes are none of these")
        if text and not (_COUNTED.fullmatch(text) and is_bound):
            found.append(text)
    return tuple(dict.fromkeys(found))


def _bound(condition: str, values: Mapping[str, Dim]) -> str | None:
    """A condition with values for its symbols, "" where it holds and None where it does not."""
    matched = _RELATION.fullmatch(condition)
    if matched is None:
        return condition
    known = {name: values.get(name, parse(name)) for name in _NAME.findall(condition) if name in values}
    try:
        left, step, right = (matched[part] and parse(matched[part], known) for part in ("left", "step", "right"))
    except ExpressionError:
        return condition
    relation = matched["relation"]
    if all(side is None or not getattr(side, "free_symbols", None) for side in (left, step, right)):
        return "" if _RELATIONS[relation](left if step is None else left % step, right) else None
    modulo = "" if step is None else f" % {_operand(step)}"
    return f"{_operand(left) if modulo else to_text(left)}{modulo} {relation} {to_text(right)}"


def _operand(value: Dim) -> str:
    return f"({to_text(value)})" if getattr(value, "is_Add", False) else to_text(value)
