"""Layers that select, add, drop or repeat along axes: squeeze, unsqueeze, slice, expand, tile."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from costmodel.algebra.dimension import Dim, Size
from costmodel.algebra.text import to_text
from costmodel.layers.axes import axes_of
from costmodel.layers.base import Index, Shape, Shapes, shape_text
from costmodel.layers.broadcast import broadcast
from costmodel.layers.formulas import Formulas
from costmodel.layers.reshape import COPIED, VIEW, Move, Target


class Squeeze(Move):
    """The same elements without the `axes`, which must be of size 1; without any axis of size 1 unless named.

    >>> Squeeze(axes=(2, 3)).cost((8, 512, 1, 1)).output_shapes
    ((8, 512),)
    """

    kind: Literal["squeeze"] = "squeeze"
    axes: tuple[Index, ...] | None = None
    view: ClassVar[bool] = True
    formulas: ClassVar[Formulas] = VIEW
    source: ClassVar[str] = "definition"

    def output_shape(self, inputs: Shapes) -> Shape:
        (x,) = inputs
        if self.axes is None:
            unknown = next((size for size in x if not isinstance(size, int)), None)
            if unknown is not None:
                self.refuse(
                    f"needs 'axes' where sizes are symbols: {to_text(unknown)} may be 1 or not (got {shape_text(x)})"
                )
            return tuple(size for size in x if size != 1)
        gone = axes_of(self, self.axes, x)
        for axis in gone:
            if x[axis] != 1:
                self.refuse(f"'axes' must be of size 1 (got {to_text(x[axis])} for axis {axis} of {shape_text(x)})")
        return tuple(size for axis, size in enumerate(x) if axis not in gone)


class Unsqueeze(Move):
    """The same elements with new axes of size 1, which are `axes` of the output.

    >>> Unsqueeze(axes=(0, -1)).cost((8, 512)).output_shapes
    ((1, 8, 512, 1),)
    """

    kind: Literal["unsqueeze"] = "unsqueeze"
    axes: tuple[Index, ...]
    view: ClassVar[bool] = True
    formulas: ClassVar[Formulas] = VIEW
    source: ClassVar[str] = "definition"

    def output_shape(self, inputs: Shapes) -> Shape:
        sizes = iter(inputs[0])
        rank = len(inputs[0]) + len(self.axes)
        new = {axis % rank for axis in self.axes if -rank <= axis < rank}
        if len(new) < len(self.axes):
            self.refuse(f"'axes' must name different ones of the output's {rank} axes (got {self.axes})")
        return tuple(1 if axis in new else next(sizes) for axis in range(rank))


Step = Annotated[Index, Field(ge=-(2**31), le=2**31)]


class Slice(Move):
    """Along each of `axes`, `lengths` elements from the one at `starts` on, in `steps`: a part of the input's memory.

    Positions are counted from 0 and steps may be negative; what an end counted from the back or beyond the input
    means is resolved before, so that the spec is the same for every size.

    >>> Slice(axes=(1,), starts=(0,), lengths=(4,), steps=(2,)).cost((1, 8, 3)).output_shapes
    ((1, 4, 3),)
    """

    kind: Literal["slice"] = "slice"
    axes: tuple[Index, ...]
    starts: tuple[Size, ...]
    lengths: tuple[Dim, ...]
    steps: tuple[Step, ...] | None = None
    view: ClassVar[bool] = True
    formulas: ClassVar[Formulas] = Formulas(free="the output is a part of the input's memory")
    source: ClassVar[str] = "definition"

    @model_validator(mode="after")
    def _as_many_of_each(self) -> Self:
        counts = {len(each) for each in (self.axes, self.starts, self.lengths, self.steps) if each is not None}
        if len(counts) > 1:
            raise ValueError("needs as many 'starts', 'lengths' and 'steps' as 'axes'")
        if self.steps is not None and 0 in self.steps:
            raise ValueError(f"'steps' must not be 0 (got {self.steps})")
        return self

    def output_shape(self, inputs: Shapes) -> Shape:
        shape = list(inputs[0])
        axes = axes_of(self, self.axes, inputs[0])
        steps = self.steps or (1,) * len(axes)
        for axis, start, length, step in zip(axes, self.starts, self.lengths, steps, strict=True):
            last, size = start + (length - 1) * step, shape[axis]
            ends = [end for end in (start, last) if isinstance(end, int) and isinstance(size, int)]
            if any(not 0 <= end < size for end in ends):
                self.refuse(
                    f"must stay in its input: axis {axis} of size {size}"
                    f" (got {to_text(start)} to {to_text(last)} in steps of {step})"
                )
            shape[axis] = length
        return tuple(shape)


class Expand(Move):
    """The input with axes of size 1 repeated to a `shape`, in which -1 keeps the input's size: a copy.

    Axes are matched from the last; the shape may have more in front, or sizes of 1, which keep the input's.

    >>> Expand(shape=(8, -1, 768)).cost((1, 1, 768)).output_shapes
    ((8, 1, 768),)
    """

    kind: Literal["expand"] = "expand"
    shape: tuple[Target, ...]
    formulas: ClassVar[Formulas] = COPIED
    source: ClassVar[str] = "Harris et al., Array programming with NumPy, Nature 585, 2020 (broadcasting)"

    def output_shape(self, inputs: Shapes) -> Shape:
        return broadcast(self, (inputs[0], tuple(1 if size is None else size for size in self.shape)))


class Tile(Move):
    """The input repeated as often as `repeats` says along each axis: a copy.

    There is one number for each axis; further ones in front are for new axes.

    >>> Tile(repeats=(8, 1, 2)).cost((1, 1, 768)).output_shapes
    ((8, 1, 1536),)
    """

    kind: Literal["tile"] = "tile"
    repeats: tuple[Dim, ...]
    formulas: ClassVar[Formulas] = COPIED
    source: ClassVar[str] = "definition"

    def output_shape(self, inputs: Shapes) -> Shape:
        (x,) = inputs
        new = len(self.repeats) - len(x)
        if new < 0:
            self.refuse(f"'repeats' must have a number for each of the input's {len(x)} axes (got {len(self.repeats)})")
        return tuple(size * times for size, times in zip((1,) * new + x, self.repeats, strict=True))
