"""Channel counts under a width multiplier, by the rounding rules of the networks' authors."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from costmodel.algebra import ceiling, floor, floor_div, maximum, round_to_multiple
from costmodel.algebra.types import Dim
from costmodel.errors import SpecError


def floor_at_least_1(channels: Dim) -> Dim:
    """Rounded down, at least 1: for networks whose authors give no width multiplier."""
    return maximum(floor(channels), 1)


def floor_in_groups(groups: Dim, rounding: str = "auto") -> Callable[[Dim], Dim]:
    """Rounded down to a multiple of the groups, at least one channel in each.

    Symbolic groups are assumed to divide, unless the rounding is exact.
    """

    def rule(channels: Dim) -> Dim:
        return groups * maximum(floor_div(channels, groups), 1)

    return rule if isinstance(groups, int) or rounding == "exact" else floor_at_least_1


def to_even_at_least_1(channels: Dim) -> Dim:
    """To the nearest integer, of two the even one, at least 1: RegNet's common implementation (Python's `round`)."""
    quarters = channels * Fraction(1, 2) - Fraction(1, 4)
    return maximum(floor(channels + Fraction(1, 2)) + ceiling(quarters) - floor(quarters) - 1, 1)


def floor_at_least_8(channels: Dim) -> Dim:
    """Rounded down, at least 8: MobileNet v1's published code (`depth_multiplier`, `min_depth`)."""
    return maximum(floor(channels), 8)


def to_multiple_of_8(channels: Dim) -> Dim:
    """To the nearest multiple of 8, never below 90 %: MobileNetV2's published code (`_make_divisible`)."""
    return round_to_multiple(channels, 8)


def to_multiple_of_4(channels: Dim) -> Dim:
    """To the nearest multiple of 4, never below 90 %: GhostNet's published code (`_make_divisible`)."""
    return round_to_multiple(channels, 4)


def rounds(channels: Dim, rounding: str) -> bool:
    """Whether a rounding rule applies: with "exact" always, with "none" never, with "auto" to numbers only."""
    return rounding == "exact" or (rounding == "auto" and isinstance(channels, (int, Fraction)))


def scaled(channels: Dim, width: Dim, rule: Callable[[Dim], Dim], rounding: str = "auto") -> Dim:
    """channels x width under a rounding rule.

    With `rounding` "exact" the rule always applies, with "none" never, with "auto" to numbers and not to symbols.

    >>> scaled(32, Fraction(35, 100), to_multiple_of_8), scaled(32, 2, to_multiple_of_8, rounding="none")
    (16, 64)
    """
    wide = channels * width
    if rounds(wide, rounding):
        return rule(wide)
    if not isinstance(wide, Fraction):
        return wide
    if wide.denominator != 1:
        raise SpecError(
            f"'width' must leave whole channels where nothing rounds them (got {channels} x {width} = {wide})"
        )
    return wide.numerator


def quarter(channels: Dim, at_width_1: int, width: Dim, rule: Callable[[Dim], Dim], rounding: str = "auto") -> Dim:
    """A quarter of the channels under a rounding rule, to which squeeze-and-excitation reduces them.

    Where nothing rounds, it is the quarter that the network has at width 1, times the width.

    >>> quarter(72, 72, 1, to_multiple_of_8), quarter(144, 72, 2, to_multiple_of_8)
    (24, 40)
    """
    if rounds(channels, rounding):
        return rule(Fraction(1, 4) * channels)
    return scaled(rule(Fraction(at_width_1, 4)), width, rule, "none")
