"""What a network holds instead of computing it: parameters, buffers, constants; and what could not be counted."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from costmodel.algebra import product
from costmodel.algebra.dimension import Dim
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Layer, Shape, Shapes
from costmodel.layers.elementwise import one_per_element
from costmodel.layers.formulas import Formulas


class _Stored(Layer):
    """A tensor without inputs, which lies with the weights and not among the activations."""

    shape: tuple[Dim, ...]
    inputs: ClassVar[int | None] = 0
    stored: ClassVar[bool] = True

    def output_shape(self, inputs: Shapes) -> Shape:
        return self.shape

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {"e": product(self.shape)}


class Parameter(_Stored):
    """A learnable tensor that operations read like any other: a class token, a position embedding.

    >>> Parameter(shape=(1, 197, 768)).cost().params
    151296
    """

    kind: Literal["parameter"] = "parameter"
    formulas: ClassVar[Formulas] = Formulas(params=one_per_element, free="a stored tensor is read, not computed")
    source: ClassVar[str] = "Dosovitskiy et al., arXiv 2010.11929, equation 1 (class token, position embedding)"


class Buffer(_Stored):
    """A stored tensor that is not learned: a mask, a table of positions.

    >>> Buffer(shape=(49, 49)).cost().buffers
    2401
    """

    kind: Literal["buffer"] = "buffer"
    formulas: ClassVar[Formulas] = Formulas(buffers=one_per_element, free="a stored tensor is read, not computed")
    source: ClassVar[str] = "definition"


class Constant(_Stored):
    """A tensor that is known before the network runs and is part of its program, such as the number 2 in x / 2.

    >>> Constant(shape=()).cost().params
    0
    """

    kind: Literal["constant"] = "constant"
    formulas: ClassVar[Formulas] = Formulas(free="a constant is read, not computed")
    source: ClassVar[str] = "definition"


class Uncounted(Layer):
    """An operation without a rule, in a network that was read partially: only its outputs' shapes are known.

    >>> Uncounted(op="Foo", shapes=((1, 8),)).cost((1, 4)).output_shapes
    ((1, 8),)
    """

    kind: Literal["uncounted"] = "uncounted"
    op: Annotated[str, Field(min_length=1, max_length=200)]
    shapes: tuple[tuple[Dim, ...], ...]
    counted: ClassVar[bool] = False
    formulas: ClassVar[Formulas] = Formulas(free="there is no rule for the operation: totals that hold it are partial")
    source: ClassVar[str] = "definition"
    assumptions: ClassVar[tuple[str, ...]] = ("operations without a rule are left out, and listed as uncounted",)

    def output_shapes(self, inputs: Shapes) -> Shapes:
        return self.shapes

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {}
