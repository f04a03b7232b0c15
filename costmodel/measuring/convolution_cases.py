"""Convolutions of the operator suite: dense, large, grouped, transposed, fused, depthwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from costmodel.measuring.cases import Case, Spec, maps, quasirandom, rounded

CHANNELS: Final = (4, 8, 12, 15, 16, 17, 24, 32, 33, 48, 64, 65, 96, 128, 192, 256)
SIZES: Final = (1, 2, 3, 4, 5, 7, 8, 10, 14, 16, 20, 28, 40, 56, 80, 112)


def _conv(c_o: int, kernel: int | tuple[int, int], stride: int = 1, **fields: Any) -> Spec:
    """A convolution that keeps the size of its maps, or divides it by the stride."""
    k_h, k_w = (kernel, kernel) if isinstance(kernel, int) else kernel
    padding = [k_h // 2, k_w // 2]
    return {"kind": "conv2d", "out_channels": c_o, "kernel": [k_h, k_w], "stride": stride, "padding": padding, **fields}


def _dense(operator: str, kernel: int, stride: int, points: int, center: tuple[int, int]) -> Iterator[Case]:
    """Scans of both channels, of one, and of the maps through a center, and points between."""
    channels, size = center
    for c in CHANNELS:
        yield Case(operator, (_conv(c, kernel, stride),), (maps(c, size),))
    for c in (3, 8, 16, 32, 128, 256, 512):
        yield Case(operator, (_conv(channels, kernel, stride),), (maps(c, size),))
        yield Case(operator, (_conv(c, kernel, stride),), (maps(channels, size),))
    for each in SIZES:
        yield Case(operator, (_conv(channels, kernel, stride),), (maps(channels, each),))
    for index, (c_i, c_o, each) in enumerate(quasirandom(points, (4, 512), (4, 512), (4, 112))):
        spec = _conv(rounded(c_o, index), kernel, stride)
        yield Case(operator, (spec,), (maps(rounded(c_i, index), each),))


def convolutions() -> Iterator[Case]:
    """Dense convolutions of 3x3 and 1x1, of stride 1 and 2, and of maps of one element."""
    yield from _dense("conv3x3", 3, 1, 20, (64, 28))
    yield from _dense("conv1x1", 1, 1, 20, (128, 28))
    for c, size in ((16, 56), (64, 28), (128, 14), (256, 7)):
        yield Case("conv3x3", (_conv(c, 3),) * 3, (maps(c, size),))
        yield Case("conv1x1", (_conv(c, 1),) * 3, (maps(c, size),))
    for c, size in ((512, 14), (1024, 7)):
        yield Case("conv1x1", (_conv(c, 1),) * 4, (maps(c, size),))
    for index, (c_i, c_o, size) in enumerate(quasirandom(20, (8, 256), (8, 256), (7, 112))):
        spec = _conv(rounded(c_o, index), 3, 2)
        yield Case("conv3x3_s2", (spec,), (maps(rounded(c_i, index), size),))
    for c in (8, 16, 32, 64, 128, 256):
        yield Case("conv3x3_s2", (_conv(c, 3, 2),), (maps(c, 28),))
    for c, c_o, size in ((64, 128, 56), (128, 256, 28), (256, 512, 14)):
        yield Case("conv1x1_s2", (_conv(c_o, 1, 2),), (maps(c, size),))
    for c, c_o in ((16, 64), (64, 16), (96, 24), (240, 960), (576, 1024), (960, 1280), (2048, 1000)):
        yield Case("conv1x1_of_1x1", (_conv(c_o, 1),), (maps(c, 1),))


def large_convolutions() -> Iterator[Case]:
    """Kernels of 5x5 and 7x7, first layers on three channels, kernels along one axis, holes in kernels."""
    for kernel in (5, 7):
        for index, (c_i, c_o, size) in enumerate(quasirandom(8, (8, 128), (8, 128), (7, 56))):
            spec = _conv(rounded(c_o, index), kernel, 1 + index % 2)
            yield Case(f"conv{kernel}x{kernel}", (spec,), (maps(rounded(c_i, index), size),))
    for kernel, stride, c_o, size in (
        (3, 1, 16, 112), (3, 1, 64, 112), (3, 2, 16, 224), (3, 2, 32, 224), (3, 2, 32, 112), (5, 2, 32, 128),
        (7, 2, 64, 224), (7, 2, 64, 112), (11, 4, 64, 224),
    ):  # fmt: skip
        yield Case("first_layer", (_conv(c_o, kernel, stride),), (maps(3, size),))
    for c, size in ((64, 17), (128, 17), (192, 12), (32, 56)):
        for sizes in ((1, 7), (7, 1), (1, 3), (3, 1)):
            yield Case("conv1xk", (_conv(c, sizes),), (maps(c, size),))
    for c, size, dilation in ((64, 28, 2), (64, 28, 4), (128, 14, 2)):
        spec = {**_conv(c, 3), "padding": dilation, "dilation": dilation}
        yield Case("conv3x3_dilated", (spec,), (maps(c, size),))


def other_convolutions() -> Iterator[Case]:
    """Convolutions by groups, transposed ones, and what runtimes fuse into a convolution."""
    for c, size, groups in (
        (64, 28, 2), (64, 28, 4), (64, 28, 8), (64, 28, 16), (64, 28, 32), (128, 28, 32), (256, 14, 32),
        (240, 28, 3), (112, 14, 7), (512, 7, 32), (96, 27, 2), (256, 13, 2),
    ):  # fmt: skip
        yield Case("conv3x3_grouped", (_conv(c, 3, groups=groups),), (maps(c, size),))
        yield Case("conv1x1_grouped", (_conv(c, 1, groups=groups),), (maps(c, size),))
    for each in (2, 3, 4, 6, 8, 12, 16, 20, 24, 32, 40, 48, 64):
        groups = 192 // each
        for size in (14, 28):
            yield Case("conv3x3_grouped", (_conv(groups * each, 3, groups=groups),), (maps(groups * each, size),))
        yield Case("conv3x3_grouped_s2", (_conv(groups * each, 3, 2, groups=groups),), (maps(groups * each, 28),))
    for c, c_o, size, kernel in ((64, 32, 14, 2), (128, 64, 28, 2), (64, 64, 14, 4), (256, 128, 7, 4), (32, 16, 56, 2)):
        spec = {"kind": "conv_transpose2d", "out_channels": c_o, "kernel": kernel, "stride": 2, "padding": kernel // 4}
        yield Case("conv_transposed", (spec,), (maps(c, size),))
    for c, size in ((64, 14), (256, 7), (32, 28)):
        spec = {"kind": "conv_transpose2d", "out_channels": c, "kernel": 4, "stride": 2, "padding": 1, "groups": c}
        yield Case("conv_transposed_depthwise", (spec,), (maps(c, size),))
    for follow in (["relu"], ["batch_norm", "relu"], ["batch_norm", "relu6"], ["sigmoid"], ["silu"], ["hard_swish"]):
        for kernel, c, size in ((3, 64, 28), (1, 128, 28), (1, 64, 56)):
            rest = tuple({"kind": kind} for kind in follow)
            yield Case("conv_fused", (_conv(c, kernel), *rest), (maps(c, size),))


def _depth(kernel: int, stride: int = 1) -> Spec:
    return {"kind": "depthwise_conv2d", "kernel": kernel, "stride": stride, "padding": kernel // 2}


def depthwise() -> Iterator[Case]:
    """Depthwise convolutions of 3x3, 5x5 and 7x7, of stride 1 and 2."""
    for c in (8, 12, 16, 17, 24, 32, 33, 64, 96, 144, 256, 512, 960):
        yield Case("depthwise3x3", (_depth(3),), (maps(c, 28),))
    for size in SIZES:
        yield Case("depthwise3x3", (_depth(3),), (maps(96, size),))
    for index, (c, size) in enumerate(quasirandom(12, (8, 960), (4, 112))):
        yield Case("depthwise3x3", (_depth(3),), (maps(rounded(c, index), size),))
        yield Case("depthwise3x3_s2", (_depth(3, 2),), (maps(rounded(c, index), size),))
        yield Case("depthwise5x5", (_depth(5),), (maps(rounded(c, index), size),))
    for c, size in ((32, 112), (96, 28), (512, 14), (17, 28)):
        yield Case("depthwise3x3", (_depth(3),) * 4, (maps(c, size),))
    for c, size in ((96, 28), (240, 14), (72, 56), (672, 14)):
        yield Case("depthwise5x5", (_depth(5),) * 3, (maps(c, size),))
        yield Case("depthwise5x5_s2", (_depth(5, 2),), (maps(c, size),))
        yield Case("depthwise7x7", (_depth(7),), (maps(c, size),))
