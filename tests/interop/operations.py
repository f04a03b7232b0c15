"""Single operations as ONNX, ncnn and PyTorch write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, numpy_helper

from costmodel.interop.ncnn import read_ncnn
from costmodel.network import Network
from tests.interop.ncnn.files import one_layer, write
from tests.interop.onnx import models

IMAGE = (1, 8, 10, 12)


@dataclass(frozen=True)
class Operation:
    """One operation in three formats, and the layer kinds that it is."""

    kinds: tuple[str, ...]
    onnx: tuple[str, tuple[TensorProto, ...], dict[str, Any]]
    """The operation, its stored inputs and its attributes."""
    ncnn: str
    """The type and the parameters of a layer."""
    torch: Callable[[Any], Any]
    """The module or function, made of PyTorch's module."""

    def from_onnx(self) -> Network:
        """The network of a model of this operation alone."""
        op, stored, attributes = self.onnx
        node = models.node(op, ["x", *(tensor.name for tensor in stored)], ["y"], **attributes)
        return models.network([node], {"x": IMAGE}, ["y"], stored)

    def from_ncnn(self, folder: Path) -> Network:
        """The network of a file of this operation alone."""
        kind, _, parameters = self.ncnn.partition(" ")
        return read_ncnn(write(folder, one_layer(f"{kind} layer 1 1 in0 out {parameters}", [IMAGE[1:]])))


def _number(name: str, value: float) -> TensorProto:
    return numpy_helper.from_array(np.array(value, dtype=np.float32), name)


def _pow(exponent: float, *kinds: str) -> Operation:
    return Operation(
        kinds, ("Pow", (_number("p", exponent),), {}), f"Power 0={exponent}", lambda _: lambda x: x**exponent
    )


def _clip(low: float | None, high: float | None, *kinds: str) -> Operation:
    given = [("min", 0, low, -3.402823466e38), ("max", 1, high, 3.402823466e38)]
    stored = tuple(_number(name, none if value is None else value) for name, _, value, none in given)
    parameters = " ".join(f"{key}={value}" for _, key, value, _ in given if value is not None)
    return Operation(kinds, ("Clip", stored, {}), f"Clip {parameters}", lambda _: lambda x: x.clamp(low, high))


def _conv(c_o: int, groups: int, bias: bool, *kinds: str) -> Operation:
    shape = (c_o, 8 // groups, 3, 3)
    stored = (models.stored("w", *shape), *([models.stored("b", c_o)] if bias else []))
    weights = c_o * 8 // groups * 9
    name = "Convolution" if groups == 1 else "ConvolutionDepthWise"
    return Operation(
        kinds,
        ("Conv", stored, {"group": groups, "pads": [1, 1, 1, 1], "strides": [2, 2]}),
        f"{name} 0={c_o} 1=3 3=2 4=1 5={int(bias)} 6={weights} 7={groups}",
        lambda torch: torch.nn.Conv2d(8, c_o, 3, 2, 1, groups=groups, bias=bias),
    )


def _transposed(c_o: int, groups: int, *kinds: str) -> Operation:
    return Operation(
        kinds,
        ("ConvTranspose", (models.stored("w", 8, c_o // groups, 2, 2),), {"group": groups, "strides": [2, 2]}),
        f"DeconvolutionDepthWise 0={c_o} 1=2 3=2 6={8 * c_o // groups * 4} 7={groups}",
        lambda torch: torch.nn.ConvTranspose2d(8, c_o, 2, 2, groups=groups, bias=False),
    )


def _resize(scale: float, *kinds: str) -> Operation:
    scales = numpy_helper.from_array(np.array([1, 1, scale, scale], dtype=np.float32), "scales")
    return Operation(
        kinds,
        ("Resize", (numpy_helper.from_array(np.zeros(0, dtype=np.float32), "roi"), scales), {"mode": "linear"}),
        f"Interp 0=2 1={scale} 2={scale}",
        lambda torch: torch.nn.Upsample(scale_factor=scale, mode="bilinear"),
    )


def _same(kind: str, onnx: str, ncnn: str, torch: str, **attributes: Any) -> Operation:
    return Operation((kind,), (onnx, (), attributes), ncnn, lambda module: getattr(module, torch))


OPERATIONS: dict[str, Operation] = {
    "x^1": _pow(1.0),
    "x^2": _pow(2.0, "square"),
    "x^3": _pow(3.0, "multiply"),
    "x^4": _pow(4.0, "power"),
    "x^0.5": _pow(0.5, "sqrt"),
    "x^-0.5": _pow(-0.5, "rsqrt"),
    "x^-1": _pow(-1.0, "reciprocal"),
    "x^1.7": _pow(1.7, "power"),
    "clip to 0 and 6": _clip(0.0, 6.0, "relu6"),
    "clip to 0": _clip(0.0, None, "relu"),
    "clip to -1 and 1": _clip(-1.0, 1.0, "clip"),
    "clip below 2": _clip(None, 2.0, "clip"),
    "convolution": _conv(4, 1, True, "conv2d"),
    "convolution in groups": _conv(4, 2, False, "conv2d"),
    "depthwise convolution": _conv(8, 8, True, "depthwise_conv2d"),
    "depthwise convolution with a multiplier": _conv(16, 8, False, "depthwise_conv2d"),
    "transposed convolution": _transposed(4, 1, "conv_transpose2d"),
    "transposed convolution in groups": _transposed(4, 2, "conv_transpose2d"),
    "resize to the double": _resize(2.0, "resize"),
    "resize by 1.1": _resize(1.1, "resize"),
    "max pooling": Operation(
        ("max_pool2d",),
        ("MaxPool", (), {"kernel_shape": [2, 2], "strides": [2, 2]}),
        "Pooling 0=0 1=2 2=2 5=1",
        lambda torch: torch.nn.MaxPool2d(2),
    ),
    "average pooling": Operation(
        ("avg_pool2d",),
        ("AveragePool", (), {"kernel_shape": [2, 2], "strides": [2, 2]}),
        "Pooling 0=1 1=2 2=2 5=1",
        lambda torch: torch.nn.AvgPool2d(2),
    ),
    "sigmoid": _same("sigmoid", "Sigmoid", "Sigmoid", "sigmoid"),
    "tanh": _same("tanh", "Tanh", "TanH", "tanh"),
    "absolute": _same("absolute", "Abs", "AbsVal", "abs"),
    "exponential": _same("exp", "Exp", "UnaryOp 0=7", "exp"),
    "logarithm": _same("log", "Log", "UnaryOp 0=8", "log"),
}  # fmt: skip
"""Operations by what they do."""


def kinds(network: Network) -> Sequence[str]:
    """The layer kinds of a network's nodes, without constants."""
    return [node.layer.kind for node in network.nodes if node.layer.kind != "constant"]


def output_shapes(network: Network) -> list[tuple[Any, ...]]:
    """The shapes of a network's outputs."""
    return [network.shapes[name] for name in network.outputs]
