"""Layers that join several arrays or take one apart."""

from functools import reduce

import numpy as np

from .fields import Fields, integer, integers
from .registry import executes
from .tally import Array, Machine


@executes("add")
def add(machine: Machine, fields: Fields, *inputs: Array) -> tuple[Array, ...]:
    """The sum of arrays that are first broadcast to one shape."""
    return (reduce(machine.add, np.broadcast_arrays(*inputs)),)


@executes("multiply")
def multiply(machine: Machine, fields: Fields, *inputs: Array) -> tuple[Array, ...]:
    """The product of arrays that are first broadcast to one shape."""
    return (reduce(machine.multiply, np.broadcast_arrays(*inputs)),)


@executes("concat")
def concat(machine: Machine, fields: Fields, *inputs: Array) -> tuple[Array, ...]:
    """Arrays one behind the other."""
    return (np.concatenate(inputs, axis=integer(fields, "axis", 1)),)


@executes("split")
def split(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Equal sections, or sections of given sizes."""
    axis = integer(fields, "axis", 1)
    if fields.get("sizes") is None:
        return tuple(np.split(x, integer(fields, "sections"), axis))
    return tuple(np.split(x, np.cumsum(integers(fields["sizes"]))[:-1], axis))
