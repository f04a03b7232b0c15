"""Broadcasting: shapes that are lined up at their last axes, where sizes of 1 are repeated."""

from __future__ import annotations

from costmodel.algebra import equal
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Layer, Shape, Shapes, shape_text


def broadcast(layer: Layer, shapes: Shapes) -> Shape:
    """The common shape of shapes that differ only where one has a size of 1, or no axis."""
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    return tuple(_common(layer, sizes, shapes) for sizes in zip(*padded, strict=True))


def _common(layer: Layer, sizes: Shape, shapes: Shapes) -> Value:
    first, *others = [size for size in dict.fromkeys(sizes) if size != 1] or [1]
    if not all(equal(size, first) for size in others):
        layer.refuse(f"needs inputs of equal sizes, or of size 1 (got {' and '.join(map(shape_text, shapes))})")
    return first
