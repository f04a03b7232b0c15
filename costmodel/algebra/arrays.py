"""The operations of the formula language on float64 arrays.

Arrays agree with integers below 2**53; beyond that a float64 keeps 16 digits and does not wrap around.
"""

from __future__ import annotations

from functools import reduce

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.errors import DivisibilityError

Array = NDArray[np.float64]


def exact_div(a: ArrayLike, b: ArrayLike) -> Array:
    """a / b, element by element, each of which must be an integer."""
    dividend, divisor = as_array(a), as_array(b)
    uneven = np.mod(dividend, divisor) != 0
    if np.any(uneven):
        dividends, divisors = np.broadcast_arrays(dividend, divisor)
        raise DivisibilityError(f"{dividends[uneven][0]:g} is not divisible by {divisors[uneven][0]:g}")
    return dividend / divisor


def floor_div(a: ArrayLike, b: ArrayLike) -> Array:
    """The largest integers not above a / b."""
    return np.floor_divide(as_array(a), as_array(b))


def ceil_div(a: ArrayLike, b: ArrayLike) -> Array:
    """The smallest integers not below a / b."""
    return -np.floor_divide(-as_array(a), as_array(b))


def floor(x: ArrayLike) -> Array:
    """The largest integers not above x."""
    return np.floor(as_array(x))


def ceiling(x: ArrayLike) -> Array:
    """The smallest integers not below x."""
    return np.ceil(as_array(x))


def maximum(*values: ArrayLike) -> Array:
    """The largest of the values, element by element."""
    return reduce(np.maximum, map(as_array, values))


def minimum(*values: ArrayLike) -> Array:
    """The smallest of the values, element by element."""
    return reduce(np.minimum, map(as_array, values))


def gcd(a: ArrayLike, b: ArrayLike) -> Array:
    """The greatest common divisors of integers."""
    values = as_array(a), as_array(b)
    for value in values:
        if np.any(uneven := value != np.floor(value)):
            raise DivisibilityError(f"gcd takes integers (got {value[uneven][0]:g})")
    return np.gcd(*(value.astype(np.int64) for value in values)).astype(np.float64)


def equal(a: ArrayLike, b: ArrayLike) -> bool:
    """Whether the arrays are equal in every element."""
    return np.array_equal(as_array(a), as_array(b))


def round_to_multiple(x: ArrayLike, divisor: ArrayLike) -> Array:
    """x to the nearest multiple of divisor (ties up), at least divisor, never below 90 % of x."""
    value, step = as_array(x), as_array(divisor)
    rounded = np.maximum(step, np.floor(value / step + 0.5) * step)
    return np.where(10 * rounded < 9 * value, rounded + step, rounded)


def as_array(value: ArrayLike) -> Array:
    """The value in float64: NumPy integers would wrap around silently beyond 2**63."""
    return np.asarray(value, dtype=np.float64)
