"""What a setup names and nobody knows is said: once in measurements, and with every prediction."""

from __future__ import annotations

from dataclasses import replace

import pytest

from costmodel import zoo
from costmodel.calibration import Measurements, calibrate, calibrated_latency, doubts
from costmodel.calibration.unknown import unknown_values
from tests.calibration.files import measurements


def named(**columns: str) -> Measurements:
    """The made-up measurements with other values of the setup's columns."""
    made = measurements()
    rows = tuple(replace(row, setup=tuple((dict(row.setup) | columns).items())) for row in made.rows)
    return replace(made, rows=rows)


@pytest.mark.parametrize(
    "setup",
    [
        {},
        {"runtime": "", "precision": "", "backend": "", "processor": "", "threads": ""},
        {"runtime": "ncnn", "backend": "vulkan", "precision": "default_float", "threads": "4"},
        {"processor": "Cortex-A72 (4 cores)", "backend": "xnnpack"},
        {"runtime": "TFLite 2.16", "processor": "CPU", "precision": "uint8", "threads": "1"},
        {"runtime": "pytorch 2.4.0 + torch.compile(dynamo)", "precision": "amp", "backend": "cuda"},
    ],
)
def test_nothing_is_said_of_what_is_known(setup: dict[str, str]) -> None:
    assert unknown_values({"device": "mine"} | setup) == ()


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("runtime", "OpenVINO 2024", "taken to fuse operations as a typical one does (known are ncnn, onnxruntime,"),
        ("precision", "fp8", "taken for float32 (known are fp32, "),
        ("backend", "hexagon", "taken for a processor (cpu)"),
        ("processor", "NPU", "taken for a processor (cpu)"),
        ("processor", "Adreno 640", "taken for a processor (cpu)"),
        ("threads", "all", "taken for 1"),
        ("threads", "-1", "taken for 1"),
        ("threads", "0", "taken for 1"),
        ("threads", "\uff14", "taken for 1"),
    ],
)
def test_what_is_not_known_is_said_once_with_what_it_is_taken_for(column: str, value: str, sentence: str) -> None:
    (found,) = doubts(named(**{column: value}))
    assert sentence in found
    assert repr(value) in found


def test_a_prediction_repeats_it() -> None:
    profile = calibrate(named(runtime="OpenVINO")).profile()
    said = calibrated_latency(zoo.resnet18(), profile).assumptions
    assert sum("the runtime 'OpenVINO' is not known" in sentence for sentence in said) == 1
