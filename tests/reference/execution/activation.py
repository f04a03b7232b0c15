"""Activations: every element, both branches."""

import math

import numpy as np

from .fields import Fields, integer, real
from .registry import executes
from .tally import Array, Machine, erf


@executes("relu")
def relu(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """max(x, 0)."""
    return (machine.maximum(x, 0.0),)


@executes("relu6")
def relu6(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """min(max(x, 0), 6)."""
    return (machine.minimum(machine.maximum(x, 0.0), 6.0),)


@executes("leaky_relu")
def leaky_relu(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """x where it is positive, else a small slope times x."""
    return (machine.where_positive(x, x, machine.multiply(x, real(fields, "slope", 0.01))),)


@executes("elu")
def elu(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """x where it is positive, else alpha (exp(x) - 1)."""
    exponential = machine.add(machine.transcendental(np.exp, x), -1.0)
    return (machine.where_positive(x, x, machine.multiply(exponential, real(fields, "alpha", 1.0))),)


@executes("tanh")
def tanh(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """tanh(x)."""
    return (machine.transcendental(np.tanh, x),)


def logistic(machine: Machine, x: Array) -> Array:
    """1 / (1 + exp(-x)); a change of sign is free."""
    return machine.divide(1.0, machine.add(machine.transcendental(np.exp, -x), 1.0))


@executes("sigmoid")
def sigmoid(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The logistic function."""
    return (logistic(machine, x),)


@executes("silu")
def silu(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """x sigmoid(x)."""
    return (machine.multiply(x, logistic(machine, x)),)


@executes("gelu")
def gelu(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """x/2 (1 + erf(x / sqrt 2)), or its approximation by a tanh; constants are multiplied."""
    if fields.get("approximation", "none") == "none":
        curve = machine.transcendental(erf, machine.multiply(x, 1.0 / math.sqrt(2.0)))
    else:
        cube = machine.multiply(machine.multiply(x, x), x)
        inner = machine.add(x, machine.multiply(cube, 0.044715))
        curve = machine.transcendental(np.tanh, machine.multiply(inner, math.sqrt(2.0 / math.pi)))
    return (machine.multiply(machine.multiply(x, 0.5), machine.add(curve, 1.0)),)


def ramp(machine: Machine, x: Array) -> Array:
    """min(max(x + 3, 0), 6) / 6, dividing by a constant being a multiplication."""
    clipped = machine.minimum(machine.maximum(machine.add(x, 3.0), 0.0), 6.0)
    return machine.multiply(clipped, 1.0 / 6.0)


@executes("hard_sigmoid")
def hard_sigmoid(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """A piecewise linear sigmoid."""
    return (ramp(machine, x),)


@executes("hard_swish")
def hard_swish(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """x hard_sigmoid(x)."""
    return (machine.multiply(x, ramp(machine, x)),)


@executes("softmax")
def softmax(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """exp(x - max x) / sum of it, along one axis."""
    axis = integer(fields, "axis", -1)
    rows = np.moveaxis(x, axis, -1)
    largest = machine.fold(machine.maximum, rows)
    powers = machine.transcendental(np.exp, machine.add(rows, -largest[..., np.newaxis]))
    total = machine.fold(machine.add, powers)
    return (np.moveaxis(machine.divide(powers, total[..., np.newaxis]), -1, axis),)
