"""Layers that move, repeat or drop elements."""

from typing import Literal

import numpy as np

from .fields import Fields, integer, integers, pairs, per_axis
from .registry import executes
from .tally import Array, Machine


@executes("channel_shuffle")
def channel_shuffle(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Deal the channels of every group out to all groups."""
    n, c, *sizes = x.shape
    groups = integer(fields, "groups")
    return (x.reshape(n, groups, c // groups, *sizes).swapaxes(1, 2).reshape(x.shape),)


@executes("flatten")
def flatten(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Make one axis of all axes from `start_axis` on."""
    return (x.reshape(*x.shape[: integer(fields, "start_axis", 1)], -1),)


@executes("reshape")
def reshape(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The same elements in another shape."""
    return (x.reshape(integers(fields["shape"])),)


@executes("permute")
def permute(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The same axes in another order."""
    return (x.transpose(integers(fields["axes"])),)


@executes("pad")
def pad(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Elements before and after the axes; fewer where there are less than none."""
    around = pairs(fields["pads"])
    added = [(max(before, 0), max(after, 0)) for before, after in around]
    y = np.pad(x, added, mode=MODES[str(fields.get("mode", "constant"))])
    for axis, (before, after) in enumerate(around):
        y = y.take(range(max(-before, 0), y.shape[axis] - max(-after, 0)), axis=axis)
    return (y,)


MODES: dict[str, Literal["constant", "reflect", "edge", "wrap"]] = {
    "constant": "constant",
    "reflect": "reflect",
    "edge": "edge",
    "wrap": "wrap",
}


@executes("upsample2d")
def upsample2d(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """Nearest or bilinear interpolation with half-pixel centres; the coordinates do not depend on the data.

    Along an axis that keeps its size, every position is an element.
    """
    sizes = x.shape[2:]
    if fields.get("size") is None:
        h_o, w_o = (i * scale for i, scale in zip(sizes, per_axis(fields["scale"], 2), strict=True))
    else:
        h_o, w_o = per_axis(fields["size"], 2)
    if fields.get("mode", "nearest") == "nearest":
        rows, columns = (np.arange(o) * i // o for i, o in zip(sizes, (h_o, w_o), strict=True))
        return (x[:, :, rows][..., columns],)
    (top, bottom, down), (left, right, across) = neighbours(sizes[0], h_o), neighbours(sizes[1], w_o)

    def along_rows(y: Array) -> Array:
        return y if w_o == sizes[1] else blend(machine, y[..., left], y[..., right], across)

    if h_o == sizes[0]:
        return (along_rows(x),)
    upper, lower = along_rows(x[:, :, top]), along_rows(x[:, :, bottom])
    return (blend(machine, upper, lower, down[:, np.newaxis]),)


Indices = np.ndarray[tuple[int, ...], np.dtype[np.intp]]


def neighbours(length: int, outputs: int) -> tuple[Indices, Indices, Array]:
    """Return, for every output position, the elements around it and its distance from the first."""
    centres = np.maximum((np.arange(outputs) + 0.5) * length / outputs - 0.5, 0.0)
    first = np.floor(centres).astype(np.intp)
    return first, np.minimum(first + 1, length - 1), centres - first


def blend(machine: Machine, a: Array, b: Array, weight: Array) -> Array:
    """a + weight (b - a)."""
    return machine.add(a, machine.multiply(machine.add(b, -a), weight))


@executes("dropout", "identity")
def unchanged(machine: Machine, fields: Fields, x: Array) -> tuple[Array, ...]:
    """The input; dropout drops nothing at inference."""
    return (x,)
