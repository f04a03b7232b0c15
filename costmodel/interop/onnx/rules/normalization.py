"""Normalizations, with their scales and shifts."""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.algebra import equal, exact_div
from costmodel.interop.call import Call
from costmodel.interop.onnx.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import (
    Add,
    BatchNorm,
    Divide,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    LocalResponseNorm,
    Multiply,
    ReduceL1,
    ReduceL2,
    ReduceMean,
    Reshape,
    RMSNorm,
    Sqrt,
    Square,
    Subtract,
)


@RULES.register("BatchNormalization")
def batch_norm(call: Call) -> Sequence[Value]:
    """A scale and a shift for each channel, with running statistics."""
    if call.integer("training_mode", 0):
        return _by_batch(call)
    scale, shift = call.input(1), call.input(2)
    if _is_plain(scale, shift):
        return call.apply(BatchNorm(affine=False), call.input(0))
    return call.apply(BatchNorm(), call.input(0), weights=(scale, shift))


def _by_batch(call: Call) -> Sequence[Value]:
    """Statistics of the batch itself: of a batch of one, as when weights are standardized, those of each channel."""
    x = call.input(0)
    if not x.shape or not equal(x.shape[0], 1):
        call.refuse("normalizes a batch by its own statistics (training_mode=1), which inference does not")
    statistics = [Value(f"{call.name}.{name}", x.shape[1:2]) for name in ("mean", "variance")]
    return (*_affine(call, InstanceNorm(affine=True), InstanceNorm(affine=False)), *statistics)


@RULES.register("InstanceNormalization")
def instance_norm(call: Call) -> Sequence[Value]:
    """Each channel of each image normalized over its positions."""
    return _affine(call, InstanceNorm(affine=True), InstanceNorm(affine=False))


@RULES.register("GroupNormalization")
def group_norm(call: Call) -> Sequence[Value]:
    """Groups of channels normalized together."""
    groups, scale, x = call.integer("num_groups"), call.input(1), call.input(0)
    if scale.elements == groups and not equal(groups, x.shape[1]) and not _is_plain(scale, call.input(2)):
        return _by_group(call, groups)
    return _affine(call, GroupNorm(groups=groups), GroupNorm(groups=groups, affine=False))


def _by_group(call: Call, groups: int) -> Sequence[Value]:
    """Before opset 21 a scale and a shift for each group, not for each channel."""
    x = call.input(0)
    (y,) = call.apply(GroupNorm(groups=groups, affine=False), x, role="normalized")
    n, c, *sizes = x.shape
    (y,) = call.apply(Reshape(shape=(n, groups, exact_div(c, groups), *sizes)), y, role="groups")
    column = Reshape(shape=(groups, *(1,) * (len(sizes) + 1)))
    for layer, value, role in ((Multiply(), call.input(1), "scale"), (Add(), call.input(2), "shift")):
        (values,) = call.apply(column, value, role=f"{role}_shape")
        (y,) = call.apply(layer, y, values, role=role)
    return call.apply(Reshape(shape=x.shape), y)


def _affine(call: Call, whole: GroupNorm | InstanceNorm, bare: GroupNorm | InstanceNorm) -> Sequence[Value]:
    """The normalization with its scale and shift, which may be computed."""
    scale, shift = call.input(1), call.input(2)
    if _is_plain(scale, shift):
        return call.apply(bare, call.input(0))
    if not scale.is_computed and not shift.is_computed:
        return call.apply(whole, call.input(0), weights=(scale, shift))
    (y,) = call.apply(bare, call.input(0))
    column = Reshape(shape=(-1, *(1,) * (len(y.shape) - 2)))
    for layer, value, role in ((Multiply(), scale, "scale"), (Add(), shift, "shift")):
        (values,) = call.apply(column, value, role=f"{role}_shape")
        (y,) = call.apply(layer, y, values, role=role)
    return (y,)


@RULES.register("LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization")
def layer_norm(call: Call) -> Sequence[Value]:
    """The last axes normalized together."""
    x, scale, shift = call.input(0), call.input(1), call.optional(2)
    axis = call.integer("axis", -1)
    dims = -axis if axis < 0 else len(x.shape) - axis
    if call.op != "LayerNormalization":
        is_plain = _is_plain(scale)
        return call.apply(RMSNorm(dims=dims, affine=not is_plain), x, weights=() if is_plain else (scale,))
    if _is_plain(scale, shift):
        return call.apply(LayerNorm(dims=dims, affine=False), x)
    if shift is not None and not scale.is_computed and not shift.is_computed:
        return call.apply(LayerNorm(dims=dims), x, weights=(scale, shift))
    (y,) = call.apply(LayerNorm(dims=dims, affine=False), x)
    (y,) = call.apply(Multiply(), y, scale, role="scale")
    return (y,) if shift is None else call.apply(Add(), y, shift, role="shift")


def _is_plain(scale: Value, shift: Value | None = None) -> bool:
    """Whether constants of ones and zeros stand where nothing was learned; what is stored as a weight was."""
    given = [(scale, 1)] if shift is None else [(scale, 1), (shift, 0)]
    return all(not value.is_computed and not value.is_learnable and value.is_all(plain) for value, plain in given)


@RULES.register("LRN")
def local_response_norm(call: Call) -> LocalResponseNorm:
    """Each element normalized over its neighbours in other channels."""
    return LocalResponseNorm(size=call.integer("size"))


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
