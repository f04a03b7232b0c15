"""A number as it is printed: its value, and how far the exact one may be from it."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from costmodel.errors import ExpressionError, shorten

_FORM = re.compile(
    r"(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<decimals>\d+))?(?:e(?P<exponent>[+-]?\d{1,3}))?"
    r"\s*(?P<prefix>[KMGBT]?)(?:B|x|%)?"
)
_PREFIXES = {"": 0, "K": 3, "M": 6, "G": 9, "B": 9, "T": 12}


class Printed(NamedTuple):
    """A printed number, in units of one.

    >>> Printed.parse("30.9B").is_rounded_from(30_940_528_640)
    True
    >>> Printed.parse("363x").is_truncated_from(Fraction(24000, 66))
    True
    """

    value: Fraction
    step: Fraction
    """One unit of its last printed digit."""

    @classmethod
    def parse(cls, text: str) -> Printed:
        """Read digits with an optional point, exponent and one of K, M, G (or B, billion), T; then B, x or %.

        >>> Printed.parse("240MB")
        Printed(value=Fraction(240000000, 1), step=Fraction(1000000, 1))
        """
        form = _FORM.fullmatch(text.strip())
        if form is None:
            raise ExpressionError(
                f"a printed number must be digits, such as '1,024' or '30.9B' (got {shorten(text)!r})"
            )
        decimals = form["decimals"] or ""
        power = int(form["exponent"] or 0) + _PREFIXES[form["prefix"]] - len(decimals)
        step = Fraction(10) ** power
        return cls(int(form["digits"].replace(",", "") + decimals) * step, step)

    def times(self, factor: int) -> Printed:
        """The number in a unit that is `factor` of ours: "569" in millions."""
        return Printed(self.value * factor, self.step * factor)

    def coarse(self) -> Printed:
        """The same number with its trailing zeros taken for rounding: 240 as two digits.

        >>> Printed.parse("240").coarse().step
        Fraction(10, 1)
        """
        step = self.step
        while self.value and self.value % (10 * step) == 0:
            step *= 10
        return Printed(self.value, step)

    def is_exactly(self, exact: Fraction | int) -> bool:
        """Whether the print loses nothing."""
        return self.value == exact

    def is_rounded_from(self, exact: Fraction | int) -> bool:
        """Whether the exact number lies within half a unit of the last printed digit."""
        return 2 * abs(self.value - exact) <= self.step

    def is_truncated_from(self, exact: Fraction | int) -> bool:
        """Whether the printed digits are the first ones of the exact number."""
        return 0 <= exact - self.value < self.step
