"""One layer of a network as a function of PyTorch tensors: its fields, and its weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import torch

from costmodel.errors import SpecError
from costmodel.layers import Layer
from costmodel.layers.base import Shape, shape_text
from costmodel.network.parts import PlacedPart

WeightsOf = Callable[[str, tuple[int, ...]], Any]
"""Weights as an array, by their name (the node's and their role, with a point) and shape."""
Function = Callable[..., Any]
"""What a layer computes: a tensor, or several, of tensors."""
Make = Callable[["Making"], Function]
MakeOf = TypeVar("MakeOf", bound=Make)
MAKERS: Final[dict[str, Make]] = {}
"""How the function of each layer kind is made."""


def makes(*kinds: str) -> Callable[[MakeOf], MakeOf]:
    """A decorator that lets a function make the functions of these kinds."""

    def remember(function: MakeOf) -> MakeOf:
        MAKERS.update(dict.fromkeys(kinds, function))
        return function

    return remember


@dataclass(frozen=True, eq=False)
class Making:
    """A layer whose function is made; `is_last_reader` says that nothing else needs its first input."""

    part: PlacedPart
    prefix: str
    weights_of: WeightsOf
    is_last_reader: bool = False

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
        """The shape of the first input."""
        return numbers(self.part.input_shapes[0])

    @property
    def result(self) -> tuple[int, ...]:
        """The shape of the first output."""
        return numbers(self.part.output_shapes[0])

    def weight(self, role: str, *shape: int) -> torch.Tensor:
        """A tensor of weights."""
        return torch.from_numpy(self.weights_of(f"{self.prefix}.{role}", shape))

    def bias(self, size: int) -> torch.Tensor | None:
        """The bias, where there is one."""
        return self.weight("bias", size) if self.field["bias"] else None

    def affine(self, *shape: int) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """The scale and the shift of a normalization, where it has them."""
        if not self.field["affine"]:
            return None, None
        return self.weight("scale", *shape), self.weight("shift", *shape)


def numbers(shape: Shape) -> tuple[int, ...]:
    """The shape, which must have no symbols."""
    if not all(isinstance(size, int) for size in shape):
        raise SpecError(f"sizes must be numbers to be run by PyTorch (got {shape_text(shape)}); bind them")
    return tuple(int(size) for size in shape)
