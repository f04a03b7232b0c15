"""Layer kinds beyond those of the suite: the runtimes that have them compute the same."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from costmodel.calibration.targets import layer_network
from costmodel.errors import CostModelError
from costmodel.measuring import Subject, runtime
from tests.measuring.runtimes import agree, need

MAPS = "1x4x6x6"
Spec = dict[str, Any]
ALL: list[tuple[Spec, str]] = [
    *(({"kind": kind}, MAPS) for kind in (
        "elu", "celu", "selu", "mish", "softplus", "tanh", "exp", "erf", "square", "negate", "absolute", "floor",
        "ceil", "sin", "cos", "atan", "reciprocal", "leaky_relu", "global_max_pool", "instance_norm",
    )),
    ({"kind": "gelu", "approximation": "tanh"}, MAPS),
    ({"kind": "clip", "min": -0.5, "max": 0.25}, MAPS),
    ({"kind": "clip", "max": 0.25}, MAPS),
    ({"kind": "batch_norm", "affine": False}, MAPS),
    ({"kind": "group_norm", "groups": 2, "affine": False}, MAPS),
    ({"kind": "rms_norm"}, "1x5x8"),
    ({"kind": "layer_norm", "affine": False}, "1x5x8"),
    *(({"kind": kind}, f"{MAPS};{MAPS}") for kind in ("subtract", "divide", "maximum", "minimum")),
    ({"kind": "add"}, f"{MAPS};{MAPS};{MAPS}"),
    ({"kind": "multiply"}, MAPS),
    *(({"kind": f"reduce_{name}", "axes": [2, 3], "keepdims": keeps}, MAPS)
      for name in ("sum", "mean", "max", "min") for keeps in (True, False)),
    ({"kind": "softmax", "axis": 1}, MAPS),
    ({"kind": "permute", "axes": [0, 3, 1, 2]}, MAPS),
    ({"kind": "reshape", "shape": [1, 8, 18]}, MAPS),
    ({"kind": "unsqueeze", "axes": [1]}, "1x6x6"),
    ({"kind": "squeeze", "axes": [2]}, "1x6x1"),
    ({"kind": "flatten"}, MAPS),
    ({"kind": "expand", "shape": [1, 4, 6, 6]}, "1x4x1x6"),
    ({"kind": "slice", "axes": [1, 3], "starts": [1, 2], "lengths": [2, 3]}, MAPS),
    ({"kind": "split", "axis": 1, "sizes": [1, 3]}, MAPS),
    ({"kind": "pad", "pads": [[0, 0], [0, 0], [1, 2], [2, 1]], "mode": "reflect"}, MAPS),
    ({"kind": "pad", "pads": [[0, 0], [1, 1], [1, 2], [2, 1]]}, MAPS),
    ({"kind": "depth_to_space", "block": 2}, MAPS),
    ({"kind": "max_pool2d", "kernel": 3, "stride": 2, "ceil_mode": True}, "1x4x8x8"),
    ({"kind": "avg_pool2d", "kernel": 3, "padding": [[0, 1], [0, 1]], "stride": 2, "count_include_pad": False}, MAPS),
    ({"kind": "conv2d", "out_channels": 3, "kernel": 3, "stride": 2, "padding": "same_tensorflow"}, MAPS),
    ({"kind": "conv2d", "out_channels": 3, "kernel": 2, "padding": "same_pytorch", "bias": False}, MAPS),
    ({"kind": "conv_transpose2d", "out_channels": 4, "kernel": 3, "stride": 2, "output_padding": 1, "groups": 2}, MAPS),
    ({"kind": "linear", "out_features": 5, "bias": False}, "1x3x8"),
    ({"kind": "linear", "out_features": 5, "bias": False}, "1x8"),
    ({"kind": "depthwise_separable_conv2d", "out_channels": 6, "kernel": 3}, MAPS),
    ({"kind": "spatially_separable_conv2d", "out_channels": 6, "kernel": 3}, MAPS),
]  # fmt: skip
NOT_NCNN: list[tuple[Spec, str]] = [
    *(({"kind": kind}, MAPS) for kind in ("asinh", "log_softmax", "softsign", "sign", "sinh", "log_sigmoid")),
    ({"kind": "reduce_mean"}, MAPS),
    ({"kind": "conv1d", "out_channels": 3, "kernel": 3}, "2x4x9"),
    ({"kind": "conv3d", "out_channels": 3, "kernel": 2}, "1x2x4x4x4"),
    ({"kind": "max_pool1d", "kernel": 2}, "2x4x8"),
    ({"kind": "avg_pool3d", "kernel": 2}, "1x2x4x4x4"),
    ({"kind": "linear", "out_features": 5}, "2x3x4x8"),
    ({"kind": "attention", "causal": True}, "2x3x5x8;2x3x5x8;2x3x5x8"),
    ({"kind": "multi_head_attention", "heads": 2}, "2x5x8;2x7x8;2x7x8"),
    ({"kind": "einsum", "equation": "nij,njk->nik"}, "2x3x4;2x4x5"),
    ({"kind": "tile", "repeats": [1, 2, 1, 1]}, MAPS),
    ({"kind": "flip", "axes": [2]}, MAPS),
    ({"kind": "slice", "axes": [3], "starts": [0], "lengths": [3], "steps": [2]}, MAPS),
    ({"kind": "layer_norm", "dims": 2}, "2x5x8"),
    ({"kind": "embedding", "num_embeddings": 7, "embedding_dim": 4}, "2x5"),
]  # fmt: skip


def name(value: object) -> str:
    return json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else str(value)


@pytest.mark.parametrize("other", ["ncnn", "torch"])
@pytest.mark.parametrize(("spec", "shapes"), ALL, ids=name)
def test_the_runtimes_agree(spec: Spec, shapes: str, other: str) -> None:
    agree(layer_network(json.dumps(spec), shapes), ("onnxruntime", other))


@pytest.mark.parametrize(("spec", "shapes"), NOT_NCNN, ids=name)
def test_what_ncnn_has_not_the_other_two_agree_on(spec: Spec, shapes: str) -> None:
    network = layer_network(json.dumps(spec), shapes)
    agree(network, ("onnxruntime", "torch"))
    need("ncnn")
    with pytest.raises(CostModelError):
        runtime("ncnn").prepare(Subject(network), 1)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize(("kind", "states"), [("rnn", 1), ("gru", 1), ("lstm", 2)])
def test_recurrent_layers_run_under_pytorch(kind: str, states: int, batch_first: bool) -> None:
    need("torch")
    spec = {"kind": kind, "hidden_size": 3, "bidirectional": True, "batch_first": batch_first}
    network = layer_network(json.dumps(spec), "4x5x6")
    found = runtime("torch").prepare(Subject(network), 1).outputs()
    assert len(found) == 1 + states
    assert [array.shape for array in found] == [network.shapes[output] for output in network.outputs]
    assert all(np.isfinite(array).all() for array in found)


@pytest.mark.parametrize(
    ("spec", "shapes"),
    [
        ({"kind": "lstm", "hidden_size": 3, "projection": 2}, "4x5x6"),
        ({"kind": "gru", "hidden_size": 3, "reset": "before"}, "4x5x6"),
        ({"kind": "slice", "axes": [3], "starts": [5], "lengths": [3], "steps": [-1]}, MAPS),
        ({"kind": "space_to_depth", "block": 2}, MAPS),
        ({"kind": "resize", "sizes": [1, 8, 6, 6]}, MAPS),
        ({"kind": "avg_pool2d", "kernel": 2, "dilation": 2}, MAPS),
        ({"kind": "conv_transpose2d", "out_channels": 4, "kernel": 3, "padding": [[0, 1], [0, 1]]}, MAPS),
    ],
    ids=name,
)
def test_what_pytorch_has_not_is_refused(spec: Spec, shapes: str) -> None:
    need("torch")
    with pytest.raises(CostModelError):
        runtime("torch").prepare(Subject(layer_network(json.dumps(spec), shapes)), 1)
