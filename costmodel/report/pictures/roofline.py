"""A device's roofline with every kernel of a network on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from costmodel.errors import HardwareError, shorten
from costmodel.hardware import KernelClass, Profile
from costmodel.latency import Kernel, KernelLatency, Latency, Memory, arithmetic_intensity, attainable, ridge_point
from costmodel.report.numbers import with_prefix
from costmodel.report.pictures.labels import Label, place
from costmodel.report.pictures.style import BLACK, COLOURS, GRAY, MARKERS, canvas, drawn, note, plain, scale, settle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CLASSES: Final[tuple[KernelClass, ...]] = get_args(KernelClass)
NAMED: Final = 6
"""How many places are named: those whose kernels take longest, where they take more than `SHARE` of the time."""
NEEDED: Final = 3
"""How many of these names may cover kernels; the others are written where there is room."""
SHARE: Final = 0.04
LARGEST: Final = 180.0
"""The area of the kernel that takes longest, in square points; areas are as times are."""
SMALLEST: Final = 16.0


LINE: Final = 12.0
"""Pixels from one line of names to the next."""


class Point(NamedTuple):
    """A kernel that does arithmetic: operations per byte, operations per second, and seconds."""

    name: str
    kernel_class: KernelClass
    intensity: float
    speed: float
    latency_s: float


@drawn
def roofline(latency: Latency, title: str = "") -> Figure:
    """Every kernel of a predicted latency: operations per byte against the operations per second that it reaches.

    The roofs are the device's published peaks, one for each data type, and its bandwidth. A point's area is the time of
    its kernel, colour and shape its class; the kernels that take longest are named. Kernels without arithmetic
    (copies) have no place on logarithmic axes: they are listed below.

    Raises `HardwareError` where the device has no published peak and bandwidth, or a time is an expression.

    Source: Williams, Waterman and Patterson, Roofline, CACM 52(4), 2009.

    >>> from costmodel import zoo
    >>> figure = roofline(zoo.mobilenet_v1().latency("v100"))
    >>> figure.axes[0].get_xlabel()
    'arithmetic intensity (operations / byte)'
    """
    memory = latency.memory
    if memory is None:
        raise HardwareError("a roofline is drawn of a network's latency, and not of kernels alone")
    profile, data_type = memory.profile, memory.data_type
    points = kernel_points(memory.kernels, latency.kernels)
    peak, bandwidth = profile.peak(data_type), profile.bandwidth()
    intensities = [each.intensity for each in points] or [ridge_point(peak, bandwidth)]
    ridges = [ridge_point(each, bandwidth) for each in _peaks(profile).values()]
    low, high = (
        min([*intensities, *ridges]) / 3,
        max([8 * each for each in intensities] + [12 * each for each in ridges]),
    )
    slowest, fastest = min([each.speed for each in points] or [peak]), max(_peaks(profile).values())
    figure, axes = canvas(title or f"{memory.network.name} on {profile.title}", (9.0, 5.4))
    scale(axes, "x", "intensity", low, high, is_logarithmic=True)
    scale(axes, "y", "speed", slowest / 3, fastest * 2.5, is_logarithmic=True)
    axes.set(xlim=(low, high), ylim=(slowest / 3, fastest * 2.5))
    _draw_roofs(axes, profile, data_type)
    _draw_kernels(axes, points)
    note(figure, *_sentences(latency, memory, points))
    settle(figure)
    _name_roofs(axes, profile, data_type)
    places = np.array([[each.intensity, each.speed] for each in points]).reshape(-1, 2)
    lines = [np.column_stack(line.get_data()).astype(np.float64) for line in axes.lines]
    place(axes, _names(points, latency.latency_s), places, lines, np.sqrt(_areas(points)) / 2)
    return figure


def kernel_points(kernels: Sequence[Kernel], times: Sequence[KernelLatency]) -> tuple[Point, ...]:
    """Where each kernel that does arithmetic lies; raises where an amount is an expression."""
    points = []
    for kernel, time in zip(kernels, times, strict=True):
        if not isinstance(time.latency_s, (int, float)) or not isinstance(kernel.operations, int):
            raise HardwareError(f"{kernel.name} depends on a symbol; a picture needs numbers for all of them")
        if kernel.operations and time.latency_s > 0 and kernel.traffic_bytes:
            intensity = float(arithmetic_intensity(kernel.operations, kernel.traffic_bytes))
            speed = kernel.operations / time.latency_s
            points.append(Point(kernel.name, kernel.kernel_class, intensity, speed, float(time.latency_s)))
    return tuple(points)


def _peaks(profile: Profile) -> dict[str, float]:
    return {data_type: quantity.si for data_type, quantity in profile.operations_per_s.items()}


def _draw_roofs(axes: Axes, profile: Profile, data_type: str) -> None:
    """The bandwidth's slope and each data type's peak, those of the network drawn strongest."""
    bandwidth, peaks = profile.bandwidth(), _peaks(profile)
    low, high = axes.get_xlim()
    for peak in sorted({*peaks.values()} - {peaks[data_type]}):
        axes.plot([ridge_point(peak, bandwidth), high], [peak, peak], color=GRAY, linewidth=0.9)
    top, own = max(peaks.values()), peaks[data_type]
    axes.plot([low, top / bandwidth], [low * bandwidth, top], color=GRAY, linewidth=0.9)
    ridge = ridge_point(own, bandwidth)
    axes.plot([low, ridge, high], [attainable(low, own, bandwidth), own, own], color=BLACK, linewidth=1.8)


def _name_roofs(axes: Axes, profile: Profile, data_type: str) -> None:
    """The data type and the number at each roof, in a layout that is final."""
    bandwidth, high = profile.bandwidth(), axes.get_xlim()[1]
    peaks = sorted({*_peaks(profile).values()})
    for peak, lift in zip(peaks, _lifts(axes, peaks), strict=True):
        names = [name for name, each in _peaks(profile).items() if each == peak]
        axes.annotate(
            plain(f"{', '.join(names)}: {with_prefix(peak, 'op/s')}"), (high, peak), (-3, 0.72 * lift), ha="right",
            va="bottom", textcoords="offset points", fontsize=8, color=BLACK if data_type in names else "#666666",
            fontweight="bold" if data_type in names else "normal",
        )  # fmt: skip
    start = axes.get_xlim()[0]
    if start * bandwidth < axes.get_ylim()[0]:
        start = axes.get_ylim()[0] / bandwidth
    ends = axes.transData.transform([(start, start * bandwidth), (10 * start, 10 * start * bandwidth)])
    slope = np.degrees(np.arctan2(*(ends[1] - ends[0])[::-1]))
    axes.annotate(
        f"memory: {with_prefix(bandwidth, 'B/s')}", (start * 1.15, start * 1.15 * bandwidth), (0, 3), fontsize=8,
        textcoords="offset points", ha="left", va="bottom", rotation=slope, rotation_mode="anchor",
    )  # fmt: skip


def _lifts(axes: Axes, peaks: Sequence[float]) -> NDArray[np.float64]:
    """How many pixels above its roof each name stands, so that no two are nearer than a line and none is cut."""
    roofs = axes.transData.transform([(axes.get_xlim()[1], peak) for peak in peaks])[:, 1]
    lines = LINE * np.arange(len(peaks))
    stacked = np.maximum.accumulate(roofs + 2.5 - lines) + lines
    top = axes.get_window_extent().y1 - LINE
    return np.asarray(np.minimum(stacked, top - lines[::-1]) - roofs)


def _draw_kernels(axes: Axes, points: Sequence[Point]) -> None:
    """A point for each kernel, and the legend of classes."""
    from matplotlib.lines import Line2D

    handles = []
    for index, name in enumerate(CLASSES):
        chosen = [each for each in points if each.kernel_class == name]
        if not chosen:
            continue
        areas = [area for area, each in zip(_areas(points), points, strict=True) if each.kernel_class == name]
        colour, marker = COLOURS[index % len(COLOURS)], MARKERS[(index + index // len(COLOURS)) % len(MARKERS)]
        axes.scatter(
            [each.intensity for each in chosen], [each.speed for each in chosen], areas, colour, marker=marker,
            alpha=0.65, linewidths=0.5, edgecolors="white", label=name, zorder=3,
        )  # fmt: skip
        text = f"{name} ({len(chosen)})"
        handles.append(Line2D([], [], color=colour, marker=marker, markersize=6.5, linestyle="", label=text))
    if handles:
        longest = max(each.latency_s for each in points)
        title = f"kernels; area: time\n(largest: {with_prefix(longest, 's')})"
        axes.legend(
            handles=handles, loc="upper left", bbox_to_anchor=(1, 1), title=title, title_fontsize=8.5, alignment="left"
        )


def _areas(points: Sequence[Point]) -> NDArray[np.float64]:
    """The area of each kernel's mark, in square points; a kernel that takes next to nothing is still seen."""
    times = np.array([each.latency_s for each in points])
    return np.asarray(np.maximum(SMALLEST, LARGEST * times / times.max(initial=1e-30)))


def _names(points: Sequence[Point], whole_s: float) -> list[Label]:
    """The names of the kernels that take longest; equal ones lie on one another, and have one name together."""
    together: dict[tuple[float, float], list[int]] = {}
    for index, each in enumerate(points):
        together.setdefault((each.intensity, each.speed), []).append(index)
    radii = np.sqrt(_areas(points)) / 2
    times = {place: sum(points[index].latency_s for index in found) for place, found in together.items()}
    labels: list[Label] = []
    for place_of, seconds in sorted(times.items(), key=lambda each: -each[1])[:NAMED]:
        first, *others = together[place_of]
        more = f" and {len(others)} more" if others else ""
        if seconds >= SHARE * whole_s:
            text = f"{shorten(points[first].name, 32)}{more}: {100 * seconds / whole_s:.0f} %"
            labels.append(Label(*place_of, text, is_needed=len(labels) < NEEDED, radius=radii[first]))
    return labels


def _sentences(latency: Latency, memory: Memory, points: Sequence[Point]) -> list[str]:
    """The device, the total, what has no place in the picture, and what the times rest on."""
    rest = len(latency.kernels) - len(points)
    rest_s = max(0.0, latency.latency_s - sum(each.latency_s for each in points))
    return [
        f"{memory.profile.title}, {memory.data_type}, {with_prefix(latency.latency_s, 's')}",
        f"{rest} kernels without arithmetic, which take {with_prefix(rest_s, 's')}, are not drawn" if rest else "",
        "an operation is a scalar one: a multiply-accumulate is two",
        *latency.assumptions[:2],
    ]
