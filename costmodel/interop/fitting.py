"""Sizes that are expressions, and equal only where a model runs.

Half of a height, rounded up and doubled, is the height where it is even: a network that joins the two again runs for
no other height. Such sizes are taken for equal where their smooth forms are, and the shape that is assumed stands in
the network as a reshape of its own, which is checked when the symbols are bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costmodel.algebra import Dim, equal, product
from costmodel.errors import ShapeError
from costmodel.interop.value import Shape
from costmodel.layers import Concat, Layer, MatMul, Reshape


def assumed(layer: Layer, shapes: Sequence[Shape]) -> tuple[Layer, list[Shape]] | None:
    """The layer and the shapes of its inputs with which it fits where the model runs, None where it never does."""
    found = _candidate(layer, shapes)
    if found is not None:
        try:
            found[0].infer(tuple(found[1]))
        except ShapeError:
            return None
    return found


def _candidate(layer: Layer, shapes: Sequence[Shape]) -> tuple[Layer, list[Shape]] | None:
    """The layer and the shapes of its inputs with one expression for sizes that agree."""
    if all(isinstance(size, int) for shape in shapes for size in shape):
        return None
    if isinstance(layer, Reshape):
        target = [size for size in layer.shape if size is not None]
        fits = len(target) == len(layer.shape) and agree(product(target), product(shapes[0]))
        return (Reshape(shape=layer.shape, assumed=True), list(shapes)) if fits else None
    if isinstance(layer, MatMul):
        return layer, _factors(*shapes) if min(map(len, shapes)) > 1 else list(shapes)
    rank = max(map(len, shapes))
    skipped = layer.axis % rank if isinstance(layer, Concat) else None
    return layer, _unified(shapes, rank, skipped)


def agree(a: Dim, b: Dim) -> bool:
    """Whether two sizes are equal where nothing has to be rounded, and bounds are reached or not.

    >>> from costmodel.algebra import parse
    >>> agree(parse("2*floor(h/2 + 1/2)"), parse("h")), agree(parse("min(128, seq)"), parse("seq"))
    (True, True)
    >>> agree(parse("h"), parse("w")), agree(parse("seq"), 20)
    (False, False)
    """
    if isinstance(a, int) and isinstance(b, int):
        return a == b
    return equal(a, b) or any(equal(one, other) for one in _forms(a) for other in _forms(b))


def _forms(size: Dim) -> set[Dim]:
    """A size without rounding: where bounds that are numbers are not reached, and where they are."""
    if isinstance(size, int):
        return {size}
    from costmodel.algebra.smooth import smooth

    return {smooth(size).expression, smooth(_at_bounds(size)).expression}


def _at_bounds(size: Dim) -> Dim:
    """The size with each maximum or minimum of a number and another size at the number."""
    import sympy as sp

    def bound(*values: Dim) -> Dim:
        numbers = [value for value in values if value.is_number]
        return numbers[0] if len(numbers) == 1 and len(values) == 2 else None

    for extreme in (sp.Max, sp.Min):
        size = size.replace(lambda part, kind=extreme: isinstance(part, kind), lambda part: bound(*part.args) or part)
    return size


def _unified(shapes: Sequence[Shape], rank: int, skipped: int | None = None) -> list[Shape]:
    """The shapes, lined up at their last axes, with one expression for sizes that agree."""
    padded = [[None] * (rank - len(shape)) + list(shape) for shape in shapes]
    for axis in range(rank):
        if axis == skipped:
            continue
        sizes = [row[axis] for row in padded if row[axis] is not None and row[axis] != 1]
        common = _simplest(sizes)
        for row in padded:
            if row[axis] is not None and row[axis] != 1 and agree(row[axis], common):
                row[axis] = common
    return [tuple(row[rank - len(shape) :]) for row, shape in zip(padded, shapes, strict=True)]


def _factors(a: Shape, b: Shape) -> list[Shape]:
    """The shapes of two factors, of which the columns of one are as many as the rows of the other."""
    first, second = _unified((a[:-2], b[:-2]), max(len(a), len(b)) - 2)
    inner = _simplest([a[-1], b[-2]]) if agree(a[-1], b[-2]) else None
    return [(*first, a[-2], inner or a[-1]), (*second, inner or b[-2], b[-1])]


def _simplest(sizes: Sequence[Any]) -> Any:
    """The shortest of some sizes; a number is the shortest."""
    return min(sizes, key=lambda size: len(str(size)), default=1)
