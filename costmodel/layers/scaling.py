"""Sizes times factors, as the runtimes of the formats that maps are resized in round them."""

from __future__ import annotations

import struct
from fractions import Fraction
from math import floor
from typing import Any, Final

from costmodel.algebra import floor as floor_of
from costmodel.algebra import floor_div
from costmodel.algebra.types import Dim

SIMPLE: Final = 1000
"""A denominator up to this is taken for what was meant."""


def scaled_size(size: Dim, scale: Any, *, in_double: bool = False) -> Dim:
    """floor(size x scale), of a scale that is a fraction or an expression.

    A fraction that only a float has is multiplied as a runtime does it: in single precision where it is a number of
    that, as ONNX and ncnn store scales, or else, and always `in_double`, in double precision, as PyTorch multiplies
    whatever it is given. For a symbol it stands for the simplest fraction that rounds to it.

    >>> scaled_size(10, Fraction(0.7)), scaled_size(30, Fraction(11, 10))
    (7, 33)
    """
    if not isinstance(scale, Fraction):
        return floor_of(size * scale)
    is_float = scale.denominator > SIMPLE and scale.denominator.bit_count() == 1
    if is_float and isinstance(size, int):
        product = size * float(scale)
        is_single = not in_double and single(float(scale)) == scale
        return floor(single(product) if is_single else product)
    meant = _meant(scale) if is_float else scale
    return floor_div(size * meant.numerator, meant.denominator)


def _meant(scale: Fraction) -> Fraction:
    """The fraction of a small denominator that rounds to a float in single or double precision, else its own."""
    near = scale.limit_denominator(SIMPLE)
    return near if scale in (Fraction(float(near)), Fraction(single(float(near)))) else scale


def single(number: float) -> float:
    """The nearest number of single precision."""
    found: float = struct.unpack("f", struct.pack("f", number))[0]
    return found
