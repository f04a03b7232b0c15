"""Layers with weights: convolutions, linear layers, normalizations, embeddings; and pooling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from costmodel.algebra import exact_div
from costmodel.errors import UnsupportedError
from costmodel.interop.onnx.writing.node import Output, Writing, writes
from costmodel.layers import Composite, Layer
from costmodel.network.graph import Shape


def _windows(w: Writing, layer: Layer, kernel: Sequence[Any], sizes: Sequence[Any]) -> dict[str, Any]:
    """The attributes of a sliding window over an input of these sizes."""
    fields, axes = dict(layer), len(kernel)
    stride = [w.number(size, "its stride") for size in _each(fields.get("stride") or kernel, axes)]
    dilation = [w.number(size, "its dilation") for size in _each(fields.get("dilation", (1,)), axes)]
    attributes: dict[str, Any] = {"strides": stride}
    if set(dilation) != {1}:
        attributes["dilations"] = dilation
    padding = fields.get("padding", ((0, 0),))
    if padding == "same_tensorflow":
        if not all(isinstance(size, int) for size in sizes):
            return attributes | {"auto_pad": "SAME_UPPER"}
        whole = [_missing(*each) for each in zip(sizes, stride, dilation, kernel, strict=True)]
        padding = [(size // 2, size - size // 2) for size in whole]
    elif padding == "same_pytorch":
        whole = [d * (w.number(k, "its kernel") - 1) for k, d in zip(kernel, dilation, strict=True)]
        padding = [(size // 2, size - size // 2) for size in whole]
    before, after = zip(*_each(padding, axes), strict=True)
    return attributes | {"pads": [w.number(size, "its padding") for size in (*before, *after)]}


def _each(values: Sequence[Any], axes: int) -> Sequence[Any]:
    """A value for each axis, where one may stand for all."""
    return values if len(values) == axes else tuple(values) * axes


def _missing(size: int, stride: int, dilation: int, kernel: int) -> int:
    """The padding that makes ceil(size / stride) positions."""
    positions = -(-size // stride)
    return max((positions - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)


@writes("conv1d", "conv2d", "conv3d", "depthwise_conv2d", "pointwise_conv2d")
def conv(w: Writing) -> str:
    """A convolution."""
    return _conv(w, w.layer, w.inputs[0], w.shape)


def _conv(w: Writing, layer: Layer, x: str, shape: Shape, role: str = "") -> str:
    fields, (_, c_i, *sizes) = dict(layer), shape
    groups = c_i if layer.kind == "depthwise_conv2d" else fields["groups"]
    c_o = c_i * fields["multiplier"] if layer.kind == "depthwise_conv2d" else fields["out_channels"]
    kernel = fields.get("kernel", (1, 1))
    prefix = f"{role}." if role else ""
    inputs = [x, w.weight(f"{prefix}weight", c_o, exact_div(c_i, groups), *kernel)]
    if fields["bias"]:
        inputs.append(w.weight(f"{prefix}bias", c_o))
    return w.op("Conv", *inputs, role=role, group=w.number(groups, "its groups"), **_windows(w, layer, kernel, sizes))


@writes("spatially_separable_conv2d", "depthwise_separable_conv2d", "depthwise_spatially_separable_conv2d")
def separable(w: Writing) -> str:
    """The convolutions that it consists of."""
    layer, x, before = w.layer, w.inputs[0], w.shape
    if not isinstance(layer, Composite):
        raise UnsupportedError(f"{layer.kind} must be a composite of convolutions")
    for index, (part, shape) in enumerate(zip(layer.parts(), layer.shapes(w.step.input_shapes), strict=True)):
        x = _conv(w, part, x, before, role=f"step{index}")
        before = shape
    return x


@writes("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def conv_transpose(w: Writing) -> str:
    """A transposed convolution."""
    fields, c_i = w.field, w.shape[1]
    groups = w.number(fields["groups"], "its groups")
    inputs = [w.inputs[0], w.weight("weight", c_i, exact_div(fields["out_channels"], groups), *fields["kernel"])]
    if fields["bias"]:
        inputs.append(w.weight("bias", fields["out_channels"]))
    return w.op("ConvTranspose", *inputs, group=groups, **_transposed(w, fields["kernel"]))


def _transposed(w: Writing, kernel: Sequence[Any]) -> dict[str, Any]:
    """The attributes of a transposed convolution, whose padding by name is what the output's size leaves."""
    fields, axes = w.field, len(kernel)
    extra = list(_each(fields["output_padding"], axes))
    if not isinstance(fields["padding"], str):
        attributes = _windows(w, w.layer, kernel, ())
        return attributes | ({"output_padding": extra} if any(extra) else {})
    stride, dilation = _each(fields["stride"], axes), _each(fields["dilation"], axes)
    pairs = []
    for axis, k in enumerate(kernel):
        size, wanted = (w.number(shape[2 + axis], "its size") for shape in (w.shape, w.result))
        surplus = (size - 1) * stride[axis] + dilation[axis] * (w.number(k, "its kernel") - 1) + 1 - wanted
        extra[axis] = max(-surplus, 0)
        pairs.append((max(surplus, 0) // 2, max(surplus, 0) - max(surplus, 0) // 2))
    before, after = zip(*pairs, strict=True)
    attributes = {"strides": list(stride), "dilations": list(dilation), "pads": [*before, *after]}
    return attributes | ({"output_padding": extra} if any(extra) else {})


@writes("dynamic_conv")
def dynamic_conv(w: Writing) -> str:
    """A convolution with weights that are computed."""
    kernel = w.step.input_shapes[1][2:]
    groups = w.number(w.field["groups"], "its groups")
    if w.field["transposed"]:
        return w.op("ConvTranspose", *w.inputs, group=groups, **_transposed(w, kernel))
    return w.op("Conv", *w.inputs, group=groups, **_windows(w, w.layer, kernel, w.shape[2:]))


@writes("linear")
def linear(w: Writing) -> str:
    """A product with stored weights, and a bias."""
    features, c_i = w.field["out_features"], w.shape[-1]
    if len(w.shape) == 2:
        inputs = [w.inputs[0], w.weight("weight", features, c_i)]
        return w.op("Gemm", *inputs, *([w.weight("bias", features)] if w.field["bias"] else []), transB=1)
    y = w.op("MatMul", w.inputs[0], w.weight("weight", c_i, features))
    return w.op("Add", y, w.weight("bias", features), role="bias") if w.field["bias"] else y


@writes("embedding")
def embedding(w: Writing) -> str:
    """Rows of a stored matrix."""
    return w.op("Gather", w.weight("weight", w.field["num_embeddings"], w.field["embedding_dim"]), w.inputs[0])


@writes("batch_norm")
def batch_norm(w: Writing) -> str:
    """A scale and a shift for each channel, with running statistics."""
    c = w.shape[1]
    statistics = [w.filled("mean", 0, c), w.filled("variance", 1, c)]
    return w.op("BatchNormalization", w.inputs[0], _affine(w, "scale", c), _affine(w, "shift", c), *statistics)


def _affine(w: Writing, role: str, *shape: Any) -> str:
    """The scale or the shift of a normalization: learned, or ones or zeros."""
    return w.weight(role, *shape) if w.field["affine"] else w.filled(role, int(role == "scale"), *shape)


@writes("layer_norm", "rms_norm")
def layer_norm(w: Writing) -> str:
    """The last axes normalized together."""
    sizes = w.shape[len(w.shape) - w.field["dims"] :]
    kind = "LayerNormalization" if w.layer.kind == "layer_norm" else "RMSNormalization"
    shift = [_affine(w, "shift", *sizes)] if w.layer.kind == "layer_norm" else []
    return w.op(kind, w.inputs[0], _affine(w, "scale", *sizes), *shift, axis=-w.field["dims"])


@writes("group_norm", "instance_norm")
def group_norm(w: Writing) -> str:
    """Groups of channels, or each channel, normalized."""
    learned = [_affine(w, role, w.shape[1]) for role in ("scale", "shift")]
    if w.layer.kind == "instance_norm":
        return w.op("InstanceNormalization", w.inputs[0], *learned)
    return w.op("GroupNormalization", w.inputs[0], *learned, num_groups=w.number(w.field["groups"], "its groups"))


@writes("local_response_norm")
def local_response_norm(w: Writing) -> str:
    """Each element normalized over its neighbours in other channels."""
    return w.op("LRN", w.inputs[0], size=w.number(w.field["size"], "its size"))


@writes(*(f"{name}_pool{axes}d" for name in ("max", "avg") for axes in (1, 2, 3)), "lp_pool")
def pool(w: Writing) -> str:
    """The largest value, the mean or the norm of each window."""
    fields = w.field
    sizes = w.shape[2:]
    kernel = [w.number(size, "its kernel") for size in _each(fields["kernel"], len(sizes))]
    attributes = _windows(w, w.layer, kernel, sizes) | {"kernel_shape": kernel, "ceil_mode": int(fields["ceil_mode"])}
    if w.layer.kind.startswith("avg"):
        return w.op("AveragePool", *w.inputs, count_include_pad=int(fields["count_include_pad"]), **attributes)
    if w.layer.kind == "lp_pool":
        return w.op("LpPool", *w.inputs, p=fields["p"], **attributes)
    return w.op("MaxPool", *w.inputs, **attributes)


@writes("global_avg_pool", "global_max_pool")
def global_pool(w: Writing) -> str:
    """The mean, or the largest value, of each channel."""
    kind = "Average" if w.layer.kind == "global_avg_pool" else "Max"
    y = w.op(f"Global{kind}Pool", w.inputs[0])
    return y if w.field["keepdims"] else w.op("Flatten", y, role="flatten")


@writes(*(f"adaptive_{name}_pool{axes}d" for name in ("max", "avg") for axes in (1, 2, 3)))
def adaptive_pool(w: Writing) -> Output:
    """Windows of equal size, where the output's size divides the input's."""
    sizes, wanted = w.shape[2:], w.result[2:]
    is_average = "avg" in w.layer.kind
    if set(wanted) == {1}:
        return w.op("GlobalAveragePool" if is_average else "GlobalMaxPool", w.inputs[0])
    pairs = [(w.number(i, "its size"), w.number(o, "its size")) for i, o in zip(sizes, wanted, strict=True)]
    if any(i % o for i, o in pairs):
        raise UnsupportedError("ONNX has windows of one size only: an adaptive pool's output must divide its input")
    kernel = [i // o for i, o in pairs]
    return w.op("AveragePool" if is_average else "MaxPool", w.inputs[0], kernel_shape=kernel, strides=kernel)


@writes("parameter")
def parameter(w: Writing) -> str:
    """A stored tensor that is learned."""
    return w.weight("value", *w.field["shape"])
