"""Document 000's experiment: its plots, as SVG.

Run: python examples/separable_convolutions_plots.py TIMES.csv FOLDER

It reads the file that `examples/separable_convolutions.py` writes, needs the extra `plot`, and writes `twelve.svg`,
`channels.svg` and `kernels.svg` into the folder. The same times give the same files.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from separable_convolutions_report import (
    ACTIVATIONS,
    LEAST_KERNEL,
    NAMES,
    RUNTIMES,
    Stack,
    gains,
    kernel_times,
    line,
    seconds,
    stacks,
    twelve,
)

from costmodel.calibration import finder, read_measurements
from costmodel.errors import CostModelError

SIZE = (9.6, 4.2)
"""Inches of a figure."""
COLORS = ("#4477aa", "#ee6677", "#228833")


def twelve_plot(found: Sequence[Stack], path: Path) -> None:
    """Measured times of the twelve models as bars, predictions as points with their intervals."""
    figure = Figure(figsize=SIZE, layout="constrained")
    panels = figure.subplots(1, len(RUNTIMES), squeeze=False, sharey=True)
    for axes, (runtime, title) in zip(panels[0], RUNTIMES.items(), strict=True):
        for shift, activation in enumerate(ACTIVATIONS):
            chosen = [each for each in twelve(found) if (each.runtime, each.activation) == (runtime, activation)]
            places = np.arange(len(chosen)) + 0.27 * (shift - 1)
            axes.bar(places, [1e3 * each.measured_s for each in chosen], 0.25, color=COLORS[shift], label=activation)
            predicted = np.array([[p or np.nan for p in each.predicted] for each in chosen]) * 1e3
            reach = np.abs(predicted[:, 1:] - predicted[:, :1]).T
            axes.errorbar(
                places, predicted[:, 0], reach, fmt="o", color="black", markersize=3, elinewidth=0.8,
                label="predicted, 90 %" if activation == ACTIVATIONS[-1] else None,
            )  # fmt: skip
        axes.set_title(title)
        axes.set_xticks(
            range(len(NAMES)), [name.replace("and ", "and\n").replace(" sep", "\nsep") for name in NAMES.values()]
        )
    panels[0][0].set_ylabel("time of a network, ms")
    panels[0][0].set_ylim(bottom=0)
    panels[0][-1].legend(loc="upper right")
    save(figure, path)


def channels_plot(found: Sequence[Stack], path: Path) -> None:
    """How many times faster than regular convolutions, by channels, measured and by the counts."""
    kinds = list(NAMES.items())[1:]
    figure = Figure(figsize=SIZE, layout="constrained")
    panels = figure.subplots(1, len(kinds), squeeze=False, sharey=True)
    plain = [each for each in found if not each.is_padded and each.activation == "relu"]
    for axes, (kind, name) in zip(panels[0], kinds, strict=True):
        for runtime, color in zip(RUNTIMES, COLORS, strict=False):
            chosen = sorted(
                (each for each in plain if (each.runtime, each.kind) == (runtime, kind)), key=lambda each: each.channels
            )
            channels = [each.channels for each in chosen]
            axes.plot(channels, [gains(found, each)[0] for each in chosen], "o-", color=color, label=RUNTIMES[runtime])
        axes.plot(channels, [gains(found, each)[2] for each in chosen], "k--", label="by multiply-accumulates")
        axes.axhline(1, color="gray", linewidth=0.8)
        axes.set_title(name.replace("and ", "and\n"))
        axes.set_xscale("log", base=2)
        axes.set_xticks(channels, [str(each) for each in channels])
        axes.set_xlabel("channels")
    panels[0][0].set_ylim(bottom=0)
    panels[0][0].set_ylabel("times faster than regular convolutions")
    panels[0][0].legend(loc="upper left")
    save(figure, path)


def kernels_plot(found: Sequence[Stack], path: Path) -> None:
    """Times of regular convolutions against the kernel's area with the line from 3 on, and normalized by area."""
    figure = Figure(figsize=SIZE, layout="constrained")
    panels = figure.subplots(1, 2, squeeze=False)
    for (runtime, title), color in zip(RUNTIMES.items(), COLORS, strict=False):
        chosen = kernel_times(found, runtime, "conv2d")
        area = np.array([kernel**2 for kernel in chosen])
        measured = np.array([each.measured_s for each in chosen.values()]) * 1e3
        fitted = line(seconds(chosen, LEAST_KERNEL))
        reached = np.array([LEAST_KERNEL**2, area[-1]])
        drawn = 1e3 * (fitted.intercept_s + fitted.slope_s * reached)
        panels[0][0].plot(area, measured, "o", color=color, label=title)
        panels[0][0].plot(reached, drawn, "-", color=color, linewidth=1, label=f"{title}, line from 3x3 on")
        panels[0][1].plot(area, 1e3 * measured / area, "o-", color=color, label=title)
    panels[0][0].set_ylabel("time of a network, ms")
    panels[0][1].set_ylabel("time for an element of the kernel, us")
    for axes in panels[0]:
        axes.set_ylim(bottom=0)
        axes.set_xlabel("area of the kernel, elements (1x1 to 9x9)")
        axes.set_xticks(area[[0, *range(2, len(area))]])
        axes.legend()
    save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write an SVG that is the same whenever it is drawn from the same times."""
    with mpl.rc_context({"svg.hashsalt": "costmodel", "svg.fonttype": "none"}):
        figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Draw the plots."""
    if len(sys.argv) != 3:
        sys.exit("usage: python examples/separable_convolutions_plots.py TIMES.csv FOLDER")
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    try:
        found = list(stacks(read_measurements(sys.argv[1]), finder()))
    except CostModelError as problem:
        sys.exit(str(problem))
    for draw in (twelve_plot, channels_plot, kernels_plot):
        draw(found, folder / f"{draw.__name__.removesuffix('_plot')}.svg")


if __name__ == "__main__":
    main()
