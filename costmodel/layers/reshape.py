"""Layers that move or rename elements: views, copies, padding, dropout."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from costmodel.algebra import divides, equal, exact_div, product
from costmodel.algebra.dimension import Dim, Offset
from costmodel.algebra.text import to_json, to_text
from costmodel.algebra.types import Dim as Value
from costmodel.layers.axes import axis_of
from costmodel.layers.base import Flag, Index, Layer, Shape, Shapes, shape_text
from costmodel.layers.formulas import Formulas

COPIED = Formulas(free="elements are copied, not computed")
VIEW = Formulas(free="the output is a view of the input")


class Move(Layer):
    """A layer that books no operation."""

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {}


class Identity(Move):
    """The input itself.

    >>> Identity().cost((1, 8)).output_shapes
    ((1, 8),)
    """

    kind: Literal["identity"] = "identity"
    view: ClassVar[bool] = True
    formulas: ClassVar[Formulas] = Formulas(free="the output is the input")
    source: ClassVar[str] = "definition"

    def output_shape(self, inputs: Shapes) -> Shape:
        return inputs[0]


class Dropout(Move):
    """The input itself at inference; in training a random part `rate` of it is set to zero.

    >>> Dropout(rate=0.2).cost((1, 8)).output_shapes
    ((1, 8),)
    """

    kind: Literal["dropout"] = "dropout"
    rate: float = Field(default=0.5, ge=0, lt=1)
    in_place: ClassVar[bool] = True
    formulas: ClassVar[Formulas] = Formulas(
        free="at inference nothing is dropped, and the scale is folded into training"
    )
    source: ClassVar[str] = "Srivastava et al., Dropout, JMLR 15, 2014"

    def output_shape(self, inputs: Shapes) -> Shape:
        return inputs[0]


class Flatten(Move):
    """All axes from `start_axis` on as one.

    >>> Flatten().cost((1, 256, 6, 6)).output_shapes
    ((1, 9216),)
    """

    kind: Literal["flatten"] = "flatten"
    start_axis: Index = 1
    view: ClassVar[bool] = True
    formulas: ClassVar[Formulas] = VIEW
    source: ClassVar[str] = "definition"

    def output_shape(self, inputs: Shapes) -> Shape:
        (x,) = inputs
        start = axis_of(self, self.start_axis, x, "start_axis")
        return (*x[:start], product(x[start:]))


def _target(value: object) -> object:
    """-1 stands for the size that is left over."""
    return None if value == -1 else value


Target = Annotated[
    Dim | None, BeforeValidator(_target), PlainSerializer(lambda size: -1 if size is None else to_json(size))
]


class Reshape(Move):
    """The same elements under another shape; one size may be -1, for what is left over.

    With `assumed`, sizes that are expressions may hold the input's elements for some values of their symbols only,
    which is checked when those are bound.

    >>> Reshape(shape=(1, 2, -1)).cost((1, 8, 3)).output_shapes
    ((1, 2, 12),)
    """

    kind: Literal["reshape"] = "reshape"
    shape: tuple[Target, ...]
    assumed: Flag = False
    view: ClassVar[bool] = True
    formulas: ClassVar[Formulas] = VIEW
    source: ClassVar[str] = "definition"

    @model_validator(mode="after")
    def _one_left_over(self) -> Self:
        if self.shape.count(None) > 1:
            raise ValueError("'shape' may leave one size open (-1), not several")
        return self

    def output_shape(self, inputs: Shapes) -> Shape:
        elements = product(inputs[0])
        known = product(size for size in self.shape if size is not None)
        fits = equal(known, elements) if None not in self.shape else divides(known, elements)
        if not fits and (not self.assumed or (isinstance(known, int) and isinstance(elements, int))):
            wanted = "x".join("?" if size is None else to_text(size) for size in self.shape)
            self.refuse(f"'shape' must hold the input's elements (got {wanted} for {shape_text(inputs[0])})")
        return tuple(exact_div(elements, known) if size is None else size for size in self.shape)


class Permute(Move):
    """Its axes in another order: a copy.

    >>> Permute(axes=(0, 2, 1)).cost((1, 8, 3)).output_shapes
    ((1, 3, 8),)
    """

    kind: Literal["permute"] = "permute"
    axes: tuple[Index, ...]
    formulas: ClassVar[Formulas] = COPIED
    source: ClassVar[str] = "definition"

    @model_validator(mode="after")
    def _each_axis_once(self) -> Self:
        if sorted(self.axes) != list(range(len(self.axes))):
            raise ValueError(f"'axes' must name each axis from 0 once (got {self.axes})")
        return self

    def output_shape(self, inputs: Shapes) -> Shape:
        (x,) = inputs
        if len(x) != len(self.axes):
            self.refuse(f"'axes' must name the input's {len(x)} axes (got {self.axes})")
        return tuple(x[axis] for axis in self.axes)

    def is_view(self, inputs: Shapes, outputs: Shapes) -> bool:
        return self.axes == tuple(range(len(self.axes)))


class ChannelShuffle(Move):
    """The channels of g groups interleaved: a copy.

    Shapes: (n, c, ...) -> the same.

    >>> ChannelShuffle(groups=3).cost((1, 240, 28, 28)).output_shapes
    ((1, 240, 28, 28),)
    """

    kind: Literal["channel_shuffle"] = "channel_shuffle"
    groups: Dim
    formulas: ClassVar[Formulas] = COPIED
    source: ClassVar[str] = "Zhang et al., ShuffleNet, arXiv 1707.01083, section 3.1"

    def output_shape(self, inputs: Shapes) -> Shape:
        x = self.channelled(inputs[0])
        if not divides(self.groups, x[1]):
            self.refuse(f"'groups' (={self.groups}) must divide the channels (={x[1]})")
        return x

    def is_view(self, inputs: Shapes, outputs: Shapes) -> bool:
        return equal(self.groups, 1)


class Pad(Move):
    """(before, after) elements added along each axis, or where negative cropped: a copy.

    `mode` says what is added: a constant, the input mirrored at its border, its last element, or the other end.

    >>> Pad(pads=((0, 0), (0, 0), (0, 1), (-1, 1))).cost((1, 3, 4, 4)).output_shapes
    ((1, 3, 5, 4),)
    """

    kind: Literal["pad"] = "pad"
    pads: tuple[tuple[Offset, Offset], ...]
    mode: Literal["constant", "reflect", "edge", "wrap"] = "constant"
    formulas: ClassVar[Formulas] = COPIED
    source: ClassVar[str] = "definition"

    def output_shape(self, inputs: Shapes) -> Shape:
        (x,) = inputs
        if len(x) != len(self.pads):
            self.refuse(f"'pads' must have a pair for each of the input's {len(x)} axes (got {len(self.pads)})")
        for size, sides in zip(x, self.pads, strict=True):
            self._check_mirrored(size, sides)
        return tuple(before + size + after for size, (before, after) in zip(x, self.pads, strict=True))

    def is_view(self, inputs: Shapes, outputs: Shapes) -> bool:
        return all(equal(amount, 0) for sides in self.pads for amount in sides)

    def _check_mirrored(self, size: Value, sides: tuple[Value, Value]) -> None:
        """Raise where more would be mirrored than the input has beside its border."""
        if self.mode == "reflect" and isinstance(size, int):
            side = next((side for side in sides if isinstance(side, int) and side >= size), None)
            if side is not None:
                self.refuse(
                    f"'pads' must be less than the size where the mode is 'reflect' (got {side} on a size of {size})"
                )
