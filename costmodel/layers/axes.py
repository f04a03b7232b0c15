"""Axes that a spec names from the front or from the back."""

from __future__ import annotations

from typing import ClassVar

from costmodel.algebra import product
from costmodel.algebra.types import Dim as Value
from costmodel.errors import shorten
from costmodel.layers.base import Index, Layer, Shape, Shapes


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


class AlongAxis(Layer):
    """What reads all f elements along an axis, m times."""

    axis: Index = -1

    source: ClassVar[str] = "definition"

    def output_shape(self, inputs: Shapes) -> Shape:
        (x,) = inputs
        axis_of(self, self.axis, x)
        return x

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        (x,) = inputs
        axis = self.axis % len(x)
        return {"m": product(x[:axis]) * product(x[axis + 1 :]), "f": x[axis]}
