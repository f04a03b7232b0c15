"""Axes that a spec names from the front or from the back."""

from __future__ import annotations

from costmodel.errors import shorten
from costmodel.layers.base import Layer, Shape


def axis_of(layer: Layer, axis: int, shape: Shape, field: str = "axis") -> int:
    """The axis counted from the front; refuses one that the shape does not have."""
    if not -len(shape) <= axis < len(shape):
        layer.refuse(f"'{field}' must be one of the input's {len(shape)} axes (got {axis})")
    return axis % len(shape)


def axes_of(layer: Layer, axes: tuple[int, ...], shape: Shape, field: str = "axes") -> tuple[int, ...]:
    """The axes counted from the front, in the order given; refuses one that is missing or named twice."""
    found = tuple(axis_of(layer, axis, shape, field) for axis in axes)
    if len(set(found)) < len(found):
        layer.refuse(f"'{field}' must name each axis once (got {shorten(axes)})")
    return found
