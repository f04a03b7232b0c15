"""Pooling: windows, whole maps, and maps of a given size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costmodel.algebra import equal
from costmodel.interop.call import Call
from costmodel.interop.patterns import AVERAGE, MAX
from costmodel.interop.torch.arguments import each_axis, flag, tensor
from costmodel.interop.torch.rules.registry import RULES
from costmodel.interop.torch.rules.unbatched import with_batch
from costmodel.interop.value import Value
from costmodel.layers import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
    GlobalAvgPool,
    GlobalMaxPool,
    Layer,
)

ADAPTIVE_MAX: dict[int, type[Layer]] = {1: AdaptiveMaxPool1d, 2: AdaptiveMaxPool2d, 3: AdaptiveMaxPool3d}
ADAPTIVE_AVERAGE: dict[int, type[Layer]] = {1: AdaptiveAvgPool1d, 2: AdaptiveAvgPool2d, 3: AdaptiveAvgPool3d}


def _axes(call: Call) -> int:
    """The number of spatial axes, which the operation's name says."""
    return int(call.op[call.op.index("pool") + 4])


@RULES.register(
    *(f"aten.max_pool{axes}d{suffix}" for axes in MAX for suffix in ("", "_with_indices")),
    *(f"aten.avg_pool{axes}d" for axes in AVERAGE),
)
def pool(call: Call) -> Sequence[Value]:
    """The largest value or the mean of each window."""
    axes = _axes(call)
    kernel = each_axis(call, "kernel_size", axes)
    fields: dict[str, Any] = {
        "kernel": kernel,
        "stride": each_axis(call, "stride", axes, kernel),
        "padding": tuple((p, p) for p in each_axis(call, "padding", axes, (0,) * axes)),
        "ceil_mode": flag(call, "ceil_mode"),
    }
    if "max" in call.op:
        layer = MAX[axes](**fields, dilation=each_axis(call, "dilation", axes, (1,) * axes))
    else:
        layer = AVERAGE[axes](**fields, count_include_pad=bool(call.attributes.get("count_include_pad", True)))
    return _with_indices(call, layer, axes)


@RULES.register(
    *(f"aten.adaptive_{kind}_pool{axes}d" for kind in ("max", "avg") for axes in MAX),
    "aten._adaptive_avg_pool2d",
    "aten._adaptive_avg_pool3d",
)
def adaptive_pool(call: Call) -> Sequence[Value]:
    """The largest value or the mean of windows that give maps of some size."""
    axes = _axes(call)
    sizes = each_axis(call, "output_size", axes)
    kinds = ADAPTIVE_MAX if "max" in call.op else ADAPTIVE_AVERAGE
    layer: Layer = kinds[axes](output_size=sizes)
    if all(equal(size, 1) for size in sizes):
        layer = GlobalMaxPool() if "max" in call.op else GlobalAvgPool()
    return _with_indices(call, layer, axes)


def _with_indices(call: Call, layer: Layer, axes: int) -> Sequence[Value]:
    """The pooled maps, and where the operation gives them too the places of the largest values."""
    outputs = with_batch(call, tensor(call, "self"), axes, lambda x: call.apply(layer, x))
    if len(call.declared) == 1:
        return outputs
    (y,) = outputs
    return (y, y)
