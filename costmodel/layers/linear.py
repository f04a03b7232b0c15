"""Linear (fully connected) layers."""

from __future__ import annotations

from typing import ClassVar, Literal

from costmodel.algebra import product
from costmodel.algebra.dimension import Dim
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Flag, Layer, Shape, Shapes
from costmodel.layers.formulas import Formulas


def linear_macs(m: Value, c_o: Value, c_i: Value) -> Value:
    """Every output is a product sum over all inputs of its row."""
    return m * c_o * c_i


def linear_bias(m: Value, c_o: Value, b: Value) -> Value:
    """One addition for each output."""
    return b * m * c_o


def linear_params(c_o: Value, c_i: Value, b: Value) -> Value:
    """The weight matrix, and a bias for each output."""
    return c_o * c_i + b * c_o


class Linear(Layer):
    """A linear layer y = W x + b on the last axis.

    Shapes: (..., c_i) -> (..., c_o); m is the product of the leading dimensions (the batch).

    >>> Linear(out_features=10).cost((1, 128)).params
    1290
    """

    kind: Literal["linear"] = "linear"
    out_features: Dim
    bias: Flag = True

    formulas: ClassVar[Formulas] = Formulas(macs=linear_macs, additions=linear_bias, params=linear_params)
    source: ClassVar[str] = (
        "document 003, table of MACs; document 002, formula 5 (2 x input x output, bias not counted)"
    )
    assumptions: ClassVar[tuple[str, ...]] = ("the bias is booked as additions, not as multiply-accumulates",)

    def output_shape(self, inputs: Shapes) -> Shape:
        (x,) = inputs
        if not x:
            self.refuse("takes an input with at least one axis (got a scalar)")
        return (*x[:-1], self.out_features)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        x = inputs[0]
        return {"m": product(x[:-1]), "c_i": x[-1], "c_o": self.out_features, "b": int(self.bias)}
