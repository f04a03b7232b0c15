"""The operator suite: a few hundred small networks that hold one operator each, over all that its time depends on.

For each operator there are scans, in which one size changes and the others stay (channels around multiples of 4, 8 and
16, maps from one element up), and points of a low-discrepancy sequence, in which all sizes change at once. Operators
that are quickly done also come as chains of equal layers: the difference tells what a layer costs from what the ends
of a network cost, where runtimes turn their inputs and outputs into a layout of their own.

The sequence is the additive recurrence x_k = frac(1/2 + k a), with a_j = phi^-j and phi the root of
phi^(d + 1) = phi + 1 in d dimensions (Roberts, The Unreasonable Effectiveness of Quasirandom Sequences, 2018; for
d = 1 the golden ratio). It has no seed: the suite is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from math import exp, log, prod
from typing import Any, Final, NamedTuple

from costmodel.layers import parse_layer

Spec = dict[str, Any]
Shape = tuple[int, ...]
LARGEST: Final = 8_000_000
"""Elements of the largest tensor, 32 MB: its layers still run in milliseconds."""


class Case(NamedTuple):
    """One small network: layers that follow each other, and the shapes of its inputs."""

    operator: str
    layers: tuple[Spec, ...]
    inputs: tuple[Shape, ...]


@cache
def operator_suite() -> tuple[Case, ...]:
    """All cases, each once, in an order that mixes sizes but not operators.

    >>> len(operator_suite()) > 300
    True
    """
    cases: dict[str, Case] = {}
    for family in FAMILIES:
        for case in family():
            if _is_in_bounds(case):
                cases.setdefault(repr(case), case)
    return tuple(cases.values())


def quasirandom(count: int, *ranges: tuple[float, float]) -> Iterator[tuple[int, ...]]:
    """Points of integers, evenly spread over the logarithms of ranges.

    >>> list(quasirandom(3, (1, 100)))
    [(2,), (30,), (5,)]
    """
    dims = len(ranges)
    phi = 2.0
    for _ in range(60):
        phi = (1 + phi) ** (1 / (dims + 1))
    for index in range(1, count + 1):
        places = ((0.5 + index * phi**-axis) % 1 for axis in range(1, dims + 1))
        yield tuple(
            round(exp(log(low) + place * log(high / low))) for place, (low, high) in zip(places, ranges, strict=True)
        )


def _is_in_bounds(case: Case) -> bool:
    """Whether no tensor is too large, and the whole takes at most a twentieth of a second at 10 GMAC/s."""
    shapes, macs = list(case.inputs), 0
    x = case.inputs
    for spec in case.layers:
        layer = parse_layer(spec)
        cost = layer.cost(*(x if layer.inputs != 1 else x[:1]))
        shapes += cost.output_shapes
        x = (cost.output_shapes[0], *case.inputs[1:])
        macs += cost.macs
    return max(map(prod, shapes)) <= LARGEST and macs <= MOST_MACS


MOST_MACS: Final = 500_000_000
TILES: Final = (1, 4, 8, 16)
"""Channels of the low-discrepancy points are rounded to multiples of these in turn."""
CHANNELS: Final = (4, 8, 12, 15, 16, 17, 24, 32, 33, 48, 64, 65, 96, 128, 192, 256)
SIZES: Final = (1, 2, 3, 4, 5, 7, 8, 10, 14, 16, 20, 28, 40, 56, 80, 112)


def _rounded(channels: int, index: int) -> int:
    tile = TILES[index % len(TILES)]
    return max(tile * round(channels / tile), tile)


def _conv(c_o: int, kernel: int | tuple[int, int], stride: int = 1, **fields: Any) -> Spec:
    """A convolution that keeps the size of its maps, or divides it by the stride."""
    k_h, k_w = (kernel, kernel) if isinstance(kernel, int) else kernel
    padding = [k_h // 2, k_w // 2]
    return {"kind": "conv2d", "out_channels": c_o, "kernel": [k_h, k_w], "stride": stride, "padding": padding, **fields}


def _maps(c: int, size: int) -> Shape:
    return (1, c, size, size)


def _dense(operator: str, kernel: int, stride: int, points: int, center: tuple[int, int]) -> Iterator[Case]:
    """Scans of both channels, of one, and of the maps through a center, and points between."""
    channels, size = center
    for c in CHANNELS:
        yield Case(operator, (_conv(c, kernel, stride),), (_maps(c, size),))
    for c in (3, 8, 16, 32, 128, 256, 512):
        yield Case(operator, (_conv(channels, kernel, stride),), (_maps(c, size),))
        yield Case(operator, (_conv(c, kernel, stride),), (_maps(channels, size),))
    for each in SIZES:
        yield Case(operator, (_conv(channels, kernel, stride),), (_maps(channels, each),))
    for index, (c_i, c_o, each) in enumerate(quasirandom(points, (4, 512), (4, 512), (4, 112))):
        spec = _conv(_rounded(c_o, index), kernel, stride)
        yield Case(operator, (spec,), (_maps(_rounded(c_i, index), each),))


def _convolutions() -> Iterator[Case]:
    """Dense convolutions of 3x3 and 1x1, of stride 1 and 2, and of maps of one element."""
    yield from _dense("conv3x3", 3, 1, 20, (64, 28))
    yield from _dense("conv1x1", 1, 1, 20, (128, 28))
    for c, size in ((16, 56), (64, 28), (128, 14), (256, 7)):
        yield Case("conv3x3", (_conv(c, 3),) * 3, (_maps(c, size),))
        yield Case("conv1x1", (_conv(c, 1),) * 3, (_maps(c, size),))
    for c, size in ((512, 14), (1024, 7)):
        yield Case("conv1x1", (_conv(c, 1),) * 4, (_maps(c, size),))
    for index, (c_i, c_o, size) in enumerate(quasirandom(20, (8, 256), (8, 256), (7, 112))):
        spec = _conv(_rounded(c_o, index), 3, 2)
        yield Case("conv3x3_s2", (spec,), (_maps(_rounded(c_i, index), size),))
    for c in (8, 16, 32, 64, 128, 256):
        yield Case("conv3x3_s2", (_conv(c, 3, 2),), (_maps(c, 28),))
    for c, c_o, size in ((64, 128, 56), (128, 256, 28), (256, 512, 14)):
        yield Case("conv1x1_s2", (_conv(c_o, 1, 2),), (_maps(c, size),))
    for c, c_o in ((16, 64), (64, 16), (96, 24), (240, 960), (576, 1024), (960, 1280), (2048, 1000)):
        yield Case("conv1x1_of_1x1", (_conv(c_o, 1),), (_maps(c, 1),))


def _large_convolutions() -> Iterator[Case]:
    """Kernels of 5x5 and 7x7, first layers on three channels, kernels along one axis, holes in kernels."""
    for kernel in (5, 7):
        for index, (c_i, c_o, size) in enumerate(quasirandom(8, (8, 128), (8, 128), (7, 56))):
            spec = _conv(_rounded(c_o, index), kernel, 1 + index % 2)
            yield Case(f"conv{kernel}x{kernel}", (spec,), (_maps(_rounded(c_i, index), size),))
    for kernel, stride, c_o, size in (
        (3, 1, 16, 112), (3, 1, 64, 112), (3, 2, 16, 224), (3, 2, 32, 224), (3, 2, 32, 112), (5, 2, 32, 128),
        (7, 2, 64, 224), (7, 2, 64, 112), (11, 4, 64, 224),
    ):  # fmt: skip
        yield Case("first_layer", (_conv(c_o, kernel, stride),), (_maps(3, size),))
    for c, size in ((64, 17), (128, 17), (192, 12), (32, 56)):
        for sizes in ((1, 7), (7, 1), (1, 3), (3, 1)):
            yield Case("conv1xk", (_conv(c, sizes),), (_maps(c, size),))
    for c, size, dilation in ((64, 28, 2), (64, 28, 4), (128, 14, 2)):
        spec = {**_conv(c, 3), "padding": dilation, "dilation": dilation}
        yield Case("conv3x3_dilated", (spec,), (_maps(c, size),))


def _other_convolutions() -> Iterator[Case]:
    """Convolutions by groups, transposed ones, and what runtimes fuse into a convolution."""
    for c, size, groups in (
        (64, 28, 2), (64, 28, 4), (64, 28, 8), (64, 28, 16), (64, 28, 32), (128, 28, 32), (256, 14, 32),
        (240, 28, 3), (112, 14, 7), (512, 7, 32), (96, 27, 2), (256, 13, 2),
    ):  # fmt: skip
        yield Case("conv3x3_grouped", (_conv(c, 3, groups=groups),), (_maps(c, size),))
        yield Case("conv1x1_grouped", (_conv(c, 1, groups=groups),), (_maps(c, size),))
    for each in (2, 3, 4, 6, 8, 12, 16, 20, 24, 32, 40, 48, 64):
        groups = 192 // each
        for size in (14, 28):
            yield Case("conv3x3_grouped", (_conv(groups * each, 3, groups=groups),), (_maps(groups * each, size),))
        yield Case("conv3x3_grouped_s2", (_conv(groups * each, 3, 2, groups=groups),), (_maps(groups * each, 28),))
    for c, c_o, size, kernel in ((64, 32, 14, 2), (128, 64, 28, 2), (64, 64, 14, 4), (256, 128, 7, 4), (32, 16, 56, 2)):
        spec = {"kind": "conv_transpose2d", "out_channels": c_o, "kernel": kernel, "stride": 2, "padding": kernel // 4}
        yield Case("conv_transposed", (spec,), (_maps(c, size),))
    for c, size in ((64, 14), (256, 7), (32, 28)):
        spec = {"kind": "conv_transpose2d", "out_channels": c, "kernel": 4, "stride": 2, "padding": 1, "groups": c}
        yield Case("conv_transposed_depthwise", (spec,), (_maps(c, size),))
    for follow in (["relu"], ["batch_norm", "relu"], ["batch_norm", "relu6"], ["sigmoid"], ["silu"], ["hard_swish"]):
        for kernel, c, size in ((3, 64, 28), (1, 128, 28), (1, 64, 56)):
            rest = tuple({"kind": kind} for kind in follow)
            yield Case("conv_fused", (_conv(c, kernel), *rest), (_maps(c, size),))


def _depth(kernel: int, stride: int = 1) -> Spec:
    return {"kind": "depthwise_conv2d", "kernel": kernel, "stride": stride, "padding": kernel // 2}


def _depthwise() -> Iterator[Case]:
    for c in (8, 12, 16, 17, 24, 32, 33, 64, 96, 144, 256, 512, 960):
        yield Case("depthwise3x3", (_depth(3),), (_maps(c, 28),))
    for size in SIZES:
        yield Case("depthwise3x3", (_depth(3),), (_maps(96, size),))
    for index, (c, size) in enumerate(quasirandom(12, (8, 960), (4, 112))):
        yield Case("depthwise3x3", (_depth(3),), (_maps(_rounded(c, index), size),))
        yield Case("depthwise3x3_s2", (_depth(3, 2),), (_maps(_rounded(c, index), size),))
        yield Case("depthwise5x5", (_depth(5),), (_maps(_rounded(c, index), size),))
    for c, size in ((32, 112), (96, 28), (512, 14), (17, 28)):
        yield Case("depthwise3x3", (_depth(3),) * 4, (_maps(c, size),))
    for c, size in ((96, 28), (240, 14), (72, 56), (672, 14)):
        yield Case("depthwise5x5", (_depth(5),) * 3, (_maps(c, size),))
        yield Case("depthwise5x5_s2", (_depth(5, 2),), (_maps(c, size),))
        yield Case("depthwise7x7", (_depth(7),), (_maps(c, size),))


def _linear(c_o: int) -> Spec:
    return {"kind": "linear", "out_features": c_o}


def _products() -> Iterator[Case]:
    for c_i, c_o in (
        (64, 10), (64, 64), (256, 256), (255, 257), (512, 1000), (1024, 1000), (1280, 1000), (2048, 1000),
        (1024, 1024), (2048, 2048), (4096, 1000), (4096, 4096), (9216, 4096),
    ):  # fmt: skip
        yield Case("linear", (_linear(c_o),), ((1, c_i),))
    for rows, c_i, c_o in ((16, 256, 256), (50, 768, 768), (197, 192, 192), (197, 192, 768), (197, 768, 192)):
        yield Case("linear_rows", (_linear(c_o),), ((1, rows, c_i),))
    for rows, inner, columns in ((32, 64, 32), (128, 128, 128), (197, 64, 197), (256, 256, 256), (384, 384, 384)):
        yield Case("matmul", ({"kind": "matmul"},), ((1, rows, inner), (1, inner, columns)))
    for heads, steps, size in ((3, 197, 64), (12, 50, 64), (8, 128, 32)):
        yield Case("attention", ({"kind": "attention"},), ((1, heads, steps, size),) * 3)
    for steps, c, heads in ((50, 192, 3), (197, 192, 3), (50, 768, 12)):
        yield Case("multi_head_attention", ({"kind": "multi_head_attention", "heads": heads},), ((1, steps, c),))


PLANES: Final = ((16, 56), (64, 28), (64, 112), (256, 14), (512, 7))


def _pools() -> Iterator[Case]:
    for kind in ("max_pool2d", "avg_pool2d"):
        for c, size in PLANES:
            for kernel, stride in ((3, 2), (2, 2), (3, 1)):
                spec = {"kind": kind, "kernel": kernel, "stride": stride, "padding": int(kernel == 3)}
                yield Case(f"{kind}_{kernel}x{kernel}_s{stride}", (spec,), (_maps(c, size),))
        spec = {"kind": kind, "kernel": 3, "stride": 1, "padding": 1}
        yield Case(f"{kind}_3x3_s1", (spec,) * 4, (_maps(64, 28),))
    for c, size in (*PLANES, (1280, 7), (2048, 7), (960, 14)):
        yield Case("global_avg_pool", ({"kind": "global_avg_pool"},), (_maps(c, size),))
    for c, size in ((256, 12), (512, 14)):
        yield Case("adaptive_avg_pool", ({"kind": "adaptive_avg_pool2d", "output_size": 6},), (_maps(c, size),))


ACTIVATIONS: Final = (
    "relu", "relu6", "leaky_relu", "prelu", "hard_sigmoid", "hard_swish", "sigmoid", "tanh", "silu", "gelu", "elu",
    "mish", "exp", "absolute",
)  # fmt: skip


def _elementwise() -> Iterator[Case]:
    for kind in ACTIVATIONS:
        spec: Spec = {"kind": kind, **({"per_channel": True} if kind == "prelu" else {})}
        for c, size in ((64, 8), (64, 56), (64, 112)):
            yield Case(kind, (spec,), (_maps(c, size),))
        yield Case(kind, (spec,) * 4, (_maps(64, 56),))
    for kind in ("add", "multiply"):
        for c, size in (*PLANES, (17, 28)):
            yield Case(kind, ({"kind": kind},), (_maps(c, size),) * 2)
        yield Case(kind, ({"kind": kind},) * 4, (_maps(64, 56),) * 2)
    for c, size in (*PLANES, (672, 14), (72, 28)):
        yield Case("scale_channels", ({"kind": "multiply"},), (_maps(c, size), _maps(c, 1)))


def _movement() -> Iterator[Case]:
    for c, size in PLANES:
        yield Case("concat", ({"kind": "concat"},), (_maps(c, size),) * 2)
        yield Case("concat_of_4", ({"kind": "concat"},), (_maps(c // 4, size),) * 4)
        yield Case("channel_shuffle", ({"kind": "channel_shuffle", "groups": 2},), (_maps(c, size),))
    for c, size, groups in ((240, 28, 3), (480, 14, 3), (116, 28, 2), (58, 28, 2)):
        yield Case("channel_shuffle", ({"kind": "channel_shuffle", "groups": groups},), (_maps(c, size),))
    yield Case("channel_shuffle", ({"kind": "channel_shuffle", "groups": 2},) * 4, (_maps(64, 56),))
    for c, size in ((64, 14), (64, 56), (256, 14)):
        yield Case("pad", ({"kind": "pad", "pads": [[0, 0], [0, 0], [1, 1], [1, 1]]},), (_maps(c, size),))
        yield Case("permute", ({"kind": "permute", "axes": [0, 2, 3, 1]},), (_maps(c, size),))
        halves = {"kind": "slice", "axes": [2, 3], "starts": [1, 1], "lengths": [size - 1, size - 1]}
        yield Case("slice", (halves,), (_maps(c, size),))
        yield Case("avg_pool2d_1x1_s2", ({"kind": "avg_pool2d", "kernel": 1, "stride": 2},), (_maps(c, size),))
        for mode in ("nearest", "bilinear"):
            yield Case(f"resize_{mode}", ({"kind": "upsample2d", "mode": mode, "scale": 2},), (_maps(c, size),))


def _norms() -> Iterator[Case]:
    for c, size in PLANES:
        yield Case("batch_norm", ({"kind": "batch_norm"},), (_maps(c, size),))
    yield Case("batch_norm", ({"kind": "batch_norm"},) * 4, (_maps(64, 56),))
    for c, size in ((96, 55), (256, 27), (64, 56), (192, 56)):
        yield Case("local_response_norm", ({"kind": "local_response_norm", "size": 5},), (_maps(c, size),))
    for c, size in ((64, 28), (64, 56), (256, 14)):
        yield Case("group_norm", ({"kind": "group_norm", "groups": 8},), (_maps(c, size),))
        yield Case("instance_norm", ({"kind": "instance_norm"},), (_maps(c, size),))
    for rows, c in ((50, 768), (197, 192), (197, 768)):
        yield Case("layer_norm", ({"kind": "layer_norm"},), ((1, rows, c),))
    for shape in ((1, 1000), (1, 10), (1, 3, 197, 197), (1, 12, 50, 50), (1, 21, 64, 64)):
        axis = 1 if shape == (1, 21, 64, 64) else -1
        yield Case("softmax", ({"kind": "softmax", "axis": axis},), (shape,))


FAMILIES: Final = (
    _convolutions, _large_convolutions, _other_convolutions, _depthwise, _products, _pools, _elementwise, _movement,
    _norms,
)  # fmt: skip
"""What the suite consists of."""


def shape_text(shapes: Sequence[Shape]) -> str:
    """Shapes as a measurement file has them.

    >>> shape_text([(1, 3, 8, 8), (1, 3, 8, 8)])
    '1x3x8x8;1x3x8x8'
    """
    return ";".join("x".join(map(str, shape)) for shape in shapes)
