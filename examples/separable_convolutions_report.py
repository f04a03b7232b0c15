"""Document 000's experiment: its times against the counts and against a calibrated prediction, as tables in Markdown.

Run: python examples/separable_convolutions_report.py TIMES.csv

It reads the file that `examples/separable_convolutions.py` writes. A stack's prediction comes from a calibration that
has seen no stack of its type of convolution: the other types, and ten networks of the zoo.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from costmodel.calibration import (
    Finder,
    Measurements,
    Point,
    Prediction,
    Row,
    calibrate,
    evaluate,
    finder,
    read_measurements,
    tabulate,
)
from costmodel.errors import CostModelError

NAMES = {
    "conv2d": "regular",
    "spatially_separable_conv2d": "spatially separable",
    "depthwise_separable_conv2d": "depthwise separable",
    "depthwise_spatially_separable_conv2d": "depthwise and spatially separable",
}
RUNTIMES = {"onnxruntime": "ONNX Runtime", "ncnn": "ncnn"}
ACTIVATIONS = ("elu", "relu", "tanh")
PRIOR = "none"
LEAST_KERNEL = 3
"""Document 000 finds time linear in the kernel's area from here on."""


class Stack(NamedTuple):
    """A stack of convolutions of one type, with its measured and its predicted time."""

    runtime: str
    kind: str
    activation: str
    channels: int
    kernel: int
    is_padded: bool
    macs: int
    measured_s: float
    predicted: Prediction


class Line(NamedTuple):
    """time = intercept + slope x area, by least squares of relative errors; what it misses, relative to the times."""

    intercept_s: float
    slope_s: float
    residuals: dict[int, float]
    correlation: float


def stacks(measurements: Measurements, find: Finder) -> Iterator[Stack]:
    """Every measured stack, predicted by a calibration that has seen no stack of its type of convolution."""
    for runtime in RUNTIMES:
        for point in left_out(measurements, find, runtime, "family"):
            yield stack(point.row, int(find(point.row).cost().macs), point.prediction)


def left_out(measurements: Measurements, find: Finder, runtime: str, what: str) -> list[Point]:
    """The stacks under a runtime, predicted from all that remains when something is left out at a time."""
    found = evaluate(measurements.only({"runtime": runtime}), find, leave_out=what, prior=PRIOR)
    return [point for points in found.points.values() for point in points if point.row.cells["layer"]]


def from_the_zoo(measurements: Measurements, find: Finder, runtime: str) -> list[Point]:
    """The stacks under a runtime, predicted from the networks of the zoo alone."""
    fit = calibrate(measurements.only({"runtime": runtime, "layer": ""}), find, prior=PRIOR).fit
    table = tabulate([row for row in measurements.only({"runtime": runtime}).rows if row.cells["layer"]], find)
    return [
        Point(row, fit.predict({name: float(column[index]) for name, column in table.amounts.items()}))
        for index, row in enumerate(table.rows)
    ]


def stack(row: Row, macs: int, predicted: Prediction) -> Stack:
    """What a row says of a stack of convolutions."""
    convolution, activation, *_ = json.loads(row.cells["layer"])
    return Stack(
        runtime=row.cells["runtime"],
        kind=convolution["kind"],
        activation=activation["kind"],
        channels=convolution["out_channels"],
        kernel=convolution["kernel"],
        is_padded="padding" in convolution or convolution["kernel"] == 1,
        macs=macs,
        measured_s=row.latency_s,
        predicted=predicted,
    )


def line(times_s: dict[int, float]) -> Line:
    """The straight line through the times of kernel sizes, against their areas."""
    area = np.array([float(kernel**2) for kernel in times_s])
    measured = np.array(list(times_s.values()))
    slope, intercept = np.polyfit(area, measured, 1, w=1 / measured)
    missed = ((intercept + slope * area) / measured - 1).tolist()
    correlation = float(np.corrcoef(area, measured)[0, 1])
    return Line(float(intercept), float(slope), dict(zip(times_s, missed, strict=True)), correlation)


def kernel_times(found: Iterable[Stack], runtime: str, kind: str) -> dict[int, Stack]:
    """The padded stacks of one type by their kernel size."""
    chosen = [each for each in found if each.is_padded and (each.runtime, each.kind) == (runtime, kind)]
    return {each.kernel: each for each in sorted(chosen, key=lambda each: each.kernel)}


def regular(found: Iterable[Stack], of: Stack) -> Stack:
    """The stack of regular convolutions that a stack is compared with."""
    wanted = of._replace(kind="conv2d")
    same = ("runtime", "kind", "activation", "channels", "kernel", "is_padded")
    return next(each for each in found if all(getattr(each, name) == getattr(wanted, name) for name in same))


def gains(found: Sequence[Stack], of: Stack) -> tuple[float, float, float]:
    """How many times faster than regular convolutions: as measured, as predicted, and by the counts."""
    other = regular(found, of)
    return (
        other.measured_s / of.measured_s,
        other.predicted.latency_s / of.predicted.latency_s,
        other.macs / of.macs,
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown, numbers to the right."""
    rule = ["---" if index < 1 else "---:" for index in range(len(head))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows)) + "\n"


def twelve_table(found: Sequence[Stack], runtime: str) -> str:
    """The document's twelve models."""
    rows = []
    for kind, name in NAMES.items():
        for activation in ACTIVATIONS:
            each = next(each for each in twelve(found) if each[:3] == (runtime, kind, activation))
            measured, predicted, counted = gains(found, each)
            p, low, high = each.predicted
            interval = f" ({1e3 * low:.2f} to {1e3 * high:.2f})" if low and high else ""
            rows.append(
                (
                    *(name, activation, f"{each.macs:,}", f"{1e3 * each.measured_s:.2f}", f"{1e3 * p:.2f}{interval}"),
                    *(f"{measured:.1f}", f"{predicted:.1f}", f"{counted:.1f}"),
                )
            )
    head = ("convolutions", "activation", "MACs", "measured, ms", "predicted, ms (90 %)")
    return table((*head, "times faster", "predicted", "by MACs"), rows)


def twelve(found: Iterable[Stack]) -> list[Stack]:
    """Those of the document: 3x3, without padding, of the channels that all activations were measured with."""
    plain = [each for each in found if not each.is_padded]
    channels = {each.channels for each in plain if each.activation == "tanh"}
    return [each for each in plain if each.channels in channels]


def channels_table(found: Sequence[Stack]) -> str:
    """How many times faster with more or fewer channels."""
    plain = [each for each in found if not each.is_padded and each.activation == "relu"]
    rows = []
    for kind, name in list(NAMES.items())[1:]:
        for channels in sorted({each.channels for each in plain}):
            chosen = {each.runtime: each for each in plain if (each.kind, each.channels) == (kind, channels)}
            measured = [gains(found, chosen[runtime])[0] for runtime in RUNTIMES]
            predicted = [gains(found, chosen[runtime])[1] for runtime in RUNTIMES]
            counted = gains(found, chosen["ncnn"])[2]
            rows.append((name, str(channels), *(f"{each:.1f}" for each in (counted, *measured, *predicted))))
    heads = (*RUNTIMES.values(), *(f"{runtime}, predicted" for runtime in RUNTIMES.values()))
    return table(("convolutions", "channels", "by MACs", *heads), rows)


def kernels_table(found: Sequence[Stack]) -> str:
    """Times of regular convolutions by kernel size, and by what the line from 3 on misses them."""
    chosen = {runtime: kernel_times(found, runtime, "conv2d") for runtime in RUNTIMES}
    lines = {runtime: line(seconds(each, LEAST_KERNEL)) for runtime, each in chosen.items()}
    rows = []
    for kernel in chosen["ncnn"]:
        cells = [f"{kernel}x{kernel}", f"{chosen['ncnn'][kernel].macs:,}"]
        for runtime, each in chosen.items():
            one = each[kernel]
            missed = lines[runtime].residuals.get(kernel)
            cells += [f"{1e3 * one.measured_s:.2f}", f"{1e3 * one.predicted.latency_s:.2f}"]
            cells += ["" if missed is None else f"{missed:+.1%}"]
        rows.append(cells)
    heads = [f"{name}, {what}" for name in RUNTIMES.values() for what in ("ms", "predicted", "the line")]
    return table(("kernel", "MACs", *heads), rows)


def seconds(by_kernel: dict[int, Stack], least: int) -> dict[int, float]:
    """Measured times of kernels from a size on."""
    return {kernel: each.measured_s for kernel, each in by_kernel.items() if kernel >= least}


def lines_table(found: Sequence[Stack]) -> str:
    """The line from 3 on, for each type and runtime."""
    rows = []
    for kind, name in NAMES.items():
        for runtime, title in RUNTIMES.items():
            for least in (LEAST_KERNEL, LEAST_KERNEL + 1):
                fitted = line(seconds(kernel_times(found, runtime, kind), least))
                worst = max(map(abs, fitted.residuals.values()))
                numbers = (f"{1e6 * fitted.intercept_s:.0f}", f"{1e6 * fitted.slope_s:.1f}")
                rows.append((name, title, str(least), *numbers, f"{fitted.correlation**2:.4f}", f"{worst:.1%}"))
    head = ("convolutions", "runtime", "from", "at area 0, us", "us per element")
    return table((*head, "R squared", "largest residual"), rows)


def errors_table(measurements: Measurements, find: Finder) -> str:
    """How far predictions are off, and how many intervals hold, by what the calibration has not seen."""
    rows = []
    for runtime, title in RUNTIMES.items():
        for seen, points in {
            "the ten networks of the zoo": from_the_zoo(measurements, find, runtime),
            "these and the other three types": left_out(measurements, find, runtime, "family"),
            "all but the stack itself": left_out(measurements, find, runtime, "network"),
        }.items():
            error, coverage = np.mean([p.error for p in points]), np.mean([bool(p.covered) for p in points])
            rows.append((title, seen, f"{error:.0%}", f"{coverage:.0%}"))
    return table(("runtime", "calibrated on", "mean error", "90 % intervals hold"), rows)


def main() -> None:
    """Print the tables."""
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/separable_convolutions_report.py TIMES.csv")
    find = finder()
    try:
        measurements = read_measurements(sys.argv[1])
        found = list(stacks(measurements, find))
        errors = errors_table(measurements, find)
    except CostModelError as problem:
        sys.exit(str(problem))
    for runtime, title in RUNTIMES.items():
        print(f"{title}\n\n{twelve_table(found, runtime)}")
    print("\n".join([channels_table(found), kernels_table(found), lines_table(found), errors]))


if __name__ == "__main__":
    main()
