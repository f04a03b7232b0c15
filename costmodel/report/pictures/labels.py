"""Names beside points, placed so that none covers another, and as few points as can be."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from costmodel.report.pictures.style import BLACK, GRAY, plain, root, settle

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Boxes = NDArray[np.float64]
"""A row for each box, in pixels: left, bottom, right, top."""

DISTANCES: Final = np.array([3.0, 10.0, 19.0, 31.0, 47.0, 67.0, 92.0, 127.0])
"""How far a name may be from its point's edge, in points of 1/72 inch; from the second on, a line leads to it."""
OPTIONAL: Final = 3
"""How many of these distances a name may use that is not needed."""
DIRECTIONS: Final = np.array([0, 2, 1, 3, -1, -2, -3, 4, 6]) * (pi / 6)
"""The preferred ones first: right, above to the right, ... left."""
FONT_SIZE: Final = 8.0


class Label(NamedTuple):
    """A name at a point of the axes; one that is needed may cover points, but no other name.

    `radius` is that of the point's mark, in points of 1/72 inch.
    """

    x: float
    y: float
    text: str
    is_needed: bool = True
    radius: float = 3.0


def place(
    axes: Axes,
    labels: Sequence[Label],
    points: NDArray[np.float64],
    lines: Sequence[NDArray[np.float64]] = (),
    radii: float | NDArray[np.float64] = 3.0,
) -> tuple[str, ...]:
    """Write the labels, the first ones first; those that found no place.

    `points` has a row of x and y for each point that should not be covered, and `radii` how large they are, in 1/72
    inch; each of `lines` has a row for each of its ends and corners. The layout of the picture is final afterwards.
    """
    settle(root(axes))
    page = _Page(axes, points, radii)
    for line in lines:
        page.avoid(line)
    return tuple(label.text for label in labels if not page.write(label))


class _Page:
    """What of the axes is taken, in pixels."""

    def __init__(self, axes: Axes, points: NDArray[np.float64], radii: float | NDArray[np.float64]) -> None:
        self._axes = axes
        self._pixels = axes.figure.dpi / 72
        self._inside = axes.get_window_extent().extents
        self._points = _around(axes.transData.transform(points.reshape(-1, 2)), radii * self._pixels)
        self._taken = np.array([text.get_window_extent().extents for text in axes.texts]).reshape(-1, 4)

    def avoid(self, line: NDArray[np.float64]) -> None:
        """Take a line of the axes for points that should not be covered."""
        corners = self._axes.transData.transform(line)
        lengths = np.append(0, np.hypot(*np.diff(corners, axis=0).T).cumsum())
        steps = np.arange(0, lengths[-1], 8 * self._pixels)
        along = np.stack([np.interp(steps, lengths, corner) for corner in corners.T], axis=1)
        self._points = np.vstack([self._points, _around(along, 1.0)])

    def write(self, label: Label) -> bool:
        """Write a label where it fits best; False where it does not fit."""
        point = self._axes.transData.transform((label.x, label.y))
        anchors, aligned, distances = _candidates(point, label.radius, self._pixels)
        boxes = self._boxes(label.text, anchors, aligned)
        lines = point + (anchors - point) * np.linspace(0.3, 1, 10)[:, None, None]
        is_free = ~_overlap(boxes, self._taken).any(axis=1) & (boxes[:, :2] >= self._inside[:2]).all(axis=1)
        is_free &= (boxes[:, 2:] <= self._inside[2:]).all(axis=1)
        for line in lines:
            is_free &= ~_overlap(_around(line, 1.0), self._taken).any(axis=1)
        covered = _overlap(boxes, self._points).sum(axis=1)
        if not label.is_needed:
            is_free &= (covered == 0) & (distances < OPTIONAL)
        if not is_free.any():
            return False
        best = int(np.argmin(np.where(is_free, 2 * covered + distances, np.inf)))
        self._taken = np.vstack([self._taken, boxes[best] + np.array([-1.0, 0.0, 1.0, 0.0])])
        if distances[best]:
            self._points = np.vstack([self._points, _around(lines[:, best], 1.0)])
        self._annotate(label, (boxes[best, :2] - point) / self._pixels, aligned[best], is_far=bool(distances[best]))
        return True

    def _boxes(self, text: str, anchors: Boxes, aligned: Boxes) -> Boxes:
        """The label's box at each anchor."""
        measured = self._axes.text(0, 0, plain(text), fontsize=FONT_SIZE, transform=None)
        size = np.array(measured.get_window_extent().size)
        measured.remove()
        corners = anchors - aligned * size
        return np.hstack([corners, corners + size])

    def _annotate(self, label: Label, offset: Boxes, aligned: Boxes, *, is_far: bool) -> None:
        """Write the label, with a line that leads to its point where it is far."""
        line = {
            "arrowstyle": "-",
            "color": GRAY,
            "linewidth": 0.6,
            "shrinkA": 0,
            "shrinkB": 3,
            "relpos": tuple(aligned),
        }
        self._axes.annotate(
            plain(label.text), (label.x, label.y), tuple(offset), textcoords="offset points", fontsize=FONT_SIZE,
            color=BLACK if label.is_needed else "#555555", ha="left", va="bottom", annotation_clip=False,
            arrowprops={**line, "relpos": tuple(aligned)} if is_far else None,
        )  # fmt: skip


def _candidates(point: Boxes, radius: float, pixels: float) -> tuple[Boxes, Boxes, NDArray[np.int64]]:
    """Where a label may be anchored, at which part of its box (0 to 1 of its width and height), and how far it is."""
    towards = np.stack([np.cos(DIRECTIONS), np.sin(DIRECTIONS)], axis=1)
    aligned = (1 - np.where(np.abs(towards) < 0.3, 0, np.sign(towards))) / 2
    anchors = point + (radius + DISTANCES)[:, None, None] * pixels * towards
    count = len(DIRECTIONS)
    return anchors.reshape(-1, 2), np.tile(aligned, (len(DISTANCES), 1)), np.repeat(np.arange(len(DISTANCES)), count)


def _around(centres: Boxes, radii: float | NDArray[np.float64]) -> Boxes:
    """Boxes around points."""
    half = np.reshape(radii, (-1, 1))
    return np.hstack([centres - half, centres + half])


def _overlap(boxes: Boxes, others: Boxes) -> NDArray[np.bool_]:
    """Whether each box overlaps each of the others."""
    first, second = boxes[:, None], others[None]
    return np.asarray(((first[..., :2] < second[..., 2:]) & (second[..., :2] < first[..., 2:])).all(axis=-1))
