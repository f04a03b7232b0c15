"""Arithmetic on known elements: the sizes that a model computes from its inputs' sizes.

Elements are ints, bools, fractions and expressions. What cannot be decided (whether a symbol equals 3) raises
`Undecided`, and the element stays unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isfinite, isqrt, prod
from typing import Any, Final

import numpy as np

from costmodel.algebra import equal, floor, floor_div, maximum, minimum
from costmodel.interop.limits import is_small, parts
from costmodel.interop.value import Contents

MAX_KNOWN: Final = 65_536
"""Tensors of more elements are not kept: no shape is computed from so many."""


MAX_FOLDED: Final = 1_024
"""The most elements that arithmetic on known elements results in; masks and tables are larger."""
MAX_COMPARED: Final = 100
"""Expressions of more parts are not compared."""


class Undecided(ValueError):  # noqa: N818 - what catches it reads: except Undecided
    """It depends on a symbol."""


def is_number(element: Any) -> bool:
    """Whether an element is no expression."""
    return isinstance(element, (int, Fraction, float))


def exact(element: Any) -> Any:
    """A number as an int, a bool or a fraction; what is not finite stays a float."""
    if isinstance(element, (np.generic,)):
        element = element.item()
    if isinstance(element, float) and isfinite(element):
        return Fraction(element)
    return element


def elementwise(function: Callable[..., Any]) -> Callable[..., Contents]:
    """The function on arrays of elements, broadcast; a result that is no size any more stays unknown."""

    def bounded(*operands: Any) -> Any:
        result = function(*operands)
        if not is_small(result):
            raise Undecided
        return result

    def on_arrays(*operands: Contents) -> Contents:
        shape = np.broadcast_shapes(*(operand.shape for operand in operands))
        if prod(shape) > MAX_FOLDED:
            raise Undecided
        if shape == ():
            return np.asarray(bounded(*(operand.item() for operand in operands)), dtype=object)
        return np.asarray(np.frompyfunc(bounded, len(operands), 1)(*operands), dtype=object)

    return on_arrays


def is_equal(a: Any, b: Any) -> bool:
    """a == b; a symbol is a positive integer."""
    if is_number(a) and is_number(b):
        return bool(a == b)
    if equal(a, b):
        return True
    if _is_above(a, b) or _is_above(b, a):
        return False
    raise Undecided


def is_less(a: Any, b: Any) -> bool:
    """a < b."""
    if is_number(a) and is_number(b):
        return bool(a < b)
    if _is_above(b, a):
        return True
    if is_at_least(a, b):
        return False
    raise Undecided


def _is_above(a: Any, b: Any) -> bool:
    """Whether a is certainly above b."""
    from costmodel.algebra.bounds import least

    _check_comparable(a - b)
    bound = least(a - b)
    return bound is not None and bound > 0


def is_at_least(a: Any, b: Any) -> bool:
    """Whether a is certainly not below b."""
    if is_number(a) and is_number(b):
        return bool(a >= b)
    from costmodel.algebra import bounds

    _check_comparable(a - b)
    return bounds.is_at_least(a, b)


def _check_comparable(difference: Any) -> None:
    """Raise where the sign of a difference takes too long to find."""
    if hasattr(difference, "free_symbols") and parts(difference) > MAX_COMPARED:
        raise Undecided


def truncated_div(a: Any, b: Any) -> Any:
    """a / b of integers as machines divide them: towards zero."""
    if isinstance(a, int) and isinstance(b, int):
        if b == 0:
            raise Undecided
        quotient = abs(a) // abs(b)
        return quotient if (a < 0) == (b < 0) else -quotient
    return floor_div(a, b)


def true_div(a: Any, b: Any) -> Any:
    """a / b of numbers that are no integers."""
    if is_number(a) and is_number(b):
        if b == 0:
            raise Undecided
        return a / b if isinstance(a, float) or isinstance(b, float) else Fraction(a) / Fraction(b)
    return a / _rational(b)


def modulo(a: Any, b: Any) -> Any:
    """a - b floor(a / b), with the sign of b."""
    if is_number(a) and is_number(b):
        if b == 0:
            raise Undecided
        return a % b
    return a - b * floor_div(a, b)


def larger(a: Any, b: Any) -> Any:
    """The larger of two."""
    if is_at_least(a, b):
        return a
    return b if is_at_least(b, a) else maximum(a, b)


def smaller(a: Any, b: Any) -> Any:
    """The smaller of two."""
    if is_at_least(b, a):
        return a
    return b if is_at_least(a, b) else minimum(a, b)


def to_integer(a: Any) -> Any:
    """A number without its fraction, as a cast to an integer type drops it."""
    if isinstance(a, float) and not isfinite(a):
        raise Undecided
    return int(a) if is_number(a) else floor(a)


def to_boolean(a: Any) -> bool:
    """Whether a number is not zero."""
    return bool(a) if is_number(a) else not is_equal(a, 0)


def square_root(a: Any) -> Any:
    """The root of a perfect square, or the nearest float of another number."""
    if isinstance(a, int) and a >= 0 and isqrt(a) ** 2 == a:
        return isqrt(a)
    if is_number(a) and a >= 0:
        return exact(float(a) ** 0.5)
    raise Undecided


def power(a: Any, b: Any) -> Any:
    """a to a small integer power."""
    if is_number(b) and b == int(b) and 0 <= b <= 8:
        return a ** int(b)
    if is_number(a) and is_number(b) and a > 0 and abs(b) <= 8:
        return exact(float(a) ** float(b))
    raise Undecided


def _rational(a: Any) -> Any:
    """A divisor of an expression."""
    if isinstance(a, float) or (is_number(a) and a == 0):
        raise Undecided
    return a


def rounded(a: Any) -> Any:
    """To the nearest integer, ties to even."""
    if not is_number(a):
        if a.is_integer:
            return a
        raise Undecided
    return round(a)


def _times(a: Any, b: Any) -> Any:
    return a * b


def _plus(a: Any, b: Any) -> Any:
    return a + b


def _minus(a: Any, b: Any) -> Any:
    return a - b


def _choose(condition: Any, a: Any, b: Any) -> Any:
    return a if to_boolean(condition) else b


_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "add": _plus,
    "subtract": _minus,
    "multiply": _times,
    "divide": true_div,
    "divide_integers": truncated_div,
    "floor_divide": floor_div,
    "modulo": modulo,
    "maximum": larger,
    "minimum": smaller,
    "power": power,
    "equal": is_equal,
    "less": is_less,
    "less_or_equal": lambda a, b: not is_less(b, a),
    "greater": lambda a, b: is_less(b, a),
    "greater_or_equal": lambda a, b: not is_less(a, b),
    "and": lambda a, b: to_boolean(a) and to_boolean(b),
    "or": lambda a, b: to_boolean(a) or to_boolean(b),
    "xor": lambda a, b: to_boolean(a) != to_boolean(b),
    "not": lambda a: not to_boolean(a),
    "where": _choose,
    "negate": lambda a: -a,
    "absolute": lambda a: abs(a) if is_number(a) or not a.is_positive else a,
    "floor": floor,
    "ceiling": lambda a: -floor(-a),
    "round": rounded,
    "square_root": square_root,
    "reciprocal": lambda a: true_div(1, a),
    "to_integer": to_integer,
    "to_boolean": to_boolean,
    "sign": lambda a: (a > 0) - (a < 0) if is_number(a) else 1,
}

ELEMENTWISE: Final = {name: elementwise(function) for name, function in _FUNCTIONS.items()}
"""Operations on known elements, by name."""
