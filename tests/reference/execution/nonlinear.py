"""Further activations: every element, both branches."""

import numpy as np

from .fields import Fields, flag
from .registry import executes
from .tally import Array, Machine


@executes("clip")
def clip(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Not below the one bound, not above the other, where they are given."""
    least, most = fields.get("min"), fields.get("max")
    if isinstance(least, int | float):
        x = machine.maximum(x, float(least))
    if isinstance(most, int | float):
        x = machine.minimum(x, float(most))
    return (x,)


@executes("threshold")
def threshold(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """x above 0, else 0."""
    return (machine.where_positive(x, x, np.zeros_like(x)),)


@executes("prelu")
def prelu(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """x where it is positive, else a learnable slope times x."""
    each = flag(fields, "per_channel", False)
    slopes = machine.parameter(x.shape[1]).reshape(-1, *(1,) * (x.ndim - 2)) if each else machine.parameter(1)
    return (machine.where_positive(x, x, machine.multiply(x, slopes)),)


@executes("selu")
def selu(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """An exponential linear unit with a scale."""
    exponential = machine.add(machine.transcendental(np.exp, x), -1.0)
    unit = machine.where_positive(x, x, machine.multiply(exponential, 1.6732632423543772))
    return (machine.multiply(unit, 1.0507009873554805),)


@executes("celu")
def celu(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """x where it is positive, else alpha (exp(x / alpha) - 1) with alpha = 2."""
    exponential = machine.add(machine.transcendental(np.exp, machine.multiply(x, 0.5)), -1.0)
    return (machine.where_positive(x, x, machine.multiply(exponential, 2.0)),)


def log_one_plus_exp(machine: Machine, x: Array) -> Array:
    """log(1 + exp(x))."""
    return machine.transcendental(np.log, machine.add(machine.transcendental(np.exp, x), 1.0))


@executes("softplus")
def softplus(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """log(1 + exp(x))."""
    return (log_one_plus_exp(machine, x),)


@executes("log_sigmoid")
def log_sigmoid(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """-log(1 + exp(-x)); changes of sign are free."""
    return (-log_one_plus_exp(machine, -x),)


@executes("softsign")
def softsign(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """x / (1 + |x|)."""
    return (machine.divide(x, machine.add(machine.where_positive(x, x, -x), 1.0)),)


@executes("mish")
def mish(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """x tanh(log(1 + exp(x)))."""
    return (machine.multiply(x, machine.transcendental(np.tanh, log_one_plus_exp(machine, x))),)
