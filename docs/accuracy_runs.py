"""The evaluations behind docs/accuracy.md: each measured time of shared/data beside predictions that never saw it."""

from __future__ import annotations

import csv
import io
import json
import runpy
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from costmodel.calibration import (
    CHOICES,
    Evaluation,
    FewShot,
    Finder,
    Measurements,
    Setup,
    evaluate,
    finder,
    learning_curve,
    parse_measurements,
    read_measurements,
)
from costmodel.calibration.covariates import group
from costmodel.calibration.leaving import dealt
from costmodel.calibration.population import NOISE
from costmodel.interop.files import READERS, read

EXAMPLES: Final = Path(__file__).parents[1] / "examples"

SHOTS: Final = (0, 1, 3, 5, 8)
"""How many networks of a device are measured before the others are predicted."""

DRAWS: Final = 3
"""How often they are drawn at random."""

NOISES: Final = (0.025, 0.035, 0.05)
"""The noises of the model that one half of the devices chooses from."""


FAMILIES: Final = {
    "squeezenet_ssd": "squeezenet", "mobilenet_ssd": "mobilenet", "mobilenet_yolo": "mobilenet",
    "mobilenetv2_yolov3": "mobilenet_v2", "proxylessnasnet": "mnasnet", "resnet18": "resnet", "resnet50": "resnet",
    "yolo-fastest-1.1": "yolo-fastest", "yolo-fastestv2": "yolo-fastest",
}  # fmt: skip
"""Which of ncnn's networks are of one family: they share most of their layers. The others are their own."""


class Outcome(NamedTuple):
    """A measured time and what a model that had not seen it predicted; the ends of the interval, where there is one.

    `shots` is how many networks of the setup the model had seen, None for all but what was left out, and `choice` how
    they were chosen (`FewShot`).
    """

    model: str
    shots: int | None
    choice: str
    setup: dict[str, str]
    network: str
    family: str
    measured_s: float
    predicted_s: float
    low_s: float | None
    high_s: float | None

    @property
    def ratio(self) -> float:
        """Predicted / measured."""
        return self.predicted_s / self.measured_s

    @property
    def error(self) -> float:
        """|predicted - measured| / measured."""
        return abs(self.ratio - 1)

    @property
    def group(self) -> str:
        """The kind of setup: cpu-float, cpu-integer, gpu-float or gpu-integer."""
        return group(tuple(self.setup.items()))

    @property
    def threads(self) -> int:
        """How many threads ran; 1 where the file does not say."""
        return int(self.setup.get("threads") or 1)

    @property
    def place(self) -> tuple[str, ...]:
        """The setup as a key."""
        return tuple(self.setup.values())


Run = Callable[[], list[Outcome]]


def runs(shared: Path) -> dict[str, Run]:
    """The evaluations by name, the long ones last."""
    data = shared / "data"
    ncnn = _with_families(read_measurements(data / "ncnn" / "measurements.csv"))
    find = finder(data / "ncnn" / "params", dict.fromkeys(READERS, read))
    float_rows = _chosen(ncnn, lambda setup: group(setup) == "cpu-float")
    found: dict[str, Run] = {
        "pixel": lambda: _whole(evaluate(read_measurements(data / "pixel" / "measurements.csv")), finder()),
        "linear": lambda: _from_example("gpu_linear_rows.py", data / "kernels" / "gpu_linear.csv", "fold:5"),
        "blocks": lambda: _from_example(
            "mobile_block_rows.py", data / "blocks" / "note10_blocks.csv", "column:net_resolution"
        ),
    }
    for way in ("network", "family"):
        found[way] = partial(_with_population, ncnn, find, way, NOISE)
    for noise in NOISES:
        for half in (0, 1):
            rows = _chosen(float_rows, partial(_is_in_half, half_of(float_rows), half))
            found[f"noise {noise}, half {half}"] = partial(_with_population, rows, find, "network", noise)
    found["unseen"] = partial(_few_shot, float_rows, find)
    return found


def collected(shared: Path, kept: Path) -> dict[str, list[Outcome]]:
    """The outcomes of all runs; what `kept`, a folder, holds of an earlier call is not run again."""
    kept.mkdir(parents=True, exist_ok=True)
    found = {}
    for name, run in runs(shared).items():
        path = kept / f"{name}.json"
        if not path.is_file():
            print(f"running {name}", file=sys.stderr)
            path.write_text(json.dumps(run()), encoding="utf-8")
        found[name] = [Outcome(*each) for each in json.loads(path.read_text(encoding="utf-8"))]
    return found


def half_of(measurements: Measurements) -> dict[str, int]:
    """The devices dealt into two halves, by a checksum of their names."""
    names = sorted({dict(row.setup)["device"] for row in measurements.rows})
    return dict(zip(names, dealt([(name,) for name in names], 2), strict=True))


def _with_families(measurements: Measurements) -> Measurements:
    """The measurements with a column `family`, where they have none."""
    names = [(row, row.cells["network"].removesuffix("_int8")) for row in measurements.rows]
    rows = tuple(replace(row, cells={**row.cells, "family": FAMILIES.get(name, name)}) for row, name in names)
    return replace(measurements, rows=rows)


def _is_in_half(halves: Mapping[str, int], half: int, setup: Setup) -> bool:
    return halves[dict(setup)["device"]] == half


def _chosen(measurements: Measurements, keep: Callable[[Setup], bool]) -> Measurements:
    """The rows of the setups that are kept."""
    return replace(measurements, rows=tuple(row for row in measurements.rows if keep(row.setup)))


def _with_population(measurements: Measurements, find: Finder, leave_out: str, noise: float) -> list[Outcome]:
    return _whole(evaluate(measurements, find, leave_out=leave_out, prior="population", noise=noise), find)


def _few_shot(measurements: Measurements, find: Finder) -> list[Outcome]:
    """Devices and networks both unseen by the prior, with more and more networks measured; last, with all others."""
    few_shots = [
        FewShot(0, draws=1),
        *(FewShot(count, DRAWS, choice=choice) for choice in CHOICES for count in SHOTS if count),
        None,
    ]
    curve = learning_curve(measurements, find, few_shots=few_shots)
    return [each for shots, found in zip(few_shots, curve, strict=True) for each in _whole(found, find, shots)]


def _from_example(script: str, source: Path, leave_out: str) -> list[Outcome]:
    """The outcomes for a file that an example turns into rows of layers."""
    with source.open(encoding="utf-8", newline="") as stream:
        rows = list(runpy.run_path(str(EXAMPLES / script))["rows"](csv.DictReader(stream)))
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    find = finder()
    return _whole(evaluate(parse_measurements(text.getvalue().encode()), find, leave_out=leave_out), find)


def _whole(evaluation: Evaluation, find: Finder, shots: FewShot | None = None) -> list[Outcome]:
    """Every prediction of an evaluation, and of its baselines."""
    return [
        Outcome(
            model, shots.measured if shots else None, shots.choice if shots and shots.measured else "", dict(setup),
            point.row.label, point.row.cells.get("family") or find(point.row).family,
            point.row.latency_s, *point.prediction,
        )
        for model, errors in {"calibration": evaluation, **evaluation.baselines}.items()
        for setup, points in errors.points.items()
        for point in points
    ]  # fmt: skip
