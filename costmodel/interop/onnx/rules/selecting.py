"""Choosing elements: gather and scatter, the largest, sums along an axis, reductions, resizing."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from costmodel.algebra import floor, product
from costmodel.errors import shorten
from costmodel.interop.call import Call
from costmodel.interop.contents import is_number
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import (
    Argmax,
    Cumsum,
    Divide,
    Embedding,
    Fold,
    Gather,
    GatherElements,
    GatherND,
    GridSample,
    Layer,
    MatMul,
    OneHot,
    Permute,
    ReduceL1,
    ReduceL2,
    ReduceLogSum,
    ReduceLogSumExp,
    ReduceMax,
    ReduceMean,
    ReduceMin,
    ReduceProd,
    ReduceSum,
    ReduceSumSquare,
    Reshape,
    Resize,
    ScatterElements,
    ScatterND,
    Sqrt,
    Square,
    Subtract,
    TopK,
)
from costmodel.layers.base import shape_text

REDUCTIONS: dict[str, type[Layer]] = {
    "ReduceSum": ReduceSum, "ReduceMean": ReduceMean, "ReduceMax": ReduceMax, "ReduceMin": ReduceMin,
    "ReduceProd": ReduceProd, "ReduceL1": ReduceL1, "ReduceL2": ReduceL2, "ReduceSumSquare": ReduceSumSquare,
    "ReduceLogSum": ReduceLogSum, "ReduceLogSumExp": ReduceLogSumExp,
}  # fmt: skip


@RULES.register(*REDUCTIONS)
def reduce(call: Call) -> Sequence[Value]:
    """A sum, mean or other fold along axes."""
    x = call.input(0)
    axes = tuple(call.integers_in(1, "axes")) if call.optional(1) is not None else call.integers("axes", ())
    if not axes and call.integer("noop_with_empty_axes", 0):
        return (x,)
    return call.apply(REDUCTIONS[call.op](axes=axes or None, keepdims=bool(call.integer("keepdims", 1))), x)


@RULES.register("ArgMax", "ArgMin")
def argmax(call: Call) -> Sequence[Value]:
    """Where the largest, or smallest, element is."""
    layer = Argmax(
        axis=call.integer("axis", 0),
        keepdims=bool(call.integer("keepdims", 1)),
        of="max" if call.op == "ArgMax" else "min",
    )
    return call.apply(layer, call.input(0), dtype="int64")


@RULES.register("TopK")
def top_k(call: Call) -> Sequence[Value]:
    """The k largest elements and where they are."""
    (k,) = call.dims(1, "k") if len(call.inputs) > 1 else (call.integer("k"),)
    return call.apply(TopK(k=k, axis=call.integer("axis", -1)), call.input(0))


@RULES.register("CumSum")
def cumsum(call: Call) -> Sequence[Value]:
    """Sums of all elements up to each."""
    (axis,) = call.integers_in(1, "axis")
    return call.apply(Cumsum(axis=axis), call.input(0))


@RULES.register("Gather")
def gather(call: Call) -> Sequence[Value]:
    """Rows of a tensor; of a stored matrix, an embedding."""
    data, indices, axis = call.input(0), call.input(1), call.integer("axis", 0)
    if indices.is_computed and data.is_learnable and len(data.shape) == 2 and axis == 0:
        rows, width = data.shape
        return call.apply(
            Embedding(num_embeddings=rows, embedding_dim=width), indices, weights=(data,), dtype=data.dtype
        )
    if indices.is_computed:
        return call.apply(Gather(axis=axis), data, indices)
    return call.apply(Gather(axis=axis, indices=indices.shape), data)


@RULES.register("GatherElements")
def gather_elements(call: Call) -> Sequence[Value]:
    """An element for each index."""
    return call.apply(GatherElements(axis=call.integer("axis", 0)), call.input(0), call.input(1))


@RULES.register("GatherND")
def gather_nd(call: Call) -> Sequence[Value]:
    """A slice for each tuple of indices."""
    return call.apply(GatherND(batch_dims=call.integer("batch_dims", 0)), call.input(0), call.input(1))


def _reduction(call: Call) -> Any:
    found = call.text("reduction", "none")
    if found not in ("none", "add", "mul", "max", "min"):
        call.refuse(f"needs 'reduction' as none, add, mul, max or min (got {shorten(found)!r})")
    return found


@RULES.register("ScatterElements", "Scatter")
def scatter_elements(call: Call) -> ScatterElements:
    """A copy with other elements at some places."""
    return ScatterElements(axis=call.integer("axis", 0), reduction=_reduction(call))


@RULES.register("ScatterND")
def scatter_nd(call: Call) -> ScatterND:
    """A copy with other slices at some places."""
    return ScatterND(reduction=_reduction(call))


@RULES.register("OneHot")
def one_hot(call: Call) -> Sequence[Value]:
    """A row of zeros with a one for each index."""
    contents = call.contents(1, "depth").reshape(-1)
    return call.apply(OneHot(depth=contents[0], axis=call.integer("axis", -1)), call.input(0))


@RULES.register("Resize", "Upsample")
def resize(call: Call) -> Sequence[Value]:
    """The input with other sizes."""
    x = call.input(0)
    mode = {"nearest": "nearest", "linear": "linear", "bilinear": "linear", "cubic": "cubic"}.get(
        call.text("mode", "nearest")
    )
    if mode is None:
        call.refuse(f"needs 'mode' as nearest, linear or cubic (got {shorten(call.text('mode'))!r})")
    rank = len(x.shape)
    axes = [axis % rank for axis in call.integers("axes", tuple(range(rank)))]
    scales_at = 2 if call.op == "Resize" and call.version >= 11 else 1
    sizes = call.optional(3)
    if sizes is not None and sizes.shape != (0,):
        wanted = list(x.shape)
        if call.text("keep_aspect_ratio_policy", "stretch") != "stretch":
            call.refuse("has a rule for sizes that are stretched, not for those that keep the aspect ratio")
        for axis, size in zip(axes, call.dims(3, "sizes"), strict=True):
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
    return call.apply(
        Resize(sizes=tuple(floor(size * scale) for size, scale in zip(x.shape, scales, strict=True)), mode=mode), x
    )


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


@RULES.register("LpNormalization")
def lp_normalization(call: Call) -> Sequence[Value]:
    """The input divided by its norm along an axis."""
    x, p = call.input(0), call.integer("p", 2)
    kind = ReduceL2 if p == 2 else ReduceL1
    (norm,) = call.apply(kind(axes=(call.integer("axis", -1),)), x, role="norm")
    return call.apply(Divide(), x, norm)


@RULES.register("MeanVarianceNormalization")
def mean_variance(call: Call) -> Sequence[Value]:
    """The input with a mean of 0 and a variance of 1 along axes."""
    x = call.input(0)
    axes = tuple(sorted(axis % len(x.shape) for axis in call.integers("axes", (0, 2, 3))))
    (mean,) = call.apply(ReduceMean(axes=axes), x, role="mean")
    (centred,) = call.apply(Subtract(), x, mean, role="centre")
    (square,) = call.apply(Square(), centred, role="square")
    (variance,) = call.apply(ReduceMean(axes=axes), square, role="variance")
    (deviation,) = call.apply(Sqrt(), variance, role="root")
    return call.apply(Divide(), centred, deviation)


@RULES.register("GlobalLpPool")
def global_lp_pool(call: Call) -> Sequence[Value]:
    """The norm of each channel."""
    x, p = call.input(0), call.integer("p", 2)
    if p not in (1, 2):
        call.refuse(f"has a rule for 'p' as 1 or 2 (got {p})")
    return call.apply((ReduceL1 if p == 1 else ReduceL2)(axes=tuple(range(2, len(x.shape)))), x)


@RULES.register("Hardmax")
def hardmax(call: Call) -> Sequence[Value]:
    """A one where the largest element of an axis is, zeros elsewhere; before opset 13 of all axes from one on."""
    x = call.input(0)
    axis = call.integer("axis", -1 if call.version >= 13 else 1) % max(len(x.shape), 1)
    if call.version < 13:
        (flat,) = call.apply(Reshape(shape=(*x.shape[:axis], -1)), x, role="flat")
    else:
        flat = x
    (places,) = call.apply(Argmax(axis=axis, keepdims=False), flat, role="largest", dtype="int64")
    (y,) = call.apply(OneHot(depth=flat.shape[axis], axis=axis), places, dtype=x.dtype)
    return (y,) if flat is x else call.apply(Reshape(shape=x.shape), y, role="shape")


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
