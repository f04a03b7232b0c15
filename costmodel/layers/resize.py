"""Maps sampled at other positions: upsampling, resizing, sampling on a grid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, PlainSerializer, model_validator

from costmodel.algebra import equal, exact_div, maximum, minimum, product
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Layer, Shape, Shapes, shape_text
from costmodel.layers.formulas import Formulas
from costmodel.layers.reshape import Target
from costmodel.layers.scaling import scaled_size
from costmodel.layers.window import Axes2

ASSUMPTIONS = ("positions and weights are computed beforehand",)
MAX_SCALE = 2**31


def interpolation_multiplications(e: Value, i_l: Value, i_c: Value) -> Value:
    """One for a linear interpolation a + t (b - a), four for a cubic one, a weighted sum of four."""
    return e * (i_l + 4 * i_c)


def interpolation_additions(e: Value, i_l: Value, i_c: Value) -> Value:
    """Two for a linear interpolation a + t (b - a), three for a cubic one, a weighted sum of four."""
    return e * (2 * i_l + 3 * i_c)


def interpolations(mode: str, axes: Sequence[Value]) -> dict[str, Value]:
    """How many interpolations along single axes make one over several: 1 + 2 + 4 + ... linear, 1 + 4 + ... cubic.

    `axes` has a 1 for each axis that is interpolated, and a 0 for one that is not.
    """
    return {
        "i_l": product(1 + axis for axis in axes) - 1 if mode in ("linear", "bilinear") else 0,
        "i_c": exact_div(product(1 + 3 * axis for axis in axes) - 1, 3) if mode == "cubic" else 0,
    }


def is_changed(before: Value, after: Value) -> Value:
    """1 where a size changes and 0 where it does not; an expression where that depends on the symbols."""
    if equal(before, after):
        return 0
    if isinstance(before, int) and isinstance(after, int):
        return 1
    from costmodel.algebra.bounds import is_at_least

    if is_at_least(after, before + 1) or is_at_least(before, after + 1):
        return 1
    return minimum(1, maximum(after - before, before - after))


class _Resampling(Layer):
    """What changes the sizes of maps by interpolation, along the axes that do not keep theirs."""

    mode: str

    formulas: ClassVar[Formulas] = Formulas(
        multiplications=interpolation_multiplications, additions=interpolation_additions
    )
    source: ClassVar[str] = "Press et al., Numerical Recipes, section 3.6 (interpolation in several dimensions)"
    assumptions: ClassVar[tuple[str, ...]] = (*ASSUMPTIONS, "axes that keep their size are not interpolated")

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        changed = [is_changed(before, after) for before, after in zip(inputs[0], outputs[0], strict=True)]
        return {"e": product(outputs[0]), **interpolations(self.mode, changed)}

    def is_view(self, inputs: Shapes, outputs: Shapes) -> bool:
        return all(map(equal, inputs[0], outputs[0]))


class Upsample2d(_Resampling):
    """Images resized by an integer `scale` or to a `size`, by the nearest element or bilinearly.

    Shapes: (n, c, h_i, w_i) -> (n, c, h_o, w_o). The weights t are constants; `resize` is the general kind, of which
    the operations are counted alike.

    >>> Upsample2d(scale=2, mode="bilinear").cost((1, 1, 4, 4)).ledger.additions
    384
    """

    kind: Literal["upsample2d"] = "upsample2d"
    scale: Axes2 | None = None
    size: Axes2 | None = None
    mode: Literal["nearest", "bilinear"] = "nearest"

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


_WRITTEN = re.compile(r"[0-9]{1,20}([./][0-9]{1,20})?")


def _ratio(value: object) -> Fraction:
    """A positive rational number: 2, 0.5 (exactly the binary number that a float is) or "3/2"."""
    try:
        number = _fraction(value)
    except (ValueError, OverflowError, ZeroDivisionError):
        number = None
    if number is None or not 0 < number.numerator < 10**20 > number.denominator or number > MAX_SCALE:
        raise ValueError("must be a positive number or a fraction such as '3/2', of at most 20 digits each")
    return number


def _fraction(value: object) -> Fraction | None:
    if isinstance(value, str):
        return Fraction(value) if _WRITTEN.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
        return None
    return Fraction(value)


Ratio = Annotated[Fraction, BeforeValidator(_ratio), PlainSerializer(str)]
"""A positive rational number."""


class Resize(_Resampling):
    """Tensors of any rank resized by `scales` or to `sizes`, one for each axis; -1 among the sizes keeps one.

    Shapes: each axis becomes floor(size x scale), of a float in its own precision, as runtimes multiply; where the
    size is a symbol, a float stands for the simplest fraction that rounds to it.

    Interpolated along the d axes that change: the nearest element; 2^d - 1 linear interpolations for each element of
    the output; or (4^d - 1) / 3 cubic ones.

    >>> Resize(scales=(1, 1, "3/2", "3/2"), mode="linear").cost((1, 1, 5, 5)).output_shapes
    ((1, 1, 7, 7),)
    """

    kind: Literal["resize"] = "resize"
    scales: tuple[Ratio, ...] | None = None
    sizes: tuple[Target, ...] | None = None
    mode: Literal["nearest", "linear", "cubic"] = "nearest"

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.scales is None) == (self.sizes is None):
            raise ValueError("needs either 'scales' or 'sizes'")
        return self

    def output_shape(self, inputs: Shapes) -> Shape:
        (x,) = inputs
        targets = self.sizes if self.scales is None else self.scales
        if targets is None or len(targets) != len(x):
            self.refuse(
                f"needs a scale or a size for each of the input's axes (got {targets and len(targets)} for"
                f" {shape_text(x)})"
            )
        if self.scales is not None:
            return tuple(map(scaled_size, x, self.scales))
        return tuple(size if target is None else target for size, target in zip(x, targets, strict=True))


def grid_multiplications(e: Value, m: Value, d_s: Value, i_l: Value) -> Value:
    """One for each coordinate, and one for each linear interpolation."""
    return m * d_s + e * i_l


def grid_additions(e: Value, m: Value, d_s: Value, i: Value, i_l: Value) -> Value:
    """One for each coordinate, one more for its fraction where it is interpolated; two for each interpolation."""
    return m * d_s * (1 + i) + e * (2 * i_l)


def grid_comparisons(m: Value, d_s: Value) -> Value:
    """One for rounding each coordinate."""
    return m * d_s


class GridSample(Layer):
    """Maps sampled at positions that are computed: by the nearest element or linearly along each axis.

    Inputs: x and the grid of positions. Shapes: (n, c, h_i, w_i), (n, h_o, w_o, 2) -> (n, c, h_o, w_o), and so for
    d_s = 1 or 3 axes; m = n h_o w_o positions. A coordinate takes a multiplication and an addition from the grid's
    unit to the element's, and a comparison to be rounded.

    >>> GridSample().cost((1, 1, 8, 8), (1, 4, 4, 2)).ledger.comparisons
    32
    """

    kind: Literal["grid_sample"] = "grid_sample"
    mode: Literal["nearest", "linear"] = "linear"
    inputs: ClassVar[int | None] = 2
    formulas: ClassVar[Formulas] = Formulas(
        multiplications=grid_multiplications, additions=grid_additions, comparisons=grid_comparisons
    )
    source: ClassVar[str] = "Jaderberg et al., Spatial transformer networks, arXiv 1506.02025, equations 4 and 5"
    assumptions: ClassVar[tuple[str, ...]] = ("positions outside the input cost what those inside do",)

    def output_shape(self, inputs: Shapes) -> Shape:
        x, grid = inputs
        axes = len(x) - 2
        if axes < 1 or len(grid) != len(x) or not equal(x[0], grid[0]) or grid[-1] != axes:
            self.refuse(
                "takes an input of shape (n, c, ...) and a grid of shape (n, ..., number of spatial axes)"
                f" (got {shape_text(x)} and {shape_text(grid)})"
            )
        return (*x[:2], *grid[1:-1])

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        x, grid = inputs
        axes = len(x) - 2
        sampled = {"e": product(outputs[0]), "m": product(grid[:-1]), "d_s": axes}
        return {**sampled, "i": int(self.mode == "linear"), "i_l": interpolations(self.mode, (1,) * axes)["i_l"]}
