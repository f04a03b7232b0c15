"""Fully connected layers."""

import numpy as np

from .fields import Fields, flag, integer
from .registry import executes
from .tally import Array, Machine


@executes("linear")
def linear(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """y = x W^T + b over the last axis."""
    c_o = integer(fields, "out_features")
    weight = machine.parameter(c_o, x.shape[-1])
    y = machine.multiply_accumulate(np.zeros(c_o), x[..., np.newaxis, :], weight, axis=-1)
    if flag(fields, "bias", True):
        y = machine.add(y, machine.parameter(c_o))
    return (y,)
