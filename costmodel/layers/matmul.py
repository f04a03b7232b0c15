"""Products of two matrices that are both computed, or of stacks of them."""

from __future__ import annotations

from typing import ClassVar, Literal

from costmodel.algebra import equal, product
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Layer, Shape, Shapes, shape_text
from costmodel.layers.broadcast import broadcast
from costmodel.layers.formulas import Formulas


def matmul_macs(e: Value, p: Value) -> Value:
    """Every output is a sum of p products."""
    return e * p


class MatMul(Layer):
    """c = a b, the matrix product of the last two axes of both inputs; c_ij = sum over k of a_ik b_kj.

    Shapes: (..., i, p) and (..., p, j) -> (..., i, j). Leading axes are batches, repeated where one of the inputs
    has size 1 or no such axis. An input of one axis is a row on the left and a column on the right, and leaves no
    axis in the output, as in `numpy.matmul`.

    >>> MatMul().cost((12, 197, 64), (12, 64, 197)).macs
    29805312
    >>> MatMul().cost((8, 5), (5,)).output_shapes
    ((8,),)
    """

    kind: Literal["matmul"] = "matmul"
    inputs: ClassVar[int | None] = 2
    formulas: ClassVar[Formulas] = Formulas(macs=matmul_macs)
    source: ClassVar[str] = "Golub and Van Loan, Matrix Computations, 4th edition, 2013, section 1.1"
    assumptions: ClassVar[tuple[str, ...]] = (
        "products over an axis of one element are multiply-accumulates too: a matrix product's kernel computes them",
    )

    def output_shape(self, inputs: Shapes) -> Shape:
        a, b = inputs
        if not a or not b:
            self.refuse(f"takes inputs with at least one axis (got {shape_text(a)} and {shape_text(b)})")
        if not equal(a[-1], _inner(b)):
            self.refuse(
                f"needs as many columns on the left as rows on the right (got {shape_text(a)} and {shape_text(b)})"
            )
        return (*broadcast(self, (a[:-2], b[:-2])), *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {"e": product(outputs[0]), "p": inputs[0][-1]}


def _inner(b: Shape) -> Value:
    """The size of the axis of the right-hand side that is summed over."""
    return b[-2] if len(b) > 1 else b[0]
