"""What the bounds of a slice mean: which element is first, and how many there are."""

from __future__ import annotations

from typing import Final

from costmodel.algebra import Dim, ceil_div
from costmodel.interop.contents import larger, smaller

FAR: Final = 2**31
"""Ends beyond this stand for the end of the axis."""


def extent(size: Dim, start: Dim, end: Dim, step: int) -> tuple[Dim, Dim]:
    """(first element, number of elements) of a slice, as NumPy reads its bounds.

    >>> extent(10, -4, 2**40, 2)
    (6, 2)
    """
    if step > 0:
        begin, stop, most = _bounded(start, size, 0, size), _bounded(end, size, 0, size), size
        covered = stop - begin
    else:
        begin, stop, most = _bounded(start, size, 0, size - 1), _bounded(end, size, -1, size - 1), -1
        covered = begin - stop
    # From the first element, or to the last, there cannot be fewer than none.
    is_open = step > 0 and (begin == 0 or stop == most)
    return begin, ceil_div(covered if is_open else larger(covered, 0), abs(step))


def _bounded(bound: Dim, size: Dim, least: Dim, most: Dim) -> Dim:
    """A bound within the axis; a negative one counts from the end, and a symbol has one element at least."""
    if isinstance(bound, int):
        if bound >= FAR:
            return most
        if bound <= -FAR:
            return least
        if not isinstance(size, int) and bound in (-1, 0):
            return bound + size if bound else 0
        if bound >= 0:
            return 1 if bound == 1 and not isinstance(size, int) and most is size else smaller(bound, most)
        bound = bound + size
    elif bound.is_negative or bound.could_extract_minus_sign():
        bound = bound + size
    return larger(smaller(bound, most), least)
