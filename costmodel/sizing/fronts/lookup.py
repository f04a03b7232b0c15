"""A quick look at whether points of a block are dominated by a front that is known."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from costmodel.sizing.fronts.pareto import Indices, Points

BUCKETS: Final = 1 << 16
"""Entries of the table, which is to stay in the second-level cache."""
CHAMPIONS: Final = 32
"""How many points of a front of three and more costs each point is compared with first."""


class Lookup:
    """What of a front rejects points quickly; every cost is to be small.

    Two costs: floating-point numbers are ordered as their bits are, read as integers, so that a shift of the bits puts
    first costs into buckets, some thousands for each power of two. The table has for each bucket the least second cost
    of the front in all buckets before: a point with no less is dominated, because its first cost is larger, too. What
    passes is compared with the front itself. More costs: each point is compared with a few of the front, one by one.
    """

    def __init__(self, front: Points) -> None:
        self._front = front
        if front.shape[1] and len(front) == 2:
            self._tabulate()

    def candidates(self, points: Points) -> Indices:
        """The indices of points that may be of the front: none has a NaN; with two costs, the front dominates none."""
        if not self._front.shape[1]:
            return np.flatnonzero(~np.isnan(points).any(axis=0))
        if len(points) != 2:
            return self._past_champions(points)
        passed = np.flatnonzero(points[1] <= self._most.take(self._buckets(points[0]), mode="clip"))
        return passed[self._past_steps(points[0, passed], points[1, passed])]

    def _tabulate(self) -> None:
        """The staircase of two costs, and the most that the second cost may be in each bucket of the first."""
        order = np.lexsort(self._front[::-1])
        self._steps = first, second = self._front[:, order]
        lowest, highest = map(int, ordered_bits(first[[0, -1]], 0))
        # By one bit at least, so that no difference of two keys overflows.
        self._shift = max(1, (highest - lowest).bit_length() - BUCKETS.bit_length() + 1)
        self._origin = lowest >> self._shift
        least = np.full((highest >> self._shift) - self._origin + 2, np.inf)
        np.minimum.at(least, self._buckets(first) + 1, second)
        np.minimum.accumulate(least, out=least)
        self._most = np.where(least == np.inf, np.inf, np.nextafter(least, -np.inf))

    def _buckets(self, first: Points) -> Indices:
        """The bucket of each first cost; those of costs beyond the front's lie beyond the table."""
        return ordered_bits(first, self._shift) - self._origin

    def _past_steps(self, first: Points, second: Points) -> NDArray[np.bool_]:
        """Which points the front does not dominate; False where the first cost is NaN, which is sorted last."""
        at_most = np.searchsorted(self._steps[0], first, side="right")
        nearest = np.maximum(at_most - 1, 0)
        above, below = self._steps[:, nearest]
        is_equal = (above == first) & (below == second)
        return np.asarray(((second < below) | is_equal | (at_most == 0)) & ~np.isnan(first))

    def _past_champions(self, points: Points) -> Indices:
        """The points that none of a few of the front dominates."""
        left = np.flatnonzero(~np.isnan(points).any(axis=0))
        ranks = self._front.argsort(axis=1).argsort(axis=1).sum(axis=0)
        for champion in self._front[:, ranks.argsort()[:CHAMPIONS]].T[:, :, None]:
            there = points[:, left]
            left = left[(there < champion).any(axis=0) | (there == champion).all(axis=0)]
        return left


def ordered_bits(values: Points, shift: int) -> Indices:
    """Integers ordered as the values are, shifted right: `x <= y` gives `ordered_bits(x) <= ordered_bits(y)`.

    A float's bits are a sign and a magnitude; where the sign is set, the magnitude is turned around. Zeros are to be
    positive.

    >>> ordered_bits(np.array([-np.inf, -2.0, 0.0, 1.0, 1.5]), 52).tolist()
    [-2048, -1025, 0, 1023, 1023]
    """
    bits = np.right_shift(np.ascontiguousarray(values).view(np.int64), shift)
    return np.asarray(bits ^ (bits >> 63 & (1 << 63 - shift) - 1))
