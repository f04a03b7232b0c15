"""One value for every combination of sizes: those that fractions, counted one by one, say there are."""

from fractions import Fraction
from math import floor

from costmodel.algebra import parse
from costmodel.sizing.spaces.distinct import distinct_values


def test_every_combination_once_however_close_their_changes() -> None:
    """Channels change at n/499 and n/503: of these changes two may be 4e-6 apart."""
    low, high = Fraction(1, 20), Fraction(1)
    changes = {low, *(Fraction(n, of) for of in (499, 503) for n in range(1, of + 1) if low <= Fraction(n, of) <= high)}
    values = distinct_values([parse("floor(499*width)"), parse("floor(503*width)")], "width", low, high)
    assert list(values) == sorted(values)
    assert [(floor(499 * each), floor(503 * each)) for each in values] == [
        (floor(499 * each), floor(503 * each)) for each in sorted(changes)
    ]
