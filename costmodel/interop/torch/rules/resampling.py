"""Maps of other sizes: interpolation, and samples at places that are computed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from costmodel.interop.call import Call
from costmodel.interop.torch.arguments import dims, given, tensor
from costmodel.interop.torch.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import GridSample, Resize
from costmodel.layers.scaling import scaled_size

MODES: dict[str, Any] = {
    **{f"upsample_nearest{axes}d": "nearest" for axes in (1, 2, 3)},
    **{f"_upsample_nearest_exact{axes}d": "nearest" for axes in (1, 2, 3)},
    "upsample_linear1d": "linear",
    "upsample_bilinear2d": "linear",
    "upsample_trilinear3d": "linear",
    "upsample_bicubic2d": "cubic",
}


@RULES.register(*(f"aten.{name}" for name in MODES))
def upsample(call: Call) -> Sequence[Value]:
    """The input with other sizes."""
    x = tensor(call, "input" if "input" in call.attributes else "self")
    wanted = given(call, "output_size")
    if wanted is not None:
        sizes = dims(call, "output_size")
    else:
        scales = given(call, "scale_factors") or [
            value for name, value in call.attributes.items() if re.fullmatch(r"scales?(_[dhw])?", name)
        ]
        sizes = tuple(
            scaled_size(size, Fraction(scale), in_double=True) for size, scale in zip(x.shape[2:], scales, strict=True)
        )
    mode = MODES[call.op.removeprefix("aten.")]
    return call.apply(Resize(sizes=(*x.shape[:2], *sizes), mode=mode), x)


@RULES.register("aten.grid_sampler", "aten.grid_sampler_2d", "aten.grid_sampler_3d")
def grid_sample(call: Call) -> Sequence[Value]:
    """The input at places that another tensor names."""
    mode = call.integer("interpolation_mode")
    if mode not in (0, 1):
        call.refuse("has a rule for the modes bilinear and nearest")
    layer = GridSample(mode="nearest" if mode == 1 else "linear")
    return call.apply(layer, tensor(call, "input"), tensor(call, "grid"))
