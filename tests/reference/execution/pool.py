"""Pooling: windows, whole maps, and windows that adapt to an output size."""

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np

from .fields import Fields, flag, padding_rules, per_axis
from .registry import executes
from .tally import Array, Machine
from .windows import Axis, kernel_elements, lay_out_all, pad

Fold = Callable[[Array, Array], Array]


def place_windows(fields: Fields, x: Array) -> tuple[list[Axis], tuple[int, ...]]:
    """Lay the windows of a pooling layer on the spatial axes; return them and the kernel."""
    axes = x.ndim - 2
    kernel = per_axis(fields["kernel"], axes)
    stride = fields.get("stride")
    placed = lay_out_all(
        x.shape[2:],
        kernel,
        kernel if stride is None else per_axis(stride, axes),
        per_axis(fields.get("dilation", 1), axes),
        padding_rules(fields.get("padding", 0), axes),
        ceil_mode=flag(fields, "ceil_mode", False),
    )
    return placed, kernel


def fold_windows(operation: Fold, picture: Array, axes: Sequence[Axis], kernel: Sequence[int]) -> Array:
    """Fold the elements of every window, in the padding or not, with one operation fewer than there are."""
    first, *rest = [picture[index] for _, index in kernel_elements(axes, kernel)]
    for element in rest:
        first = operation(first, element)
    return first


@executes("max_pool1d", "max_pool2d", "max_pool3d")
def max_pool(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The largest element of every window."""
    axes, kernel = place_windows(fields, x)
    return (fold_windows(machine.maximum, pad(x, axes, kernel, -np.inf), axes, kernel),)


@executes("avg_pool1d", "avg_pool2d", "avg_pool3d")
def avg_pool(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The sum of every window divided by its size, with or without the padding; the overhang never counts.

    A dilated window may lie in the padding entirely: its mean is 0.

    The size of a window does not depend on the data, so finding it is not tallied.
    """
    axes, kernel = place_windows(fields, x)
    total = fold_windows(machine.add, pad(x, axes, kernel, 0.0), axes, kernel)
    counted = pad(np.ones(x.shape[2:]), axes, kernel, 0.0)
    if flag(fields, "count_include_pad", True):
        counted[tuple(slice(axis.padded) for axis in axes)] = 1.0
    sizes = fold_windows(np.add, counted, axes, kernel)
    return (machine.divide(total, np.maximum(sizes, 1.0)),)


def whole_maps(fields: Fields, x: Array, fold: Callable[[Array], Array]) -> Array:
    """Fold every map into one number."""
    y = fold(x.reshape(*x.shape[:2], -1))
    return y.reshape(*y.shape, *(1,) * (x.ndim - 2)) if flag(fields, "keepdims", True) else y


@executes("global_avg_pool")
def global_avg_pool(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The mean of every map."""
    positions = float(np.ones(x.shape[2:]).sum())
    total = whole_maps(fields, x, lambda maps: machine.fold(machine.add, maps))
    return (machine.divide(total, positions),)


@executes("global_max_pool")
def global_max_pool(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The largest element of every map."""
    return (whole_maps(fields, x, lambda maps: machine.fold(machine.maximum, maps)),)


def adaptive_windows(length: int, outputs: int) -> list[range]:
    """Return the elements that each output covers: from floor(j l / o) up to ceil((j + 1) l / o)."""
    return [range(j * length // outputs, -(-(j + 1) * length // outputs)) for j in range(outputs)]


def adapt(fields: Fields, x: Array, operation: Fold) -> tuple[Array, Array]:
    """Fold every window; return the results and the sizes of the windows."""
    n, c, *lengths = x.shape
    outputs = per_axis(fields["output_size"], len(lengths))
    y, sizes = np.empty((n, c, *outputs)), np.empty(outputs)
    along = [adaptive_windows(length, count) for length, count in zip(lengths, outputs, strict=True)]
    for place in np.ndindex(*outputs):
        windows = (of_axis[at] for of_axis, at in zip(along, place, strict=True))
        first, *rest = [x[(..., *position)] for position in product(*windows)]
        for element in rest:
            first = operation(first, element)
        y[(..., *place)], sizes[place] = first, 1 + len(rest)
    return y, sizes


@executes("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d")
def adaptive_avg_pool(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The mean of every adaptive window."""
    total, sizes = adapt(fields, x, machine.add)
    return (machine.divide(total, sizes),)


@executes("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d")
def adaptive_max_pool(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The largest element of every adaptive window."""
    y, _ = adapt(fields, x, machine.maximum)
    return (y,)
