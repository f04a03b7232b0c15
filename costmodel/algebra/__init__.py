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
    maximum,
    minimum,
    product,
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
    "maximum",
    "minimum",
    "parse",
    "product",
    "round_to_multiple",
    "symbols",
    "total",
]
