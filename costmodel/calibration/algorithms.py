"""By which algorithm a runtime does a kernel, and what that multiplies, moves, gathers and launches.

What depends on a size is 1 where it is so and 0 where it is not: true or false for numbers, an expression for symbols.
"""

from __future__ import annotations

from typing import Final

from costmodel.algebra import Dim, ceil_div, equal, exact_div, maximum, minimum, product, reaches
from costmodel.latency import Kernel
from costmodel.layers import Conv2d

CACHE_BYTES: Final = 4 * 2**20
"""What of a kernel's activations, and of its weights, a processor is taken to keep near."""

TILE: Final = 4
"""Winograd's F(4x4, 3x3): a tile of 4 x 4 outputs takes 6 x 6 multiplications for each pair of channels."""

FINDING: Final = 7
"""What finding the place of an output on the grid of the inputs takes, in elements of a patch: single transposed
depthwise convolutions of 1 to 16 elements under ncnn took 0.76, 1.04 and 2.1 ns for each output."""

NARROWEST_WINOGRAD: Final = 8
"""The fewest channels on either side for which runtimes choose Winograd's algorithm."""


def has_macs(kernel: Kernel) -> bool:
    """Whether a kernel multiplies and accumulates; an expression stands for something."""
    return not (isinstance(kernel.macs, int) and kernel.macs == 0)


def is_depthwise(kernel: Kernel) -> bool:
    """Whether every channel is convolved by itself."""
    return kernel.kernel_class == "depthwise"


def is_large_depthwise(kernel: Kernel) -> Dim:
    """Whether it is a depthwise convolution of more than 3 elements along an axis."""
    return is_depthwise(kernel) and reaches(maximum(*_extent(kernel)), 4)


def is_transposed_depthwise(kernel: Kernel) -> bool:
    """Whether every channel is convolved by itself, and the convolution transposed."""
    return (
        kernel.kernel_class == "transposed"
        and equal(_groups(kernel), _c_i(kernel))
        and equal(_c_i(kernel), _c_o(kernel))
    )


def is_winograd(kernel: Kernel) -> Dim:
    """Whether it is a dense 3x3 convolution of stride 1 that its runtime does by Winograd's algorithm.

    Lavin and Gray, arXiv 1509.09308. Each group of a grouped convolution is one; narrow ones are done directly.
    """
    layer = kernel.layer
    if not kernel.winograd or not isinstance(layer, Conv2d) or is_depthwise(kernel):
        return False
    if (layer.kernel, layer.stride, layer.dilation) != ((3, 3), (1, 1), (1, 1)):
        return False
    channels = (exact_div(_c_i(kernel), layer.groups), exact_div(_c_o(kernel), layer.groups))
    return reaches(minimum(*channels), NARROWEST_WINOGRAD)


def is_product(kernel: Kernel) -> Dim:
    """Whether it is done as a product of matrices: what multiplies, but for depthwise and Winograd's convolutions."""
    return has_macs(kernel) and not is_depthwise(kernel) and 1 - is_winograd(kernel)


def has_patches(kernel: Kernel) -> Dim:
    """Whether patches of the input are gathered for a product: convolutions of more than one element.

    A runtime with a blocked layout reads blocks where they lie, and gathers patches for what does not work in them:
    there each channel of a depthwise convolution is a product of its own. For each output of a transposed depthwise
    convolution, every element of the kernel is tried, though the stride lets it meet few.
    """
    if kernel.blocked:
        return False
    if is_transposed_depthwise(kernel):
        return True
    if all(equal(size, 1) for size in _extent(kernel)):
        return False
    if kernel.kernel_class in {"conv", "grouped"}:
        return is_product(kernel)
    return kernel.blocked is False and is_depthwise(kernel)


def is_response_normalization(kernel: Kernel) -> bool:
    """Whether it is local response normalization, whose power function counts with its bytes."""
    return kernel.layer.kind == "local_response_norm"


def is_unary(kernel: Kernel) -> bool:
    """Whether it is a function of each element of one tensor, which the kernel before has just written."""
    return kernel.kernel_class == "elementwise" and len(kernel.input_shapes) == 1


def is_detection(kernel: Kernel) -> bool:
    """Whether boxes are decoded from prior ones, and thinned out class by class."""
    return kernel.layer.kind == "detection_output" and len(kernel.input_shapes) > 2


def winograd_tiles(kernel: Kernel) -> Dim:
    """Elements of all transformed tiles of one channel: 36 n ceil(h_o / 4) ceil(w_o / 4)."""
    n, _, h_o, w_o = kernel.output_shape
    return n * ceil_div(h_o, TILE) * ceil_div(w_o, TILE) * (TILE + 2) ** 2


def winograd_elements(kernel: Kernel) -> Dim:
    """Elements of the transformed tiles of all channels: 36 n ceil(h_o / 4) ceil(w_o / 4) (c_i + c_o)."""
    return winograd_tiles(kernel) * (_c_i(kernel) + _c_o(kernel))


def winograd_macs(kernel: Kernel) -> Dim:
    """Multiply-accumulates between transformed tiles: 36 n ceil(h_o / 4) ceil(w_o / 4) c_o c_i / g."""
    return winograd_tiles(kernel) * _c_o(kernel) * exact_div(_c_i(kernel), _groups(kernel))


def weight_bytes(kernel: Kernel) -> Dim:
    """Bytes of weights that a kernel reads; Winograd's are stored transformed, 36 for 9."""
    return kernel.weight_bytes * (1 + ((TILE + 2) ** 2 // 9 - 1) * is_winograd(kernel))


def streamed_bytes(kernel: Kernel) -> Dim:
    """Bytes beyond `CACHE_BYTES` of what a kernel reads and writes, and of its weights."""
    moved, weights = kernel.input_bytes + kernel.output_bytes, weight_bytes(kernel)
    return maximum(0, moved - CACHE_BYTES) + maximum(0, weights - CACHE_BYTES)


def patch_elements(kernel: Kernel) -> Dim:
    """Elements of the gathered patches: n h_o w_o c_i k_h k_w.

    A transposed depthwise convolution first finds what each output meets: n h_o w_o c (k_h k_w + 7).
    """
    elements = product(_extent(kernel)) + (FINDING if is_transposed_depthwise(kernel) else 0)
    return exact_div(product(kernel.output_shape), _c_o(kernel)) * _c_i(kernel) * elements


def launches(kernel: Kernel) -> Dim:
    """One, or one for each group of a grouped convolution, unless it works in blocks: then one call does all groups.

    Groups of one channel each are no groups: one call does all of a depthwise convolution, transposed or not.
    """
    if kernel.kernel_class not in {"grouped", "transposed"} or kernel.blocked or is_transposed_depthwise(kernel):
        return 1
    return _groups(kernel)


def moved_bytes(kernel: Kernel) -> Dim:
    """Bytes of activations read and written."""
    return kernel.input_bytes + kernel.output_bytes


def _extent(kernel: Kernel) -> tuple[Dim, ...]:
    """The size of a convolution's kernel along each axis."""
    return tuple(getattr(kernel.layer, "kernel", (1,)))


def _groups(kernel: Kernel) -> Dim:
    return getattr(kernel.layer, "groups", 1)


def _c_i(kernel: Kernel) -> Dim:
    return kernel.input_shapes[0][1]


def _c_o(kernel: Kernel) -> Dim:
    return kernel.output_shape[1]
