"""What a person would see on a picture, measured."""

from __future__ import annotations

from itertools import combinations
from typing import cast

from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

TOLERANCE = 1.0
"""Pixels by which the boxes of two texts may touch: letters do not fill their boxes."""


def texts(figure: Figure) -> list[Text]:
    """All texts that are drawn; marks beyond the ends of an axis have some that are not."""
    figure.draw_without_rendering()
    hidden = {
        id(label)
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
        for label in (tick.label1, tick.label2)
        if not _within(tick.get_loc(), *axis.get_view_interval())
    }
    found = cast("list[Text]", figure.findobj(Text))
    return [each for each in found if each.get_visible() and each.get_text().strip() and id(each) not in hidden]


def _within(place: float, first: float, second: float) -> bool:
    slack = 1e-9 * abs(second - first)
    return min(first, second) - slack <= place <= max(first, second) + slack


def _box(text: Text) -> Bbox:
    """The box of the letters; that of an annotation would hold its line, too."""
    return Text.get_window_extent(text)


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes overlap; slanted ones are left out, whose boxes are mostly empty."""
    straight = [(each.get_text(), _box(each)) for each in texts(figure) if not each.get_rotation() % 90]
    found = []
    for (first, one), (second, other) in combinations(straight, 2):
        width = min(one.x1, other.x1) - max(one.x0, other.x0)
        height = min(one.y1, other.y1) - max(one.y0, other.y0)
        if width > TOLERANCE and height > TOLERANCE:
            found.append((first, second))
    return found


def outside(figure: Figure) -> list[str]:
    """Texts that the edge of the picture cuts."""
    width, height = figure.get_size_inches() * figure.dpi
    boxes = [(each.get_text(), _box(each)) for each in texts(figure)]
    return [text for text, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height]


def problems(figure: Figure) -> list[tuple[str, str]]:
    """Texts that cover one another or are cut."""
    return [*overlaps(figure), *((text, "cut by the edge") for text in outside(figure))]
