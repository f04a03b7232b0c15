"""Maps of other sizes: interpolation, samples at places that are computed, blocks added up."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from costmodel.algebra import Dim, floor, product
from costmodel.errors import shorten
from costmodel.interop.call import Call
from costmodel.interop.contents import is_number
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import (
    Fold,
    GridSample,
    MatMul,
    Permute,
    Reshape,
    Resize,
)
from costmodel.layers.base import shape_text
from costmodel.layers.scaling import scaled_size


@RULES.register("Resize", "Upsample")
def resize(call: Call) -> Sequence[Value]:
    """The input with other sizes."""
    x = call.input(0)
    mode = {"nearest": "nearest", "linear": "linear", "bilinear": "linear", "cubic": "cubic"}.get(
        call.text("mode", "nearest")
    )
    if mode is None:
        call.refuse(f"needs 'mode' as nearest, linear or cubic (got {shorten(call.text('mode'))!r})")
    if call.integer("antialias", 0) and mode != "nearest":
        call.refuse("has a rule without 'antialias', which widens the filter where the input shrinks (got 1)")
    rank = len(x.shape)
    axes = [axis % rank for axis in call.integers("axes", tuple(range(rank)))]
    scales_at = 2 if call.op == "Resize" and call.version >= 11 else 1
    sizes = call.optional(3)
    if sizes is not None and sizes.shape != (0,):
        wanted = list(x.shape)
        for axis, size in zip(axes, _wanted(call, [x.shape[axis] for axis in axes]), strict=True):
            wanted[axis] = size
        return call.apply(Resize(sizes=tuple(wanted), mode=mode), x)
    if call.has("scales"):
        found: list[Any] = [Fraction(scale) for scale in call.attributes["scales"]]
    else:
        found = list(call.contents(scales_at, "scales").reshape(-1))
    if len(found) != len(axes):
        call.refuse(f"needs a scale for each of {len(axes)} axes (got {len(found)})")
    scales: list[Any] = [Fraction(1)] * rank
    for axis, scale in zip(axes, found, strict=True):
        scales[axis] = scale
    if all(map(is_number, scales)):
        return call.apply(Resize(scales=tuple(map(Fraction, scales)), mode=mode), x)
    return call.apply(Resize(sizes=tuple(map(scaled_size, x.shape, scales)), mode=mode), x)


def _wanted(call: Call, before: list[Dim]) -> list[Dim]:
    """The sizes that are asked for; where the aspect ratio is kept, the nearest of one scale for all."""
    sizes, policy = call.dims(3, "sizes"), call.text("keep_aspect_ratio_policy", "stretch")
    if len(sizes) != len(before):
        call.refuse(f"needs a size for each of {len(before)} axes (got {len(sizes)})")
    if policy == "stretch":
        return sizes
    if policy not in ("not_larger", "not_smaller") or not all(isinstance(size, int) for size in (*sizes, *before)):
        call.refuse("needs sizes that are numbers to keep their aspect ratio, and a policy that it knows")
    scales = [Fraction(size, old) for size, old in zip(sizes, before, strict=True)]
    scale = min(scales) if policy == "not_larger" else max(scales)
    return [floor(scale * old + Fraction(1, 2)) for old in before]


@RULES.register("GridSample")
def grid_sample(call: Call) -> GridSample:
    """The input at places that another tensor names."""
    mode = call.text("mode", "linear")
    if mode not in ("linear", "bilinear", "nearest"):
        call.refuse(f"has a rule for the modes linear and nearest (got {shorten(mode)!r})")
    return GridSample(mode="nearest" if mode == "nearest" else "linear")


@RULES.register("AffineGrid")
def affine_grid(call: Call) -> Sequence[Value]:
    """Places of an image under an affine map: the product of its positions, and a 1, with the map of each image."""
    theta, sizes = call.input(0), call.dims(1, "size")
    n, _, *spatial = sizes
    axes = len(spatial)
    if theta.shape[1:] != (axes, axes + 1):
        call.refuse(f"needs a map of {axes} x {axes + 1} for each image (got {shape_text(theta.shape)})")
    (columns,) = call.apply(Permute(axes=(0, 2, 1)), theta, role="transpose")
    positions = Value(f"{call.name}.positions", (product(spatial), axes + 1))
    (places,) = call.apply(MatMul(), positions, columns, role="product")
    return call.apply(Reshape(shape=(n, *spatial, axes)), places)


@RULES.register("Col2Im")
def fold(call: Call) -> Sequence[Value]:
    """Blocks of positions added up into an image."""
    layer = Fold(
        output_size=tuple(call.integers_in(1, "image")),
        kernel=tuple(call.integers_in(2, "block")),
        stride=call.integers("strides", (1, 1)),
        dilation=call.integers("dilations", (1, 1)),
        padding=tuple(zip(call.integers("pads", (0,) * 4)[:2], call.integers("pads", (0,) * 4)[2:], strict=True)),
    )
    return call.apply(layer, call.input(0))
