"""Layers with several inputs or outputs: add, multiply, concatenate, split."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from costmodel.algebra import equal, exact_div, product, total
from costmodel.algebra.dimension import Dim
from costmodel.algebra.text import to_text
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Index, Layer, Shape, Shapes, shape_text
from costmodel.layers.broadcast import broadcast
from costmodel.layers.formulas import Formulas


def one_less_per_element(t: Value, e: Value) -> Value:
    """Joining t values takes t - 1 operations, for each output element."""
    return (t - 1) * e


class _Join(Layer):
    """An operation on t inputs, element by element, of which axes of size 1 are repeated."""

    inputs: ClassVar[int | None] = None
    assumptions: ClassVar[tuple[str, ...]] = ("inputs of size 1 along an axis are repeated before they are joined",)

    def output_shape(self, inputs: Shapes) -> Shape:
        return broadcast(self, inputs)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {"t": len(inputs), "e": product(outputs[0])}


class Add(_Join):
    """The sum of t inputs, element by element; inputs of size 1 along an axis are repeated.

    >>> Add().cost((1, 64, 56, 56), (1, 64, 56, 56)).ledger.additions
    200704
    """

    kind: Literal["add"] = "add"
    formulas: ClassVar[Formulas] = Formulas(additions=one_less_per_element)
    source: ClassVar[str] = "He et al., arXiv 1512.03385, equation 1"


class Multiply(_Join):
    """The product of t inputs, element by element; inputs of size 1 along an axis are repeated.

    >>> Multiply().cost((1, 64, 56, 56), (1, 64, 1, 1)).ledger.multiplications
    200704
    """

    kind: Literal["multiply"] = "multiply"
    formulas: ClassVar[Formulas] = Formulas(multiplications=one_less_per_element)
    source: ClassVar[str] = "Hu, Shen and Sun, Squeeze-and-excitation, arXiv 1709.01507, equation 4"


class Concat(Layer):
    """Its inputs one after another along an axis: a copy, no operation.

    >>> Concat().cost((1, 64, 55, 55), (1, 64, 55, 55)).output_shapes
    ((1, 128, 55, 55),)
    """

    kind: Literal["concat"] = "concat"
    axis: Index = 1
    inputs: ClassVar[int | None] = None
    formulas: ClassVar[Formulas] = Formulas(free="elements are copied, not computed")
    source: ClassVar[str] = "Szegedy et al., arXiv 1409.4842 (filter concatenation)"

    def output_shape(self, inputs: Shapes) -> Shape:
        first = inputs[0]
        axis = axis_of(self, self.axis, first)
        for other in inputs[1:]:
            across = zip((*other[:axis], *other[axis + 1 :]), (*first[:axis], *first[axis + 1 :]), strict=False)
            if len(other) != len(first) or not all(equal(one, another) for one, another in across):
                shapes = f"{shape_text(first)} and {shape_text(other)}"
                self.refuse(f"needs inputs that differ only along axis {self.axis} (got {shapes})")
        return (*first[:axis], total(shape[axis] for shape in inputs), *first[axis + 1 :])

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {}


class Split(Layer):
    """Its input in parts along an axis: `sections` equal ones, or parts of the given `sizes`; no operation.

    >>> Split(sections=2).cost((1, 58, 28, 28)).output_shapes
    ((1, 29, 28, 28), (1, 29, 28, 28))
    """

    kind: Literal["split"] = "split"
    axis: Index = 1
    sections: Index | None = None
    sizes: tuple[Dim, ...] | None = None
    view: ClassVar[bool] = True
    formulas: ClassVar[Formulas] = Formulas(free="the parts are views of the input")
    source: ClassVar[str] = "Ma et al., ShuffleNet V2, arXiv 1807.11164, figure 3 (channel split)"

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.sections is None) == (self.sizes is None):
            raise ValueError("needs either 'sections' or 'sizes'")
        if self.sizes == ():
            raise ValueError("'sizes' must name at least one part (got none)")
        if self.sections is not None and not 1 <= self.sections <= 65536:
            raise ValueError(f"'sections' must be between 1 and 65536 (got {self.sections})")
        return self

    def output_shapes(self, inputs: Shapes) -> Shapes:
        self.check_inputs(inputs)
        (x,) = inputs
        axis = axis_of(self, self.axis, x)
        return tuple((*x[:axis], size, *x[axis + 1 :]) for size in self._parts(x[axis]))

    def _parts(self, size: Value) -> tuple[Value, ...]:
        if self.sections is not None:
            if isinstance(size, int) and size % self.sections:
                self.refuse(f"'sections' (={self.sections}) must divide the size of axis {self.axis} (={size})")
            return (exact_div(size, self.sections),) * self.sections
        parts = self.sizes or ()
        if not equal(total(parts), size):
            sizes = " + ".join(map(to_text, parts))
            self.refuse(f"'sizes' must add up to the size of axis {self.axis} (={size}) (got {sizes})")
        return parts

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {}


def axis_of(layer: Layer, axis: int, shape: Shape, field: str = "axis") -> int:
    """The axis counted from the front; refuses one that the shape does not have."""
    if not -len(shape) <= axis < len(shape):
        layer.refuse(f"'{field}' must be one of the input's {len(shape)} axes (got {axis})")
    return axis % len(shape)
