"""Nodes of ONNX Runtime in a profile as layers.

The profile has the shapes that a node read and wrote, but no attributes. How a convolution's window moves is taken from
its shapes: the smallest stride that gives the output with half of the kernel as padding, or else without padding. Its
operations and bytes are the same for every stride and padding that fit. Weights that were packed beforehand are not
among the shapes, and channels that were padded are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from costmodel.collecting.layers import Call, Rule, Sizes, bare, shape_at, sizes
from costmodel.collecting.rows import cell
from costmodel.collecting.traces import Event, arguments, named, text_of
from costmodel.errors import FileFormatError

_SUFFIX: Final = "_kernel_time"


def calls(found: Iterable[Event]) -> Iterator[Call]:
    """The calls of nodes."""
    for name, event in named(found, "Node"):
        if name.endswith(_SUFFIX):
            given = arguments(event)
            operator = text_of(given.get("op_name")) or cell(name.removesuffix(_SUFFIX))
            yield Call(
                operator, _shapes(given.get("input_type_shape")), (), _shapes(given.get("output_type_shape")), event
            )


def _shapes(tensors: object) -> tuple[Sizes, ...]:
    """Shapes from a list of objects that hold one each, under the name of its type."""
    if not isinstance(tensors, list):
        return ()
    return tuple(sizes(next(iter(tensor.values()), None)) if isinstance(tensor, dict) else () for tensor in tensors)


def _convolution(call: Call) -> Mapping[str, Any]:
    weight, (read, written) = shape_at(call, 1), _ends(call)
    if len(weight) != len(read) or len(read) not in {3, 4, 5} or read[1] % weight[1]:
        raise FileFormatError("the trace does not say the shape of its weights")
    windows = [_window(i, o, k) for i, o, k in zip(read[2:], written[2:], weight[2:], strict=True)]
    return {
        "kind": f"conv{len(windows)}d",
        "out_channels": weight[0],
        "kernel": weight[2:],
        "stride": tuple(stride for stride, _ in windows),
        "padding": tuple((padding // 2, padding - padding // 2) for _, padding in windows),
        "groups": read[1] // weight[1],
        "bias": any(len(shape) == 1 for shape in call.inputs[2:]),
    }


def _window(i: int, o: int, k: int) -> tuple[int, int]:
    """The stride and the padding of an axis of i elements that become o under a kernel of k."""
    for padding in (k - 1, 0):
        spare = i + padding - k
        if spare >= 0 and o > 0:
            stride = spare // o + 1
            if spare // stride + 1 == o:
                return stride, padding
    raise FileFormatError("the trace does not say how its window moves")


def _ends(call: Call) -> tuple[Sizes, Sizes]:
    """The shape that was read and the shape that was written, of equal rank."""
    if not call.inputs or not call.outputs or len(call.inputs[0]) != len(call.outputs[0]):
        raise FileFormatError("the trace does not say the shapes that it read and wrote")
    return call.inputs[0], call.outputs[0]


def _product(call: Call) -> Mapping[str, Any]:
    if len(call.inputs) > 1 and len(call.inputs[1]) != 2:
        raise FileFormatError("no layer is made of a product of two activations")
    _, written = _ends(call)
    return {"kind": "linear", "out_features": written[-1], "bias": False}


def _gemm(call: Call) -> Mapping[str, Any]:
    """A product with weights, or of two matrices; which of them is packed does not matter to its operations."""
    _, written = _ends(call)
    return {"kind": "linear", "out_features": written[-1], "bias": any(len(shape) == 1 for shape in call.inputs[1:])}


RULES: Final[Mapping[str, Rule]] = MappingProxyType({
    "Conv": _convolution, "FusedConv": _convolution,
    "MatMul": _product, "FusedMatMul": _product, "Gemm": _gemm, "FusedGemm": _gemm,
    "GlobalAveragePool": bare("global_avg_pool"), "BatchNormalization": bare("batch_norm"),
    "Relu": bare("relu"), "HardSwish": bare("hard_swish"), "HardSigmoid": bare("hard_sigmoid"),
    "Sigmoid": bare("sigmoid"), "Tanh": bare("tanh"), "Gelu": bare("gelu"), "Elu": bare("elu"),
})  # fmt: skip
"""What layer a node is, by the name of its operator."""
