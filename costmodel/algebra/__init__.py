"""Dimensions: integers, arrays or expressions, and the operations that formulas use on them."""

from costmodel.algebra.operations import (
    ceil_div,
    ceiling,
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
    "Dim",
    "ceil_div",
    "ceiling",
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
