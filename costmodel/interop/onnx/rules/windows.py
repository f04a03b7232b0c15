"""Attributes of sliding windows: strides, dilations, pads."""

from __future__ import annotations

from typing import Any

from costmodel.errors import shorten
from costmodel.interop.call import Call

SAME = ("SAME_UPPER", "SAME_LOWER")
"""Paddings that make ceil(size / stride) positions; they differ only in the side of an odd element."""


def axis_values(call: Call, name: str, axes: int) -> tuple[int, ...]:
    """An attribute with a positive integer for each spatial axis, 1 where it is absent."""
    values = call.integers(name, (1,) * axes)
    if len(values) != axes or min(values) < 1:
        call.refuse(f"needs '{name}' as {axes} positive integers (got {shorten(values)})")
    return values


def padding(call: Call, axes: int) -> Any:
    """The padding as (before, after) for each axis, or the name of a rule."""
    automatic = call.text("auto_pad", "NOTSET") or "NOTSET"
    if automatic in SAME:
        return "same_tensorflow"
    if automatic == "VALID":
        return ((0, 0),) * axes
    if automatic != "NOTSET":
        call.refuse(f"needs 'auto_pad' as NOTSET, VALID, SAME_UPPER or SAME_LOWER (got {shorten(repr(automatic))})")
    pads = call.integers("pads", (0,) * (2 * axes))
    if len(pads) != 2 * axes or min(pads) < 0:
        call.refuse(f"needs 'pads' as {2 * axes} integers of at least 0 (got {shorten(pads)})")
    return tuple(zip(pads[:axes], pads[axes:], strict=True))
