"""Data types and the bytes that elements of them take."""

from __future__ import annotations

from costmodel.algebra import Dim, ceil_div
from costmodel.errors import UnknownNameError

BITS: dict[str, int] = {
    "float64": 64,
    "float32": 32,
    "tfloat32": 32,
    "float16": 16,
    "bfloat16": 16,
    "float8": 8,
    "int64": 64,
    "int32": 32,
    "int16": 16,
    "int8": 8,
    "uint8": 8,
    "int4": 4,
    "int2": 2,
    "bool": 8,
}
"""Bits of one stored element; types below a byte are packed."""


def bits_of(data_type: str) -> int:
    """Bits of one stored element of a data type; raises with the nearest names for an unknown one."""
    if data_type not in BITS:
        raise UnknownNameError("data type", data_type, BITS)
    return BITS[data_type]


def bytes_of(elements: Dim, data_type: str) -> Dim:
    """The bytes that so many elements take, a last incomplete byte counted whole.

    >>> bytes_of(61_100_840, "float32"), bytes_of(3, "int4")
    (244403360, 2)
    """
    bits = bits_of(data_type)
    return elements * (bits // 8) if bits % 8 == 0 else ceil_div(elements * bits, 8)
