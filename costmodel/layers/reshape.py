"""Layers that move or rename elements: views, copies, padding, resizing, dropout."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from costmodel.algebra import equal, exact_div, product
from costmodel.algebra.dimension import Dim, Size
from costmodel.algebra.text import to_json, to_text
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Index, Layer, Shape, Shapes, shape_text
from costmodel.layers.formulas import Formulas
from costmodel.layers.merge import axis_of
from costmodel.layers.window import Axes2


class _Move(Layer):
    """A layer that books no operation."""

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {}


class Identity(_Move):
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


class Dropout(_Move):
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


class Flatten(_Move):
    """All axes from `start_axis` on as one.

    >>> Flatten().cost((1, 256, 6, 6)).output_shapes
    ((1, 9216),)
    """

    kind: Literal["flatten"] = "flatten"
    start_axis: Index = 1
    view: ClassVar[bool] = True
    formulas: ClassVar[Formulas] = Formulas(free="the output is a view of the input")
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


class Reshape(_Move):
    """The same elements under another shape; one size may be -1, for what is left over.

    >>> Reshape(shape=(1, 2, -1)).cost((1, 8, 3)).output_shapes
    ((1, 2, 12),)
    """

    kind: Literal["reshape"] = "reshape"
    shape: tuple[Target, ...]
    view: ClassVar[bool] = True
    formulas: ClassVar[Formulas] = Formulas(free="the output is a view of the input")
    source: ClassVar[str] = "definition"

    @model_validator(mode="after")
    def _one_left_over(self) -> Self:
        if self.shape.count(None) > 1:
            raise ValueError("'shape' may leave one size open (-1), not several")
        return self

    def output_shape(self, inputs: Shapes) -> Shape:
        elements = product(inputs[0])
        known = product(size for size in self.shape if size is not None)
        fits = equal(known, elements) if None not in self.shape else not _uneven(elements, known)
        if not fits:
            wanted = "x".join("?" if size is None else to_text(size) for size in self.shape)
            self.refuse(f"'shape' must hold the input's elements (got {wanted} for {shape_text(inputs[0])})")
        return tuple(exact_div(elements, known) if size is None else size for size in self.shape)


def _uneven(elements: Value, known: Value) -> bool:
    return isinstance(elements, int) and isinstance(known, int) and elements % known != 0


class Permute(_Move):
    """Its axes in another order: a copy.

    >>> Permute(axes=(0, 2, 1)).cost((1, 8, 3)).output_shapes
    ((1, 3, 8),)
    """

    kind: Literal["permute"] = "permute"
    axes: tuple[Index, ...]
    formulas: ClassVar[Formulas] = Formulas(free="elements are copied, not computed")
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


class ChannelShuffle(_Move):
    """The channels of g groups interleaved: a copy.

    Shapes: (n, c, ...) -> the same.

    >>> ChannelShuffle(groups=3).cost((1, 240, 28, 28)).output_shapes
    ((1, 240, 28, 28),)
    """

    kind: Literal["channel_shuffle"] = "channel_shuffle"
    groups: Dim
    formulas: ClassVar[Formulas] = Formulas(free="elements are copied, not computed")
    source: ClassVar[str] = "Zhang et al., ShuffleNet, arXiv 1707.01083, section 3.1"

    def output_shape(self, inputs: Shapes) -> Shape:
        x = self.channelled(inputs[0])
        if isinstance(x[1], int) and isinstance(self.groups, int) and x[1] % self.groups:
            self.refuse(f"'groups' (={self.groups}) must divide the channels (={x[1]})")
        return x


class Pad(_Move):
    """(before, after) elements added along each axis: a copy.

    >>> Pad(pads=((0, 0), (0, 0), (0, 1), (0, 1))).cost((1, 3, 4, 4)).output_shapes
    ((1, 3, 5, 5),)
    """

    kind: Literal["pad"] = "pad"
    pads: tuple[tuple[Size, Size], ...]
    formulas: ClassVar[Formulas] = Formulas(free="elements are copied, not computed")
    source: ClassVar[str] = "definition"

    def output_shape(self, inputs: Shapes) -> Shape:
        (x,) = inputs
        if len(x) != len(self.pads):
            self.refuse(f"'pads' must have a pair for each of the input's {len(x)} axes (got {len(self.pads)})")
        return tuple(before + size + after for size, (before, after) in zip(x, self.pads, strict=True))


def bilinear_multiplications(e: Value, i: Value) -> Value:
    """Three linear interpolations a + t (b - a), each with one multiplication."""
    return 3 * i * e


def bilinear_additions(e: Value, i: Value) -> Value:
    """Three linear interpolations a + t (b - a), each with two additions."""
    return 6 * i * e


class Upsample2d(Layer):
    """Images resized by an integer `scale` or to a `size`, by the nearest element or bilinearly.

    Shapes: (n, c, h_i, w_i) -> (n, c, h_o, w_o). The weights t are constants.

    >>> Upsample2d(scale=2, mode="bilinear").cost((1, 1, 4, 4)).ledger.additions
    384
    """

    kind: Literal["upsample2d"] = "upsample2d"
    scale: Axes2 | None = None
    size: Axes2 | None = None
    mode: Literal["nearest", "bilinear"] = "nearest"
    formulas: ClassVar[Formulas] = Formulas(multiplications=bilinear_multiplications, additions=bilinear_additions)
    source: ClassVar[str] = "Press et al., Numerical Recipes, section 3.6 (bilinear interpolation)"
    assumptions: ClassVar[tuple[str, ...]] = ("positions and weights are computed beforehand",)

    @model_validator(mode="before")
    @classmethod
    def _one_of_both(cls, fields: object) -> object:
        if isinstance(fields, dict) and (fields.get("scale") is None) == (fields.get("size") is None):
            raise ValueError("needs either 'scale' or 'size'")
        return fields

    def output_shape(self, inputs: Shapes) -> Shape:
        n, c, h_i, w_i = self.unpack(inputs[0], "n", "c", "h_i", "w_i")
        if self.size is not None:
            return (n, c, *self.size)
        vertical, horizontal = self.scale or (1, 1)
        return (n, c, h_i * vertical, w_i * horizontal)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        return {"e": product(outputs[0]), "i": int(self.mode == "bilinear")}
