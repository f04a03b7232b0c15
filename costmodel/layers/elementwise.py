"""What layers that treat every element alike share."""

from __future__ import annotations

from costmodel.algebra import product
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Layer, Shape, Shapes


def one_per_element(e: Value) -> Value:
    """One for each element."""
    return e


def two_per_element(e: Value) -> Value:
    """Two for each element."""
    return 2 * e


def three_per_element(e: Value) -> Value:
    """Three for each element."""
    return 3 * e


class Elementwise(Layer):
    """A layer whose output has the shape of its input; e is the number of elements."""

    def output_shape(self, inputs: Shapes) -> Shape:
        return inputs[0]

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {"e": product(outputs[0])}
