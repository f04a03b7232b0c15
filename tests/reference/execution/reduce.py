"""Reductions, and what runs along an axis."""

from collections.abc import Callable

import numpy as np

from .fields import Fields, flag, integer, integers
from .registry import executes
from .tally import Array, Machine


def reduction(kind: str) -> Callable[[Callable[[Machine, Array], Array]], Callable[[Machine, Array], Array]]:
    """Register a function of rows, each of which it makes one element."""

    def register(rows_to_elements: Callable[[Machine, Array], Array]) -> Callable[[Machine, Array], Array]:
        def execute(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
            named = fields.get("axes")
            axes = tuple(range(x.ndim)) if named is None else tuple(axis % x.ndim for axis in integers(named))
            kept = [axis for axis in range(x.ndim) if axis not in axes]
            rows = x.transpose(*kept, *axes).reshape(*(x.shape[axis] for axis in kept), -1)
            y = rows_to_elements(machine, rows)
            return (np.expand_dims(y, axes) if flag(fields, "keepdims", True) else y,)

        executes(kind)(execute)
        return rows_to_elements

    return register


@reduction("reduce_sum")
def total(machine: Machine, rows: Array) -> Array:
    """The sum."""
    return machine.fold(machine.add, rows)


@reduction("reduce_mean")
def mean(machine: Machine, rows: Array) -> Array:
    """The sum by the number of elements."""
    return machine.divide(total(machine, rows), rows.shape[-1])


@reduction("reduce_max")
def largest(machine: Machine, rows: Array) -> Array:
    """The largest element."""
    return machine.fold(machine.maximum, rows)


@reduction("reduce_min")
def smallest(machine: Machine, rows: Array) -> Array:
    """The smallest element."""
    return machine.fold(machine.minimum, rows)


@reduction("reduce_prod")
def product(machine: Machine, rows: Array) -> Array:
    """The product."""
    return machine.fold(machine.multiply, rows)


@reduction("reduce_l1")
def sum_of_magnitudes(machine: Machine, rows: Array) -> Array:
    """The sum of absolute values."""
    return total(machine, machine.where_positive(rows, rows, -rows))


@reduction("reduce_sum_square")
def sum_of_squares(machine: Machine, rows: Array) -> Array:
    """The sum of squares."""
    return total(machine, machine.multiply(rows, rows))


@reduction("reduce_l2")
def length(machine: Machine, rows: Array) -> Array:
    """The square root of the sum of squares."""
    return machine.transcendental(np.sqrt, sum_of_squares(machine, rows))


@reduction("reduce_log_sum")
def log_sum(machine: Machine, rows: Array) -> Array:
    """The logarithm of the sum, no number where it is negative."""
    with np.errstate(all="ignore"):
        return machine.transcendental(np.log, total(machine, rows))


@reduction("reduce_log_sum_exp")
def log_sum_exp(machine: Machine, rows: Array) -> Array:
    """The logarithm of the sum of exponentials, of which the largest is taken out."""
    top = largest(machine, rows)
    powers = machine.transcendental(np.exp, machine.add(rows, -top[..., np.newaxis]))
    return machine.add(machine.transcendental(np.log, total(machine, powers)), top)


@reduction("reduce_variance")
def variance(machine: Machine, rows: Array) -> Array:
    """The mean square distance from the mean."""
    centred = machine.add(rows, -mean(machine, rows)[..., np.newaxis])
    return mean(machine, machine.multiply(centred, centred))


@executes("log_softmax")
def log_softmax(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """x - max x - log of the sum of exp(x - max x), along one axis."""
    axis = integer(fields, "axis", -1)
    rows = np.moveaxis(x, axis, -1)
    shifted = machine.add(rows, -largest(machine, rows)[..., np.newaxis])
    normalizer = machine.transcendental(np.log, total(machine, machine.transcendental(np.exp, shifted)))
    return (np.moveaxis(machine.add(shifted, -normalizer[..., np.newaxis]), -1, axis),)


@executes("argmax")
def argmax(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Where the largest or smallest element is found when all are compared with the best so far."""
    axis = integer(fields, "axis", -1)
    rows = np.moveaxis(x, axis, -1)
    (largest if fields.get("of", "max") == "max" else smallest)(machine, rows)
    found = (np.argmax if fields.get("of", "max") == "max" else np.argmin)(rows, axis=-1).astype(float)
    return (np.expand_dims(found, axis) if flag(fields, "keepdims", True) else found,)


@executes("cumsum")
def cumsum(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Each element added to the sum of those before it."""
    rows = np.moveaxis(x, integer(fields, "axis", -1), 0)
    sums = [rows[0]]
    for row in rows[1:]:
        sums.append(machine.add(sums[-1], row))
    return (np.moveaxis(np.stack(sums), 0, integer(fields, "axis", -1)),)


def select(machine: Machine, rows: Array, count: int) -> tuple[Array, Array]:
    """The largest elements of rows in order, with their positions: each by one pass over those that are left."""
    left = np.array(rows, dtype=float)
    places = np.broadcast_to(np.arange(rows.shape[-1], dtype=float), rows.shape).copy()
    values, positions = [], []
    for _ in range(count):
        at = np.argmax(left, axis=-1)[..., np.newaxis]
        values.append(machine.fold(machine.maximum, left))
        positions.append(np.take_along_axis(places, at, axis=-1)[..., 0])
        others = np.arange(left.shape[-1]) != at
        left, places = (each[others].reshape(*each.shape[:-1], -1) for each in (left, places))
    return np.stack(values, axis=-1), np.stack(positions, axis=-1)


@executes("top_k")
def top_k(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The k largest elements in order, and their positions."""
    axis = integer(fields, "axis", -1)
    return tuple(np.moveaxis(y, -1, axis) for y in select(machine, np.moveaxis(x, axis, -1), integer(fields, "k")))


@executes("sort")
def sort(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """All elements in order, and their positions."""
    axis = integer(fields, "axis", -1)
    return tuple(np.moveaxis(y, -1, axis) for y in select(machine, np.moveaxis(x, axis, -1), x.shape[axis]))
