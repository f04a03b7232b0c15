"""The figures of docs/accuracy.md, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
from accuracy_numbers import by, mape, setup_error, setup_error_interval
from accuracy_runs import SHOTS, Outcome
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS: Final = {"calibration": "#1f6f8b", "affine": "#c77d2e", "flops": "#8a8a8a"}
NAMES: Final = {"calibration": "calibration", "affine": "a + b MACs", "flops": "b MACs"}

CURVES: Final = {
    ("calibration", "suggested"): ("calibration, networks as suggested", "#0b3c49"),
    ("calibration", "random"): ("calibration, networks at random", COLOURS["calibration"]),
    ("affine", "random"): (NAMES["affine"], COLOURS["affine"]),
    ("flops", "random"): (NAMES["flops"], COLOURS["flops"]),
}
"""What is drawn against the number of measured networks: a model and how the networks are chosen."""

mpl.rcParams.update({
    "svg.hashsalt": "costmodel", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 10,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.3, "figure.dpi": 100,
})  # fmt: skip


def few_shot(outcomes: Sequence[Outcome], limits: Mapping[int, float], path: Path) -> None:
    """The error of predictions against the number of measured networks, with 90 % intervals over devices."""
    figure, axes = canvas(7.0, 4.2)
    shots = [*SHOTS, None]
    for (model, choice), (name, colour) in CURVES.items():
        chosen = [
            [each for each in outcomes if each.model == model and each.shots == shot and each.choice in {choice, ""}]
            if shot or choice == "random"
            else []
            for shot in shots
        ]
        places = [place for place, rows in enumerate(chosen) if rows]
        errors = [100 * setup_error(chosen[place]) for place in places]
        ends = np.array([setup_error_interval(chosen[place]) for place in places]) * 100
        reach = np.abs(ends.T - np.array(errors))
        axes.errorbar(places, errors, reach, color=colour, marker="o", capsize=3, label=name)
    places = [SHOTS.index(shot) for shot in limits]
    axes.plot(places, [100 * each for each in limits.values()], "_", color="black", markersize=18, label="asked for")
    axes.set_yscale("log")
    axes.set_yticks([5, 10, 20, 50, 100], ["5", "10", "20", "50", "100"])
    axes.minorticks_off()
    axes.set_xticks(range(len(shots)), [*map(str, SHOTS), "all others"])
    axes.set(xlabel="networks measured on the device", ylabel="median over setups of the mean error (%)")
    axes.legend(frameon=False, ncols=2)
    save(figure, path)


def setups(outcomes: Sequence[Outcome], path: Path) -> None:
    """Which part of the setups has at most an error."""
    figure, axes = canvas(7.0, 3.8)
    for model, colour in COLOURS.items():
        rows = by((each for each in outcomes if each.model == model), lambda one: one.place)
        errors = np.sort([100 * mape(each) for each in rows])
        axes.step(errors, 100 * np.arange(1, len(errors) + 1) / len(errors), color=colour, label=NAMES[model])
    axes.set_xscale("log")
    axes.set_xticks([2, 5, 10, 20, 50, 100], ["2", "5", "10", "20", "50", "100"])
    axes.minorticks_off()
    axes.set(xlabel="mean error of the setup (%)", ylabel="setups with at most this error (%)", ylim=(0, 101))
    axes.legend(frameon=False)
    save(figure, path)


def residuals(outcomes: Sequence[Outcome], path: Path) -> None:
    """Predicted over measured for each network over all setups: the middle half, 90 % and the median."""
    networks = sorted(by(outcomes, lambda one: one.network), key=mape, reverse=True)
    figure, axes = canvas(7.0, 0.26 * len(networks) + 1.1)
    for place, rows in enumerate(networks):
        ends = np.quantile([each.ratio for each in rows], [0.05, 0.25, 0.5, 0.75, 0.95])
        axes.plot(ends[[0, 4]], [place] * 2, color=COLOURS["calibration"], linewidth=1)
        axes.plot(ends[[1, 3]], [place] * 2, color=COLOURS["calibration"], linewidth=6, alpha=0.6)
        axes.plot(ends[2], place, "|", color="black", markersize=9)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xticks([0.5, 0.7, 1, 1.4, 2], ["0.5", "0.7", "1", "1.4", "2"])
    axes.minorticks_off()
    axes.set_yticks(range(len(networks)), [rows[0].network for rows in networks])
    axes.set(xlabel="predicted / measured (median, middle half, 90 % of the setups)")
    save(figure, path)


def pixel(outcomes: Sequence[Outcome], path: Path) -> None:
    """Predicted over measured against the measured time, with intervals, for each phone and precision."""
    figure, axes = canvas(7.0, 3.8)
    marks = zip(by(outcomes, lambda one: one.place), "os^", COLOURS.values(), strict=True)
    for rows, mark, colour in marks:
        ends = [
            [each.ratio - (each.low_s or 0) / each.measured_s for each in rows],
            [(each.high_s or 0) / each.measured_s - each.ratio for each in rows],
        ]
        name = f"{rows[0].setup['device'].split(' (')[0].removeprefix('Google ')}, {rows[0].setup['precision']}"
        times = [1000 * each.measured_s for each in rows]
        ratios = [each.ratio for each in rows]
        axes.errorbar(times, ratios, ends, color=colour, fmt=mark, markersize=4, elinewidth=0.7, label=name)
    axes.axhline(1, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_xticks([1, 3, 10, 30, 100], ["1", "3", "10", "30", "100"])
    axes.minorticks_off()
    axes.set(xlabel="measured (ms)", ylabel="predicted / measured, 90 % interval")
    axes.legend(frameon=False, ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.15))
    save(figure, path)


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure of this size in inches, and its axes."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def save(figure: Figure, path: Path) -> None:
    """Write the figure on white, which reads in both colour schemes; the same bytes every time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, facecolor="white", metadata={"Date": None})
