"""Exact Pareto fronts of any number of costs: which points no other point dominates.

One point dominates another if it is at least as good in every cost and better in one. So equal points do not dominate
each other: all of them are kept, or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from costmodel.errors import SizingError

Points = NDArray[np.float64]
"""A row for each cost, a column for each point; every cost is to be small."""
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

PAIRS: Final = 1 << 14
"""How many pairs of points are compared at once rather than divided further."""


def pareto_front(costs: ArrayLike | Sequence[ArrayLike], maximize: Sequence[bool] = ()) -> Indices:
    """The indices, in order, of the points that no other point dominates.

    `costs` has a row for each cost and a column for each point; `maximize` says for each cost whether it is to be large
    (a score) or small, which all are where it is empty. Equal points are all kept. A point with a NaN is no candidate
    and left out; infinities are compared as numbers are. Costs are compared as float64: integers beyond 2^53 that
    round to the same float are equal.

    Two costs take O(n log n) by sorting, k costs O(n log^(k-1) n) by divide and conquer.

    Raises `SizingError` for costs that are not k rows of n numbers.

    Source: Kung, Luccio and Preparata, On finding the maxima of a set of vectors, JACM 22(4), 1975.

    >>> macs, top1 = [300e6, 41e6, 149e6, 569e6], [71.9, 60.6, 69.4, 70.6]
    >>> pareto_front([macs, top1], maximize=[False, True]).tolist()
    [0, 1, 2]
    """
    points = oriented(costs, maximize)
    candidates = np.flatnonzero(~np.isnan(points).any(axis=0))
    if candidates.size < points.shape[1]:
        points = points[:, candidates]
    return candidates[undominated(points)]


def oriented(costs: ArrayLike | Sequence[ArrayLike], maximize: Sequence[bool] = ()) -> Points:
    """The costs as float64, those to be maximized with their signs changed; zeros are positive."""
    try:
        values = np.asarray(costs, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise SizingError("costs must be rows of as many numbers each, a row for each cost") from None
    if values.ndim != 2 or not len(values):
        raise SizingError(f"costs must be a row for each cost, a column for each point (got the shape {values.shape})")
    return values * signs(len(values), maximize)[:, None] + 0.0


def signs(count: int, maximize: Sequence[bool]) -> Points:
    """-1 for each cost that is to be maximized, 1 for the others."""
    flags = [bool(each) for each in maximize] or [False] * count
    if len(flags) != count:
        raise SizingError(f"'maximize' must say true or false for each of {count} costs (got {len(flags)})")
    return np.where(flags, -1.0, 1.0)


def undominated(points: Points) -> Indices:
    """The indices, in order, of the points that no other dominates; there are no NaNs."""
    if points.shape[1] == 0:
        return np.empty(0, np.int64)
    order = np.lexsort(points[::-1])
    ordered = points[:, order]
    is_first = np.ones(order.size, np.bool_)
    np.any(ordered[:, 1:] != ordered[:, :-1], axis=0, out=is_first[1:])
    best = _best(np.ascontiguousarray(ordered[:, is_first]))
    return np.sort(order[best[np.cumsum(is_first) - 1]])


def _best(points: Points) -> Mask:
    """Which of distinct points, in lexicographic order, none dominates: only an earlier one could."""
    costs, count = points.shape
    if costs <= 2 or count == 1:
        best = np.zeros(count, np.bool_)
        best[0] = True
        if costs == 2:
            best[1:] = points[1, 1:] < np.minimum.accumulate(points[1])[:-1]
        return best
    if count * count <= PAIRS:
        return ~_any(np.triu(_pairs(points[1:], points[1:]), 1))
    half = count // 2
    best = np.concatenate([_best(points[:, :half]), _best(points[:, half:])])
    earlier, later = np.flatnonzero(best[:half]), half + np.flatnonzero(best[half:])
    best[later] = ~covered(points[1:, later], points[1:, earlier])
    return best


def covered(points: Points, by: Points) -> Mask:
    """Which points have some point of `by` that is at least as good in every cost."""
    if not points.shape[1] or not by.shape[1]:
        return np.zeros(points.shape[1], np.bool_)
    if len(points) == 1:
        return np.asarray(points[0] >= by[0].min())
    if len(points) == 2:
        return _covered_in_two(points, by)
    if points.shape[1] * by.shape[1] <= PAIRS:
        return _any(_pairs(by, points))
    is_low, by_low = _halves(points[0], by[0])
    if is_low.all() and by_low.all():
        return covered(points[1:], by[1:])
    is_covered = np.zeros(points.shape[1], np.bool_)
    is_covered[is_low] = covered(points[:, is_low], by[:, by_low])
    is_covered[~is_low] = covered(points[1:, ~is_low], by[1:, by_low])
    left = np.flatnonzero(~is_low & ~is_covered)
    is_covered[left] = covered(points[:, left], by[:, ~by_low])
    return is_covered


def _halves(first: Points, second: Points) -> tuple[Mask, Mask]:
    """Which values of two lists are in the lower half of both together; all of them only where all are equal."""
    together = np.concatenate([first, second])
    middle = np.partition(together, together.size // 2)[together.size // 2]
    if (together < middle).any():
        return first < middle, second < middle
    return first <= middle, second <= middle


def _covered_in_two(points: Points, by: Points) -> Mask:
    """As `covered`, for two costs: the least second cost of those with at most this first."""
    order = np.argsort(by[0])
    least = np.concatenate([[np.inf], np.minimum.accumulate(by[1, order])])
    at_most = np.searchsorted(by[0, order], points[0], side="right")
    return np.asarray((at_most > 0) & (least[at_most] <= points[1]))


def _pairs(first: Points, second: Points) -> Mask:
    """Whether each point of the first is at least as good in every cost as each of the second."""
    return np.asarray((first[:, :, None] <= second[:, None, :]).all(axis=0))


def _any(mask: Mask) -> Mask:
    """Whether any of each column is true."""
    return np.asarray(mask.any(axis=0))
