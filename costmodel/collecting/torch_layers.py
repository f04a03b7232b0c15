"""Operators of PyTorch in a trace with shapes (`record_shapes=True`) as layers.

The trace has the shapes of all inputs, and the values of those that are numbers or lists of them, as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from costmodel.collecting.layers import Call, Rule, bare, outermost, shape_at, sizes, value_at
from costmodel.collecting.traces import Event, arguments, named
from costmodel.errors import FileFormatError

_LIST: Final = re.compile(r"\[[0-9, -]{0,80}\]", re.ASCII)
_NUMBER: Final = re.compile(r"-?\d{1,9}(\.\d{0,20})?", re.ASCII)


def calls(found: Iterable[Event]) -> Iterator[Call]:
    """The outermost calls of operators; what they call in turn is part of their time."""
    operators = [event for _, event in named(found, "cpu_op")]
    for event in outermost(operators):
        given = arguments(event)
        shapes, values = given.get("Input Dims"), given.get("Concrete Inputs")
        yield Call(
            str(event["name"]).removeprefix("aten::").removesuffix("_"),
            tuple(map(sizes, shapes)) if isinstance(shapes, list) else (),
            tuple(map(_value, values)) if isinstance(values, list) else (),
            (),
            event,
        )


def _value(text: object) -> object:
    """A number, a truth or a list of integers from its text; None for what else there is."""
    if text in {"True", "False"}:
        return text == "True"
    if not isinstance(text, str):
        return None
    if _LIST.fullmatch(text):
        try:
            return json.loads(text)
        except ValueError:
            return None
    return float(text) if _NUMBER.fullmatch(text) else None


def _convolution(rank: int) -> Rule:
    def rule(call: Call) -> Mapping[str, Any]:
        weight = shape_at(call, 1, rank + 2)
        stride, padding, dilation = (_axes(value_at(call, index, list), rank) for index in (3, 4, 5))
        return {
            "kind": f"conv{rank}d", "out_channels": weight[0], "kernel": _axes(list(weight[2:]), rank),
            "stride": stride, "padding": padding, "dilation": dilation,
            "groups": int(value_at(call, 6, float)), "bias": _has(call, 2),
        }  # fmt: skip

    return rule


def _axes(values: list[int], rank: int) -> int | list[int]:
    """A value for each axis; one for all is written once."""
    if len(values) not in {1, rank}:
        raise FileFormatError("the trace does not say the values of its arguments")
    return values[0] if len(values) == 1 else values


def _has(call: Call, index: int) -> bool:
    """Whether an optional tensor was given."""
    return index < len(call.inputs) and bool(call.inputs[index])


def _linear(call: Call) -> Mapping[str, Any]:
    return {"kind": "linear", "out_features": shape_at(call, 1, 2)[0], "bias": _has(call, 2)}


def _batch_norm(call: Call) -> Mapping[str, Any]:
    return {"kind": "batch_norm", "affine": _has(call, 1)}


def _layer_norm(call: Call) -> Mapping[str, Any]:
    return {"kind": "layer_norm", "dims": len(value_at(call, 1, list)), "affine": _has(call, 2)}


def _along_axis(kind: str) -> Rule:
    return lambda call: {"kind": kind, "axis": int(value_at(call, 1, float))}


def _max_pool(call: Call) -> Mapping[str, Any]:
    kernel, stride, padding, dilation = (value_at(call, index, list) for index in (1, 2, 3, 4))
    return {
        "kind": "max_pool2d", "kernel": kernel, "stride": stride or kernel, "padding": padding, "dilation": dilation,
        "ceil_mode": value_at(call, 5, bool),
    }  # fmt: skip


def _avg_pool(call: Call) -> Mapping[str, Any]:
    kernel, stride, padding = (value_at(call, index, list) for index in (1, 2, 3))
    return {
        "kind": "avg_pool2d", "kernel": kernel, "stride": stride or kernel, "padding": padding,
        "ceil_mode": value_at(call, 4, bool), "count_include_pad": value_at(call, 5, bool),
    }  # fmt: skip


def _adaptive(call: Call) -> Mapping[str, Any]:
    output = value_at(call, 1, list)
    return {"kind": "global_avg_pool"} if output == [1, 1] else {"kind": "adaptive_avg_pool2d", "output_size": output}


def _leaky_relu(call: Call) -> Mapping[str, Any]:
    return {"kind": "leaky_relu", "slope": value_at(call, 1, float)}


def _hardtanh(call: Call) -> Mapping[str, Any]:
    if (value_at(call, 1, float), value_at(call, 2, float)) != (0, 6):
        raise FileFormatError("no layer is made of this operator, but for bounds of 0 and 6")
    return {"kind": "relu6"}


RULES: Final[Mapping[str, Rule]] = MappingProxyType({
    "conv1d": _convolution(1), "conv2d": _convolution(2), "conv3d": _convolution(3), "linear": _linear,
    "batch_norm": _batch_norm, "layer_norm": _layer_norm, "softmax": _along_axis("softmax"),
    "log_softmax": _along_axis("log_softmax"),
    "max_pool2d": _max_pool, "avg_pool2d": _avg_pool, "adaptive_avg_pool2d": _adaptive,
    "leaky_relu": _leaky_relu, "hardtanh": _hardtanh,
    "relu": bare("relu"), "relu6": bare("relu6"), "hardswish": bare("hard_swish"),
    "hardsigmoid": bare("hard_sigmoid"), "sigmoid": bare("sigmoid"), "silu": bare("silu"), "tanh": bare("tanh"),
    "gelu": bare("gelu"),
})  # fmt: skip
"""What layer an operator is, by its name without `aten::` and the underscore of its version in place."""
