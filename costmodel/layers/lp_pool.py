"""Pooling by a norm of each window."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from costmodel.algebra import product
from costmodel.algebra.types import Dim as Value
from costmodel.layers.base import Flag, Layer, Shape, Shapes
from costmodel.layers.conv import same_needs_stride_1
from costmodel.layers.formulas import Formulas
from costmodel.layers.pool import ASSUMPTIONS
from costmodel.layers.window import Axes, Padding, spread, stride_is_kernel, window_shape


def norm_comparisons(e: Value, k_s: Value, p_n: Value) -> Value:
    """With p = 1, one for each absolute value."""
    return (2 - p_n) * e * k_s


def norm_multiplications(e: Value, k_s: Value, p_n: Value) -> Value:
    """With p = 2, one for each square."""
    return (p_n - 1) * e * k_s


def norm_additions(e: Value, k_s: Value) -> Value:
    """Folding the k_s terms of a window into one takes k_s - 1 additions."""
    return e * (k_s - 1)


def norm_roots(e: Value, p_n: Value) -> Value:
    """With p = 2, a square root for each window."""
    return (p_n - 1) * e


class LpPool(Layer):
    """sum |x| (p = 1) or sqrt(sum x^2) (p = 2) of each window, along any number of spatial axes.

    Shapes: (n, c, ...) -> (n, c, ...), each size as in `max_pool2d`. Without a stride it is the kernel; one value
    stands for all axes.

    >>> LpPool(kernel=2).cost((1, 3, 8, 8)).ledger.transcendentals
    48
    """

    kind: Literal["lp_pool"] = "lp_pool"
    kernel: Axes
    stride: Axes = Field(default=None, validate_default=True)
    padding: Padding = ((0, 0),)
    dilation: Axes = (1,)
    ceil_mode: Flag = False
    p: Literal[1, 2] = 2
    formulas: ClassVar[Formulas] = Formulas(
        comparisons=norm_comparisons,
        multiplications=norm_multiplications,
        additions=norm_additions,
        transcendentals=norm_roots,
    )
    source: ClassVar[str] = "Sermanet, Chintala and LeCun, arXiv 1204.3968, section 2.2 (Lp pooling)"
    assumptions: ClassVar[tuple[str, ...]] = ASSUMPTIONS
    _same = same_needs_stride_1
    _stride = stride_is_kernel

    def output_shape(self, inputs: Shapes) -> Shape:
        n, c, *sizes = self.channelled(inputs[0], spatial=True)
        kernel, stride, padding, dilation = (
            spread(self, field, len(sizes)) for field in ("kernel", "stride", "padding", "dilation")
        )
        window = window_shape(self, sizes, kernel, stride, padding, dilation, ceil_mode=self.ceil_mode)
        return (n, c, *window)

    def symbols(self, inputs: Shapes, outputs: Shapes) -> dict[str, Value]:
        kernel = spread(self, "kernel", len(inputs[0]) - 2)
        return {"e": product(outputs[0]), "k_s": product(kernel), "p_n": self.p}
