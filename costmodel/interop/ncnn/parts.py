"""Parts of a blob, and more than it: slice, crop, pad."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from costmodel.algebra import Dim, equal, floor_div, total
from costmodel.interop.call import Call
from costmodel.interop.ncnn.expressions import sizes_of
from costmodel.interop.ncnn.parameters import MAX_INTEGER, Parameters
from costmodel.interop.ncnn.rules import UNSET, axes, axis_of, blob, is_number, rule
from costmodel.interop.value import Value
from costmodel.layers import Pad, Slice, Split


@rule("Slice", keys={0, 1, 2})
def slice_parts(call: Call, parameters: Parameters) -> Sequence[Value]:
    """Parts along an axis, by their sizes or by the positions between them; -233 shares out what is left."""
    x = call.input(0)
    axis = axis_of(call, parameters.integer(1, "axis"), x)
    size, count = x.shape[axis], len(call.declared)
    given, positions = parameters.integers(0, "slices"), parameters.integers(2, "indices")
    parts = _between(size, positions, count) if positions else _parts(call, size, given, count)
    rest = size - total(parts)
    if (isinstance(rest, int) and rest < 0) or any(isinstance(part, int) and part < 1 for part in parts):
        call.refuse(f"must have parts of at least 1, together at most {size} (got {parts})")
    sizes = tuple(parts) if is_number(rest, 0) else (*parts, rest)
    return call.apply(Split(axis=axis, sizes=sizes), x)[:count] if len(sizes) > 1 else (x,)


def _parts(call: Call, size: Dim, given: Sequence[int], count: int) -> list[Dim]:
    if len(given) != count:
        call.refuse(f"must have a size for each of its {count} outputs (got {len(given)})")
    parts: list[Dim] = []
    for index, part in enumerate(given):
        left = size - total(parts)
        parts.append(floor_div(left, count - index) if part == UNSET else part)
    return parts


def _between(size: Dim, positions: Sequence[int], count: int) -> list[Dim]:
    borders: list[Dim] = [size + position if position < 0 else position for position in positions[: count - 1]]
    borders = [0, *borders, size] if len(positions) < count else [0, *borders, positions[count - 1]]
    return [end - start for start, end in pairwise(borders)]


CROP_KEYS: Final = frozenset({*range(9), 9, 10, 11, 13, 14, 15, 19, 20, 21})


@rule("Crop", keys=CROP_KEYS)
def crop(call: Call, parameters: Parameters) -> Value:
    """A part of the blob: by starts and ends, by offsets and sizes, or of the size of a second blob."""
    x = call.input(0)
    if parameters.text(19, "starts_expr"):
        starts, ends = sizes_of(call, parameters.text(19, "starts")), sizes_of(call, parameters.text(20, "ends"))
        return _cut(call, x, starts, ends, sizes_of(call, parameters.text(21, "axes")))
    if parameters.integers(9, "starts"):
        starts, ends = list(parameters.integers(9, "starts")), list(parameters.integers(10, "ends"))
        return _cut(call, x, starts, ends, list(parameters.integers(11, "axes")))
    return _by_offsets(call, parameters, x)


def _cut(call: Call, x: Value, starts: Sequence[Dim], ends: Sequence[Dim], named: Sequence[Dim]) -> Value:
    """From starts up to ends along axes: all of them unless named; negative ones count from the back."""
    over = list(named) or list(range(len(starts)))
    if not len(starts) == len(ends) == len(over):
        call.refuse(f"must have as many starts (={len(starts)}), ends (={len(ends)}) and axes (={len(over)})")
    bounds = {}
    for start, end, axis in zip(starts, ends, over, strict=True):
        if not isinstance(axis, int):
            call.refuse(f"must name its axes by integers (got {axis})")
        along = axis_of(call, axis, x)
        bounds[along] = (_position(start, x.shape[along], 0), _position(end, x.shape[along], x.shape[along]))
    return sliced(call, x, bounds)


def _position(given: Dim, size: Dim, unset: Dim) -> Dim:
    """A position along an axis, counted from the front."""
    if not isinstance(given, int):
        return given
    if given == UNSET:
        return unset
    if given < 0:
        return size + given
    return size if given >= MAX_INTEGER or (isinstance(size, int) and given > size) else given


def _by_offsets(call: Call, parameters: Parameters, x: Value) -> Value:
    """Behind an offset along each axis, as many elements as a size or a second blob says."""
    rank = axes(call, x, 1, 2, 3, 4)
    keys = {"w": (0, 3, 6), "h": (1, 4, 7), "d": (13, 14, 15), "c": (2, 5, 8)}
    names = {1: "w", 2: "hw", 3: "chw", 4: "cdhw"}[rank]
    reference = blob(call.input(1)) if len(call.present) > 1 else None
    bounds = {}
    for position, name in enumerate(names):
        offset_key, size_key, back_key = keys[name]
        offset = parameters.size(offset_key, f"{name}offset", 0, least=0)
        size = x.shape[position + 1]
        if reference is not None:
            behind = position - rank + len(reference)
            wanted: Dim = reference[behind] if behind >= 0 else size - offset
        else:
            wanted = parameters.integer(size_key, f"out{name}")
            left = size - offset - parameters.size(back_key, f"{name}offset2", 0, least=0)
            wanted = left if wanted == UNSET else min(wanted, left) if isinstance(left, int) else wanted
        bounds[position + 1] = (offset, offset + wanted)
    return sliced(call, x, bounds)


def sliced(call: Call, x: Value, bounds: dict[int, tuple[Dim, Dim]]) -> Value:
    """The part between bounds, which must leave something along each axis."""
    for axis, (start, end) in bounds.items():
        length = end - start
        if (isinstance(length, int) and length < 1) or (isinstance(start, int) and start < 0):
            call.refuse(f"must leave elements along each axis (got {start} to {end} of {x.shape[axis]})")
    cut = {axis: pair for axis, pair in bounds.items() if not (is_number(pair[0], 0) and equal(pair[1], x.shape[axis]))}
    if not cut:
        return x
    starts, lengths = zip(*((start, end - start) for start, end in cut.values()), strict=True)
    return call.apply(Slice(axes=tuple(cut), starts=starts, lengths=lengths), x)[0]


@rule("Padding", keys={0, 1, 2, 3, 4, 5, 6, 7, 8})
def padding(call: Call, parameters: Parameters) -> Value:
    """Elements added in front of and behind the last axes; a negative number takes some away."""
    x = call.input(0)
    rank = axes(call, x, 1, 2, 3, 4)
    pairs = [[parameters.integer(key, name) for key, name in pair] for pair in PADS][-min(rank, 3) :]
    if any(side < 0 for pair in pairs for side in pair):
        call.refuse(f"must have paddings of at least 0 (got {pairs})")
    if not any(side for pair in pairs for side in pair):
        return x
    sides: tuple[Any, ...] = ((0, 0),) * (len(x.shape) - len(pairs)) + tuple(map(tuple, pairs))
    return call.apply(Pad(pads=sides), x)[0]


PADS: Final = (((7, "front"), (8, "behind")), ((0, "top"), (1, "bottom")), ((2, "left"), (3, "right")))
"""The keys before and after the channels or the depth, the height and the width."""
