"""Cases of the operator suite, and the points at which their sizes lie.

The sequence is the additive recurrence x_k = frac(1/2 + k a), with a_j = phi^-j and phi the root of
phi^(d + 1) = phi + 1 in d dimensions (Roberts, The Unreasonable Effectiveness of Quasirandom Sequences, 2018; for
d = 1 the golden ratio). It has no seed: the suite is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp, log
from typing import Any, Final, NamedTuple

Spec = dict[str, Any]
Shape = tuple[int, ...]

TILES: Final = (1, 4, 8, 16)
"""Channels of the low-discrepancy points are rounded to multiples of these in turn."""


class Case(NamedTuple):
    """One small network: layers that follow each other, and the shapes of its inputs."""

    operator: str
    layers: tuple[Spec, ...]
    inputs: tuple[Shape, ...]


def quasirandom(count: int, *ranges: tuple[float, float]) -> Iterator[tuple[int, ...]]:
    """Points of integers, evenly spread over the logarithms of ranges.

    >>> list(quasirandom(3, (1, 100)))
    [(2,), (30,), (5,)]
    """
    dims = len(ranges)
    phi = 2.0
    for _ in range(60):
        phi = (1 + phi) ** (1 / (dims + 1))
    for index in range(1, count + 1):
        places = ((0.5 + index * phi**-axis) % 1 for axis in range(1, dims + 1))
        yield tuple(
            round(exp(log(low) + place * log(high / low))) for place, (low, high) in zip(places, ranges, strict=True)
        )


def rounded(channels: int, index: int) -> int:
    """Channels as the multiple of a tile, which of `TILES` by their place in the sequence."""
    tile = TILES[index % len(TILES)]
    return max(tile * round(channels / tile), tile)


def maps(c: int, size: int) -> Shape:
    """One input of square maps."""
    return (1, c, size, size)


def shape_text(shapes: Sequence[Shape]) -> str:
    """Shapes as a measurement file has them.

    >>> shape_text([(1, 3, 8, 8), (1, 3, 8, 8)])
    '1x3x8x8;1x3x8x8'
    """
    return ";".join("x".join(map(str, shape)) for shape in shapes)
