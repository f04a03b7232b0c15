"""Normalization, at inference."""

import numpy as np

from .fields import Fields, flag, integer, real
from .registry import executes
from .tally import Array, Machine

EPSILON = 1e-5


def per_channel(values: Array, x: Array) -> Array:
    """Shape one value per channel so that it broadcasts over x."""
    return values.reshape(-1, *(1,) * (x.ndim - 2))


def scale_and_shift(machine: Machine, x: Array, scale: Array, shift: Array) -> Array:
    """One multiplication and one addition per element."""
    return machine.add(machine.multiply(x, scale), shift)


@executes("batch_norm")
def batch_norm(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Normalize with running statistics: folded beforehand, untallied, into one scale and one shift."""
    c = x.shape[1]
    gamma, beta = np.ones(c), np.zeros(c)
    if flag(fields, "affine", True):
        gamma, beta = machine.parameter(c), machine.parameter(c)
    mean, variance = machine.statistic(c), machine.statistic(c)
    scale = gamma / np.sqrt(variance + EPSILON)
    return (scale_and_shift(machine, x, per_channel(scale, x), per_channel(beta - scale * mean, x)),)


def standardize(machine: Machine, groups: Array) -> Array:
    """Give the elements along the last axis mean 0 and variance 1, as the definition says."""
    d = groups.shape[-1]
    mean = machine.divide(machine.fold(machine.add, groups), d)
    centred = machine.add(groups, -mean[..., np.newaxis])
    squares = machine.multiply(centred, centred)
    variance = machine.divide(machine.fold(machine.add, squares), d)
    deviation = machine.transcendental(np.sqrt, machine.add(variance, EPSILON))
    return machine.multiply(centred, machine.divide(1.0, deviation)[..., np.newaxis])


@executes("layer_norm")
def layer_norm(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Standardize over the last axes, then scale and shift each position of them."""
    dims = integer(fields, "dims", 1)
    normalized = x.shape[x.ndim - dims :]
    y = standardize(machine, x.reshape(*x.shape[: x.ndim - dims], -1)).reshape(x.shape)
    if flag(fields, "affine", True):
        y = scale_and_shift(machine, y, machine.parameter(*normalized), machine.parameter(*normalized))
    return (y,)


def standardize_channels(machine: Machine, x: Array, groups: int, affine: bool) -> Array:
    """Standardize each group of channels of each sample, then scale and shift each channel."""
    n, c = x.shape[:2]
    y = standardize(machine, x.reshape(n, groups, -1)).reshape(x.shape)
    if affine:
        scale, shift = machine.parameter(c), machine.parameter(c)
        y = scale_and_shift(machine, y, per_channel(scale, x), per_channel(shift, x))
    return y


@executes("group_norm")
def group_norm(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Standardize over groups of channels."""
    return (standardize_channels(machine, x, integer(fields, "groups"), flag(fields, "affine", True)),)


@executes("instance_norm")
def instance_norm(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Standardize every channel by itself."""
    return (standardize_channels(machine, x, x.shape[1], flag(fields, "affine", False)),)


@executes("local_response_norm")
def local_response_norm(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """x / (k + alpha / size * sum of squares over `size` neighbouring channels)^beta, zeros beyond the ends."""
    size, c = integer(fields, "size", 5), x.shape[1]
    squares = machine.multiply(x, x)
    around = np.zeros((x.shape[0], c + size - 1, *x.shape[2:]))
    around[:, size // 2 : size // 2 + c] = squares
    total = around[:, :c]
    for i in range(1, size):
        total = machine.add(total, around[:, i : i + c])
    base = machine.add(machine.multiply(total, real(fields, "alpha", 1e-4) / size), real(fields, "k", 1.0))
    beta = real(fields, "beta", 0.75)
    return (machine.divide(x, machine.transcendental(lambda value: np.power(value, beta), base)),)
