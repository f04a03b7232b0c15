"""Concatenation and its inverse."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from costmodel.algebra import divides, equal, exact_div, total
from costmodel.algebra.dimension import Dim
from costmodel.algebra.text import to_text
from costmodel.algebra.types import Dim as Value
from costmodel.layers.axes import axis_of
from costmodel.layers.base import Index, Layer, Shape, Shapes, shape_text
from costmodel.layers.formulas import Formulas
from costmodel.layers.reshape import COPIED


class Concat(Layer):
    """Its inputs one after another along an axis: a copy, no operation.

    >>> Concat().cost((1, 64, 55, 55), (1, 64, 55, 55)).output_shapes
    ((1, 128, 55, 55),)
    """

    kind: Literal["concat"] = "concat"
    axis: Index = 1
    inputs: ClassVar[int | None] = None
    formulas: ClassVar[Formulas] = COPIED
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

    def is_view(self, inputs: Shapes, outputs: Shapes) -> bool:
        return len(inputs) == 1

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
            if not divides(self.sections, size):
                self.refuse(f"'sections' (={self.sections}) must divide the size of axis {self.axis} (={size})")
            return (exact_div(size, self.sections),) * self.sections
        parts = self.sizes or ()
        if not equal(total(parts), size):
            sizes = " + ".join(map(to_text, parts))
            self.refuse(f"'sizes' must add up to the size of axis {self.axis} (={size}) (got {sizes})")
        return parts

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {}
