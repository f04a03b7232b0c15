"""Dimensions as fields of a spec: a positive int, an expression, or a string of one ("32*alpha")."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from operator import index
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from costmodel.algebra.parser import parse
from costmodel.algebra.text import to_json
from costmodel.algebra.types import Dim as Value
from costmodel.errors import ExpressionError

MAX_DIMENSION = 2**31
"""A dimension above this is taken for a mistake."""


def positive(value: object) -> Value:
    """The value as a dimension, at least 1."""
    return _dimension(value, 1, "a positive integer or an expression of one")


def non_negative(value: object) -> Value:
    """The value as a dimension that may be 0, such as a padding."""
    return _dimension(value, 0, "an integer of at least 0 or an expression of one")


def whole(value: object) -> Value:
    """The value as an integer of either sign, such as a border that is added or cropped."""
    offset = exact(value)
    if offset is None or (not isinstance(offset, int) and offset.is_integer is False):
        raise ValueError("must be an integer or an expression of one")
    if isinstance(offset, int) and abs(offset) > MAX_DIMENSION:
        raise ValueError("must be at most 2**31")
    return offset


def _dimension(value: object, least: int, rule: str) -> Value:
    dimension = exact(value)
    if dimension is None:
        raise ValueError(f"must be {rule}")
    if isinstance(dimension, int):
        if dimension < least:
            raise ValueError(f"must be {rule}")
        if dimension > MAX_DIMENSION:
            raise ValueError("must be at most 2**31")
    elif not _may_be_at_least(dimension, least):
        raise ValueError(f"must be {rule}")
    return dimension


def exact(value: object) -> Value | None:
    """An int or an expression for what stands for one, else None."""
    if type(value) is int:
        return value
    if isinstance(value, str):
        try:
            return exact(parse(value))
        except ExpressionError as problem:
            raise ValueError(f"must be an expression of dimensions: {problem}") from None
    if isinstance(value, bool):
        return None
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else None
    sympy = sys.modules.get("sympy")
    if sympy is not None and isinstance(value, sympy.Expr):
        return _exact_expression(value)
    try:
        return index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def positive_shape(value: object) -> tuple[Value, ...]:
    """The values of a sequence as dimensions, each at least 1."""
    if isinstance(value, Iterable) and not isinstance(value, str):
        return tuple(map(positive, value))
    raise ValueError("must stand in a sequence of positive integers or expressions")


def inferred(value: Value) -> Value | None:
    """An int of at least 1 or an expression that may be one, for a size that a layer computed; else None."""
    try:
        size = index(value)
    except TypeError:
        is_expression = hasattr(value, "free_symbols")
        return value if is_expression and _may_be_at_least(value, 1) else None
    return size if size >= 1 else None


@lru_cache(maxsize=8192)
def _may_be_at_least(expression: Value, least: int) -> bool:
    """Whether an expression may be an integer of at least that; networks ask for the same sizes again and again."""
    return expression.is_integer is not False and not (expression - least).is_negative


def _exact_expression(value: Value) -> Value | None:
    from costmodel.algebra.expressions import foreign, with_rationals

    if value.is_number:
        return int(value) if value.is_integer else None
    stranger = foreign(value)
    if stranger is not None:
        raise ValueError(f"must be an expression of costmodel's symbols and functions, which {stranger} is not")
    return with_rationals(value)


Dim = Annotated[Value, BeforeValidator(positive), PlainSerializer(to_json)]
Size = Annotated[Value, BeforeValidator(non_negative), PlainSerializer(to_json)]
Offset = Annotated[Value, BeforeValidator(whole), PlainSerializer(to_json)]
