"""The axes of a space as numbers: steps for those with an order, and features for a surrogate."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Final

import numpy as np

from costmodel.algebra.arrays import Array
from costmodel.sizing.searches.history import Places
from costmodel.sizing.spaces.axes import Axis

LEAPS: Final = 0.1
"""Of the steps along an axis, how many go anywhere."""


class Grid:
    """Steps and features. An axis of numbers has two, its value and the value's logarithm; of choices one for each."""

    def __init__(self, axes: Sequence[Axis]) -> None:
        self.sizes = np.array([each.size for each in axes])
        self.size = prod(each.size for each in axes)
        self.is_ordered = np.array([each.is_numeric for each in axes])
        self._features = [_features(each) for each in axes]

    def features(self, places: Places) -> Array:
        """The features of each configuration."""
        return np.concatenate([of_axis[places[:, axis]] for axis, of_axis in enumerate(self._features)], axis=1)

    def uniform(self, count: int, generator: np.random.Generator) -> Places:
        """Configurations drawn evenly."""
        return generator.integers(0, self.sizes, (count, len(self.sizes)))

    def shrunk(self, places: Places, parts: Array) -> Places:
        """The places on ordered axes scaled towards the first by these parts, one for each configuration."""
        return np.where(self.is_ordered, np.rint(places * parts[:, None]).astype(np.int64), places)

    def moved(self, places: Places, scale: float, generator: np.random.Generator) -> Places:
        """The configurations with a few axes changed, at least two."""
        count, axes = places.shape
        many = np.minimum(1 + generator.geometric(0.3, count), axes)
        rank = generator.random((count, axes)).argsort(axis=1).argsort(axis=1)
        steps = np.maximum(1, np.rint(np.abs(generator.normal(0, scale, places.shape)) * (self.sizes - 1)))
        walked = places + steps.astype(np.int64) * generator.choice([-1, 1], places.shape)
        other = (places + generator.integers(1, np.maximum(self.sizes, 2), places.shape)) % self.sizes
        leaps = ~self.is_ordered | (generator.random(places.shape) < LEAPS)
        changed = np.where(leaps, other, np.clip(walked, 0, self.sizes - 1))
        return np.where(rank < many[:, None], changed, places)


def _features(axis: Axis) -> Array:
    """The features of each value, with mean 0; of numbers also with deviation 1."""
    if not axis.is_numeric:
        return np.eye(axis.size) - 1 / axis.size
    numbers = axis.settings(np.arange(axis.size)).astype(np.float64)
    is_positive = axis.size > 2 and bool((numbers > 0).all())
    columns = [np.log(numbers), numbers] if is_positive else [numbers]
    return np.stack([(column - column.mean()) / (column.std() + 1e-12) for column in columns], axis=1)
