"""Operations on several arrays, which are first broadcast to one shape."""

from functools import reduce

import numpy as np

from .fields import Fields
from .registry import executes
from .tally import Array, Machine


@executes("subtract")
def subtract(machine: Machine, fields: Fields, a: Array, b: Array) -> tuple[Array, ...]:
    """a - b; a change of sign is free."""
    return (machine.add(a, -b),)


@executes("divide")
def divide(machine: Machine, fields: Fields, a: Array, b: Array) -> tuple[Array, ...]:
    """a / b."""
    return (machine.divide(a, b),)


@executes("modulo")
def modulo(machine: Machine, fields: Fields, a: Array, b: Array) -> tuple[Array, ...]:
    """What division by b leaves over: dividing is all that is tallied."""
    quotient = machine.divide(a, b)
    return (a - np.floor(quotient) * b,)


@executes("power")
def power(machine: Machine, fields: Fields, a: Array, b: Array) -> tuple[Array, ...]:
    """|a|^b, since arbitrary elements may be negative."""
    base, exponent = np.broadcast_arrays(np.abs(a), b)
    return (machine.transcendental(lambda x: np.power(x, exponent), base),)


@executes("atan2")
def angle(machine: Machine, fields: Fields, a: Array, b: Array) -> tuple[Array, ...]:
    """The angle of the point (b, a)."""
    y, x = np.broadcast_arrays(a, b)
    return (machine.transcendental(lambda height: np.arctan2(height, x), y),)


@executes("maximum")
def maximum(machine: Machine, fields: Fields, *inputs: Array) -> tuple[Array, ...]:
    """The largest of all inputs."""
    return (reduce(machine.maximum, np.broadcast_arrays(*inputs)),)


@executes("minimum")
def minimum(machine: Machine, fields: Fields, *inputs: Array) -> tuple[Array, ...]:
    """The smallest of all inputs."""
    return (reduce(machine.minimum, np.broadcast_arrays(*inputs)),)


COMPARISONS = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}


@executes("compare")
def compare(machine: Machine, fields: Fields, a: Array, b: Array) -> tuple[Array, ...]:
    """Truth values as 0 and 1."""
    return (machine.compare(COMPARISONS[str(fields.get("operator", "eq"))](a, b)),)


BITS = {
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "shift_left": np.left_shift,
    "shift_right": np.right_shift,
}


@executes("logical")
def logical(machine: Machine, fields: Fields, *inputs: Array) -> tuple[Array, ...]:
    """Operations on the bits of the elements' whole parts, each tallied as a comparison."""
    first, *rest = [np.abs(array).astype(np.int64) for array in inputs]
    operator = str(fields.get("operator", "and"))
    return (machine.compare(np.invert(first) if operator == "not" else BITS[operator](first, *rest)),)


@executes("where")
def where(machine: Machine, fields: Fields, condition: Array, a: Array, b: Array) -> tuple[Array, ...]:
    """a where the condition is not 0, else b."""
    return (np.where(condition != 0, a, b),)
