"""Layers that read or write at positions held in another tensor: gather and scatter."""

from __future__ import annotations

from typing import ClassVar, Literal

from costmodel.algebra import equal, product
from costmodel.algebra.dimension import Dim
from costmodel.algebra.types import Dim as Value
from costmodel.layers.axes import axis_of
from costmodel.layers.base import Index, Layer, Shape, Shapes, shape_text
from costmodel.layers.formulas import Formulas
from costmodel.layers.reshape import COPIED, Move


class Gather(Move):
    """Slices of the data along an axis, one for each index: a copy.

    Inputs: the data, and the indices, unless the shape of stored ones is given as `indices`.
    Shapes: the data's, with the axis replaced by the shape of the indices.

    >>> Gather(axis=0).cost((1000, 64), (8, 12)).output_shapes
    ((8, 12, 64),)
    >>> Gather(axis=1, indices=()).cost((8, 197, 768)).output_shapes
    ((8, 768),)
    """

    kind: Literal["gather"] = "gather"
    axis: Index = 0
    indices: tuple[Dim, ...] | None = None
    inputs: ClassVar[tuple[int, ...]] = (1, 2)
    formulas: ClassVar[Formulas] = COPIED
    source: ClassVar[str] = "ONNX operator Gather"

    def check_inputs(self, inputs: Shapes) -> None:
        expected = 2 if self.indices is None else 1
        if len(inputs) != expected:
            self.refuse(f"takes {expected} input{'s'[: expected - 1]} (got {len(inputs)})")

    def output_shape(self, inputs: Shapes) -> Shape:
        data = inputs[0]
        axis = axis_of(self, self.axis, data)
        return (*data[:axis], *(inputs[1] if self.indices is None else self.indices), *data[axis + 1 :])


class GatherElements(Move):
    """data[..., index, ...] along an axis, with an index for each element of the output: a copy.

    Shapes: the output has the shape of the indices, which has the rank of the data.

    >>> GatherElements(axis=1).cost((4, 10), (4, 3)).output_shapes
    ((4, 3),)
    """

    kind: Literal["gather_elements"] = "gather_elements"
    axis: Index = 0
    inputs: ClassVar[int | None] = 2
    formulas: ClassVar[Formulas] = COPIED
    source: ClassVar[str] = "ONNX operator GatherElements"

    def output_shape(self, inputs: Shapes) -> Shape:
        data, indices = inputs
        _check_elements(self, axis_of(self, self.axis, data), data, indices)
        return indices


def _check_elements(layer: Layer, axis: int, data: Shape, indices: Shape) -> None:
    """Raise unless the indices have the rank of the data, and off the axis no more sizes."""
    off_axis = [pair for at, pair in enumerate(zip(data, indices, strict=False)) if at != axis]
    beyond = any(isinstance(size, int) and isinstance(index, int) and index > size for size, index in off_axis)
    if len(data) != len(indices) or beyond:
        layer.refuse(
            f"needs indices that fit the data everywhere but along axis {axis}"
            f" (got {shape_text(indices)} for {shape_text(data)})"
        )


class GatherND(Move):
    """The parts of the data at the index vectors that lie along the last axis of the indices: a copy.

    Shapes: the indices' without the last axis of q elements, then the data's without the first q (after
    `batch_dims` axes that both share).

    >>> GatherND().cost((4, 5, 6), (7, 2)).output_shapes
    ((7, 6),)
    """

    kind: Literal["gather_nd"] = "gather_nd"
    batch_dims: Index = 0
    inputs: ClassVar[int | None] = 2
    formulas: ClassVar[Formulas] = COPIED
    source: ClassVar[str] = "ONNX operator GatherND"

    def output_shape(self, inputs: Shapes) -> Shape:
        data, indices = inputs
        shared = self.batch_dims
        if not 0 <= shared < max(1, min(len(data), len(indices))):
            self.refuse(f"'batch_dims' must be less than the rank of both inputs (got {shared})")
        if not all(equal(one, other) for one, other in zip(data[:shared], indices[:shared], strict=True)):
            self.refuse(
                f"needs inputs that share {shared} axes (got {shape_text(data)} and indices of {shape_text(indices)})"
            )
        return (*indices[:-1], *data[shared + index_length(self, data[shared:], indices) :])


def index_length(layer: Layer, data: Shape, indices: Shape) -> int:
    """How many axes of the data an index vector names."""
    named = indices[-1] if indices else None
    if not isinstance(named, int) or named > len(data):
        layer.refuse(
            f"needs indices whose last axis names at most the data's {len(data)} axes (got {shape_text(indices)})"
        )
    return named


def scatter_additions(j_a: Value, e_u: Value) -> Value:
    """One for each element of the updates that is added."""
    return j_a * e_u


def scatter_multiplications(j_m: Value, e_u: Value) -> Value:
    """One for each element of the updates that is multiplied."""
    return j_m * e_u


def scatter_comparisons(j_c: Value, e_u: Value) -> Value:
    """One for each element of the updates that is compared."""
    return j_c * e_u


class _Scatter(Layer):
    """What writing at positions shares: the data, the indices and the updates."""

    reduction: Literal["none", "add", "mul", "max", "min"] = "none"
    inputs: ClassVar[int | None] = 3
    formulas: ClassVar[Formulas] = Formulas(
        additions=scatter_additions, multiplications=scatter_multiplications, comparisons=scatter_comparisons
    )

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        compared = self.reduction in ("max", "min")
        flags = {"j_a": int(self.reduction == "add"), "j_m": int(self.reduction == "mul"), "j_c": int(compared)}
        return {**flags, "e_u": product(inputs[2])}


class ScatterElements(_Scatter):
    """The data with each element of the updates written (or added, ...) at its index along an axis.

    Inputs: data, indices, updates. Shapes: the output has the shape of the data, the updates that of the indices.
    One operation for each element of the updates, none where they are only written.

    >>> ScatterElements(axis=1, reduction="add").cost((4, 10), (4, 3), (4, 3)).ledger.additions
    12
    """

    kind: Literal["scatter_elements"] = "scatter_elements"
    axis: Index = 0
    source: ClassVar[str] = "ONNX operator ScatterElements"

    def output_shape(self, inputs: Shapes) -> Shape:
        data, indices, updates = inputs
        _check_elements(self, axis_of(self, self.axis, data), data, indices)
        _check_updates(self, updates, indices)
        return data


class ScatterND(_Scatter):
    """The data with each part of the updates written (or added, ...) at the index vector of its position.

    Inputs: data, indices, updates. Shapes: the output has the shape of the data; the updates that of `gather_nd`.
    One operation for each element of the updates, none where they are only written.

    >>> ScatterND(reduction="add").cost((4, 5, 6), (7, 2), (7, 6)).ledger.additions
    42
    """

    kind: Literal["scatter_nd"] = "scatter_nd"
    source: ClassVar[str] = "ONNX operator ScatterND"

    def output_shape(self, inputs: Shapes) -> Shape:
        data, indices, updates = inputs
        _check_updates(self, updates, (*indices[:-1], *data[index_length(self, data, indices) :]))
        return data


def _check_updates(layer: Layer, updates: Shape, expected: Shape) -> None:
    if len(updates) != len(expected) or not all(map(equal, updates, expected)):
        named = f"{shape_text(updates)} for {shape_text(expected)}"
        layer.refuse(f"needs updates of the shape that its indices select (got {named})")


class OneHot(Move):
    """1 at each index along a new axis of size `depth`, 0 elsewhere.

    >>> OneHot(depth=10).cost((8,)).output_shapes
    ((8, 10),)
    """

    kind: Literal["one_hot"] = "one_hot"
    depth: Dim
    axis: Index = -1
    formulas: ClassVar[Formulas] = Formulas(free="zeros are written, and a one at each index: nothing is computed")
    source: ClassVar[str] = "ONNX operator OneHot"

    def output_shape(self, inputs: Shapes) -> Shape:
        (x,) = inputs
        rank = len(x) + 1
        if not -rank <= self.axis < rank:
            self.refuse(f"'axis' must be one of the output's {rank} axes (got {self.axis})")
        axis = self.axis % rank
        return (*x[:axis], self.depth, *x[axis:])
