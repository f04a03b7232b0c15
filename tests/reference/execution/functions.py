"""Functions of one element."""

from collections.abc import Callable

import numpy as np

from .fields import Fields
from .registry import executes
from .tally import Array, Machine, erf

FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "expm1": np.expm1,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "erf": erf,
}


def of_one_element(function: Callable[[Array], Array]) -> Callable[..., tuple[Array, ...]]:
    """An execution of a function; outside of its domain the result is no number."""

    def execute(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
        with np.errstate(all="ignore"):
            return (machine.transcendental(function, x),)

    return execute


for name, function in FUNCTIONS.items():
    executes(name)(of_one_element(function))


@executes("rsqrt")
def rsqrt(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """1 / sqrt(x)."""
    with np.errstate(all="ignore"):
        return (machine.divide(1.0, machine.transcendental(np.sqrt, x)),)


@executes("reciprocal")
def reciprocal(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """1 / x."""
    return (machine.divide(1.0, x),)


@executes("square")
def square(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """x^2."""
    return (machine.multiply(x, x),)


@executes("negate")
def negate(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """-x; a change of sign is free."""
    return (-x,)


@executes("absolute")
def absolute(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """x or -x, whichever is positive."""
    return (machine.where_positive(x, x, -x),)


@executes("sign")
def sign(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """1 above 0, -1 below, 0 between."""
    above, below = (machine.where_positive(side, np.ones_like(x), np.zeros_like(x)) for side in (x, -x))
    return (above - below,)


@executes("floor")
def floor(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The integer below."""
    return (machine.compare(np.floor(x)),)


@executes("ceil")
def ceil(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The integer above."""
    return (machine.compare(np.ceil(x)),)


@executes("round")
def nearest(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The nearest integer."""
    return (machine.compare(np.rint(x)),)


@executes("truncate")
def truncate(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The integer towards 0."""
    return (machine.compare(np.trunc(x)),)


TESTS = {"nan": np.isnan, "inf": np.isinf, "finite": np.isfinite}


@executes("number_test")
def number_test(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Truth values as 0 and 1."""
    return (machine.compare(TESTS[str(fields.get("of", "nan"))](x)),)
