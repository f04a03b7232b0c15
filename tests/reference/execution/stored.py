"""What is stored and not computed, and operations of which only the outputs' shapes are known."""

from collections.abc import Sequence

import numpy as np

from .fields import Fields, integers
from .registry import executes
from .tally import Array, Machine


@executes("parameter")
def parameter(machine: Machine, fields: Fields) -> tuple[Array, ...]:
    """Return an array that is learned."""
    return (machine.parameter(*integers(fields["shape"])),)


@executes("buffer")
def buffer(machine: Machine, fields: Fields) -> tuple[Array, ...]:
    """Return an array that is stored."""
    return (machine.statistic(*integers(fields["shape"])),)


@executes("constant")
def constant(machine: Machine, fields: Fields) -> tuple[Array, ...]:
    """Return an array of the program."""
    return (np.ones(integers(fields["shape"])),)


@executes("uncounted")
def uncounted(machine: Machine, fields: Fields, *inputs: Array) -> tuple[Array, ...]:
    """Return arrays of the shapes that are known."""
    shapes = fields["shapes"]
    if not isinstance(shapes, Sequence):
        raise TypeError(f"shapes must be a sequence (got {shapes!r})")
    return tuple(np.zeros(integers(shape)) for shape in shapes)
