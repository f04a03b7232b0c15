"""Other kernels: of another size, and large ones as stacks of small ones."""

from __future__ import annotations

from typing import Any, ClassVar, Final, Literal

from costmodel.algebra import Dim, equal, floor_div
from costmodel.algebra.dimension import Dim as PositiveDim
from costmodel.errors import RewriteError
from costmodel.layers import DepthwiseConv2d
from costmodel.network import Step
from costmodel.transform.base import Replacement, Sizes
from costmodel.transform.convolution import again, is_pointwise, with_fields
from costmodel.transform.edits import Edit, Piece, in_a_row
from costmodel.transform.graph import Graph
from costmodel.transform.separable import Between

Sides = tuple[Dim, Dim]
_MOST: Final = 64
"""A kernel that would be stacked of more layers is taken for a mistake."""


class Kernel(Replacement):
    """The convolution with another kernel, padded so that the shape stays.

    `size` is one size or a size for each axis with an x between: 5, 3x5. The padding grows, on both sides together, by
    d (k' - k) along each axis. Source: the size of a convolution's output, see `conv2d`.
    """

    name: ClassVar[str] = "kernel"
    size: Sizes

    def edit(self, step: Step, graph: Graph) -> Edit:
        layer: Any = step.node.layer
        if is_pointwise(layer):
            raise RewriteError("its kernel is 1x1: it mixes channels only")
        kernel = self.size * len(layer.kernel) if len(self.size) == 1 else self.size
        if len(kernel) != len(layer.kernel):
            raise RewriteError(f"its kernel has {len(layer.kernel)} axes and not {len(kernel)}")
        if all(equal(new, old) for new, old in zip(kernel, layer.kernel, strict=True)):
            raise RewriteError(f"its kernel is {'x'.join(map(str, kernel))} already")
        padding = layer.padding
        if not isinstance(padding, str):
            parts = zip(padding, kernel, layer.kernel, layer.dilation, strict=True)
            padding = tuple(_grown(sides, d * (new - old)) for sides, new, old, d in parts)
        return in_a_row(graph, [step], [Piece(step.node.name, with_fields(layer, kernel=kernel, padding=padding))])


class Stacked(Replacement):
    """A large kernel as a stack of small ones that see as much: a 5x5 as two 3x3, a 7x7 as three.

    (K - 1)/(k - 1) layers of kernel k see what one of kernel K does. Between them are as many channels as in the
    output, or with `middle="input"` as in the input; and what follows the original, or with `between="nothing"`
    nothing. The first strides, as in ResNet's deep stem, or with `stride="last"` the last, which costs more and sees
    exactly the same windows. With c channels everywhere, two 3x3 take 18/25 of a 5x5's MACs, and three 27/49 of a
    7x7's. Source: Szegedy et al., arXiv 1512.00567, section 3.1; Simonyan and Zisserman, arXiv 1409.1556, section 2.3.
    """

    name: ClassVar[str] = "stacked"
    size: PositiveDim = 3
    stride: Literal["first", "last"] = "first"
    middle: Literal["output", "input"] = "output"
    between: Between = "same"

    def edit(self, step: Step, graph: Graph) -> Edit:
        layer: Any = step.node.layer
        count = self._count(layer)
        steps = [1] * len(layer.stride)
        window = {"kernel": (self.size,) * len(layer.kernel), "dilation": layer.dilation}
        pieces = []
        for index, padding in enumerate(self._paddings(layer, count)):
            strides = layer.stride if index == (0 if self.stride == "first" else count - 1) else tuple(steps)
            fields = {**window, "stride": strides, "padding": padding}
            if index and isinstance(layer, DepthwiseConv2d):
                fields["multiplier"] = 1
            elif self.middle == "input" and index + 1 < count and not isinstance(layer, DepthwiseConv2d):
                fields["out_channels"] = step.input_shapes[0][1]
            name = f"{step.node.name}.{index + 1}"
            pieces.append(Piece(name, with_fields(layer, **fields)))
            pieces += again(graph, step, name) if self.between == "same" and index + 1 < count else []
        return in_a_row(graph, [step], pieces)

    def _count(self, layer: Any) -> int:
        """How many layers the stack has."""
        size = layer.kernel[0] if not is_pointwise(layer) else 1
        if not isinstance(size, int) or any(each != size for each in getattr(layer, "kernel", ())):
            raise RewriteError(f"its kernel of {'x'.join(map(str, layer.kernel))} is not the same along all axes")
        if not isinstance(self.size, int) or self.size < 2:
            raise RewriteError("a kernel can only be stacked of kernels of at least 2")
        count, rest = divmod(size - 1, self.size - 1)
        if count < 2 or rest or count > _MOST:
            kernels = "x".join([str(self.size)] * len(getattr(layer, "kernel", (1, 1))))
            raise RewriteError(f"its kernel of {size} cannot be stacked of several {kernels} ones")
        return count

    def _paddings(self, layer: Any, count: int) -> list[Any]:
        """The padding of each layer: each keeps the size where the original's suffices, up to the strides."""
        if isinstance(layer.padding, str):
            return [layer.padding] * count
        last_first = self.stride == "last"
        paddings: list[list[Sides]] = [[] for _ in range(count)]
        for sides, d in zip(layer.padding, layer.dilation, strict=True):
            keeping = _halves(d * (self.size - 1))
            rest = tuple(side - (count - 1) * keep for side, keep in zip(sides, keeping, strict=True))
            is_enough = not any(isinstance(side, int) and side < 0 for side in rest)
            if is_enough:
                along = [rest, *[keeping] * (count - 1)]
            elif last_first or all(equal(stride, 1) for stride in layer.stride):
                along = [_share(sides, index, count) for index in range(count)]
            else:
                raise RewriteError(
                    "its padding is too small for a stride in the first layer; stride=last keeps the shape"
                )
            for padding, pair in zip(paddings, reversed(along) if last_first and is_enough else along, strict=True):
                padding.append(pair)
        return [tuple(padding) for padding in paddings]


def _halves(whole: Dim) -> Sides:
    """A padding of so much in all, the smaller half before."""
    before = floor_div(whole, 2)
    return before, whole - before


def _share(sides: Sides, index: int, count: int) -> Sides:
    """One layer's share of a padding."""
    before, after = (floor_div(side * (index + 1), count) - floor_div(side * index, count) for side in sides)
    return before, after


def _grown(sides: Sides, more: Dim) -> Sides:
    """A padding with so much more on both sides together."""
    added = _halves(more)
    before, after = sides[0] + added[0], sides[1] + added[1]
    if any(isinstance(side, int) and side < 0 for side in (before, after)):
        raise RewriteError(f"its shape cannot be kept: a padding of {before} and {after} would be needed")
    return before, after
