"""The last layers of detectors: prior boxes, which are constants, and outputs, whose sizes depend on the data."""

from __future__ import annotations

from costmodel.algebra import Dim, product, total
from costmodel.interop.call import Call
from costmodel.interop.ncnn.parameters import Parameters
from costmodel.interop.ncnn.rules import UNSET, axes, blob, rule
from costmodel.interop.value import Shape, Value
from costmodel.layers import DetectionOutput


@rule("PriorBox", keys=range(16))
def prior_box(call: Call, parameters: Parameters) -> Value:
    """The boxes of each position of a map, and their variances: constants, computed once from the sizes alone."""
    axes(call, call.input(0), 3)
    _, height, width = blob(call.input(0))
    smallest, largest, ratios = (
        len(parameters.numbers(key, name)) for key, name in ((0, "min_sizes"), (1, "max_sizes"), (2, "aspect_ratios"))
    )
    sizes = parameters.integer(9, "image_width"), parameters.integer(10, "image_height")
    if len(call.present) == 1 and sizes == (UNSET, UNSET) and not largest:
        return _constant(call, (4 * height * width * (smallest - 1 + ratios),))
    flips = 2 if parameters.flag(7, "flip", 1) else 1
    priors = smallest * (1 + flips * ratios) + largest
    return _constant(call, (2, 4 * height * width * priors))


def _constant(call: Call, shape: Shape) -> Value:
    if any(isinstance(size, int) and size < 1 for size in shape):
        call.refuse("must have at least one box for each position")
    return Value(call.name, (1, *shape))


def _detections(call: Call, boxes: Dim) -> DetectionOutput:
    """The output as the file declares it, else one row of six numbers for each box that there may be."""
    (declared, *_) = call.declared
    return DetectionOutput(shape=declared[1:] if declared is not None else (boxes, 6))


@rule("DetectionOutput", keys=range(9))
def detection_output(call: Call, parameters: Parameters) -> DetectionOutput:
    """The boxes that are left of those of a single-shot detector, at most `keep_top_k`."""
    return _detections(call, parameters.size(3, "keep_top_k", 100))


def _yolo(call: Call, parameters: Parameters, boxes: int) -> DetectionOutput:
    """The boxes that are left of those at every position of the maps, at most all of them."""
    per_position = parameters.size(1, "num_box", boxes)
    for value in call.present:
        axes(call, value, 3)
    return _detections(call, total(per_position * product(blob(value)[1:]) for value in call.present))


@rule("YoloDetectionOutput", keys=range(5))
def yolo_detection_output(call: Call, parameters: Parameters) -> DetectionOutput:
    """The boxes of a detector of the second generation of YOLO."""
    return _yolo(call, parameters, 5)


@rule("Yolov3DetectionOutput", keys=range(7))
def yolov3_detection_output(call: Call, parameters: Parameters) -> DetectionOutput:
    """The boxes of a detector of the third generation of YOLO."""
    return _yolo(call, parameters, 3)
