"""Maps sampled at other positions, along any number of axes."""

from fractions import Fraction
from itertools import product

import numpy as np

from .fields import Fields, integers
from .registry import executes
from .tally import Array, Machine


def sizes_after(fields: Fields, shape: tuple[int, ...]) -> list[tuple[int, bool]]:
    """Return for every axis its new size and whether it changes."""
    scales = fields.get("scales")
    if isinstance(scales, tuple):
        factors = [Fraction(str(scale)) for scale in scales]
        targets = tuple(int(size * factor) for size, factor in zip(shape, factors, strict=True))
        return [(new, new != size) for size, new in zip(shape, targets, strict=True)]
    targets = integers(fields["sizes"])
    return [(size if new == -1 else new, new not in (-1, size)) for size, new in zip(shape, targets, strict=True)]


@executes("resize")
def resize(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Interpolate along one axis after another, each result at its full number of neighbours."""
    mode = str(fields.get("mode", "nearest"))
    changes = sizes_after(fields, x.shape)
    coordinates = [
        (np.arange(new) + 0.5) * old / new - 0.5 if changed else np.arange(float(new))
        for old, (new, changed) in zip(x.shape, changes, strict=True)
    ]
    if mode == "nearest":
        nearest = [
            np.clip(np.rint(at), 0, old - 1).astype(np.intp) for old, at in zip(x.shape, coordinates, strict=True)
        ]
        return (x[np.ix_(*nearest)],)
    taps = {"linear": (0, 1), "cubic": (-1, 0, 1, 2)}[mode]
    moved = [axis for axis, (_, changed) in enumerate(changes) if changed]
    corners = {}
    for corner in product(taps, repeat=len(moved)):
        offsets = dict(zip(moved, corner, strict=True))
        index = [
            np.clip(np.floor(at).astype(np.intp) + offsets.get(axis, 0), 0, x.shape[axis] - 1)
            for axis, at in enumerate(coordinates)
        ]
        corners[corner] = x[np.ix_(*index)]
    for axis in reversed(moved):
        at = coordinates[axis]
        t = (at - np.floor(at)).reshape(-1, *(1,) * (x.ndim - axis - 1))
        corners = {
            rest: interpolate(machine, [corners[(*rest, tap)] for tap in taps], t)
            for rest in dict.fromkeys(corner[:-1] for corner in corners)
        }
    return (corners[()],)


def interpolate(machine: Machine, values: list[Array], t: Array) -> Array:
    """Between two values a + t (b - a), among four their weighted sum; weights do not depend on the data."""
    if len(values) == 2:
        a, b = values
        return machine.add(a, machine.multiply(machine.add(b, -a), t))
    weights = [cubic(t + 1), cubic(t), cubic(1 - t), cubic(2 - t)]
    first, *rest = [machine.multiply(value, weight) for value, weight in zip(values, weights, strict=True)]
    for term in rest:
        first = machine.add(first, term)
    return first


def cubic(x: Array) -> Array:
    """Keys' kernel with a = -1/2."""
    inside = (1.5 * x - 2.5) * x * x + 1
    outside = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x <= 1, inside, outside)


@executes("grid_sample")
def grid_sample(machine: Machine, fields: Fields, x: Array, grid: Array) -> tuple[Array, ...]:
    """Elements at positions from -1 to 1 along each axis; positions outside take those at the border."""
    n, _, *sizes = x.shape
    linear = fields.get("mode", "linear") == "linear"
    at = machine.add(machine.multiply(grid, np.array(sizes) / 2), (np.array(sizes) - 1) / 2)
    below = machine.compare(np.floor(at) if linear else np.rint(at))
    fractions = machine.add(at, -below) if linear else np.zeros_like(at)
    images = np.arange(n).reshape(-1, *(1,) * len(sizes))
    corners = {}
    for corner in product((0, 1) if linear else (0,), repeat=len(sizes)):
        index = [
            np.clip(below[..., axis].astype(np.intp) + tap, 0, size - 1)
            for axis, (tap, size) in enumerate(zip(corner, sizes, strict=True))
        ]
        corners[corner] = np.moveaxis(np.moveaxis(x, 1, -1)[images, *index], -1, 1)
    while linear and () not in corners:
        axis = len(next(iter(corners))) - 1
        t = fractions[..., axis][:, np.newaxis]
        corners = {
            rest: interpolate(machine, [corners[(*rest, tap)] for tap in (0, 1)], t)
            for rest in dict.fromkeys(corner[:-1] for corner in corners)
        }
    return (next(iter(corners.values())),)
