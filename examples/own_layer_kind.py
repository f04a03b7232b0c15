"""A layer kind of your own: one class, and networks, JSON, conventions and printed formulas know it.

Run: python examples/own_layer_kind.py
"""

from __future__ import annotations

from typing import ClassVar, Literal

import costmodel as cm
from costmodel.algebra import Dim
from costmodel.layers import Formulas, Layer
from costmodel.layers.base import Shape, Shapes


def bilinear_macs(m: Dim, c_o: Dim, c_i: Dim) -> Dim:
    """For each output, a quadratic form of the input: c_i * c_i products, each times a weight."""
    return m * c_o * c_i * c_i


def bilinear_multiplications(m: Dim, c_i: Dim) -> Dim:
    """The products of each pair of inputs, computed once for all outputs."""
    return m * c_i * c_i


def bilinear_params(c_o: Dim, c_i: Dim) -> Dim:
    """A matrix for each output."""
    return c_o * c_i * c_i


class BilinearPooling(Layer):
    """Each output is a learned quadratic form of the input: (..., c_i) -> (..., c_o)."""

    kind: Literal["bilinear_pooling"] = "bilinear_pooling"
    out_features: int

    formulas: ClassVar[Formulas] = Formulas(
        macs=bilinear_macs, multiplications=bilinear_multiplications, params=bilinear_params
    )
    source: ClassVar[str] = "Lin, RoyChowdhury and Maji, Bilinear CNNs, arXiv 1504.07889"

    def output_shape(self, inputs: Shapes) -> Shape:
        """The input's shape with its last axis replaced."""
        return (*inputs[0][:-1], self.out_features)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Dim]:
        """What the formulas' names stand for."""
        *rows, c_i = inputs[0]
        return {"m": cm.algebra.product(rows), "c_i": c_i, "c_o": self.out_features}


def main() -> None:
    """Use the new kind in a network, in JSON and as a printed formula."""
    b = cm.Builder("example")
    net = b.build(b.input("features", (1, 64)).then(BilinearPooling(out_features=10), name="pool"))
    print(f"MACs: {net.cost().macs:,}, parameters: {net.cost().params:,}")
    print(f"formula: macs = {BilinearPooling.formulas.notation('macs')}")
    print(f"read back from JSON: {cm.Network.from_json(net.to_json()).node('pool').layer}")


if __name__ == "__main__":
    main()
