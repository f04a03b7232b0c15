"""The values of a real parameter at which a family's networks differ: channels are integers, so there are few."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

import numpy as np
import sympy as sp

from costmodel.algebra import Dim, parse
from costmodel.algebra.arrays import Array
from costmodel.algebra.blocks import Blocks
from costmodel.algebra.plan import plan
from costmodel.errors import SizingError

FIRST: Final = 2**10
"""Places where sizes are looked at first; between two of them, every further change is found by halving."""
HALVINGS: Final = 20
MOST_DIGITS: Final = 9
MOST: Final = 200_000
"""Networks beyond which a list of them is no answer."""


def distinct_values(sizes: Iterable[Dim], name: str, low: Fraction, high: Fraction) -> tuple[Fraction, ...]:
    """For every combination of sizes that occurs between two values of a parameter, the shortest decimal that has it.

    `sizes` are expressions of the parameter that never fall while it grows: channels, rounded. Changes closer to each
    other than 2**-30 of the range are taken for one.

    >>> from costmodel.algebra import parse
    >>> [str(value) for value in distinct_values([parse("floor(4*width)")], "width", Fraction(1, 4), Fraction(1))]
    ['3/10', '1/2', '4/5', '1']
    """
    signature = _Signature(sizes, name)
    places = np.linspace(float(low), float(high), FIRST + 1)
    values = signature(places)
    left, right, left_values, right_values = places[:-1], places[1:], values[:, :-1], values[:, 1:]
    for _ in range(HALVINGS):
        changes = (left_values != right_values).any(axis=0)
        left, right, left_values, right_values = (
            each[..., changes] for each in (left, right, left_values, right_values)
        )
        if left.size > MOST:
            raise SizingError(f"{name!r} makes more than {MOST:,} networks from {low} to {high}; give it steps")
        middle = (left + right) / 2
        values = signature(middle)
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        left_values, right_values = np.hstack([left_values, values]), np.hstack([values, right_values])
    changes = (left_values != right_values).any(axis=0)
    starts = np.concatenate([[float(low)], np.sort(right[changes])])
    ends = np.concatenate([np.sort(left[changes]), [float(high)]])
    return _shortest(signature, starts, ends, float(high - low) / FIRST / 2**HALVINGS)


class _Signature:
    """Sizes as a function of numerators over a denominator: exact where both are integers."""

    def __init__(self, sizes: Iterable[Dim], name: str) -> None:
        symbol, numerator, denominator = parse(name), parse("n"), parse("d")
        different = {size.as_coeff_Mul()[1].xreplace({symbol: numerator / denominator}) for size in sizes}
        self._blocks = Blocks(plan(sorted(different, key=sp.default_sort_key), ["n", "d"]))

    def __call__(self, numerators: Array, denominator: int = 1) -> Array:
        """The sizes at each place, a column for each."""
        results = self._blocks([numerators.reshape(1, -1), np.full((1, 1), float(denominator))])
        return np.concatenate([np.broadcast_to(each, (1, numerators.size)) for each in results])


def _shortest(signature: _Signature, starts: Array, ends: Array, gap: float) -> tuple[Fraction, ...]:
    """The decimal of fewest digits in each interval, which may begin and end up to a gap beyond what is given."""
    wanted = signature((starts + ends) / 2)
    chosen: dict[int, Fraction] = {}
    places = np.arange(starts.size)
    for unit in (10**digits for digits in range(MOST_DIGITS + 1)):
        for shift in (0, 1):
            tried = np.ceil((starts[places] - gap) * unit) + shift
            fits = (tried > 0) & (tried <= (ends[places] + gap) * unit)
            fits &= (signature(tried, unit) == wanted[:, places]).all(axis=0)
            found = zip(places[fits].tolist(), tried[fits].tolist(), strict=True)
            chosen.update((place, Fraction(int(numerator), unit)) for place, numerator in found)
            places = places[~fits]
    return tuple(chosen[place] for place in sorted(chosen))
