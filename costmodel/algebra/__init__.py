"""Dimensions: integers, arrays or expressions, and the operations that formulas use on them."""

from costmodel.algebra.assumed import Assumed, assuming
from costmodel.algebra.operations import (
    at_most,
    ceil_div,
    ceiling,
    divides,
    equal,
    exact_div,
    floor,
    floor_div,
    gcd,
    is_below,
    is_multiple,
    maximum,
    minimum,
    product,
    reaches,
    round_to_multiple,
    total,
)
from costmodel.algebra.parser import parse, symbols
from costmodel.algebra.types import Dim

__all__ = [
    "Assumed",
    "Dim",
    "assuming",
    "at_most",
    "ceil_div",
    "ceiling",
    "divides",
    "equal",
    "exact_div",
    "floor",
    "floor_div",
    "gcd",
    "is_below",
    "is_multiple",
    "maximum",
    "minimum",
    "parse",
    "product",
    "reaches",
    "round_to_multiple",
    "symbols",
    "total",
]
