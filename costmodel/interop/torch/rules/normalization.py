"""Normalizations, with their scales and shifts."""

from __future__ import annotations

from collections.abc import Sequence

from costmodel.algebra import product
from costmodel.interop.call import Call
from costmodel.interop.torch.arguments import dim, dims, flag, optional_tensor, tensor
from costmodel.interop.torch.rules.registry import RULES
from costmodel.interop.value import Value
from costmodel.layers import (
    Add,
    BatchNorm,
    Divide,
    GroupNorm,
    InstanceNorm,
    Layer,
    LayerNorm,
    Multiply,
    ReduceL2,
    Reshape,
    RMSNorm,
)


@RULES.register(
    "aten.batch_norm",
    "aten._native_batch_norm_legit_no_training",
    "aten.native_batch_norm",
    "aten._native_batch_norm_legit",
)
def batch_norm(call: Call) -> Sequence[Value]:
    """A scale and a shift for each channel, with running statistics."""
    x, scale, shift = tensor(call, "input"), optional_tensor(call, "weight"), optional_tensor(call, "bias")
    is_over_batch = flag(call, "training") or optional_tensor(call, "running_mean") is None
    if is_over_batch:
        (y,) = _over_batch(call, x)
        y = _affine(call, y, scale, shift)
    elif scale is not None and shift is not None and scale.is_learnable and shift.is_learnable:
        (y,) = call.apply(BatchNorm(), x, weights=(scale, shift))
    else:
        (y,) = call.apply(BatchNorm(affine=False), x)
        y = _affine(call, y, scale, shift)
    if call.op == "aten.batch_norm":
        return (y,)
    statistics = Value(f"{call.name}.statistics", (0,))
    return (y, statistics, statistics)


def _over_batch(call: Call, x: Value) -> Sequence[Value]:
    """Each channel normalized by the statistics of its elements in all images."""
    if len(x.shape) < 3 or x.shape[0] != 1:
        call.refuse(
            "normalizes by the statistics of the batch, which has a rule for a batch of one only;"
            " set track_running_stats, which inference uses"
        )
    return call.apply(InstanceNorm(affine=False), x)


def _affine(call: Call, y: Value, scale: Value | None, shift: Value | None) -> Value:
    """A scale and a shift for each channel, as operations of their own."""
    for value, layer, role in ((scale, Multiply(), "scale"), (shift, Add(), "shift")):
        if value is not None:
            sizes = (*value.shape, *(1,) * (len(y.shape) - 2))
            (each,) = call.apply(Reshape(shape=sizes), value, role=f"{role}.shape")
            (y,) = call.apply(layer, y, each, role=role)
    return y


@RULES.register("aten.instance_norm")
def instance_norm(call: Call) -> Sequence[Value]:
    """Each channel of each image normalized over its positions, or by running statistics."""
    x, scale, shift = tensor(call, "input"), optional_tensor(call, "weight"), optional_tensor(call, "bias")
    whole: tuple[Layer, Layer] = InstanceNorm(affine=True), InstanceNorm(affine=False)
    if not flag(call, "use_input_stats"):
        whole = BatchNorm(), BatchNorm(affine=False)
    return _by_channel(call, x, whole, scale, shift)


@RULES.register("aten.group_norm")
def group_norm(call: Call) -> Sequence[Value]:
    """Groups of channels normalized together."""
    groups = dim(call, "num_groups")
    kinds = GroupNorm(groups=groups), GroupNorm(groups=groups, affine=False)
    x, scale, shift = tensor(call, "input"), optional_tensor(call, "weight"), optional_tensor(call, "bias")
    return _by_channel(call, x, kinds, scale, shift)


def _by_channel(
    call: Call, x: Value, kinds: tuple[Layer, Layer], scale: Value | None, shift: Value | None
) -> Sequence[Value]:
    """The kind with learned scale and shift, or the one without, and what there is of both."""
    if scale is not None and shift is not None and scale.is_learnable and shift.is_learnable:
        return call.apply(kinds[0], x, weights=(scale, shift))
    (y,) = call.apply(kinds[1], x)
    return (_affine(call, y, scale, shift),)


@RULES.register("aten.layer_norm")
def layer_norm(call: Call) -> Sequence[Value]:
    """The last axes normalized together."""
    x, scale, shift = tensor(call, "input"), optional_tensor(call, "weight"), optional_tensor(call, "bias")
    axes = len(dims(call, "normalized_shape"))
    if scale is not None and shift is not None and scale.is_learnable and shift.is_learnable:
        return call.apply(LayerNorm(dims=axes), x, weights=(scale, shift))
    (y,) = call.apply(LayerNorm(dims=axes, affine=False), x)
    if scale is not None:
        (y,) = call.apply(Multiply(), y, scale, role="scale")
    return (y,) if shift is None else call.apply(Add(), y, shift, role="shift")


@RULES.register("aten.rms_norm", "aten._fused_rms_norm")
def rms_norm(call: Call) -> Sequence[Value]:
    """The last axes divided by their root mean square."""
    x, scale = tensor(call, "input"), optional_tensor(call, "weight")
    axes = len(dims(call, "normalized_shape"))
    if scale is not None and scale.is_learnable:
        return call.apply(RMSNorm(dims=axes), x, weights=(scale,))
    (y,) = call.apply(RMSNorm(dims=axes, affine=False), x)
    return (y,) if scale is None else call.apply(Multiply(), y, scale, role="scale")


@RULES.register("aten._weight_norm", "aten._weight_norm_interface")
def weight_norm(call: Call) -> Sequence[Value]:
    """g v / |v|: a direction and a length, of which weights are made whenever the module runs."""
    v, g = tensor(call, "v"), tensor(call, "g")
    kept = call.integer("dim", 0)
    axes = tuple(axis for axis in range(len(v.shape)) if kept < 0 or axis != kept)
    (norm,) = call.apply(ReduceL2(axes=axes), v, role="norm")
    (ratio,) = call.apply(Divide(), g, norm, role="ratio")
    (weight,) = call.apply(Multiply(), v, ratio, role="weight")
    if product(norm.shape) != product(g.shape):
        call.refuse("needs a length for each norm")
    return (weight, norm) if call.op.endswith("interface") else (weight,)
