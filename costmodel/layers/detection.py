"""The last step of detectors: from scores and offsets of many boxes to the few that are left."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from costmodel.algebra.dimension import Dim
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Layer, Shape, Shapes
from costmodel.layers.formulas import Formulas


class DetectionOutput(Layer):
    """Boxes decoded, those of low scores dropped, and of those that overlap all but the best.

    Shapes: (n, ...), ... -> (n, `shape` ...). How many boxes are left, and what it takes to find them, depends on
    the image: `shape` is stated by whoever makes the layer, no operation is booked, and totals with it are partial.

    >>> DetectionOutput(shape=(100, 6)).cost((1, 7668), (1, 40257)).output_shapes
    ((1, 100, 6),)
    """

    kind: Literal["detection_output"] = "detection_output"
    shape: Annotated[tuple[Dim, ...], Field(min_length=1)]
    inputs: ClassVar[int | None] = None
    counted: ClassVar[bool] = False
    formulas: ClassVar[Formulas] = Formulas(free="decoding boxes and dropping those that overlap depends on the data")
    source: ClassVar[str] = "Liu et al., SSD: Single shot multibox detector, arXiv 1512.02325, section 2.2"
    assumptions: ClassVar[tuple[str, ...]] = (
        "the output has the stated shape, the most that there may be unless something better is known",
    )

    def output_shape(self, inputs: Shapes) -> Shape:
        if not inputs[0]:
            self.refuse("takes inputs with a batch (got a scalar)")
        return (inputs[0][0], *self.shape)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {}
