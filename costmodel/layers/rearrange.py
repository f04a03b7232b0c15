"""Layers that put the same elements elsewhere: roll, flip, depth to space, triangles, casts."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from costmodel.algebra import divides, equal, exact_div
from costmodel.algebra.dimension import Dim
from costmodel.algebra.types import Dim as Value
from costmodel.layers.axes import axes_of
from costmodel.layers.base import Flag, Index, Shape, Shapes, shape_text
from costmodel.layers.formulas import Formulas
from costmodel.layers.reshape import COPIED, Move

Shift = Annotated[Index, Field(ge=-(2**31), le=2**31)]


NumberFormat = Literal[
    "float64",
    "float32",
    "float16",
    "bfloat16",
    "float8",
    "float4",
    "complex128",
    "complex64",
    "int64",
    "int32",
    "int16",
    "int8",
    "int4",
    "uint64",
    "uint32",
    "uint16",
    "uint8",
    "uint4",
    "bool",
]


class _SameShape(Move):
    """A copy that keeps the shape."""

    formulas: ClassVar[Formulas] = COPIED
    source: ClassVar[str] = "definition"

    def output_shape(self, inputs: Shapes) -> Shape:
        return inputs[0]


class Roll(_SameShape):
    """The elements shifted along axes, those beyond the end to the front: a copy.

    >>> Roll(axes=(1, 2), shifts=(-3, -3)).cost((1, 56, 56, 96)).output_shapes
    ((1, 56, 56, 96),)
    """

    kind: Literal["roll"] = "roll"
    axes: tuple[Index, ...]
    shifts: tuple[Shift, ...]
    source: ClassVar[str] = "Liu et al., Swin Transformer, arXiv 2103.14030, section 3.2 (cyclic shift)"

    @model_validator(mode="after")
    def _a_shift_for_each_axis(self) -> Self:
        if len(self.axes) != len(self.shifts):
            raise ValueError(f"needs as many 'shifts' as 'axes' (got {len(self.shifts)} for {len(self.axes)})")
        return self

    def output_shape(self, inputs: Shapes) -> Shape:
        axes_of(self, self.axes, inputs[0])
        return inputs[0]

    def is_view(self, inputs: Shapes, outputs: Shapes) -> bool:
        return not any(self.shifts)


class Flip(_SameShape):
    """The elements in reverse order along axes: a copy.

    >>> Flip(axes=(-1,)).cost((1, 3, 8, 8)).output_shapes
    ((1, 3, 8, 8),)
    """

    kind: Literal["flip"] = "flip"
    axes: tuple[Index, ...]

    def output_shape(self, inputs: Shapes) -> Shape:
        axes_of(self, self.axes, inputs[0])
        return inputs[0]


class Trilu(_SameShape):
    """The upper or lower triangle of matrices, zeros elsewhere: a copy.

    Shapes: (..., rows, columns) -> the same.

    >>> Trilu(upper=False).cost((12, 12)).output_shapes
    ((12, 12),)
    """

    kind: Literal["trilu"] = "trilu"
    upper: Flag = True

    def output_shape(self, inputs: Shapes) -> Shape:
        if len(inputs[0]) < 2:
            self.refuse(f"takes an input of shape (..., rows, columns) (got {shape_text(inputs[0])})")
        return inputs[0]


class Cast(_SameShape):
    """The elements in another number format.

    >>> Cast(to="float16").cost((2, 5)).output_shapes
    ((2, 5),)
    """

    kind: Literal["cast"] = "cast"
    to: NumberFormat
    formulas: ClassVar[Formulas] = Formulas(free="a change of number format is not booked")


class DepthToSpace(Move):
    """Blocks of b x b channels spread out over the plane: a copy (pixel shuffle).

    Shapes: (n, c, h, w) -> (n, c / b^2, h b, w b). `mode` says which channels belong together: "DCR" those that
    lie c / b^2 apart, "CRD" those that are neighbours.

    >>> DepthToSpace(block=2).cost((1, 64, 16, 16)).output_shapes
    ((1, 16, 32, 32),)
    """

    kind: Literal["depth_to_space"] = "depth_to_space"
    block: Dim
    mode: Literal["DCR", "CRD"] = "CRD"
    formulas: ClassVar[Formulas] = COPIED
    source: ClassVar[str] = "Shi et al., arXiv 1609.05158, equation 4"

    def output_shape(self, inputs: Shapes) -> Shape:
        n, c, h, w = self.unpack(inputs[0], "n", "c", "h", "w")
        if not divides(self.block**2, c):
            self.refuse(f"'block' (={self.block}) squared must divide the channels (={c})")
        return (n, exact_div(c, self.block**2), h * self.block, w * self.block)

    def is_view(self, inputs: Shapes, outputs: Shapes) -> bool:
        return equal(self.block, 1)


class SpaceToDepth(Move):
    """Blocks of b x b elements of the plane stacked as channels: a copy, the inverse of `depth_to_space`.

    Shapes: (n, c, h, w) -> (n, c b^2, h / b, w / b).

    >>> SpaceToDepth(block=2).cost((1, 3, 32, 32)).output_shapes
    ((1, 12, 16, 16),)
    """

    kind: Literal["space_to_depth"] = "space_to_depth"
    block: Dim
    formulas: ClassVar[Formulas] = COPIED
    source: ClassVar[str] = "Shi et al., arXiv 1609.05158, equation 4 (inverse)"

    def output_shape(self, inputs: Shapes) -> Shape:
        n, c, h, w = self.unpack(inputs[0], "n", "c", "h", "w")
        return (n, c * self.block**2, self._parts("height", h), self._parts("width", w))

    def is_view(self, inputs: Shapes, outputs: Shapes) -> bool:
        return equal(self.block, 1)

    def _parts(self, name: str, size: Value) -> Value:
        if not divides(self.block, size):
            self.refuse(f"'block' (={self.block}) must divide the {name} (={size})")
        return exact_div(size, self.block)
