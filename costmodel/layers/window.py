"""Sliding windows: kernels, strides, dilations and paddings along one, two or three axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, model_validator

from costmodel.algebra import ceil_div, floor_div, minimum
from costmodel.algebra.dimension import Dim, Size
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Layer

Same = Literal["same_tensorflow", "same_pytorch"]
Pair = tuple[Size, Size]
_NAMED_ELSEWHERE = ("same", "valid", "full", "causal", "explicit")
"""How other libraries' names of paddings begin: taken for a symbol, one would go unnoticed."""


def _each_axis(axes: int) -> Callable[[Any], Any]:
    """One value stands for all axes."""

    def spread(value: Any) -> Any:
        if not _is_sequence(value):
            return (value,) * axes
        if len(value) != axes:
            raise ValueError("must be one value" + (f", or one for each of {axes} axes" if axes > 1 else ""))
        return tuple(value)

    return spread


def _each_side(axes: int) -> Callable[[Any], Any]:
    """One value stands for all axes, and within an axis for before and after."""

    def spread(value: Any) -> Any:
        if isinstance(value, str) and value.lower().startswith(_NAMED_ELSEWHERE):
            if value not in ("valid", *get_args(Same)):
                raise ValueError(f"must be numbers, 'valid', {' or '.join(map(repr, get_args(Same)))}")
            return value if value != "valid" else ((0, 0),) * axes
        return tuple(_pair(axis) for axis in _each_axis(axes)(value))

    return spread


def _pair(value: Any) -> Any:
    if not _is_sequence(value):
        return (value, value)
    if len(value) != 2:
        raise ValueError("must be one value for an axis, or (before, after)")
    return tuple(value)


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


Axes1 = Annotated[tuple[Dim], BeforeValidator(_each_axis(1))]
Axes2 = Annotated[tuple[Dim, Dim], BeforeValidator(_each_axis(2))]
Axes3 = Annotated[tuple[Dim, Dim, Dim], BeforeValidator(_each_axis(3))]
Sizes1 = Annotated[tuple[Size], BeforeValidator(_each_axis(1))]
Sizes2 = Annotated[tuple[Size, Size], BeforeValidator(_each_axis(2))]
Sizes3 = Annotated[tuple[Size, Size, Size], BeforeValidator(_each_axis(3))]
Padding1 = Annotated[tuple[Pair] | Same, BeforeValidator(_each_side(1))]
Padding2 = Annotated[tuple[Pair, Pair] | Same, BeforeValidator(_each_side(2))]
Padding3 = Annotated[tuple[Pair, Pair, Pair] | Same, BeforeValidator(_each_side(3))]


def _any_axes(value: Any) -> Any:
    """One value stands for all axes, however many there are."""
    values = tuple(value) if _is_sequence(value) else (value,)
    if not values:
        raise ValueError("must be one value, or one for each axis")
    return values


def _any_sides(value: Any) -> Any:
    if isinstance(value, str):
        return _each_side(1)(value)
    return tuple(_pair(axis) for axis in _any_axes(value))


Axes = Annotated[tuple[Dim, ...], BeforeValidator(_any_axes)]
"""One value for all axes or one for each, where the input says how many there are."""
Sizes = Annotated[tuple[Size, ...], BeforeValidator(_any_axes)]
Padding = Annotated[tuple[Pair, ...] | Same, BeforeValidator(_any_sides)]


def spread(layer: Layer, field: str, axes: int) -> Any:
    """The values of a field for each of so many axes."""
    value = getattr(layer, field)
    if isinstance(value, str) or len(value) == axes:
        return value
    if len(value) > 1:
        layer.refuse(f"{field!r} must be one value, or one for each of {axes} axes (got {len(value)})")
    return value * axes


def pads(padding: Any, axis: int, kernel: Value, dilation: Value) -> tuple[Value, Value]:
    """The padding before and after along an axis, for paddings that do not depend on the input.

    `same_pytorch` pads dilation * (kernel - 1) in all, the smaller half before.
    """
    if padding == "same_pytorch":
        whole = dilation * (kernel - 1)
        before = floor_div(whole, 2)
        return before, whole - before
    before, after = padding[axis]
    return before, after


def explicit_pads(
    padding: Any,
    sizes: Sequence[int],
    outputs: Sequence[int],
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
) -> list[tuple[int, int]]:
    """The padding before and after along each axis in numbers, "same" included, for sizes that are numbers.

    >>> explicit_pads("same_tensorflow", (224,), (112,), (3,), (2,), (1,))
    [(0, 1)]
    """
    if padding != "same_tensorflow":
        pairs = [pads(padding, axis, k, d) for axis, (k, d) in enumerate(zip(kernel, dilation, strict=True))]
        return [(int(before), int(after)) for before, after in pairs]
    found = []
    for size, out, k, s, d in zip(sizes, outputs, kernel, stride, dilation, strict=True):
        missing = max((out - 1) * s + d * (k - 1) + 1 - size, 0)
        found.append((missing // 2, missing - missing // 2))
    return found


def positions(size: Value, kernel: Value, stride: Value, dilation: Value, padding: tuple[Value, Value]) -> Value:
    """floor((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1.

    >>> positions(224, 11, 4, 1, (2, 2))
    55
    """
    before, after = padding
    # Numbers first: with a size that is an expression, each further operation takes its time.
    beyond = before + after - dilation * (kernel - 1)
    if type(stride) is int and stride == 1:
        return size + beyond
    return floor_div(size + (beyond - 1), stride) + 1


def positions_rounded_up(
    size: Value, kernel: Value, stride: Value, dilation: Value, padding: tuple[Value, Value]
) -> Value:
    """As `positions`, rounded up (ceil mode), but no window starts in the padding after the input.

    >>> positions_rounded_up(112, 3, 2, 1, (0, 0)), positions_rounded_up(3, 1, 2, 1, (0, 1))
    (56, 2)
    """
    before, after = padding
    extent = dilation * (kernel - 1) + 1
    rounded = ceil_div(size + before + after - extent, stride) + 1
    if isinstance(extent, int) and isinstance(stride, int) and isinstance(after, int) and after + stride <= extent:
        return rounded
    return minimum(rounded, ceil_div(size + before, stride))


def positions_same(size: Value, stride: Value) -> Value:
    """ceil(size / stride): TensorFlow's "same" pads whatever this needs.

    >>> positions_same(225, 2)
    113
    """
    return ceil_div(size, stride)


def window_shape(
    layer: Layer,
    sizes: Sequence[Value],
    kernel: Sequence[Value],
    stride: Sequence[Value],
    padding: Any,
    dilation: Sequence[Value],
    *,
    ceil_mode: bool = False,
) -> tuple[Value, ...]:
    """The number of window positions along each axis; refuses a kernel larger than its padded input.

    In ceil mode a window may reach beyond the padded input by less than a stride.
    """
    if padding == "same_tensorflow":
        return tuple(positions_same(size, step) for size, step in zip(sizes, stride, strict=True))
    count = positions_rounded_up if ceil_mode else positions
    shape = []
    for axis, (size, k, s, d) in enumerate(zip(sizes, kernel, stride, dilation, strict=True)):
        before, after = pads(padding, axis, k, d)
        padded, extent = size + before + after, d * (k - 1) + 1
        slack = s - 1 if ceil_mode else 0
        if all(isinstance(each, int) for each in (padded, extent, slack)) and extent > padded + slack:
            layer.refuse(f"'kernel' must fit its padded input (got an extent of {extent} on a size of {padded})")
        shape.append(count(size, k, s, d, (before, after)))
    return tuple(shape)


def _stride_is_kernel(fields: Any) -> Any:
    if isinstance(fields, dict) and fields.get("stride") is None and "kernel" in fields:
        return {**fields, "stride": fields["kernel"]}
    return fields


stride_is_kernel = model_validator(mode="before")(_stride_is_kernel)
"""Without a stride the windows do not overlap."""
