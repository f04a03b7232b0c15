"""A tensor of a model that is being read: where it comes from, its shape, and what is known of its elements."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from costmodel.algebra import Dim, product

Shape = tuple[Dim, ...]
Contents = npt.NDArray[np.object_]
"""Known elements: ints, bools, fractions, and expressions of the model's symbols."""


@dataclass(frozen=True)
class Weight:
    """A tensor that the file stores: its name there, and whether it is learned."""

    name: str
    is_learnable: bool = True


@dataclass(frozen=True, eq=False)
class Value:
    """A tensor of the model.

    It is computed from the network's inputs (`tensor` names it in the network), or stored in the file (`weight`),
    or a constant (neither). Whatever it is, its elements may be known (`contents`): that is how sizes that a model
    computes are followed to the operations that need them.
    """

    name: str
    shape: Shape
    dtype: str = "float32"
    tensor: str | None = None
    weight: Weight | None = None
    contents: Contents | None = None
    fill: Fraction | float | None = None
    """The number that every element is, of a tensor whose `contents` are too many to be kept; None elsewhere."""
    items: tuple[Value, ...] | None = None
    """The tensors of a sequence, which is no tensor itself; None for a tensor."""

    @property
    def is_computed(self) -> bool:
        """Whether it depends on the network's inputs."""
        return self.tensor is not None

    @property
    def is_learnable(self) -> bool:
        """Whether it is a stored parameter."""
        return self.weight is not None and self.weight.is_learnable

    @property
    def elements(self) -> Dim:
        """How many elements it has."""
        return product(self.shape)

    def is_all(self, number: int) -> bool:
        """Whether every element is known to be that number."""
        if self.contents is not None:
            return all(type(element) is not bool and element == number for element in self.contents.reshape(-1))
        return self.fill is not None and self.fill == number

    def reshaped(self, shape: Shape) -> Value:
        """The same elements, stored or constant, under another shape; their order is not kept track of."""
        return replace(self, shape=shape, contents=None)


def known(name: str, contents: object, dtype: str = "int64") -> Value:
    """A constant whose elements are known."""
    elements = np.asarray(contents, dtype=object)
    return Value(name, elements.shape, dtype, contents=elements)
