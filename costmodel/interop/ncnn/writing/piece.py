"""One layer of a network as it is written to ncnn: its blobs, its weights, and what is fused into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np

from costmodel.errors import SpecError, UnsupportedError, shorten
from costmodel.interop.ncnn.writing.model import Lines, Parameters
from costmodel.layers import Layer
from costmodel.layers.base import Shape, shape_text
from costmodel.network.parts import PlacedPart

WeightsOf = Callable[[str, tuple[int, ...]], Any]
"""Weights as an array, by their name (the node's and their role, with a point) and shape."""
Write = Callable[["Piece"], str | Sequence[str]]
WriteOf = TypeVar("WriteOf", bound=Write)
EPSILON: Final = 1e-5
"""What normalizations add to a variance, as ONNX and PyTorch do by default."""
WRITERS: Final[dict[str, Write]] = {}
"""How each layer kind is written."""


def writes(*kinds: str) -> Callable[[WriteOf], WriteOf]:
    """A decorator that makes a function write these kinds."""

    def remember(function: WriteOf) -> WriteOf:
        WRITERS.update(dict.fromkeys(kinds, function))
        return function

    return remember


class Norm(NamedTuple):
    """A batch norm that is folded into a layer: the prefix of its weights' names, and whether it has any."""

    prefix: str
    is_affine: bool


@dataclass(eq=False)
class Piece:
    """A layer that is written.

    `blobs` are its inputs' names; `flat` are those of them that have one axis where ours have maps of one element, as
    ncnn's global pools leave them. `norm` and `activation` are what is fused into it; `makes_flat` says that the output
    is such a flat blob.
    """

    lines: Lines
    part: PlacedPart
    prefix: str
    weights_of: WeightsOf
    blobs: list[str]
    flat: set[str]
    norm: Norm | None = None
    activation: Layer | None = None
    makes_flat: bool = field(default=False, init=False)

    @property
    def layer(self) -> Layer:
        """The layer."""
        return self.part.layer

    @property
    def field(self) -> dict[str, Any]:
        """The fields of the layer by name."""
        return dict(self.part.layer)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the first input without the batch."""
        return blob_shape(self.part.input_shapes[0])

    @property
    def result(self) -> tuple[int, ...]:
        """The shape of the first output without the batch."""
        return blob_shape(self.part.output_shapes[0])

    @property
    def has_bias(self) -> bool:
        """Whether there is a bias: the layer's own, or the shift of a batch norm that is folded into the weights."""
        return self.field["bias"] or self.norm is not None

    def add(self, kind: str, parameters: Parameters | None = None, *, inputs: Sequence[str] | None = None) -> str:
        """Add an ncnn layer; the name of its output blob."""
        return self.lines.add(kind, self.part.name, self.blobs if inputs is None else inputs, parameters)[0]

    def image(self, place: int = 0) -> str:
        """An input with the axes that it has in our network: a flat blob as maps of one element."""
        blob = self.blobs[place]
        if blob not in self.flat:
            return blob
        return self.lines.add("Reshape", f"{blob}_map", [blob], sizes(blob_shape(self.part.input_shapes[place])))[0]

    def weight(self, role: str, *shape: int, is_tagged: bool = False) -> None:
        """Store weights of the layer."""
        self.lines.store(self.weights_of(f"{self.prefix}.{role}", shape), is_tagged=is_tagged)

    def filled(self, number: float, *shape: int) -> None:
        """Store equal numbers."""
        self.lines.store(np.full(shape, number, np.float32), is_tagged=False)

    def filters(self, c_o: int, *shape: int, is_transposed: bool = False) -> None:
        """Store weights of shape (c_o, ...) and their bias, with what is folded into them.

        ncnn stores those of a transposed convolution by output channel, we by input channel: (c_i, c_o / g, ...).
        """
        weight = self.weights_of(f"{self.prefix}.weight", shape if is_transposed else (c_o, *shape))
        bias = self.weights_of(f"{self.prefix}.bias", (c_o,)) if self.field["bias"] else np.zeros(c_o, np.float32)
        if is_transposed:
            groups = c_o // shape[1]
            grouped = weight.reshape(groups, shape[0] // groups, *shape[1:])
            weight = np.moveaxis(grouped, 1, 2).reshape(c_o, shape[0] // groups, *shape[2:])
        if self.norm is not None:
            scale, shift = np.ones(c_o, np.float32), np.zeros(c_o, np.float32)
            if self.norm.is_affine:
                scale, shift = (self.weights_of(f"{self.norm.prefix}.{role}", (c_o,)) for role in ("scale", "shift"))
            scale = scale / np.sqrt(np.float32(1 + EPSILON))
            weight, bias = weight * scale.reshape(-1, *(1,) * (weight.ndim - 1)), bias * scale + shift
        self.lines.store(weight, is_tagged=True)
        if self.has_bias:
            self.lines.store(bias, is_tagged=False)

    def axis(self, axis: int) -> int:
        """An axis of ours as one of ncnn's, which have no batch."""
        ours = axis % len(self.part.input_shapes[0])
        if ours == 0:
            raise UnsupportedError("ncnn has no axis for the batch")
        return ours - 1


def blob_shape(shape: Shape) -> tuple[int, ...]:
    """The shape of a tensor as a blob of ncnn: without the batch, which must be 1."""
    if not all(isinstance(size, int) for size in shape):
        raise SpecError(f"sizes must be numbers to be written to ncnn (got {shape_text(shape)}); bind them")
    if not 2 <= len(shape) <= 5 or shape[0] != 1:
        raise UnsupportedError(
            f"ncnn's blobs have one to four axes and no batch: shapes must be 1x... (got {shorten(shape_text(shape))})"
        )
    return tuple(int(size) for size in shape[1:])


def sizes(shape: Sequence[int]) -> dict[int, int]:
    """The parameters of a shape: w, h, d and c under 0, 1, 11 and 2."""
    keys = {1: (0,), 2: (1, 0), 3: (2, 1, 0), 4: (2, 11, 1, 0)}[len(shape)]
    return dict(sorted(zip(keys, shape, strict=True)))
