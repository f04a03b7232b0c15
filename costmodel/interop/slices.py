"""What the bounds of a slice mean: which element is first, and how many there are."""

from __future__ import annotations

from typing import Final

from costmodel.algebra import Dim, ceil_div, parse
from costmodel.algebra.bounds import tendency
from costmodel.interop.contents import larger, smaller

FAR: Final = 2**31
"""Ends beyond this stand for the end of the axis."""


def extent(size: Dim, start: Dim, end: Dim, step: int) -> tuple[Dim, Dim]:
    """(first element, number of elements) of a slice, as NumPy reads its bounds.

    >>> extent(10, -4, 2**40, 2)
    (6, 2)
    """
    if not isinstance(size, int) and size.args:
        # A size is at least 1, which its expression alone does not say.
        axis = parse("axis_size")
        first, last = (bound if isinstance(bound, int) else bound.subs(size, axis) for bound in (start, end))
        if all(isinstance(bound, int) or bound.free_symbols == {axis} for bound in (first, last)):
            begin, length = extent(axis, first, last, step)
            return _with_size(begin, axis, size), _with_size(length, axis, size)
    if step > 0:
        begin, stop, most = _bounded(start, size, 0, size), _bounded(end, size, 0, size), size
        covered = stop - begin
    else:
        begin, stop, most = _bounded(start, size, 0, size - 1), _bounded(end, size, -1, size - 1), -1
        covered = begin - stop
    # From the first element, or to the last, there cannot be fewer than none.
    is_open = step > 0 and (begin == 0 or stop == most)
    return begin, ceil_div(covered if is_open else larger(covered, 0), abs(step))


def _with_size(x: Dim, axis: Dim, size: Dim) -> Dim:
    return x if isinstance(x, int) else x.subs(axis, size)


def _bounded(bound: Dim, size: Dim, least: Dim, most: Dim) -> Dim:
    """A bound within the axis; a negative one counts from the end, as does one that falls with the symbols."""
    if isinstance(bound, int):
        if bound >= FAR:
            return most
        if bound <= -FAR:
            return least
        if bound < 0:
            bound = bound + size
    elif tendency(bound) < 0:
        bound = bound + size
    return larger(smaller(bound, most), least)
