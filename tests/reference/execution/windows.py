"""Sliding windows, found by sliding them.

Positions come from moving a window over an axis until it no longer fits. Source of the rules:
the documentation of PyTorch (`MaxPool2d`: "sliding windows are allowed to go off-bounds if they
start within the left padding or the input"; `Conv2d`: padding="same") and of TensorFlow
(`tf.nn.convolution`, padding="SAME").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from types import EllipsisType

import numpy as np

from .tally import Array

Index = tuple[EllipsisType | slice, ...]


@dataclass(frozen=True)
class Axis:
    """One axis: elements added before and after the input, where the windows start, their step."""

    before: int
    length: int
    after: int
    starts: tuple[int, ...]
    dilation: int

    @property
    def padded(self) -> int:
        """Length of the input with its padding, without the overhang of the last window."""
        return self.before + self.length + self.after

    def element(self, position: int) -> slice:
        """Index, in every window at once, the element at `position` of the kernel."""
        offset = position * self.dilation
        step = self.starts[1] - self.starts[0] if len(self.starts) > 1 else 1
        return slice(self.starts[0] + offset, self.starts[-1] + offset + 1, step)


def slide(length: int, extent: int, stride: int) -> list[int]:
    """Return the starts of a window that moves until it no longer fits."""
    starts = []
    start = 0
    while start + extent <= length:
        starts.append(start)
        start += stride
    return starts


def slide_over_the_edge(before: int, length: int, after: int, extent: int, stride: int) -> list[int]:
    """Return the starts in ceil mode: a last window may overhang where it covers elements left out."""
    starts = [0]
    while starts[-1] + extent < before + length + after and starts[-1] + stride < before + length:
        starts.append(starts[-1] + stride)
    return starts


def lay_out(
    length: int,
    kernel: int,
    stride: int,
    dilation: int,
    padding: str | tuple[int, int],
    ceil_mode: bool,
) -> Axis:
    """Pad one axis and place the windows on it."""
    extent = range(0, kernel * dilation, dilation)[-1] + 1
    if padding == "same_tensorflow":
        visited = range(0, length, stride)
        missing = max(visited[-1] + extent - length, 0)
        before, after = missing // 2, missing - missing // 2
    elif padding == "same_pytorch":
        missing = 0
        while len(slide(length + missing, extent, stride)) < length:
            missing += 1
        before, after = missing // 2, missing - missing // 2
    elif isinstance(padding, str):
        before, after = {"valid": (0, 0)}[padding]
    else:
        before, after = padding
    if ceil_mode:
        starts = slide_over_the_edge(before, length, after, extent, stride)
    else:
        starts = slide(before + length + after, extent, stride)
    return Axis(before, length, after, tuple(starts), dilation)


def lay_out_all(
    lengths: Sequence[int],
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
    padding: Sequence[str | tuple[int, int]],
    ceil_mode: bool = False,
) -> list[Axis]:
    """Place the windows on every spatial axis."""
    return [lay_out(*of_axis, ceil_mode) for of_axis in zip(lengths, kernel, stride, dilation, padding, strict=True)]


def pad(x: Array, axes: Sequence[Axis], kernel: Sequence[int], fill: float) -> Array:
    """Surround the trailing axes with `fill`, up to the end of the last window."""
    shape = list(x.shape)
    inside: list[slice] = [slice(None)] * x.ndim
    for i, (axis, taps) in enumerate(zip(axes, kernel, strict=True), start=x.ndim - len(axes)):
        last = axis.starts[-1] + (taps - 1) * axis.dilation + 1
        shape[i] = max(axis.padded, last)
        inside[i] = slice(axis.before, axis.before + axis.length)
    padded = np.full(shape, fill)
    padded[tuple(inside)] = x
    return padded


def kernel_elements(axes: Sequence[Axis], kernel: Sequence[int]) -> Iterator[tuple[tuple[int, ...], Index]]:
    """Visit every kernel position with the index of that element in every window at once."""
    for position in product(*map(range, kernel)):
        yield position, (..., *(axis.element(p) for axis, p in zip(axes, position, strict=True)))
