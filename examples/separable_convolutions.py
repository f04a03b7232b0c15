"""Document 000's experiment, measured on this machine: four types of convolution, three activations, nine kernel sizes.

Run: python examples/separable_convolutions.py FOLDER

It needs the extra `measure`, and some ten minutes. Each pass over all networks, under ONNX Runtime and ncnn with one
thread, is a file in the folder, `pass-1.csv` to `pass-5.csv`; what was interrupted goes on where it stopped. Of each
network the least time goes into `times.csv`, which `examples/separable_convolutions_report.py` reads: what else a
machine does only makes a run longer, and on a busy one it makes most of them longer.

The networks are stacks of four convolutions of one type, without bias, on an image of 64x64, each with an activation:

- the document's twelve: 32 channels, 3x3, no padding (`costmodel.zoo.document_000`); the sizes are ours, it gives none;
- the same with 16, 64 and 128 channels, and ReLU;
- the kernel sizes 1 to 9 for each type, padded so that every map stays 64x64: then only the area of the kernel differs.

Ten networks of the zoo are measured beside them, so that a calibration can predict the stacks without knowing any.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from costmodel import zoo
from costmodel.errors import CostModelError
from costmodel.measuring import (
    COLUMNS,
    Journal,
    StoppingRule,
    Work,
    key,
    measure,
    network_work,
    processor_name,
    runtime,
)
from costmodel.measuring.works import layer_work

TYPES = (
    "conv2d",
    "spatially_separable_conv2d",
    "depthwise_separable_conv2d",
    "depthwise_spatially_separable_conv2d",
)
ACTIVATIONS = ("elu", "relu", "tanh")
DEPTH, CHANNELS, KERNEL, INPUT = 4, 32, 3, (1, 3, 64, 64)
OTHER_CHANNELS = (16, 64, 128)
KERNELS = range(1, 10)

RUNTIMES = ("onnxruntime", "ncnn")
PASSES = 5
RULE = StoppingRule(warm_up_s=0.1, max_s=1.5)
"""Several short passes meet more quiet moments of a machine than a long one."""

KEPT = (*COLUMNS[: COLUMNS.index("weights") + 1], "runs", "load")
"""What `times.csv` has of a pass's row, beside the least time; medians and quartiles stay with the pass."""

OTHERS: dict[str, dict[str, float]] = {
    "squeezenet1_1": {},
    "resnet18": {},
    "googlenet": {},
    "mobilenet_v1": {"width": 0.5, "resolution": 160},
    "mobilenet_v2": {"width": 0.5, "resolution": 160},
    "mobilenet_v3_small": {},
    "mnasnet_b1": {},
    "efficientnet_b0": {},
    "shufflenet_v2_x1_0": {},
    "regnet_x_400mf": {},
}


def stack(kind: str, activation: str, *, channels: int = CHANNELS, kernel: int = KERNEL, padded: bool = False) -> Work:
    """Convolutions of one type, each with its activation, as a row of a measurement file names them."""
    padding = {"padding": [[(kernel - 1) // 2, kernel // 2]] * 2} if padded and kernel > 1 else {}
    convolution = {"kind": kind, "out_channels": channels, "kernel": kernel, **padding, "bias": False}
    spec = json.dumps([convolution, {"kind": activation}] * DEPTH, separators=(",", ":"))
    label = f"{kind} {activation} {channels} {kernel}x{kernel}"
    return layer_work(spec, "x".join(map(str, INPUT)), kind, label, (INPUT,))


def works() -> Iterator[Work]:
    """All that is measured, each once."""
    for kind in TYPES:
        yield from (stack(kind, activation) for activation in ACTIVATIONS)
        yield from (stack(kind, "relu", channels=channels) for channels in OTHER_CHANNELS)
        yield from (stack(kind, "relu", kernel=kernel, padded=True) for kernel in KERNELS)
    for name, settings in OTHERS.items():
        yield network_work(name, zoo.find(name)(**settings), settings)


def measure_pass(path: Path) -> list[dict[str, str]]:
    """The rows of a pass, of which the file keeps what is known."""
    with Journal(path, COLUMNS, key) as journal:
        runtimes = [runtime(name) for name in RUNTIMES]
        session = measure(list(works()), runtimes, journal, device=processor_name(), rule=RULE)
        for label, name, reason in session.refused:
            print(f"{name} does not run {label}: {reason}", file=sys.stderr)
        return list(journal.rows)


def least(passes: list[list[dict[str, str]]]) -> list[dict[str, str]]:
    """Of each network under each runtime the row with the least time, beside the times of all passes."""
    found: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in (row for rows in passes for row in rows):
        found.setdefault(key(row), []).append(row)
    chosen = []
    for rows in found.values():
        times = {shortest_ms(row): row for row in rows}
        quickest = times[min(times)]
        kept = {column: quickest[column] for column in KEPT}
        passed = " ".join(f"{shortest_ms(row):.5g}" for row in rows)
        chosen.append({**kept, "latency_ms": f"{min(times):.5g}", "passes_ms": passed})
    return chosen


def shortest_ms(row: dict[str, str]) -> float:
    """The least time of a pass: of its shortest run, or of the processor in a run on average.

    Where other processes take the core in every run, the second is shorter; with one thread it is the run's own work.
    """
    return min(float(row["latency_min_ms"]), float(row["processor_ms"]))


def main() -> None:
    """Measure the passes, and write the least times."""
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/separable_convolutions.py FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    try:
        rows = least([measure_pass(folder / f"pass-{index}.csv") for index in range(1, PASSES + 1)])
    except CostModelError as problem:
        sys.exit(str(problem))
    with (folder / "times.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{len(rows)} times written to {folder / 'times.csv'}")


if __name__ == "__main__":
    main()
