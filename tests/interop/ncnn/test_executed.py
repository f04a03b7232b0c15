"""Every layer type against ncnn itself: the shapes that came out when it ran the layer."""

import json
from pathlib import Path
from typing import Any

import pytest

from costmodel.interop.ncnn import RULES, blob_shapes
from tests.interop.ncnn.files import one_layer, write

EXECUTED = json.loads((Path(__file__).parent / "executed.json").read_text())["cases"]


@pytest.mark.parametrize("case", EXECUTED, ids=lambda case: f"{case['layer']} on {case['inputs']}")
def test_shapes_are_those_that_ncnn_computes(case: dict[str, Any], tmp_path: Path) -> None:
    path = write(tmp_path, one_layer(case["layer"], case["inputs"]))
    for batch in (1,) if "19=1" in case["layer"] else (1, 3, "batch"):
        shapes = blob_shapes(path, batch=batch)
        found = [list(shapes[blob])[1:] for blob in outputs(case["layer"])]
        assert found == case["outputs"]


def outputs(line: str) -> list[str]:
    """The names of the blobs that a layer writes."""
    _, _, n_in, n_out, *words = line.split()
    return words[int(n_in) : int(n_in) + int(n_out)]


def test_every_layer_type_with_a_rule_was_executed() -> None:
    executed = {case["layer"].split()[0] for case in EXECUTED}
    assert set(RULES.names()) - executed == NOT_EXECUTED


NOT_EXECUTED = {
    "DeepCopy", "DetectionOutput", "Einsum", "Quantize", "Requantize", "YoloDetectionOutput",
    "Yolov3DetectionOutput",
}  # fmt: skip
"""Layers that ncnn does not build alone, or whose output has other numbers of elements from run to run."""
