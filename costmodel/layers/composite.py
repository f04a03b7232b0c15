"""Composite layers: one spec for several layers, into which it expands where each counts by itself."""

from __future__ import annotations

from typing import NamedTuple

from costmodel.errors import ShapeError
from costmodel.layers.base import Layer, Shape, Shapes


class Part(NamedTuple):
    """A layer within a composite one.

    Tensors are numbered: the composite's inputs first, then the output of each part. A part may read a tensor under
    another shape of the same elements.
    """

    layer: Layer
    reads: tuple[int, ...]
    input_shapes: Shapes
    output_shape: Shape


class Composite(Layer):
    """A layer that consists of others; its closed form is the sum of theirs.

    One that is a plain sequence names its `parts`; any other answers `expand` and `output_shape` itself.
    """

    def parts(self) -> tuple[Layer, ...]:
        """The layers of a sequence, in order."""
        raise NotImplementedError

    def expand(self, inputs: Shapes) -> tuple[Part, ...]:
        """The layers that it expands into, in order, the last of which writes its output."""
        found: list[Part] = []
        x = inputs[0]
        for index, part in enumerate(self.parts()):
            found.append(self.part(part, (index,), (x,)))
            x = found[-1].output_shape
        return tuple(found)

    def part(self, layer: Layer, reads: tuple[int, ...], inputs: Shapes) -> Part:
        """A layer within this one; refuses what the layer refuses."""
        try:
            return Part(layer, reads, inputs, layer.output_shape(inputs))
        except ShapeError as problem:
            raise ShapeError(f"{self.kind}: {problem}") from None

    def shapes(self, inputs: Shapes) -> tuple[Shape, ...]:
        """The shape after each part."""
        return tuple(part.output_shape for part in self.expand(inputs))

    def output_shape(self, inputs: Shapes) -> Shape:
        return self.shapes(inputs)[-1]
