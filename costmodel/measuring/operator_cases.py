"""All but convolutions of the operator suite: products, pools, elementwise operations, movement, norms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from costmodel.measuring.cases import Case, Spec, maps


def _linear(c_o: int) -> Spec:
    return {"kind": "linear", "out_features": c_o}


def products() -> Iterator[Case]:
    """Products of matrices: linear layers of one row and of many, attention and its parts."""
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


def pools() -> Iterator[Case]:
    """Pools of windows and of whole maps."""
    for kind in ("max_pool2d", "avg_pool2d"):
        for c, size in PLANES:
            for kernel, stride in ((3, 2), (2, 2), (3, 1)):
                spec = {"kind": kind, "kernel": kernel, "stride": stride, "padding": int(kernel == 3)}
                yield Case(f"{kind}_{kernel}x{kernel}_s{stride}", (spec,), (maps(c, size),))
        spec = {"kind": kind, "kernel": 3, "stride": 1, "padding": 1}
        yield Case(f"{kind}_3x3_s1", (spec,) * 4, (maps(64, 28),))
    for c, size in (*PLANES, (1280, 7), (2048, 7), (960, 14)):
        yield Case("global_avg_pool", ({"kind": "global_avg_pool"},), (maps(c, size),))
    for c, size in ((256, 12), (512, 14)):
        yield Case("adaptive_avg_pool", ({"kind": "adaptive_avg_pool2d", "output_size": 6},), (maps(c, size),))


ACTIVATIONS: Final = (
    "relu", "relu6", "leaky_relu", "prelu", "hard_sigmoid", "hard_swish", "sigmoid", "tanh", "silu", "gelu", "elu",
    "mish", "exp", "absolute",
)  # fmt: skip


def elementwise() -> Iterator[Case]:
    """Activations, sums and products, of whole tensors and by channels."""
    for kind in ACTIVATIONS:
        spec: Spec = {"kind": kind, **({"per_channel": True} if kind == "prelu" else {})}
        for c, size in ((64, 8), (64, 56), (64, 112)):
            yield Case(kind, (spec,), (maps(c, size),))
        yield Case(kind, (spec,) * 4, (maps(64, 56),))
    for kind in ("add", "multiply"):
        for c, size in (*PLANES, (17, 28)):
            yield Case(kind, ({"kind": kind},), (maps(c, size),) * 2)
        yield Case(kind, ({"kind": kind},) * 4, (maps(64, 56),) * 2)
    for c, size in (*PLANES, (672, 14), (72, 28)):
        yield Case("scale_channels", ({"kind": "multiply"},), (maps(c, size), maps(c, 1)))


def movement() -> Iterator[Case]:
    """What only moves elements: joins, shuffles, pads, slices, other layouts and sizes."""
    for c, size in PLANES:
        yield Case("concat", ({"kind": "concat"},), (maps(c, size),) * 2)
        yield Case("concat_of_4", ({"kind": "concat"},), (maps(c // 4, size),) * 4)
        yield Case("channel_shuffle", ({"kind": "channel_shuffle", "groups": 2},), (maps(c, size),))
    for c, size, groups in ((240, 28, 3), (480, 14, 3), (116, 28, 2), (58, 28, 2)):
        yield Case("channel_shuffle", ({"kind": "channel_shuffle", "groups": groups},), (maps(c, size),))
    yield Case("channel_shuffle", ({"kind": "channel_shuffle", "groups": 2},) * 4, (maps(64, 56),))
    for c, size in ((64, 14), (64, 56), (256, 14)):
        yield Case("pad", ({"kind": "pad", "pads": [[0, 0], [0, 0], [1, 1], [1, 1]]},), (maps(c, size),))
        yield Case("permute", ({"kind": "permute", "axes": [0, 2, 3, 1]},), (maps(c, size),))
        halves = {"kind": "slice", "axes": [2, 3], "starts": [1, 1], "lengths": [size - 1, size - 1]}
        yield Case("slice", (halves,), (maps(c, size),))
        yield Case("avg_pool2d_1x1_s2", ({"kind": "avg_pool2d", "kernel": 1, "stride": 2},), (maps(c, size),))
        for mode in ("nearest", "bilinear"):
            yield Case(f"resize_{mode}", ({"kind": "upsample2d", "mode": mode, "scale": 2},), (maps(c, size),))


def norms() -> Iterator[Case]:
    """Normalization that no convolution takes in, and softmax."""
    for c, size in PLANES:
        yield Case("batch_norm", ({"kind": "batch_norm"},), (maps(c, size),))
    yield Case("batch_norm", ({"kind": "batch_norm"},) * 4, (maps(64, 56),))
    for c, size in ((96, 55), (256, 27), (64, 56), (192, 56)):
        yield Case("local_response_norm", ({"kind": "local_response_norm", "size": 5},), (maps(c, size),))
    for c, size in ((64, 28), (64, 56), (256, 14)):
        yield Case("group_norm", ({"kind": "group_norm", "groups": 8},), (maps(c, size),))
        yield Case("instance_norm", ({"kind": "instance_norm"},), (maps(c, size),))
    for rows, c in ((50, 768), (197, 192), (197, 768)):
        yield Case("layer_norm", ({"kind": "layer_norm"},), ((1, rows, c),))
    for shape in ((1, 1000), (1, 10), (1, 3, 197, 197), (1, 12, 50, 50), (1, 21, 64, 64)):
        axis = 1 if shape == (1, 21, 64, 64) else -1
        yield Case("softmax", ({"kind": "softmax", "axis": axis},), (shape,))
